"""Associations v4 between contacts and companies: batch read, create, default, archive; and one record at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.links import PRIMARY, type_ids
from accord.sandbox.portal_checks import Problem
from accord.sandbox.portal_schema import NAMES, TYPE_IDS
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.portal import Portal
    from accord.sandbox.portal_schema import Kind

READ_CAP, _PAGE = 1_000, 500


def batch_read(crms: Crms, call: Call) -> Answer:
    """Answer whom some records belong to; somebody without any company is an error row, not a failure."""
    kind, other = _types(call)
    results, errors = [], []
    for it in inputs_of(call, READ_CAP):
        rid, after = str(it.get("id")), str(it.get("after") or "")
        rows = _rows(crms.portal, kind, other, rid)
        if not rows:
            errors.append(answers.sub_error(_nobody(kind, other, rid), "", "crm.associations.NO_ASSOCIATIONS_FOUND"))
            continue
        results.append({"from": {"id": rid}} | _page(rows, after))
    answer = answers.batch(crms, results, errors)
    answer.status = crms.switches.association_read_empty_status if errors else 200
    return answer


def read_one(crms: Crms, call: Call) -> Answer:
    """Answer whom one record belongs to."""
    kind, other = answers.kind_of(call.params["object_type"]), answers.kind_of(call.params["to_type"])
    limit = answers.number_of(call, "limit", _PAGE, _PAGE)
    rows = _rows(crms.portal, kind, other, call.params["record_id"])
    page = _page(rows, call.arg("after"), limit)
    return Answer.json({"results": page["to"]} | {key: value for key, value in page.items() if key == "paging"})


def batch_create(crms: Crms, call: Call) -> Answer:
    """Make labelled associations; type 1 or 2 makes the company the contact's primary one."""
    kind, _ = _types(call)
    results, errors = [], []
    for it in inputs_of(call, crms.switches.association_batch_cap):
        start, end = ends_of(it)
        types = {each.get("associationTypeId") for each in it.get("types") or []}
        if not types:
            raise answers.refuse(400, "Invalid input JSON: types is required")
        try:
            _associate(crms.portal, kind, start, end, primary=PRIMARY[kind] in types)
        except Problem as problem:
            errors.append(link_error(problem))
        else:
            labels = ["Primary"] if PRIMARY[kind] in types else []
            results.append(_created(kind, start, end) | {"labels": labels})
    return answers.batch(crms, results, errors, 201)


def batch_default(crms: Crms, call: Call) -> Answer:
    """Make unlabelled associations; doing it again changes nothing. Both directions are answered."""
    kind, other = _types(call)
    results, errors = [], []
    for it in inputs_of(call, crms.switches.association_batch_cap):
        start, end = ends_of(it)
        try:
            _associate(crms.portal, kind, start, end, primary=None)
        except Problem as problem:
            errors.append(link_error(problem))
        else:
            results += [_spec(kind, start, end), _spec(other, end, start)]
    return answers.batch(crms, results, errors)


def single_default(crms: Crms, call: Call) -> Answer:
    """Make one unlabelled association."""
    kind, other = answers.kind_of(call.params["object_type"]), answers.kind_of(call.params["to_type"])
    start, end = call.params["record_id"], call.params["to_id"]
    try:
        _associate(crms.portal, kind, start, end, primary=None)
    except Problem as problem:
        raise answers.refused(problem) from None
    return answers.batch(crms, [_spec(kind, start, end), _spec(other, end, start)], [])


def batch_archive(crms: Crms, call: Call) -> Answer:
    """End associations; those that do not exist are left alone."""
    kind, _ = _types(call)
    for it in inputs_of(call, crms.switches.association_batch_cap):
        for end in it.get("to") or []:
            pair = str(it["from"]["id"]), str(end["id"])
            crms.portal.dissociate(*(pair if kind == "contacts" else pair[::-1]))
    return Answer(204)


def batch_archive_labels(crms: Crms, call: Call) -> Answer:
    """Take labels off associations; only Primary exists here."""
    kind, _ = _types(call)
    for it in inputs_of(call, crms.switches.association_batch_cap):
        types = {each.get("associationTypeId") for each in it.get("types") or []}
        if PRIMARY[kind] in types:
            start, end = ends_of(it)
            crms.portal.dissociate(*((start, end) if kind == "contacts" else (end, start)), only_primary=True)
    return Answer(204)


def _types(call: Call) -> tuple[Kind, Kind]:
    """Return the two object types of a path."""
    kind, other = answers.kind_of(call.params["from_type"]), answers.kind_of(call.params["to_type"])
    if kind == other:
        raise answers.refuse(400, f"No association type exists between {NAMES[kind]} and {NAMES[other]} here")
    return kind, other


def inputs_of(call: Call, most: int) -> list[answers.Json]:
    """Return the inputs of a batch.

    Raises:
        Refused: 400, there are none or too many.
    """
    rows = answers.body_of(call).get("inputs")
    if not isinstance(rows, list) or not 0 < len(rows) <= most:
        raise answers.refuse(400, f"The number of inputs must be between 1 and {most}")
    return rows


def ends_of(row: answers.Json) -> tuple[str, str]:
    """Return both ids of an input."""
    try:
        return str(row["from"]["id"]), str(row["to"]["id"])
    except (KeyError, TypeError):
        raise answers.refuse(400, "Invalid input JSON: from.id and to.id are required") from None


def _associate(portal: Portal, kind: Kind, start: str, end: str, *, primary: bool | None) -> None:
    """Associate two records, whichever of them is the contact.

    Raises:
        Problem: one of them is not live.
    """
    portal.associate(*((start, end) if kind == "contacts" else (end, start)), primary=primary)


def _rows(portal: Portal, kind: Kind, other: Kind, rid: str) -> list[answers.Json]:
    """Return a record's associations with live records."""
    found = portal.find(kind, rid)
    live = portal.tables[other].live
    links = portal.links.of(kind, found) if found else []
    return [
        {
            "toObjectId": int(mate),
            "associationTypes": [
                {"category": "HUBSPOT_DEFINED", "typeId": it, "label": "Primary" if it == PRIMARY[kind] else None}
                for it in type_ids(kind, primary=primary)
            ],
        }
        for mate, primary in links
        if mate in live
    ]


def _page(rows: list[answers.Json], after: str, limit: int = _PAGE) -> answers.Json:
    """Return one page of a record's associations; the cursor is the id to go on from."""
    rows = sorted(rows, key=lambda row: int(row["toObjectId"])) if len(rows) > limit else rows
    start = next((n for n, row in enumerate(rows) if after and row["toObjectId"] >= int(after)), 0)
    page: answers.Json = {"to": rows[start : start + limit]}
    if start + limit < len(rows):
        page["paging"] = {"next": {"after": str(rows[start + limit]["toObjectId"])}}
    return page


def _nobody(kind: Kind, other: Kind, rid: str) -> Problem:
    """Return the normal answer for a record without associations."""
    text = f"No {NAMES[other]} is associated with {NAMES[kind]} {rid}."
    context = {"fromObjectId": [rid], "fromObjectType": [NAMES[kind]], "toObjectType": [NAMES[other]]}
    return Problem(207, "OBJECT_NOT_FOUND", text, context=context)


def link_error(problem: Problem) -> answers.Json:
    """Return the error row for an end that does not exist."""
    return answers.sub_error(problem, "", "crm.associations.INVALID_IDENTIFIER")


def _created(kind: Kind, start: str, end: str) -> answers.Json:
    """Return a made association; its ids are numbers although the specification says texts."""
    other: Kind = "companies" if kind == "contacts" else "contacts"
    ends = {"fromObjectId": int(start), "toObjectTypeId": TYPE_IDS[other], "toObjectId": int(end)}
    return {"fromObjectTypeId": TYPE_IDS[kind]} | ends


def _spec(kind: Kind, start: str, end: str) -> answers.Json:
    """Return one direction of a default association."""
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_ids(kind, primary=False)[0]}
    return {"from": {"id": start}, "to": {"id": end}, "associationSpec": spec}
