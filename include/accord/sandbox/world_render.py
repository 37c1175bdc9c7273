"""The state of both CRMs in a world's own short keys; records made during a run get short stable names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.ids import parse_account_origin_key, parse_company_origin_key

if TYPE_CHECKING:
    from accord.sandbox.portal_schema import Kind
    from accord.sandbox.world import LoadedWorld

_NEW = {"Account": "new_account", "Contact": "new_contact", "Lead": "new_lead", "companies": "new_company",
        "contacts": "new_person"}  # fmt: skip


def render(loaded: LoadedWorld) -> dict[str, Any]:
    """Return both CRMs as lists of rows like those of a world file, each sorted by its short id."""
    _name_new(loaded)
    org, portal = loaded.crms.org, loaded.crms.portal
    assoc = [
        [loaded.short(contact), loaded.short(company), *(["primary"] if primary else [])]
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
    org, portal = loaded.crms.org, loaded.crms.portal
    made = [(name, list(org.tables[name])) for name in ("Account", "Contact", "Lead")]
    made += [(kind, sorted({*table.live, *table.bin}, key=int)) for kind, table in portal.tables.items()]
    for name, ids in made:
        for rid in ids:
            if rid not in loaded.shorts:
                number = 1
                while f"{_NEW[name]}_{number}" in loaded.ids:
                    number += 1
                loaded.name(f"{_NEW[name]}_{number}", rid)


def _account(loaded: LoadedWorld, row: dict[str, Any]) -> dict[str, Any]:
    """Return an account in short keys."""
    shown = {"Id": loaded.short(row["Id"]), "Name": row["Name"]}
    key = row.get("Accord_Key__c")
    origin = parse_account_origin_key(key) if key else None
    shown |= {
        "Website": row.get("Website"),
        "Phone": row.get("Phone"),
        "OriginKey": loaded.short(origin.record_id) if origin else key,
        "Person": row["IsPersonAccount"] or None,
    }
    custom = {name: value for name, value in row.items() if name.endswith("__c") and name != "Accord_Key__c"}
    return _filled(shown | custom | _fate(loaded, row))


def _contact(loaded: LoadedWorld, row: dict[str, Any]) -> dict[str, Any]:
    """Return a Salesforce contact in short keys; a private one shows its empty AccountId."""
    account = row.get("AccountId")
    shown = {"Id": loaded.short(row["Id"]), "Email": row.get("Email")} | _fate(loaded, row)
    return _filled(shown) | {"AccountId": loaded.short(account) if account else None}


def _lead(loaded: LoadedWorld, row: dict[str, Any]) -> dict[str, Any]:
    """Return a lead in short keys."""
    shown = {"Id": loaded.short(row["Id"]), "Email": row.get("Email")} | _fate(loaded, row)
    for name in ("ConvertedContactId", "ConvertedAccountId"):
        if name in row:
            shown[name] = loaded.short(row[name])
    return _filled(shown)


def _fate(loaded: LoadedWorld, row: dict[str, Any]) -> dict[str, Any]:
    """Return whether a record was deleted, and into which one it was merged."""
    master = row.get("MasterRecordId")
    return {"Deleted": row["IsDeleted"] or None, "Master": loaded.short(master) if master else None}


def _hubspot(loaded: LoadedWorld, kind: Kind) -> list[dict[str, Any]]:
    """Return the records of one HubSpot type in short keys, archived ones included."""
    table = loaded.crms.portal.tables[kind]
    rows = []
    for archived, source in ((None, table.live), (True, table.bin)):
        for rid, record in source.items():
            names = _NAMES[kind] | {it["name"]: it["name"] for it in loaded.world.fields if kind == "companies"}
            shown: dict[str, Any] = {"id": loaded.short(rid), "archived": archived}
            shown |= {short: record.get(name) for name, short in names.items()}
            for short in ("sfa", "sfc", "sfl"):
                if shown.get(short):
                    shown[short] = loaded.short(shown[short])
            key = record.get("accord_key")
            origin = parse_company_origin_key(key) if key else None
            shown["key"] = loaded.short(origin.record_id) if origin else key
            merged = record.get("hs_merged_object_ids")
            shown["merged"] = [loaded.short(it) for it in merged.split(";")] if merged else None
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
