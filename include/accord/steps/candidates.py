"""What the questions in the queue are chosen from: the records that may be meant, and the people who speak for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.facts import Candidate, Person
from accord.model.ids import hubspot_key, salesforce_key
from accord.rules.candidates import people_between
from accord.steps import facts
from accord.store.names import by_key, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from accord.model.facts import Kind, Record, Review, System
    from accord.steps.view import View
    from accord.store.database import Database, Row
    from accord.store.names import Names

    Known = dict[tuple[System, Kind, int], Record]

_MOST = 20
"""Candidates that are shown of one question; more than these nobody compares by eye."""
_RULED_BY_COUNT = ("tie_between_companies", "tie_between_accounts")


def key_of(system: System, record_id: str) -> int:
    """Return the int8 key of an account or company."""
    return salesforce_key(record_id) if system == "salesforce" else hubspot_key(record_id)


def with_candidates(database: Database, rows: Sequence[Row], view: View | None) -> list[Review]:
    """Return questions as facts, the open ones with their candidates.

    Those about a decision of the rules get theirs from what the rules see now; those about a held write keep the
    records that the CRM named.
    """
    frames = {row["id"]: _frame(row, view) for row in rows if row["state"] == "open"}
    keys = [
        key
        for frame in frames.values()
        if frame is not None
        for column, system, kind in _SIDES
        for key in ((system, kind, int(it)) for it in frame[column])
    ]
    known = by_key(database, keys)
    named = names(database, (it for row in rows for it in _ids(row)))
    return [facts.review(row, named, _candidates(row, frames.get(row["id"]), view, known, named)) for row in rows]


_SIDES: tuple[tuple[str, System, Kind], ...] = (
    ("account_key", "salesforce", "account"),
    ("company_key", "hubspot", "company"),
)


def _ids(row: Row) -> list[tuple[System, Kind, str | None]]:
    """Return every record that a question names."""
    return [
        *facts.ids_of_pair(row),
        _id(row["record_id"]),
        *(_id(it) for it in row["candidates"]),
    ]


def _id(record_id: str) -> tuple[System, Kind, str | None]:
    """Return an account or company by its id: only HubSpot's are digits alone."""
    return ("hubspot", "company", record_id) if record_id.isdigit() else ("salesforce", "account", record_id)


def _frame(row: Row, view: View | None) -> pd.DataFrame | None:
    """Return what an open question of the rules is about, one row per account and company that may be one.

    In a tie these are all who want what the record wants, in a dispute over identity all that name it.
    """
    if view is None or row["rule"] in {"", "R105"}:
        return None
    found = view.candidates_of(row["system"], key_of(row["system"], row["record_id"]))
    if row["reason"] not in _RULED_BY_COUNT:
        return found.head(_MOST)
    everybody = view.candidates[view.candidates["is_free"] & (view.candidates["people"] > 0)]
    theirs = "company_key" if row["system"] == "salesforce" else "account_key"
    return everybody[everybody[theirs].isin(found[theirs])]


def _candidates(row: Row, frame: pd.DataFrame | None, view: View | None, known: Known, named: Names) -> list[Candidate]:
    """Return the candidates of one question."""
    if frame is None or view is None:
        return [Candidate(it) for record_id in row["candidates"] if (it := named.get(*_id(record_id))) is not None]
    key, is_account = key_of(row["system"], row["record_id"]), row["system"] == "salesforce"
    mine, theirs = _SIDES if is_account else _SIDES[::-1]
    first = [] if row["reason"] in _RULED_BY_COUNT else ["is_stated"]
    order = [*first, "people", "primaries"]
    own = frame[frame[mine[0]] == key].sort_values(order, ascending=False, kind="stable")
    others = frame[frame[mine[0]] != key]
    return [
        Candidate(
            record=record,
            people=int(it["people"]),
            primaries=int(it["primaries"]),
            is_stated=bool(it["is_stated"]),
            rivals=_rivals(others[others[theirs[0]] == it[theirs[0]]], mine, known),
        )
        for it in own.to_dict("records")
        if (record := known.get((theirs[1], theirs[2], int(it[theirs[0]])))) is not None
    ]


def _rivals(rows: pd.DataFrame, side: tuple[str, System, Kind], known: Known) -> tuple[tuple[Record, int], ...]:
    """Return who else has people in common with a candidate, those with the most first."""
    column, system, kind = side
    strongest = rows.sort_values("people", ascending=False, kind="stable").head(_MOST)
    return tuple(
        (record, int(it["people"]))
        for it in strongest.to_dict("records")
        if (record := known.get((system, kind, int(it[column])))) is not None
    )


def people_for(database: Database, view: View | None, review: Review) -> dict[str, list[Person]]:
    """Return per candidate of an open question the people that it and the record in question share."""
    own, found = key_of(review.record.system, review.record.id), {}
    for it in review.candidates:
        if it.record.kind != review.record.kind:
            other = key_of(it.record.system, it.record.id)
            sides = (own, other) if review.record.kind == "account" else (other, own)
            found[it.record.id] = shared_people(database, view, *sides)
    return found


def shared_people(database: Database, view: View | None, account_key: int, company_key: int) -> list[Person]:
    """Return the people that an account and a company have in common now, at most twenty; none without a view."""
    if view is None:
        return []
    rows = people_between(view.case, account_key, company_key).head(_MOST).to_dict("records")
    known = by_key(database, [it for row in rows for it in _person_keys(row)])
    return [_person(row, known) for row in rows]


def _person_keys(row: Row) -> list[tuple[System, Kind, int]]:
    """Return both sides of a person by their keys."""
    return [
        ("salesforce", "contact", int(row["salesforce_contact_key"])),
        ("hubspot", "contact", int(row["hubspot_contact_key"])),
    ]


def _person(row: Row, known: Known) -> Person:
    """Return a person on both sides."""
    salesforce, hubspot = (known.get(it) for it in _person_keys(row))
    return Person("evidence", salesforce, hubspot, row["kind"], bool(row["is_primary"]))
