"""What the rules say of a record as both CRMs are now, for one that no run has decided anything about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.ids import NONE
from accord.steps import facts
from accord.steps.candidates import key_of
from accord.store.names import Names, by_key

if TYPE_CHECKING:
    from accord.model.facts import Decided, Kind, Record, System
    from accord.steps.view import View
    from accord.store.database import Database

_NAMED: dict[str, tuple[System, Kind]] = {
    "runner_up_key": ("hubspot", "company"),
    "taken_by_key": ("salesforce", "account"),
    "rival_key": ("salesforce", "account"),
    "waiting_for_key": ("salesforce", "account"),
    "because_key": ("hubspot", "contact"),
}


def partner_of(database: Database, seen: View | None, record: Record) -> Record | None:
    """Return the record that both CRMs know to be one with this one, None where there is none."""
    key = seen.partner_key(record.system, key_of(record.system, record.id)) if seen else None
    if key is None:
        return None
    system, kind = _other(record.system)
    return by_key(database, [(system, kind, key)]).get((system, kind, key))


def now_decided(database: Database, seen: View | None, record: Record) -> Decided | None:
    """Return what the rules decide about a record now, None where they pass it over or cannot be asked."""
    if seen is None:
        return None
    rows = seen.decisions
    key = key_of(record.system, record.id)
    own = rows[(rows["system"] == record.system) & (rows["key"] == key) & (rows["action"] != "SET_STAGE")]
    other = rows[(rows["system"] != record.system) & (rows["partner_key"] == key)]
    consuming = other[other["action"].isin(["LINK", "RELINK", "UPDATE"])]
    found = own if len(own) else consuming
    return _decided(database, found.iloc[0].to_dict()) if len(found) else None


def _decided(database: Database, row: dict[str, Any]) -> Decided:
    """Return a row of the rules as a decision with names."""
    own, other = _side(row["system"]), _other(row["system"])
    columns = {"key": own, "partner_key": other, **_NAMED}
    known = by_key(database, [(*columns[name], row[name]) for name in columns if row[name] != NONE])
    ids = {name: known[*side, row[name]].id for name, side in columns.items() if (*side, row[name]) in known}
    account, company = ("key", "partner_key") if row["system"] == "salesforce" else ("partner_key", "key")
    with_ids = {
        **row,
        **{name.replace("_key", "_id"): ids.get(name) for name in _NAMED},
        "record_id": ids.get("key", str(row["key"])),
        "account_id": ids.get(account),
        "company_id": ids.get(company),
    }
    return facts.decided(with_ids, Names({(it.system, it.kind, it.id): it for it in known.values()}))


def _side(system: System) -> tuple[System, Kind]:
    """Return what kind of record a CRM's decisions are about."""
    return ("salesforce", "account") if system == "salesforce" else ("hubspot", "company")


def _other(system: System) -> tuple[System, Kind]:
    """Return what kind of record their partner is."""
    return _side("hubspot" if system == "salesforce" else "salesforce")
