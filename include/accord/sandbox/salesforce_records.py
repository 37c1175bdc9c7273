"""One record a call: create, read, change, delete, upsert by a key; what was deleted or changed in a span."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from accord.model.ids import salesforce_id
from accord.sandbox.clock import salesforce_time
from accord.sandbox.salesforce_columns import organization, own_columns
from accord.sandbox.salesforce_errors import SalesforceProblem, not_found
from accord.sandbox.salesforce_query import as_json
from accord.sandbox.salesforce_rows import DuplicateOptions, Writer, key_field, sobject_named
from accord.sandbox.salesforce_wire import body_object, nothing, reply, root

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.org import Record
    from accord.sandbox.wire import Answer, Call

_BIN_DAYS = 15
_LONGEST_SPAN = timedelta(days=30)


def create(crms: Crms, call: Call) -> Answer:
    """Answer `POST sobjects/<object>`."""
    rid = _writer(crms, call).create(body_object(call))
    return reply({"id": rid, "success": True, "errors": []}, 201)


def read(crms: Crms, call: Call) -> Answer:
    """Answer `GET sobjects/<object>/<id>?fields=`."""
    if call.params["sobject"].lower() == "organization":
        build = as_json(crms, root(call), "Organization", own_columns(crms, "Organization", []))
        return reply(build(organization(crms)))
    return reply(_shown(crms, call, _live(crms, call)))


def update(crms: Crms, call: Call) -> Answer:
    """Answer `PATCH sobjects/<object>/<id>`."""
    row = _live(crms, call)
    _writer(crms, call).update(row["Id"], body_object(call))
    return nothing()


def delete(crms: Crms, call: Call) -> Answer:
    """Answer `DELETE sobjects/<object>/<id>`."""
    row = _live(crms, call)
    _writer(crms, call).delete(row["Id"])
    return nothing()


def read_by_key(crms: Crms, call: Call) -> Answer:
    """Answer `GET sobjects/<object>/<key field>/<value>`; 300 with the addresses where several records have it."""
    writer, key, value = _writer(crms, call), *_key(crms, call)
    found = crms.org.find(writer.sobject, key, value)
    if len(found) > 1:
        return reply([f"{root(call)}/sobjects/{writer.sobject}/{rid}" for rid in found], 300)
    row = crms.org.get(writer.sobject, found[0]) if found else None
    if row is None:
        raise not_found()
    return reply(_shown(crms, call, row))


def upsert_by_key(crms: Crms, call: Call) -> Answer:
    """Answer `PATCH sobjects/<object>/<key field>/<value>`: 201 created, 200 changed, 300 several."""
    writer, key, value = _writer(crms, call), *_key(crms, call)
    found = crms.org.find(writer.sobject, key, value)
    if len(found) > 1:
        return reply([f"{root(call)}/sobjects/{writer.sobject}/{rid}" for rid in found], 300)
    rid, created = writer.upsert(key, body_object(call) | {key: value})
    return reply({"id": rid, "success": True, "errors": [], "created": created}, 201 if created else 200)


def deleted(crms: Crms, call: Call) -> Answer:
    """Answer `sobjects/<object>/deleted?start=&end=`: ids that went to the bin, the next start."""
    sobject, (start, end) = sobject_named(crms, call.params["sobject"]), _span(crms, call)
    records = crms.org.rows(sobject, deleted=True)
    gone = [row for row in records if row["IsDeleted"] and start <= row["SystemModstamp"] <= end]
    return reply(
        {
            "deletedRecords": [{"deletedDate": row["SystemModstamp"], "id": row["Id"]} for row in gone],
            "earliestDateAvailable": salesforce_time(crms.clock.now() - timedelta(days=_BIN_DAYS)),
            "latestDateCovered": end,
        }
    )


def updated(crms: Crms, call: Call) -> Answer:
    """Answer `sobjects/<object>/updated?start=&end=`: ids that were created or changed, the next start."""
    sobject, (start, end) = sobject_named(crms, call.params["sobject"]), _span(crms, call)
    ids = [row["Id"] for row in crms.org.rows(sobject) if start <= row["SystemModstamp"] <= end]
    return reply({"ids": ids, "latestDateCovered": end})


def _writer(crms: Crms, call: Call) -> Writer:
    """Return the writer for the object that the call names."""
    return Writer(crms, sobject_named(crms, call.params["sobject"]), DuplicateOptions.of(call))


def _live(crms: Crms, call: Call) -> Record:
    """Return the record that the call names.

    Raises:
        SalesforceProblem: 404, nothing has this id or it is deleted (recorded).
    """
    sobject = sobject_named(crms, call.params["sobject"])
    try:
        row = crms.org.get(sobject, salesforce_id(call.params["rid"]))
    except ValueError:
        row = None
    if row is None:
        raise not_found()
    if row["IsDeleted"]:
        raise SalesforceProblem("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=[])
    return row


def _shown(crms: Crms, call: Call, row: Record) -> Record:
    """Return a record with the fields that the call asks for, by default all."""
    sobject = sobject_named(crms, call.params["sobject"])
    return as_json(crms, root(call), sobject, own_columns(crms, sobject, call.arg("fields").split(",")))(row)


def _key(crms: Crms, call: Call) -> tuple[str, str]:
    """Return the key field and the value in the address."""
    return key_field(crms, sobject_named(crms, call.params["sobject"]), call.params["field"]), call.params["value"]


def _span(crms: Crms, call: Call) -> tuple[str, str]:
    """Return start and end as records hold their times; the end is never in the future.

    Raises:
        SalesforceProblem: INVALID_REPLICATION_DATE, the span is no span, too long or begins before the bin does.
    """
    now = crms.clock.now()
    try:
        start, end = (datetime.fromisoformat(call.arg(name).replace(" ", "+")) for name in ("start", "end"))
    except ValueError:
        raise SalesforceProblem("INVALID_REPLICATION_DATE", "start and end must be date-times") from None
    start, end = (it if it.tzinfo else it.replace(tzinfo=UTC) for it in (start, end))
    if start >= end or end - start > _LONGEST_SPAN:
        raise SalesforceProblem("INVALID_REPLICATION_DATE", "startDate must be before endDate, by at most 30 days")
    if call.template.endswith("deleted") and start < now - timedelta(days=_BIN_DAYS):
        raise SalesforceProblem("INVALID_REPLICATION_DATE", "startDate cannot be before the earliest date available")
    return salesforce_time(start), salesforce_time(min(end, now))
