"""Contacts with their companies by the default, unlabelled link, and companies with their parents by type 14.

Each is made once however often it is asked for, and ending one that is not there changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.crm.answers import Answer, Locked, Lost, Refused, RowAnswer, lost, row, row_of
from accord.crm.hubspot_said import context, error_said
from accord.crm.hubspot_writes import BATCH, halved
from accord.crm.shapes import objects
from accord.crm.values import batch_keys, portal_record_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord.crm.hubspot_calls import HubSpotCalls

Pair = tuple[str, str]

_CHILD_TO_PARENT = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 14}]


class HubSpotAssociate:
    """Associates one batch of records a call."""

    def __init__(self, calls: HubSpotCalls) -> None:
        self._calls = calls

    def associate(self, pairs: Sequence[Pair]) -> list[RowAnswer]:
        """Return one answer a (contact id, company id), in order, keyed `contact:company`; at most 100.

        Raises:
            ContractBroken: too many pairs, one pair twice, or an id that is none.
            AccordError: nothing was applied.
        """
        return self._all(pairs, self._default)

    def dissociate(self, pairs: Sequence[Pair]) -> list[RowAnswer]:
        """Return one answer a (contact id, company id), in order, keyed `contact:company`; at most 100.

        All labels between the two go.

        Raises:
            ContractBroken, AccordError: as `associate`.
        """
        return self._all(pairs, self._dissociate)

    def set_parents(self, pairs: Sequence[Pair]) -> list[RowAnswer]:
        """Return one answer a (company id, parent id), in order, keyed `company:parent`; at most 100.

        Raises:
            ContractBroken, AccordError: as `associate`.
        """
        return self._all(pairs, self._set_parents)

    def end_parents(self, pairs: Sequence[Pair]) -> list[RowAnswer]:
        """Return one answer a (company id, parent id), in order, keyed `company:parent`; at most 100.

        Only the label of the parent goes: two companies may be associated in other ways, too.

        Raises:
            ContractBroken, AccordError: as `associate`.
        """
        return self._all(pairs, self._end_parents)

    def _all(
        self, pairs: Sequence[Pair], send: Callable[[Mapping[str, Pair]], dict[str, RowAnswer]]
    ) -> list[RowAnswer]:
        """Return the answers of a batch in the order of its pairs."""
        ends = [(portal_record_id(one), portal_record_id(other)) for one, other in pairs]
        keys = [f"{one}:{other}" for one, other in ends]
        batch_keys(keys, BATCH)
        answers = _sent(dict(zip(keys, ends, strict=True)), send)
        return [answers[key] for key in keys]

    def _default(self, rows: Mapping[str, Pair]) -> dict[str, RowAnswer]:
        """Return the answers of one call that associates contacts with companies."""
        method = self._calls.api.crm.associations.v4.batch_api.create_default
        return _answers(rows, self._calls.write(method, "contacts", "companies", _inputs(rows)))

    def _dissociate(self, rows: Mapping[str, Pair]) -> dict[str, RowAnswer]:
        """Return the answers of one call that parts contacts from companies; 204 says it of all of them."""
        method = self._calls.api.crm.associations.v4.batch_api.archive
        body = {"inputs": [{"from": {"id": one}, "to": [{"id": other}]} for one, other in rows.values()]}
        answer = self._calls.write(method, "contacts", "companies", body)
        return _answers(rows, answer) if answer else {key: RowAnswer(key, Answer.APPLIED) for key in rows}

    def _set_parents(self, rows: Mapping[str, Pair]) -> dict[str, RowAnswer]:
        """Return the answers of one call that associates companies with their parents."""
        method = self._calls.api.crm.associations.v4.batch_api.create
        return _answers(rows, self._calls.write(method, "companies", "companies", _inputs(rows, _CHILD_TO_PARENT)))

    def _end_parents(self, rows: Mapping[str, Pair]) -> dict[str, RowAnswer]:
        """Return the answers of one call that ends such associations; 204 says it of all of them."""
        method = self._calls.api.crm.associations.v4.batch_api.archive_labels
        answer = self._calls.write(method, "companies", "companies", _inputs(rows, _CHILD_TO_PARENT))
        return _answers(rows, answer) if answer else {key: RowAnswer(key, Answer.APPLIED) for key in rows}


def _sent(rows: Mapping[str, Pair], send: Callable[[Mapping[str, Pair]], dict[str, RowAnswer]]) -> dict[str, RowAnswer]:
    """Return the answers of a batch by key; one that is refused as a whole is halved."""
    if not rows:
        return {}
    try:
        return send(rows)
    except (Lost, Locked) as trouble:
        return {key: row_of(key, trouble) for key in rows}
    except Refused as refused:
        return halved(rows, lambda some: _sent(some, send), refused)


def _inputs(rows: Mapping[str, Pair], types: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Return the body of a call about some pairs."""
    more = {"types": list(types)} if types else {}
    return {"inputs": [{"from": {"id": one}, "to": {"id": other}, **more} for one, other in rows.values()]}


def _answers(rows: Mapping[str, Pair], answer: dict[str, Any]) -> dict[str, RowAnswer]:
    """Return the answers of an accepted batch; a pair is answered in one direction or in both."""
    answers = {key: lost(key, "HubSpot: the answer does not mention this pair") for key in rows}
    for error in objects(answer.get("errors")):
        named = set(context(error, "fromObjectId", "toObjectId", "id", "ids"))
        answers |= {key: row(key, error_said(error)) for key, pair in rows.items() if named & set(pair)}
    for result in objects(answer.get("results")):
        one, other = _end(result, "from"), _end(result, "to")
        for key in (f"{one}:{other}", f"{other}:{one}"):
            if key in rows:
                answers[key] = RowAnswer(key, Answer.APPLIED)
    return answers


def _end(result: dict[str, Any], side: str) -> str:
    """Return the id at one end of an association, which comes as `{"id": …}` or as a number."""
    end = result.get(side)
    return str(end.get("id")) if isinstance(end, dict) else str(result.get(f"{side}ObjectId"))
