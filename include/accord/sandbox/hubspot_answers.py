"""Bodies of HubSpot's answers: records, batches, errors. Shapes are those of recorded real answers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import orjson

from accord.sandbox.clock import hubspot_time
from accord.sandbox.links import type_ids
from accord.sandbox.portal_checks import Problem
from accord.sandbox.portal_schema import NAMES, STAMPS, TYPE_IDS, Kind
from accord.sandbox.wire import Answer, Call, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.sandbox.core import Crms
    from accord.sandbox.portal import Portal
    from accord.sandbox.portal_table import Record

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("contacts", "contact", "0-1", "CONTACT"), "contacts"),
    **dict.fromkeys(("companies", "company", "0-2", "COMPANY"), "companies"),
}
_BASIC: dict[Kind, tuple[str, ...]] = {"companies": ("name", "domain"), "contacts": ("firstname", "lastname", "email")}
_ALWAYS = ("createdate", "hs_object_id")
_INLINE_CAP = 500
Json = dict[str, Any]


def error(status: int, message: str, category: str = "", **more: Any) -> Answer:
    """Return an error answer; `more` are further keys of the body, left out where empty."""
    body = {"status": "error", "message": message, "correlationId": str(uuid.uuid4())}
    body |= {key: value for key, value in more.items() if value}
    return Answer.json(body | ({"category": category} if category else {}), status)


def refuse(status: int, message: str, category: str = "VALIDATION_ERROR", **more: Any) -> Refused:
    """Return the exception that ends a call with an error answer."""
    return Refused(error(status, message, category, **more))


def refused(problem: Problem) -> Refused:
    """Return the exception for one refused record that came alone."""
    return refuse(problem.status, problem.message, problem.category, context=problem.context, errors=problem.details)


def kind_of(text: str) -> Kind:
    """Return the object type a path names.

    Raises:
        Refused: 400, there is no such type here.
    """
    if text not in _KINDS:
        raise Refused(error(400, f"Unable to infer object type from: {text}"))
    return _KINDS[text]


def body_of(call: Call) -> Json:
    """Return the JSON object a call carries.

    Raises:
        Refused: 400, it carries none.
    """
    try:
        body = call.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise refuse(400, "Invalid input JSON on line 1, column 1: expected an object")
    return body


def number_of(call: Call, name: str, default: int, most: int) -> int:
    """Return a paging number of the query string.

    Raises:
        Refused: 400, it is no number or too big.
    """
    text = call.arg(name, str(default))
    if not text.isdigit() or not 0 < int(text) <= most:
        raise refuse(400, f"{name} must be between 1 and {most}, was {text}")
    return int(text)


def names_of(call: Call, name: str) -> list[str]:
    """Return a list that came repeated, comma-separated or both."""
    return [part for text in call.query.get(name, []) for part in text.split(",") if part]


def columns(portal: Portal, kind: Kind, asked: Sequence[str]) -> tuple[str, ...]:
    """Return the properties an answer shows: those asked for that exist, and the ones that always come."""
    known = [name for name in asked or _BASIC[kind] if name in portal.properties[kind]]
    return tuple(sorted({*known, *_ALWAYS, STAMPS[kind]}))


def shown(portal: Portal, kind: Kind, record: Record, names: Sequence[str], archived_at: str = "") -> Json:
    """Return a record as the API shows it; a property without value is null."""
    rid = record["hs_object_id"]
    row: Json = {
        "id": rid,
        "properties": {name: record.get(name) for name in names},
        "createdAt": record["createdate"],
        "updatedAt": record[STAMPS[kind]],
        "archived": bool(archived_at),
    }
    if archived_at:
        row["archivedAt"] = archived_at
    row["url"] = f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{TYPE_IDS[kind]}/{rid}"
    return row


def history(portal: Portal, record: Record, names: Sequence[str]) -> Json:
    """Return the values of some properties with when each came, the latest only; earlier ones are not kept here."""
    if not names:
        return {}
    changed = portal.changed_at.get(record["hs_object_id"], {})
    rows = {
        name: [
            {
                "value": record.get(name, ""),
                "timestamp": changed.get(name, record["createdate"]),
                "sourceType": "CRM_UI",
            }
        ]
        for name in names
        if name in record or name in changed
    }
    return {"propertiesWithHistory": rows}


def written(portal: Portal, kind: Kind, rid: str, changed: Sequence[str]) -> Json:
    """Return a record as a write answers it: what was written and what HubSpot sets by itself."""
    record = portal.tables[kind].live[rid]
    own = [name for name in ("hs_object_source", "hs_object_source_id", "hs_object_source_label") if name in record]
    extra = [name for name in ("hs_pipeline", "lifecyclestage") if name in record]
    names = sorted({*changed, *_ALWAYS, STAMPS[kind], *own, *extra} & portal.properties[kind].keys())
    return shown(portal, kind, record, names)


def inline_associations(portal: Portal, kind: Kind, rid: str, wanted: Sequence[str]) -> Json:
    """Return the `associations` part of a record in the v3 form: one row per label, the id repeated."""
    other: Kind = "companies" if kind == "contacts" else "contacts"
    if other not in {_KINDS.get(name) for name in wanted}:
        return {}
    links = [it for it in portal.links.of(kind, rid) if it[0] in portal.tables[other].live]
    base = f"{NAMES[kind]}_to_{NAMES[other]}"
    rows = [
        {"id": mate, "type": base if type_id in {1, 2} else f"{base}_unlabeled"}
        for mate, primary in links[:_INLINE_CAP]
        for type_id in type_ids(kind, primary=primary)
    ]
    more: Json = {"paging": {"next": {"after": links[_INLINE_CAP][0]}}} if len(links) > _INLINE_CAP else {}
    return {"associations": {other: {"results": rows, **more}}} if rows else {}


def batch(crms: Crms, results: list[Any], errors: list[Json], status: int = 200) -> Answer:
    """Return a batch answer: 207 where some rows failed. Rows do not come in input order."""
    now = hubspot_time(crms.clock.now())
    rows = results[::-1] if crms.switches.reverse_results else results
    body: Json = {"completedAt": now, "status": "COMPLETE", "startedAt": now, "results": rows}
    if errors:
        body |= {"errors": errors, "numErrors": len(errors)}
    return Answer.json(body, 207 if errors else status)


def sub_error(problem: Problem, trace_id: str = "", subcategory: str = "") -> Json:
    """Return one row of `errors` in a batch answer."""
    context = problem.context | ({"objectWriteTraceId": [trace_id]} if trace_id else {})
    row: Json = {"status": "error", "category": problem.category}
    if subcategory:
        row["subCategory"] = subcategory
    row["message"] = problem.message
    return row | ({"context": context} if context else {})


def next_page(call: Call, after: str) -> Json:
    """Return the paging part of an answer that has a next page."""
    query = {name: ",".join(values) for name, values in call.query.items()} | {"after": after}
    return {"next": {"after": after, "link": f"https://api.hubapi.com{call.path}?{urlencode(query)}"}}


def raw(value: Any) -> str:
    """Return a value as compact JSON text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
