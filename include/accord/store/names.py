"""Ids and keys as records with the name that people know them by: of people the e-mail."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accord.model.facts import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accord.model.facts import Kind, System
    from accord.store.database import Database

_TABLES: dict[tuple[System, Kind], str] = {
    ("salesforce", "account"): "SELECT {what} AS what, id, key, name FROM staging.salesforce_accounts",
    ("salesforce", "contact"): "SELECT {what} AS what, id, key, email AS name FROM staging.salesforce_contacts",
    ("salesforce", "lead"): "SELECT {what} AS what, id, key, email AS name FROM staging.salesforce_leads",
    ("hubspot", "company"): (
        "SELECT {what} AS what, id, key, coalesce(name, domain) AS name FROM staging.hubspot_companies"
    ),
    ("hubspot", "contact"): "SELECT {what} AS what, id, key, email AS name FROM staging.hubspot_contacts",
}
_KINDS = [f"{system} {kind}" for system, kind in _TABLES]


@dataclass(frozen=True)
class Names:
    """Records by kind and id; one that staging does not hold has no name."""

    known: dict[tuple[System, Kind, str], Record] = field(default_factory=dict)

    def get(self, system: System, kind: Kind, record_id: str | None) -> Record | None:
        """Return the record of an id, None where nobody is named."""
        if not record_id:
            return None
        return self.known.get((system, kind, record_id)) or Record(system, kind, record_id)

    def account(self, record_id: str | None) -> Record | None:
        """Return the account of an id."""
        return self.get("salesforce", "account", record_id)

    def company(self, record_id: str | None) -> Record | None:
        """Return the company of an id."""
        return self.get("hubspot", "company", record_id)

    def of_decision(self, system: System, record_id: str) -> Record:
        """Return the account or company that a decision is about."""
        found = self.account(record_id) if system == "salesforce" else self.company(record_id)
        return found or Record(system, "account" if system == "salesforce" else "company", record_id)


def names(database: Database, ids: Iterable[tuple[System, Kind, str | None]]) -> Names:
    """Return the names of all these ids at once; None ids are passed over."""
    wanted: dict[str, set[str]] = defaultdict(set)
    for system, kind, record_id in ids:
        if record_id:
            wanted[f"{system} {kind}"].add(record_id)
    known = {(it.system, it.kind, it.id): it for it, _ in _read(database, "id", wanted)}
    missing = [it for (system, kind) in _TABLES for it in wanted[f"{system} {kind}"] if (system, kind, it) not in known]
    made = _made(database, missing) if missing else []
    return Names(known | {(it.system, it.kind, it.id): it for it in made})


def by_key(database: Database, keys: Iterable[tuple[System, Kind, int]]) -> dict[tuple[System, Kind, int], Record]:
    """Return the records behind int8 keys; those that staging does not hold are left out."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for system, kind, key in keys:
        wanted[f"{system} {kind}"].add(int(key))
    return {(it.system, it.kind, key): it for it, key in _read(database, "key", wanted)}


def _made(database: Database, ids: list[str]) -> list[Record]:
    """Return those of the records that Accord made and has not read back yet, by the name it gave them."""
    rows = database.rows(
        "SELECT system, object, target_id, coalesce(fields ->> 'Name', fields ->> 'name', '') AS name"
        " FROM sync.intents WHERE op = 'create' AND target_id = ANY(%s)",
        [ids],
    )
    return [Record(row["system"], row["object"], row["target_id"], row["name"]) for row in rows]


def _read(
    database: Database, column: str, wanted: Mapping[str, set[str]] | Mapping[str, set[int]]
) -> list[tuple[Record, int]]:
    """Return the wanted records of all kinds, each with its key."""
    # A table that nothing is wanted of is not even named: it would be read to the end for nothing.
    asked = [(number, kind) for number, kind in enumerate(_KINDS) if wanted.get(kind)]
    if not asked:
        return []
    selects = list(_TABLES.values())
    parts = [f"{selects[n].format(what=n)} WHERE {_found_by(column, kind, n)}" for n, kind in asked]
    values: dict[str, object] = {f"of_{n}": list(wanted[kind]) for n, kind in asked}
    kinds = list(_TABLES)
    return [
        (Record(*kinds[row["what"]], row["id"], row["name"] or ""), row["key"])
        for row in database.rows(" UNION ALL ".join(parts), values)
    ]


def _found_by(column: str, kind: str, number: int) -> str:
    """Return the condition on the wanted ids or keys; the id of a HubSpot record is its key, and has the index."""
    if column == "key" and kind.startswith("hubspot"):
        return f"id = ANY(%(of_{number})s::bigint[]::text[])"
    return f"{column} = ANY(%(of_{number})s::{'text' if column == 'id' else 'bigint'}[])"
