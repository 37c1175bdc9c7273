"""Batches of companies and contacts: read, create, update, upsert, archive. At most 100 inputs, one answer a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.portal_checks import Problem, missing
from accord.sandbox.portal_schema import TYPE_IDS
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.sandbox.core import Crms
    from accord.sandbox.portal import Portal
    from accord.sandbox.portal_schema import Kind

_MOST, _MOST_WITH_HISTORY = 100, 50


@dataclass(slots=True)
class _Row:
    """One input of a batch that writes; `rid` is empty for a record that is to be made."""

    asked: str
    rid: str | None
    values: dict[str, Any]
    trace_id: str


def read(crms: Crms, call: Call) -> Answer:
    """Answer the records of some ids, in no order; ids that name none are one error in a 207."""
    portal, kind = crms.portal, answers.kind_of(call.params["object_type"])
    body, asked = _inputs(call)
    kept = body.get("propertiesWithHistory") or []
    if kept and len(asked) > _MOST_WITH_HISTORY:
        raise answers.refuse(400, f"At most {_MOST_WITH_HISTORY} inputs with propertiesWithHistory, was {len(asked)}")
    ids, id_property = [_text(it, "id") for it in asked], body.get("idProperty") or ""
    _refuse_id_property(portal, kind, id_property, "read")
    _refuse_twice(ids)
    archived = call.arg("archived").lower() == "true"
    found = {it: portal.find(kind, it, id_property, archived=archived) for it in ids}
    table = portal.tables[kind]
    source, names = table.bin if archived else table.live, answers.columns(portal, kind, body.get("properties") or [])
    results = [
        answers.shown(portal, kind, source[rid], names, table.archived_at.get(rid, ""))
        | answers.history(portal, source[rid], kept)
        for rid in dict.fromkeys(found.values())
        if rid is not None
    ]
    lost = [it for it, rid in found.items() if rid is None]
    return answers.batch(crms, results, [answers.sub_error(missing(kind, lost))] if lost else [])


def create(crms: Crms, call: Call) -> Answer:
    """Make records; there is nothing that would make a second try harmless."""
    kind = answers.kind_of(call.params["object_type"])
    rows = [_Row("", "", it.get("properties") or {}, _trace(it)) for it in _inputs(call)[1]]
    return _write(crms, kind, rows, crms.switches.batch_create_status, lambda _: {})


def update(crms: Crms, call: Call) -> Answer:
    """Change records that ids or unique values name."""
    portal, kind = crms.portal, answers.kind_of(call.params["object_type"])
    rows = []
    for it in _inputs(call)[1]:
        id_property = it.get("idProperty") or ""
        _refuse_id_property(portal, kind, id_property, "update")
        asked = _text(it, "id")
        rows.append(_Row(asked, portal.find(kind, asked, id_property), it.get("properties") or {}, _trace(it)))
    _refuse_twice([row.asked for row in rows])
    return _write(crms, kind, rows, 200, lambda _: {})


def upsert(crms: Crms, call: Call) -> Answer:
    """Change the record that holds a unique value, or make it where nobody does."""
    portal, kind = crms.portal, answers.kind_of(call.params["object_type"])
    rows = []
    for it in _inputs(call)[1]:
        id_property, asked = it.get("idProperty") or "", _text(it, "id")
        _refuse_id_property(portal, kind, id_property or "hs_object_id", "upsert")
        values = {id_property: asked, **(it.get("properties") or {})}
        rows.append(_Row(asked, portal.find(kind, asked, id_property) or "", values, _trace(it)))
    _refuse_twice([row.asked for row in rows])
    return _write(crms, kind, rows, 200, lambda row: {"new": not row.rid})


def archive(crms: Crms, call: Call) -> Answer:
    """Put records into the bin; unknown ids are ignored."""
    kind = answers.kind_of(call.params["object_type"])
    for it in _inputs(call)[1]:
        crms.portal.archive(kind, _text(it, "id"))
    return Answer(204)


def _write(crms: Crms, kind: Kind, rows: list[_Row], status: int, more: Callable[[_Row], answers.Json]) -> Answer:
    """Write the rows that can be written and name the others, or refuse the whole batch where traces are missing."""
    traces = [row.trace_id for row in rows]
    by_row = not crms.switches.upsert_needs_trace_ids or (all(traces) and len(set(traces)) == len(traces))
    if not by_row:
        _refuse_any(crms.portal, kind, rows)
    results: list[answers.Json] = []
    errors: list[answers.Json] = []
    lost: list[str] = []
    for row in rows:
        try:
            extra = more(row) | ({"objectWriteTraceId": row.trace_id} if row.trace_id else {})
            if row.rid is None:
                lost.append(row.asked)
                continue
            rid = crms.portal.update(kind, row.rid, row.values) if row.rid else crms.portal.create(kind, row.values)
            results.append(answers.written(crms.portal, kind, rid, list(row.values)) | extra)
        except Problem as problem:
            errors.append(answers.sub_error(problem, row.trace_id))
    if lost:
        errors.append(answers.sub_error(missing(kind, lost)))
    return answers.batch(crms, results, errors, status)


def _refuse_any(portal: Portal, kind: Kind, rows: list[_Row]) -> None:
    """Refuse the whole batch for one bad row; every row's problems come in one message, as recorded."""
    problems = []
    for row in rows:
        try:
            if row.rid is not None:
                portal.check(kind, row.rid, row.values)
        except Problem as problem:
            problems.append(problem)
    if not problems:
        return
    details = [detail for problem in problems for detail in problem.details]
    if not details:
        text = problems[0].message.partition(". Existing")[0]
        raise answers.refuse(problems[0].status, text, problems[0].category)
    text = "Property values were not valid: [" + ",".join(
        problem.message.partition("[")[2][:-1] for problem in problems if problem.details
    )
    raise answers.refuse(400, text + "]", errors=details)


def _inputs(call: Call) -> tuple[answers.Json, list[answers.Json]]:
    """Return the body and its inputs.

    Raises:
        Refused: 400, there are none or too many.
    """
    body = answers.body_of(call)
    rows = body.get("inputs")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise answers.refuse(400, "Invalid input JSON: inputs must be a list of objects")
    if not 0 < len(rows) <= _MOST:
        raise answers.refuse(400, f"The number of inputs must be between 1 and {_MOST}, was {len(rows)}")
    return body, rows


def _text(row: answers.Json, name: str) -> str:
    """Return a required text of an input."""
    value = row.get(name)
    if value is None or value == "":
        raise answers.refuse(400, f"Invalid input JSON: {name} is required")
    return str(value)


def _trace(row: answers.Json) -> str:
    """Return an input's objectWriteTraceId, empty where it has none."""
    return str(row.get("objectWriteTraceId") or "")


def _refuse_id_property(portal: Portal, kind: Kind, name: str, verb: str) -> None:
    """Refuse a property that cannot name a record; an upsert needs one, an update refuses hs_object_id."""
    if (name or verb == "upsert") and not portal.is_unique(kind, name):
        done = "read" if verb == "read" else "update/upsert"
        text = f"Unable to perform {done} by non-unique {TYPE_IDS[kind]} property {name}"
        raise answers.refuse(400, text)


def _refuse_twice(ids: list[str]) -> None:
    """Refuse a batch that names one record twice."""
    twice = sorted({it for it in ids if ids.count(it) > 1})
    if twice:
        text = f"Duplicate IDs found in batch input: [{', '.join(twice)}]. IDs must be unique"
        raise answers.refuse(400, text, context={"ids": twice})
