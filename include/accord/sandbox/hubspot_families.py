"""Associations v4 between companies: parents and children (types 13 and 14); other company labels are not here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.families import children_of, end_parent, parent_of, set_parent
from accord.sandbox.hubspot_associations import READ_CAP, ends_of, inputs_of, link_error
from accord.sandbox.portal_checks import Problem
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.portal import Portal

TO_CHILD, TO_PARENT = 13, 14
_LABELS = {TO_CHILD: "Child Company", TO_PARENT: "Parent Company"}


def batch_read(crms: Crms, call: Call) -> Answer:
    """Answer the parent and the children of some companies; one without any is an error row, not a failure."""
    results, errors = [], []
    for it in inputs_of(call, READ_CAP):
        rid = str(it.get("id"))
        rows = _rows(crms.portal, rid)
        if rows:
            results.append({"from": {"id": rid}, "to": rows})
        else:
            context = {"fromObjectId": [rid], "fromObjectType": ["company"], "toObjectType": ["company"]}
            none = Problem(207, "OBJECT_NOT_FOUND", f"No company is associated with company {rid}.", context=context)
            errors.append(answers.sub_error(none, "", "crm.associations.NO_ASSOCIATIONS_FOUND"))
    answer = answers.batch(crms, results, errors)
    answer.status = crms.switches.association_read_empty_status if errors else 200
    return answer


def batch_create(crms: Crms, call: Call) -> Answer:
    """Make one company the parent of another, whichever of the two the call begins with."""
    results, errors = [], []
    for it in inputs_of(call, crms.switches.association_batch_cap):
        start, end, kind = _typed(it)
        try:
            set_parent(crms.portal, *((start, end) if kind == TO_PARENT else (end, start)))
        except Problem as problem:
            errors.append(link_error(problem))
        else:
            ends = {"fromObjectTypeId": "0-2", "fromObjectId": int(start), "toObjectTypeId": "0-2"}
            results.append(ends | {"toObjectId": int(end), "labels": [_LABELS[kind]]})
    return answers.batch(crms, results, errors, 201)


def batch_archive_labels(crms: Crms, call: Call) -> Answer:
    """End parents; those that are none are left alone."""
    for it in inputs_of(call, crms.switches.association_batch_cap):
        start, end, kind = _typed(it)
        end_parent(crms.portal, *((start, end) if kind == TO_PARENT else (end, start)))
    return Answer(204)


def batch_archive(crms: Crms, call: Call) -> Answer:
    """End whatever associates two companies, in both directions."""
    for it in inputs_of(call, crms.switches.association_batch_cap):
        for other in it.get("to") or []:
            start, end = str(it["from"]["id"]), str(other["id"])
            end_parent(crms.portal, start, end)
            end_parent(crms.portal, end, start)
    return Answer(204)


def _typed(row: answers.Json) -> tuple[str, str, int]:
    """Return both ids of an input and its association type.

    Raises:
        Refused: 400, it names no type or one that is not here.
    """
    types = {each.get("associationTypeId") for each in row.get("types") or []}
    if len(types) != 1 or not types <= _LABELS.keys():
        raise answers.refuse(400, f"Invalid input JSON: types must be one of {TO_CHILD} and {TO_PARENT} here")
    return *ends_of(row), types.pop()


def _rows(portal: Portal, rid: str) -> list[answers.Json]:
    """Return a company's associations with live companies: its parent first."""
    found = portal.find("companies", rid) or ""
    parent = parent_of(portal, found)
    live = portal.tables["companies"].live
    mates = [(parent, TO_PARENT)] if parent else []
    mates += [(child, TO_CHILD) for child in children_of(portal, found) if child in live]
    return [
        {
            "toObjectId": int(mate),
            "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": kind, "label": _LABELS[kind]}],
        }
        for mate, kind in mates
    ]
