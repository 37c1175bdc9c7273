"""What no two records of a world may say together, because neither CRM nor Accord's memory could ever look like it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from accord.sandbox.world_ids import comparable
from accord.sandbox.world_values import WorldError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord.sandbox.world_ids import IdKind
    from accord.sandbox.world_parse import Row, World


def refuse_contradictions(world: World) -> None:
    """Refuse what cannot be, in words.

    Raises:
        WorldError: an id occurs twice; an association names nobody; a contact has two primary companies; a merge
            runs in a ring, or is half told; a record is actively linked twice; there are mapped
            fields and no pair to have them.
    """
    for kind, place, rows in _kinds(world):
        where = f"{world.where}: {place}"
        _refuse_twice([comparable(kind, str(row.get("Id") or row.get("id"))) for row in rows], where)
        for record in (row for row in rows if row.get("Master") and not row.get("Deleted")):
            raise WorldError(f"{where}: {record['Id']}: Master without Deleted: true; a merge deletes its losers")
        _refuse_rings(rows, f"{where}: merged")
    _refuse_bad_associations(world)
    active = [it for it in world.links if it.get("active", True)]
    for kind, end in (("Account", "account"), ("companies", "company")):
        _refuse_twice([comparable(kind, it[end]) for it in active], f"{world.where}: links: {end}")
    if world.fields and not (world.accounts and world.companies):
        raise WorldError(f"{world.where}: fields: they are those of a pair; write its account and its company")


def unseen(world: World) -> list[str]:
    """Return a line for each reference to a record that the world does not have: it may be meant (R4), or a slip."""
    have: dict[IdKind, set[str]] = {
        kind: {comparable(kind, it) for row in rows for it in (row.get("Id") or row["id"], *(row.get("merged") or []))}
        for kind, _, rows in _kinds(world)
    }
    return [
        f"{place}: {row.get('Id') or row.get('id') or row}: {key}: {row[key]} is no record of this world: it counts as "
        "one that nobody can see (R4)"
        for place, rows, key, kind in _references(world)
        for row in rows
        if row.get(key) and comparable(kind, row[key]) not in have[kind]
    ]


def _references(world: World) -> list[tuple[str, tuple[Row, ...], str, IdKind]]:
    """Return every key of a world that refers to another record, and to which kind."""
    memory = (("links", world.links), ("resolutions", world.resolutions))
    return [
        *(("sf.accounts", world.accounts, key, "Account") for key in ("Master", "Parent")),
        ("sf.contacts", world.salesforce_contacts, "Master", "Contact"),
        ("sf.contacts", world.salesforce_contacts, "AccountId", "Account"),
        ("sf.leads", world.leads, "ConvertedContactId", "Contact"),
        ("sf.leads", world.leads, "ConvertedAccountId", "Account"),
        ("hs.companies", world.companies, "sfa", "Account"),
        ("hs.contacts", world.contacts, "sfc", "Contact"),
        ("hs.contacts", world.contacts, "sfl", "Lead"),
        *((place, rows, "account", "Account") for place, rows in memory),
        *((place, rows, "company", "companies") for place, rows in memory),
    ]


def _kinds(world: World) -> tuple[tuple[IdKind, str, tuple[Row, ...]], ...]:
    """Return the records of every kind, and where they stand in the file."""
    return (
        ("Account", "sf.accounts", world.accounts),
        ("Contact", "sf.contacts", world.salesforce_contacts),
        ("Lead", "sf.leads", world.leads),
        ("companies", "hs.companies", world.companies),
        ("contacts", "hs.contacts", world.contacts),
    )


def _refuse_twice(ids: Iterable[str], where: str) -> None:
    """Refuse an id that stands for two things."""
    if twice := sorted(it for it, number in Counter(ids).items() if number > 1):
        raise WorldError(f"{where}: {', '.join(twice)} occurs twice; each may stand there once")


def _refuse_rings(rows: tuple[Row, ...], where: str) -> None:
    """Refuse a chain of merges that leads back to where it began: both CRMs follow it to a survivor."""
    into = {loser: row["id"] for row in rows for loser in row.get("merged") or [] if loser != row["id"]}
    for start in into:
        seen, at = {start}, into[start]
        while at in into and at not in seen:
            seen.add(at)
            at = into[at]
        if at in seen:
            raise WorldError(f"{where}: the merges of {start} lead back to {at}; a merge has a survivor")


def _refuse_bad_associations(world: World) -> None:
    """Refuse associations whose ends are no records of the world, and a second primary company."""
    contacts, companies = {it["id"] for it in world.contacts}, {it["id"] for it in world.companies}
    primary: dict[str, str] = {}
    for contact, company, *label in world.assoc:
        if contact not in contacts or company not in companies:
            missing = contact if contact not in contacts else company
            raise WorldError(f"{world.where}: hs.assoc: {missing} is no record of this world")
        if label and primary.setdefault(contact, company) != company:
            raise WorldError(
                f"{world.where}: hs.assoc: {primary[contact]} and {company} are both primary for {contact}; one can be"
            )
