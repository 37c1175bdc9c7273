"""Salesforce writes over REST: up to five collections of 200 records in one composite call, which counts as one.

None clears a field; an empty text and an absent field leave it alone, as in Bulk 2.0, where an empty cell cannot clear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.crm.answers import Answer, Lost, Refused, RowAnswer, lost, problem, row, row_of
from accord.crm.retry import write_again
from accord.crm.salesforce_reads import PARTS_A_CALL
from accord.crm.salesforce_said import call_said, row_said
from accord.crm.shapes import mapping, objects
from accord.crm.values import batch_keys, identifier, org_record_id, parts, refuse_unsendable
from accord.model.errors import ContractBroken, RateLimited, StopError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.crm.salesforce_calls import SalesforceCalls
    from accord.crm.values import Record
    from accord.model.errors import AccordError

_RECORDS_A_PART = 200
DELETES_A_CALL = 200
"""Most records of one delete: their ids stand in the address."""
RECORDS_A_CALL = PARTS_A_CALL * _RECORDS_A_PART
# Details name the records that a duplicate rule found; allowSave stays off: the org's own rule is not ours to bypass.
_HEADERS = {"Sforce-Duplicate-Rule-Header": "allowSave=false; includeRecordDetails=true; runAsCurrentUser=true"}


class SalesforceWrites:
    """Writes one batch a call and says of every row what became of it."""

    def __init__(self, calls: SalesforceCalls) -> None:
        self._calls = calls

    def upsert(self, sobject: str, key_field: str, records: Sequence[Record]) -> list[RowAnswer]:
        """Return one answer a record, in order, keyed by the value of the key field; at most 1,000 records.

        Raises:
            ContractBroken: too many records, or one key twice.
            RateLimited, ServiceUnavailable, QuotaExhausted, BadCredentials, MissingPermission, MissingField: nothing
                was applied.
        """
        keys = [str(record[key_field]) for record in records]
        path = f"composite/sobjects/{identifier(sobject)}/{identifier(key_field)}"
        return self._write(sobject, path, keys, records)

    def update(self, sobject: str, records: Sequence[Record]) -> list[RowAnswer]:
        """Return one answer a record, in order, keyed by `record["Id"]`; at most 1,000 records.

        Raises:
            ContractBroken: too many records, one id twice, or an id that is none.
            AccordError: as `upsert`; nothing was applied.
        """
        identifier(sobject)
        batch_keys([org_record_id(record["Id"]) for record in records], RECORDS_A_CALL)
        return self._write(sobject, "composite/sobjects", [record["Id"] for record in records], records)

    def delete(self, ids: Sequence[str]) -> list[RowAnswer]:
        """Return one answer a record put into the recycle bin, in order, keyed by its id; at most 200 records.

        Raises:
            ContractBroken: too many, one id twice, or an id that is none.
            AccordError: as `upsert`; nothing was applied.
        """
        keys = [org_record_id(one) for one in ids]
        batch_keys(keys, DELETES_A_CALL)
        asked = {"ids": ",".join(keys), "allOrNone": "false"}
        try:
            said = write_again(
                lambda: self._calls.json("DELETE", "composite/sobjects", params=asked, is_write=True),
                self._calls.clock,
            )
        except (Lost, Refused) as trouble:
            return [row_of(key, trouble) for key in keys]
        return _collection(keys, said)

    def _write(self, sobject: str, path: str, keys: Sequence[str], records: Sequence[Record]) -> list[RowAnswer]:
        """Return the answers of one batch; records that cannot be sent are rejected here, the others sent."""
        batch_keys(keys, RECORDS_A_CALL)
        answers = refuse_unsendable(keys, records)
        rows = [
            (key, {"attributes": {"type": sobject}} | _fields(record))
            for key, record in zip(keys, records, strict=True)
            if key not in answers
        ]
        if rows:
            answers |= {answer.key: answer for answer in self._send(path, list(parts(rows, _RECORDS_A_PART)))}
        return [answers[key] for key in keys]

    def _send(self, path: str, collections: Sequence[Sequence[tuple[str, Record]]]) -> list[RowAnswer]:
        """Return the answers of one call: a collection, or a composite of several."""
        keys = [[key for key, _ in rows] for rows in collections]
        bodies = [{"allOrNone": False, "records": [record for _, record in rows]} for rows in collections]
        try:
            if len(bodies) == 1:
                return _collection(keys[0], self._call("PATCH", path, bodies[0]))
            return _composite(keys, self._call("POST", "composite", self._composite(path, bodies)), path)
        except (Lost, Refused) as trouble:
            return [row_of(key, trouble) for part in keys for key in part]

    def _call(self, method: str, path: str, body: Record) -> Any:
        """Return the answer of a write, sent again only where it certainly was not applied."""
        return write_again(
            lambda: self._calls.json(method, path, body=body, headers=_HEADERS, is_write=True), self._calls.clock
        )

    def _composite(self, path: str, bodies: Sequence[Record]) -> Record:
        """Return the body of a composite request of collections."""
        return {
            "allOrNone": False,
            "compositeRequest": [
                {
                    "method": "PATCH",
                    "url": self._calls.root(path),
                    "referenceId": f"part{at}",
                    "httpHeaders": _HEADERS,
                    "body": body,
                }
                for at, body in enumerate(bodies)
            ],
        }


def _fields(record: Record) -> Record:
    """Return the fields to send; collections know the id by its name in lower case."""
    return {"id" if name == "Id" else name: value for name, value in record.items() if value != ""}


def _composite(keys: Sequence[Sequence[str]], answer: Any, path: str) -> list[RowAnswer]:
    """Return the answers of all rows of a composite answer.

    Raises:
        AccordError: every part was refused for a reason that is not the rows' own; nothing was applied.
    """
    given = objects(mapping(answer).get("compositeResponse"))
    by_reference = {str(part.get("referenceId")): part for part in given}
    found = [_part(part_keys, by_reference.get(f"part{at}"), path) for at, part_keys in enumerate(keys)]
    troubles = [part for part in found if not isinstance(part, list)]
    first = troubles[0] if troubles else None
    if len(troubles) == len(keys) and isinstance(first, StopError | RateLimited) and not isinstance(first, Refused):
        raise first
    return [
        one
        for part_keys, part in zip(keys, found, strict=True)
        for one in (part if isinstance(part, list) else [row_of(key, part) for key in part_keys])
    ]


def _part(keys: Sequence[str], part: dict[str, Any] | None, path: str) -> list[RowAnswer] | AccordError:
    """Return the answers of one collection, or the error that refused the whole of it."""
    if part is None:
        return [lost(key, "Salesforce: this part of the answer is missing") for key in keys]
    status, body = part.get("httpStatusCode"), part.get("body")
    if status != 200:
        return problem(f"Salesforce PATCH {path}", call_said(status if isinstance(status, int) else 0, body))
    return _collection(keys, body)


def _collection(keys: Sequence[str], rows: Any) -> list[RowAnswer]:
    """Return the answers of one collection. Its rows are in the order of the inputs and name no key."""
    if not isinstance(rows, list) or len(rows) != len(keys):
        return [lost(key, "Salesforce: the answer has not one row an input") for key in keys]
    return [_row(key, result) for key, result in zip(keys, rows, strict=True)]


def _row(key: str, result: Any) -> RowAnswer:
    """Return the answer of one row."""
    if not isinstance(result, dict) or not isinstance(result.get("success"), bool):
        return lost(key, "Salesforce: a row of the answer cannot be read")
    if not result["success"]:
        return row(key, row_said(result.get("errors")))
    created = result.get("created")
    try:
        record_id = org_record_id(result.get("id"))
    except ContractBroken:
        return lost(key, "Salesforce: a row of the answer has no record id")
    return RowAnswer(key, Answer.APPLIED, record_id=record_id, created=created if isinstance(created, bool) else None)
