"""HubSpot writes: batches of 100, a trace id an input, an answer a row; a refused batch is halved down to its bad rows.

None and an empty text both clear a property; an absent one is left alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.crm.answers import Answer, Locked, Lost, Refused, RowAnswer, lost, row, row_of
from accord.crm.hubspot_said import context, error_said
from accord.crm.shapes import mapping, objects
from accord.crm.values import batch_keys, identifier, plain, portal_record_id, refuse_unsendable
from accord.model.errors import AccordError, ContractBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord.crm.hubspot_calls import HubSpotCalls
    from accord.crm.values import Record

BATCH = 100

Input = dict[str, Any]


class HubSpotWrites:
    """Writes one batch a call and says of every row what became of it."""

    def __init__(self, calls: HubSpotCalls) -> None:
        self._calls = calls

    def upsert(self, key_property: str, records: Sequence[Record]) -> list[RowAnswer]:
        """Return one answer a company, in order, keyed by the value of the key property; at most 100.

        Raises:
            ContractBroken: too many records, or one key twice.
            RateLimited, ServiceUnavailable, QuotaExhausted, BadCredentials, MissingPermission, MissingField: nothing
                was applied.
        """
        identifier(key_property)
        keys = [str(record[key_property]) for record in records]
        refused, inputs = _inputs(keys, records)
        for key, one in inputs.items():
            one |= {"id": key, "idProperty": key_property}
        method = self._calls.api.crm.objects.batch_api.upsert
        answers = refused | self._send(method, inputs, lambda result: _property(result, key_property))
        return [answers[key] for key in keys]

    def update(self, records: Sequence[Record]) -> list[RowAnswer]:
        """Return one answer a company, in order, keyed by `record["id"]`; at most 100.

        Raises:
            ContractBroken: too many records, one id twice, or an id that is none.
            AccordError: as `upsert`; nothing was applied.
        """
        keys = [portal_record_id(record["id"]) for record in records]
        changes = [{name: value for name, value in record.items() if name != "id"} for record in records]
        refused, inputs = _inputs(keys, changes)
        for key, one in inputs.items():
            one |= {"id": key}
        method = self._calls.api.crm.objects.batch_api.update
        answers = refused | self._send(method, inputs, lambda result: str(result.get("id")))
        return [answers[key] for key in keys]

    def archive(self, ids: Sequence[str]) -> list[RowAnswer]:
        """Return one answer a company put into the recycle bin, in order, keyed by its id; at most 100.

        One that is there already, or that does not exist, is answered like the others.

        Raises:
            ContractBroken: too many, one id twice, or an id that is none.
            AccordError: as `upsert`; nothing was applied.
        """
        keys = [portal_record_id(one) for one in ids]
        batch_keys(keys, BATCH)
        answers = self._archived(dict.fromkeys(keys))
        return [answers[key] for key in keys]

    def _archived(self, ids: Mapping[str, None]) -> dict[str, RowAnswer]:
        """Return the answers of one call by id; a batch that is refused as a whole is halved."""
        method = self._calls.api.crm.objects.batch_api.archive
        try:
            self._calls.write(method, "companies", {"inputs": [{"id": one} for one in ids]})
        except (Lost, Locked) as trouble:
            return {key: row_of(key, trouble) for key in ids}
        except Refused as refused:
            return halved(ids, self._archived, refused)
        return {key: RowAnswer(key, Answer.APPLIED, record_id=key) for key in ids}

    def _send(
        self, method: Callable[..., Any], inputs: Mapping[str, Input], key_of: Callable[[Record], str]
    ) -> dict[str, RowAnswer]:
        """Return the answers of a batch by key; a batch refused as a whole is halved until single rows are left.

        Raises:
            AccordError: the first half already met it, or it concerns all rows alike; nothing was applied.
        """
        if not inputs:
            return {}
        try:
            answer = self._calls.write(method, "companies", {"inputs": list(inputs.values())})
        except (Lost, Locked) as trouble:
            return {key: row_of(key, trouble) for key in inputs}
        except Refused as refused:
            return halved(inputs, lambda some: self._send(method, some, key_of), refused)
        return _answers(inputs, answer, key_of)


def halved(
    inputs: Mapping[str, Any], send: Callable[[dict[str, Any]], dict[str, RowAnswer]], refused: Refused
) -> dict[str, RowAnswer]:
    """Return the answers of both halves of a refused batch; of a single row, its refusal.

    An error in the second half becomes the answer of its rows, because the first half may be applied by then.
    """
    if len(inputs) == 1:
        return {key: row(key, refused.said) for key in inputs}
    items = list(inputs.items())
    middle = len(items) // 2
    answers = send(dict(items[:middle]))
    second = dict(items[middle:])
    try:
        return answers | send(second)
    except AccordError as trouble:
        return answers | {key: row_of(key, trouble) for key in second}


def _inputs(keys: Sequence[str], records: Sequence[Record]) -> tuple[dict[str, RowAnswer], dict[str, Input]]:
    """Return the rejections of what cannot be sent, and an input for every other record, by key."""
    batch_keys(keys, BATCH)
    refused = refuse_unsendable(keys, records)
    inputs = {
        # With a trace id for every input one bad row answers 207 with its id, without them 400 for all.
        key: {
            "objectWriteTraceId": str(at),
            "properties": {name: "" if value is None else plain(value) for name, value in record.items()},
        }
        for at, (key, record) in enumerate(zip(keys, records, strict=True))
        if key not in refused
    }
    return refused, inputs


def _answers(
    inputs: Mapping[str, Input], answer: dict[str, Any], key_of: Callable[[Record], str]
) -> dict[str, RowAnswer]:
    """Return the answers of an accepted batch, which come in any order and may leave rows out."""
    by_trace = {one["objectWriteTraceId"]: key for key, one in inputs.items()}
    answers = {key: lost(key, "HubSpot: the answer does not mention this row") for key in inputs}
    for error in objects(answer.get("errors")):
        traces = context(error, "objectWriteTraceId")
        named = [by_trace.get(trace, "") for trace in traces] or list(context(error, "ids", "id"))
        answers |= {key: row(key, error_said(error)) for key in named if key in inputs}
    for result in objects(answer.get("results")):
        key = by_trace.get(str(result.get("objectWriteTraceId")), key_of(result))
        if key in inputs:
            answers[key] = _applied(key, result)
    return answers


def _applied(key: str, result: Record) -> RowAnswer:
    """Return the answer of one result; one without an id of HubSpot's proves nothing."""
    try:
        record_id = portal_record_id(result.get("id"))
    except ContractBroken:
        return lost(key, "HubSpot: a result of the answer has no record id")
    is_new = result.get("new")
    return RowAnswer(key, Answer.APPLIED, record_id=record_id, created=is_new if isinstance(is_new, bool) else None)


def _property(result: Record, name: str) -> str:
    """Return the value of a property in a result; written properties come back."""
    return str(mapping(result.get("properties")).get(name))
