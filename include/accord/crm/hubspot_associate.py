"""Contacts associated with companies by the default, unlabelled link, made once however often it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.crm.answers import Answer, Locked, Lost, Refused, RowAnswer, lost, row, row_of
from accord.crm.hubspot_said import context, error_said
from accord.crm.hubspot_writes import BATCH, halved
from accord.crm.values import batch_keys, portal_record_id

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.crm.hubspot_calls import HubSpotCalls

Pair = tuple[str, str]


class HubSpotAssociate:
    """Associates one batch of contacts a call."""

    def __init__(self, calls: HubSpotCalls) -> None:
        self._calls = calls

    def associate(self, pairs: Sequence[Pair]) -> list[RowAnswer]:
        """Return one answer a (contact id, company id), in order, keyed `contact:company`; at most 100.

        Raises:
            ContractBroken: too many pairs, one pair twice, or an id that is none.
            AccordError: nothing was applied.
        """
        ends = [(portal_record_id(one), portal_record_id(other)) for one, other in pairs]
        keys = [f"{one}:{other}" for one, other in ends]
        batch_keys(keys, BATCH)
        answers = self._send(dict(zip(keys, ends, strict=True)))
        return [answers[key] for key in keys]

    def _send(self, rows: Mapping[str, Pair]) -> dict[str, RowAnswer]:
        """Return the answers of a batch by key."""
        if not rows:
            return {}
        body = {"inputs": [{"from": {"id": one}, "to": {"id": other}} for one, other in rows.values()]}
        method = self._calls.api.crm.associations.v4.batch_api.create_default
        try:
            answer = self._calls.write(method, "contacts", "companies", body)
        except (Lost, Locked) as trouble:
            return {key: row_of(key, trouble) for key in rows}
        except Refused as refused:
            return halved(rows, self._send, refused)
        return _answers(rows, answer)


def _answers(rows: Mapping[str, Pair], answer: dict[str, Any]) -> dict[str, RowAnswer]:
    """Return the answers of an accepted batch; a pair is answered in one direction or in both."""
    answers = {key: lost(key, "HubSpot: the answer does not mention this pair") for key in rows}
    for error in answer.get("errors") or ():
        named = set(context(error, "fromObjectId", "toObjectId", "id", "ids"))
        answers |= {key: row(key, error_said(error)) for key, pair in rows.items() if named & set(pair)}
    for result in answer.get("results") or ():
        one, other = _end(result, "from"), _end(result, "to")
        for key in (f"{one}:{other}", f"{other}:{one}"):
            if key in rows:
                answers[key] = RowAnswer(key, Answer.APPLIED)
    return answers


def _end(result: dict[str, Any], side: str) -> str:
    """Return the id at one end of an association, which comes as `{"id": …}` or as a number."""
    end = result.get(side)
    return str(end.get("id")) if isinstance(end, dict) else str(result.get(f"{side}ObjectId"))
