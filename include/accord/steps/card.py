"""The sync card of a record: its explanation, its partner, and the people of the pair side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.sentences.record import Explanation
from accord.steps.candidates import key_of, shared_people
from accord.steps.explain import explain
from accord.steps.view import view
from accord.store import explained, reviews
from accord.store.names import names

if TYPE_CHECKING:
    from accord.model.facts import Person, Record, System
    from accord.store.database import Database, Row

_ONES = ("account", "company")


@dataclass(frozen=True)
class Card:
    """What is shown of one record.

    Attributes:
        told: the explanation.
        partner: the other half of its active pair, None where Accord remembers none.
        people: whom both have in common now; empty where there is no pair or nobody.
        review_id: the open question about it, None where nobody is asked.
    """

    told: Explanation
    partner: Record | None = None
    people: tuple[Person, ...] = ()
    review_id: int | None = None

    @property
    def can_be_synced(self) -> bool:
        """Return whether a sync by hand takes such a record."""
        return self.told.record.kind in _ONES


def card_of(database: Database, asked: str) -> list[Card]:
    """Return the cards of an id; two where HubSpot has a company and a contact of that number.

    Raises:
        BadInput: this is no id, or nobody knows it.
    """
    return [_card(database, it) for it in explain(database, asked)]


def _card(database: Database, told: Explanation) -> Card:
    """Return the card of one explained record."""
    record = told.record
    if record.kind not in _ONES:
        return Card(told)
    asked = next((it["id"] for it in reviews.about(database, record.system, record.id) if _is_open(it, record)), None)
    pair = next((it for it in explained.pairs_of(database, record.system, record.id) if it["is_active"]), None)
    if pair is None:
        return Card(told, review_id=asked)
    is_account = record.kind == "account"
    other: System = "hubspot" if is_account else "salesforce"
    found = names(database, [("salesforce", "account", pair["account_id"]), ("hubspot", "company", pair["company_id"])])
    partner = found.of_decision(other, pair["company_id"] if is_account else pair["account_id"])
    keys = key_of("salesforce", pair["account_id"]), key_of("hubspot", pair["company_id"])
    return Card(told, partner, tuple(shared_people(database, view(database), *keys)), asked)


def _is_open(row: Row, record: Record) -> bool:
    """Return whether a question is about the record itself, and open."""
    return row["state"] == "open" and (row["system"], row["record_id"]) == (record.system, record.id)
