"""Who belongs to which company in a world, as HubSpot shows it after merges."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord.sandbox.world_parse import Row, World


class Seat(NamedTuple):
    """A contact at a company, by short ids."""

    contact: str
    company: str
    is_primary: bool


def seats_of(world: World) -> list[Seat]:
    """Return the associations of a world; those of a merged record belong to its survivor (R77, R80).

    A contact has one primary company: its own comes before that of a record merged into it, and of several merged
    ones that of the first.
    """
    people, firms = _survivors(world.contacts), _survivors(world.companies)
    place = {loser: number for it in world.contacts for number, loser in enumerate(it.get("merged") or [])}
    seats: dict[tuple[str, str], bool] = {}
    primary: dict[str, tuple[int, int, str]] = {}
    for contact, company, *label in world.assoc:
        (person, merges), (firm, _) = _end(people, contact), _end(firms, company)
        seats[person, firm] = False
        if label:
            said = (merges, place.get(contact, 0), firm)
            primary[person] = min(primary.get(person, said), said)
    return [Seat(person, firm, primary.get(person, (0, 0, ""))[2] == firm) for person, firm in seats]


def _survivors(rows: Iterable[Row]) -> dict[str, str]:
    """Return merged id -> the id that lists it."""
    return {loser: row["id"] for row in rows for loser in row.get("merged") or [] if loser != row["id"]}


def _end(into: dict[str, str], record: str) -> tuple[str, int]:
    """Return where the chain of merges of a record ends, and how long it is."""
    merges = 0
    while record in into:
        record, merges = into[record], merges + 1
    return record, merges
