"""Whether an undo left both CRMs as they were: every record of the sandbox, before and after, value by value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.store.database import Database

    Place = tuple[str, str]
    Snapshot = dict[Place, dict[str, Any]]

_STAMPS = {
    "LastModifiedDate", "LastModifiedById", "SystemModstamp", "hs_lastmodifieddate", "lastmodifieddate",
}  # fmt: skip
"""What a CRM itself notes of every write."""
_GONE = {"IsDeleted", "archived"}
_EMPTY = {None, ""}


def snapshot(state: Mapping[str, Mapping[str, Any]]) -> Snapshot:
    """Return the values of every live record and association, without stamps and empty values.

    Args:
        state: of the sandbox, as `/_sandbox/state?full=1` has it.
    """
    found: Snapshot = {}
    for tables in state.values():
        for kind, rows in tables.items():
            if kind == "associations":
                found |= {(kind, f"{contact}:{company}"): {"primary": primary} for contact, company, primary in rows}
            elif kind != "lists":
                found |= {(kind, _id(row)): _values(row) for row in rows if not any(row.get(it) for it in _GONE)}
    living = {rid for kind, rid in found if kind == "companies"}
    # An archived company keeps the associations that nobody sees any more.
    return {
        (kind, rid): values
        for (kind, rid), values in found.items()
        if kind != "associations" or rid.partition(":")[2] in living
    }


def differences(before: Snapshot, after: Snapshot) -> dict[Place, list[str]]:
    """Return the fields that differ of each record that does; of a record that came or went, all."""
    return {
        place: sorted(
            name
            for name in before.get(place, {}).keys() | after.get(place, {}).keys()
            if before.get(place, {}).get(name) != after.get(place, {}).get(name)
        )
        for place in sorted(before.keys() | after.keys())
        if before.get(place) != after.get(place)
    }


def left(database: Database) -> dict[str, str]:
    """Return what the reverts said of each record of which they left something as it is, by id."""
    rows = database.rows(
        "SELECT coalesce(target_id, source_id) AS id, string_agg(DISTINCT message, '; ') AS message FROM sync.reversals"
        " WHERE reason <> '' GROUP BY 1"
    )
    return {row["id"]: row["message"] for row in rows}


def undoable(database: Database) -> list[str]:
    """Return the ids of the runs that wrote anything and are no reverts, newest first."""
    rows = database.rows(
        "SELECT run_id FROM sync.runs r WHERE mode = 'apply' AND scope ->> 'kind' <> 'revert' AND EXISTS ("
        " SELECT FROM sync.intents i WHERE i.run_id = r.run_id AND i.state = 'confirmed') ORDER BY started_at DESC"
    )
    return [row["run_id"] for row in rows]


def _id(row: Mapping[str, Any]) -> str:
    """Return the id of a record of either CRM."""
    return str(row.get("Id") or row.get("hs_object_id"))


def _values(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record shows, but for stamps."""
    return {name: value for name, value in row.items() if name not in _STAMPS | _GONE and value not in _EMPTY}
