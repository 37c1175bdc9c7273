"""Collections: up to 200 records a call, one row of answer a record, in input order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from accord.model.ids import salesforce_id
from accord.sandbox.org_schema import PREFIXES
from accord.sandbox.salesforce_columns import own_columns
from accord.sandbox.salesforce_errors import SalesforceProblem
from accord.sandbox.salesforce_query import as_json
from accord.sandbox.salesforce_rows import (
    DuplicateOptions,
    Writer,
    folded_key,
    key_field,
    repeated,
    same_key_twice,
    sobject_named,
    take_out,
)
from accord.sandbox.salesforce_wire import body_object, reply, root

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.org import Record
    from accord.sandbox.wire import Answer, Call

_MAX_ROWS = 200
_MAX_READ = 2000
_Write = Callable[[Writer, dict[str, Any]], dict[str, Any]]


def create(crms: Crms, call: Call) -> Answer:
    """Answer `POST composite/sobjects`."""
    return _write_all(crms, call, lambda writer, record: {"id": writer.create(record)})


def update(crms: Crms, call: Call) -> Answer:
    """Answer `PATCH composite/sobjects`: records name their id."""

    def write(writer: Writer, record: Record) -> dict[str, Any]:
        rid, rest = take_out(record, "Id")
        if not rid:
            raise SalesforceProblem("MISSING_ARGUMENT", "Id not specified in an update call", fields=[])
        return {"id": writer.update(str(rid), rest)}

    return _write_all(crms, call, write)


def upsert(crms: Crms, call: Call) -> Answer:
    """Answer `PATCH composite/sobjects/<object>/<key field>`: rows say whether they were created."""
    sobject = sobject_named(crms, call.params["sobject"])
    key = key_field(crms, sobject, call.params["field"])
    twice = repeated(crms, sobject, key, _records(call))

    def write(writer: Writer, record: Record) -> dict[str, Any]:
        if (value := folded_key(crms, sobject, key, record)) in twice:
            raise same_key_twice(crms, key, value)
        rid, created = writer.upsert(key, record)
        return {"id": rid, "created": created}

    return _write_all(crms, call, write)


def delete(crms: Crms, call: Call) -> Answer:
    """Answer `DELETE composite/sobjects?ids=a,b`."""
    by_prefix = {prefix: name for name, prefix in PREFIXES.items()}
    ids = [rid for rid in call.arg("ids").split(",") if rid]
    records = [{"attributes": {"type": by_prefix.get(rid[:3], "")}, "Id": rid} for rid in ids]
    all_or_none = call.arg("allOrNone").lower() == "true"

    def write(writer: Writer, record: Record) -> dict[str, Any]:
        return {"id": writer.delete(record["Id"])}

    return _rows(crms, call, records, write, all_or_none=all_or_none)


def retrieve(crms: Crms, call: Call) -> Answer:
    """Answer `composite/sobjects/<object>` with ids and fields: a record or null for each id, in their order.

    Raises:
        SalesforceProblem: an unknown field, or more than 2,000 ids.
    """
    sobject = sobject_named(crms, call.params["sobject"])
    asked = body_object(call) if call.body else {name: call.arg(name).split(",") for name in ("ids", "fields")}
    ids, names = asked.get("ids") or [], asked.get("fields") or []
    if len(ids) > _MAX_READ:
        raise SalesforceProblem("EXCEEDED_ID_LIMIT", f"Too many records were requested: {_MAX_READ} is the limit")
    build = as_json(crms, root(call), sobject, own_columns(crms, sobject, names))
    rows = [crms.org.get(sobject, _full(rid)) for rid in ids]
    return reply([build(row) if row and not row["IsDeleted"] else None for row in rows])


def _write_all(crms: Crms, call: Call, write: _Write) -> Answer:
    """Return the rows of a collection whose records stand in the body."""
    all_or_none = body_object(call).get("allOrNone") is True
    return _rows(crms, call, _records(call), write, all_or_none=all_or_none)


def _rows(crms: Crms, call: Call, records: list[Record], write: _Write, *, all_or_none: bool) -> Answer:
    """Write each record; with allOrNone one refusal takes all of them back."""
    _check_size(records)
    mark, options = len(crms.journal.entries), DuplicateOptions.of(call)
    writers: dict[str, Writer] = {}
    rows = [_row(crms, options, writers, record, write) for record in records]
    if all_or_none and not all(row["success"] for row in rows):
        for writer in writers.values():
            writer.roll_back()
        crms.journal.roll_back(mark)
        rows = [_rolled_back() if row["success"] else row for row in rows]
    return reply(rows)


def _row(
    crms: Crms, options: DuplicateOptions, writers: dict[str, Writer], record: Record, write: _Write
) -> dict[str, Any]:
    """Return the answer for one record."""
    try:
        kind = _kind(record)
        done = write(writers.setdefault(kind, Writer(crms, kind, options)), record)
    except SalesforceProblem as problem:
        if not crms.switches.duplicate_result_in_collections:
            problem.extra.clear()
        return {"success": False, "errors": [problem.row()]}
    created = {"created": done["created"]} if "created" in done else {}
    return {"id": done["id"], "success": True, "errors": [], **created}


def _kind(record: Record) -> str:
    """Return the object that a record's attributes name.

    Raises:
        SalesforceProblem: INVALID_TYPE, there is no such object.
    """
    kind = str((record.get("attributes") or {}).get("type", ""))
    if kind not in PREFIXES:
        raise SalesforceProblem("INVALID_TYPE", f"sObject type '{kind}' is not supported.", fields=[])
    return kind


def _rolled_back() -> dict[str, Any]:
    """Return the row of a record that was fine but had bad company (recorded)."""
    text = "Record rolled back because not all records were valid and the request was using AllOrNone header"
    error = {"statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK", "message": text, "fields": []}
    return {"success": False, "errors": [error]}


def _records(call: Call) -> list[Record]:
    """Return the records of the body.

    Raises:
        SalesforceProblem: JSON_PARSER_ERROR, they are no list of objects.
    """
    records = body_object(call).get("records")
    if records is None:
        return []
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise SalesforceProblem("JSON_PARSER_ERROR", "records must be a list of objects")
    return records


def _check_size(records: list[Record]) -> None:
    """Raise for an empty collection (recorded) and one above 200."""
    if not records:
        raise SalesforceProblem("REQUIRED_FIELD_MISSING", "At least 1 record is required")
    if len(records) > _MAX_ROWS:
        text = f"Record limit reached. Cannot process more than {_MAX_ROWS} records"
        raise SalesforceProblem("EXCEEDED_ID_LIMIT", text)


def _full(rid: str) -> str:
    """Return the 18-character form of an id, the text itself if it is none."""
    try:
        return salesforce_id(rid)
    except ValueError:
        return rid
