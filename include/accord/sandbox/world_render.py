"""The state of both CRMs in a world's own short keys; records made during a run get short stable names."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from accord.model.ids import parse_account_origin_key, parse_company_origin_key

if TYPE_CHECKING:
    from accord.sandbox.portal_schema import Kind
    from accord.sandbox.world import LoadedWorld
    from accord.sandbox.world_ids import IdKind

_NEW: dict[IdKind, str] = {
    "Account": "new_account",
    "Contact": "new_contact",
    "Lead": "new_lead",
    "companies": "new_company",
    "contacts": "new_person",
}
_STORED = {"sfa": "Account", "sfc": "Contact", "sfl": "Lead"}
"""Salesforce ids that HubSpot records store, and what they name."""


def render(loaded: LoadedWorld) -> dict[str, Any]:
    """Return both CRMs as lists of rows like those of a world file, each sorted by its short id."""
    _name_new(loaded)
    org, portal = loaded.crms.org, loaded.crms.portal
    assoc = [
        [loaded.short("contacts", contact), loaded.short("companies", company), *(["primary"] if primary else [])]
        for contact, companies in portal.links.companies.items()
        for company, primary in companies.items()
    ]
    state: dict[str, Any] = {
        "sf": {
            "accounts": [_account(loaded, row) for row in org.tables["Account"].values()],
            "contacts": [_contact(loaded, row) for row in org.tables["Contact"].values()],
            "leads": [_lead(loaded, row) for row in org.tables["Lead"].values()],
        },
        "hs": {"companies": _hubspot(loaded, "companies"), "contacts": _hubspot(loaded, "contacts")},
    }
    for part in state.values():
        for rows in part.values():
            rows.sort(key=lambda row: str(row.get("Id", row.get("id"))))
    state["hs"]["assoc"] = sorted(assoc)
    return state


def _name_new(loaded: LoadedWorld) -> None:
    """Give every record without short key one, in the order they were made."""
    org, portal, names = loaded.crms.org, loaded.crms.portal, loaded.names
    made: list[tuple[IdKind, list[str]]] = [("Account", list(org.tables["Account"]))]
    made += [("Contact", list(org.tables["Contact"])), ("Lead", list(org.tables["Lead"]))]
    made += [(kind, sorted({*table.live, *table.bin}, key=int)) for kind, table in portal.tables.items()]
    for kind, ids in made:
        for rid in ids:
            if rid not in names.shorts.get(kind, {}):
                fresh = (f"{_NEW[kind]}_{number}" for number in count(1))
                names.name(kind, next(it for it in fresh if names.find(kind, it) is None), rid)


def _account(loaded: LoadedWorld, row: dict[str, Any]) -> dict[str, Any]:
    """Return an account in short keys."""
    shown = {"Id": loaded.short("Account", row["Id"]), "Name": row["Name"]}
    key = row.get("Accord_Key__c")
    origin = parse_account_origin_key(key) if key else None
    shown |= {
        "Website": row.get("Website"),
        "Phone": row.get("Phone"),
        "OriginKey": loaded.short("companies", origin.record_id) if origin else key,
        "Person": row["IsPersonAccount"] or None,
    }
    custom = {name: value for name, value in row.items() if name.endswith("__c") and name != "Accord_Key__c"}
    return _filled(shown | custom | _fate(loaded, "Account", row))


def _contact(loaded: LoadedWorld, row: dict[str, Any]) -> dict[str, Any]:
    """Return a Salesforce contact in short keys; a private one shows its empty AccountId."""
    account = row.get("AccountId")
    shown = {"Id": loaded.short("Contact", row["Id"]), "Email": row.get("Email")} | _fate(loaded, "Contact", row)
    return _filled(shown) | {"AccountId": loaded.short("Account", account) if account else None}


def _lead(loaded: LoadedWorld, row: dict[str, Any]) -> dict[str, Any]:
    """Return a lead in short keys."""
    shown = {"Id": loaded.short("Lead", row["Id"]), "Email": row.get("Email")} | _fate(loaded, "Lead", row)
    for name, kind in (("ConvertedContactId", "Contact"), ("ConvertedAccountId", "Account")):
        if name in row:
            shown[name] = loaded.short(kind, row[name])
    return _filled(shown)


def _fate(loaded: LoadedWorld, kind: str, row: dict[str, Any]) -> dict[str, Any]:
    """Return whether a record was deleted, and into which one it was merged."""
    master = row.get("MasterRecordId")
    return {"Deleted": row["IsDeleted"] or None, "Master": loaded.short(kind, master) if master else None}


def _hubspot(loaded: LoadedWorld, kind: Kind) -> list[dict[str, Any]]:
    """Return the records of one HubSpot type in short keys, archived ones included."""
    table = loaded.crms.portal.tables[kind]
    rows = []
    for archived, source in ((None, table.live), (True, table.bin)):
        for rid, record in source.items():
            names = _NAMES[kind] | {it["name"]: it["name"] for it in loaded.world.fields if kind == "companies"}
            shown: dict[str, Any] = {"id": loaded.short(kind, rid), "archived": archived}
            shown |= {short: record.get(name) for name, short in names.items()}
            shown |= {it: loaded.short(_STORED[it], shown[it]) for it in _STORED if shown.get(it)}
            key = record.get("accord_key")
            origin = parse_company_origin_key(key) if key else None
            shown["key"] = loaded.short("Account", origin.record_id) if origin else key
            merged = record.get("hs_merged_object_ids")
            shown["merged"] = [loaded.short(kind, it) for it in merged.split(";")] if merged else None
            rows.append(_filled(shown))
    return rows


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row without its empty keys."""
    return {name: value for name, value in row.items() if value is not None}


_NAMES: dict[Kind, dict[str, str]] = {
    "companies": {
        "name": "name",
        "domain": "domain",
        "website": "website",
        "phone": "phone",
        "lifecyclestage": "stage",
        "hs_object_source_label": "source",
        "salesforceaccountid": "sfa",
    },
    "contacts": {
        "email": "email",
        "lifecyclestage": "stage",
        "salesforcecontactid": "sfc",
        "salesforceleadid": "sfl",
    },
}
