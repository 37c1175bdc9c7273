"""A world in the sandbox: real-looking ids in, the state in the world's own short keys out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.ids import account_origin_key, company_origin_key, hubspot_id, salesforce_id
from accord.sandbox.clock import hubspot_time, salesforce_time
from accord.sandbox.org import record_id
from accord.sandbox.org_schema import PREFIXES, Field
from accord.sandbox.portal_schema import STAMPS, Kind, Property
from accord.sandbox.world_parse import Row, World, WorldError, moment, parse_world, world_of
from accord.sandbox.world_render import render

if TYPE_CHECKING:
    from accord.sandbox.core import Crms

__all__ = ["LoadedWorld", "World", "WorldError", "load_world", "parse_world", "world_of"]

LIST_NAME = "Accord inclusion list"
"""The HubSpot list that a world's inclusion_list becomes."""
_COMPANY_BASE, _CONTACT_BASE = 29_100_000_000, 211_100_000_000


class LoadedWorld:
    """A world, its CRMs, and the id map both ways.

    Attributes:
        ids: short key -> real id. Keys that were real already lead to themselves.
        shorts: real id -> short key; records made during a run are added when the state is rendered.
        list_id: the inclusion list, None where the world has none.
    """

    def __init__(self, world: World, crms: Crms) -> None:
        self.world, self.crms = world, crms
        self.ids: dict[str, str] = {}
        self.shorts: dict[str, str] = {}
        self.list_id: str | None = None

    def name(self, short: str, real: str) -> str:
        """Remember and return the real id of a short key."""
        self.ids[short] = real
        # A record's own id comes first; elsewhere it may be written with 15 characters.
        self.shorts.setdefault(real, short)
        return real

    def short(self, real: str) -> str:
        """Return the short key of a real id, or the id itself where it has none."""
        return self.shorts.get(real, real)

    def render(self) -> dict[str, Any]:
        """Return the state of both CRMs in the world's own short keys."""
        return render(self)


def load_world(world: World, crms: Crms) -> LoadedWorld:
    """Return the world after it was put into the CRMs; nothing of it is journaled.

    Raises:
        WorldError: an id of one CRM stands where the other kind is expected.
    """
    loaded = LoadedWorld(world, crms)
    crms.clock.freeze(world.now)
    _name_all(loaded)
    _define_fields(loaded)
    for sobject, rows in (("Account", world.accounts), ("Contact", world.salesforce_contacts), ("Lead", world.leads)):
        for row in rows:
            crms.org.load(sobject, _salesforce(loaded, sobject, row))
    kinds: tuple[tuple[Kind, tuple[Row, ...]], ...] = (("companies", world.companies), ("contacts", world.contacts))
    for kind, rows in kinds:
        for row in rows:
            _load_hubspot(loaded, kind, row)
    _date_fields(loaded)
    for contact, company, *label in world.assoc:
        _associate(loaded, contact, company, primary=bool(label))
    if world.settings["inclusion_list"] is not None:
        members = [loaded.ids.get(str(it), str(it)) for it in world.settings["inclusion_list"]]
        loaded.list_id = crms.portal.lists.make(LIST_NAME, members)
    return loaded


def _name_all(loaded: LoadedWorld) -> None:
    """Give every record and user of the world a real id, in the order of the file."""
    world, org = loaded.world, loaded.crms.org
    loaded.name(str(world.settings["pipeline_user"]), org.pipeline_user)
    loaded.name("U_REP", org.person)
    for sobject, rows in (("Account", world.accounts), ("Contact", world.salesforce_contacts), ("Lead", world.leads)):
        for number, row in enumerate(rows, start=1):
            loaded.name(row["Id"], _real(row["Id"], PREFIXES[sobject], number))
    for base, rows in ((_COMPANY_BASE, world.companies), (_CONTACT_BASE, world.contacts)):
        for number, row in enumerate(rows, start=1):
            loaded.name(row["id"], row["id"] if row["id"].isdigit() else str(base + number))
    people = (*world.accounts, *world.salesforce_contacts, *world.leads)
    users = {str(row["By"]) for row in people if row.get("By")}
    for number, user in enumerate(sorted(users - loaded.ids.keys()), start=1):
        real = loaded.name(user, _real(user, PREFIXES["User"], 100 + number))
        org.load("User", {"Id": real, "Username": f"{user.lower()}@acme.test", "LastName": user, "Name": user})
    for it in world.links:
        _salesforce_ref(loaded, it["account"], PREFIXES["Account"])
    for number, merged in enumerate(_merged_away(world), start=1):
        if merged not in loaded.ids:
            loaded.name(merged, merged if merged.isdigit() else str(_COMPANY_BASE + 5_000 + number))


def _real(short: str, prefix: str, number: int) -> str:
    """Return an id as it is where it looks real, else a made one; always the same for the same place in the file."""
    try:
        return salesforce_id(short)
    except ValueError:
        return record_id(prefix, 10_000 + number)


def _merged_away(world: World) -> list[str]:
    """Return the ids that survive only in hs_merged_object_ids, and those that only other records mention."""
    merged = [str(it) for row in (*world.companies, *world.contacts) for it in row.get("merged") or []]
    return list(dict.fromkeys([*merged, *(str(it["company"]) for it in world.links)]))


def _define_fields(loaded: LoadedWorld) -> None:
    """Make the custom field and the property of every mapped field of the world."""
    for it in loaded.world.fields:
        loaded.crms.org.add_field("Account", Field(f"{it['name']}__c", length=255, is_tracked=True))
        loaded.crms.portal.define("companies", Property(it["name"], it["name"], is_hubspot_defined=False))


def _date_fields(loaded: LoadedWorld) -> None:
    """Say when the mapped fields of the world's pair changed on each side, where the world does."""
    world, crms = loaded.world, loaded.crms
    for it in world.fields:
        if it.get("sf_at") is not None:
            at = salesforce_time(moment(it["sf_at"], f"{world.where}: sf_at"))
            account = loaded.ids[world.accounts[0]["Id"]]
            crms.org.track(account, f"{it['name']}__c", it.get("base"), it.get("sf"), at)
        if it.get("hs_at") is not None:
            at = hubspot_time(moment(it["hs_at"], f"{world.where}: hs_at"))
            crms.portal.changed_at.setdefault(loaded.ids[world.companies[0]["id"]], {})[it["name"]] = at


def _salesforce_ref(loaded: LoadedWorld, value: Any, prefix: str) -> str | None:
    """Return the real id a short key stands for; one that names no record of the world still gets an id."""
    if value is None or value == "":
        return None
    short = str(value)
    if short not in loaded.ids:
        loaded.name(short, _real(short, prefix, 50_000 + len(loaded.ids)))
    return loaded.ids[short]


def _salesforce(loaded: LoadedWorld, sobject: str, row: Row) -> dict[str, Any]:
    """Return a Salesforce record of the world with API field names."""
    where = f"{loaded.world.where}: {row['Id']}"
    created = moment(row.get("Created", row.get("Modified", loaded.world.now)), f"{where}: Created")
    modified = moment(row.get("Modified", row.get("Created", loaded.world.now)), f"{where}: Modified")
    record: dict[str, Any] = {
        "Id": loaded.ids[row["Id"]],
        "CreatedDate": salesforce_time(created),
        "LastModifiedDate": salesforce_time(modified),
        "LastModifiedById": _salesforce_ref(loaded, row.get("By", "U_REP"), PREFIXES["User"]),
        "IsDeleted": bool(row.get("Deleted")),
        "MasterRecordId": _salesforce_ref(loaded, row.get("Master"), PREFIXES[sobject]),
    }
    if sobject == "Account":
        record |= _account(loaded, row)
    else:
        name = row.get("Name") or row["Id"]
        record |= {"LastName": name, "Name": name, "Email": row.get("Email")}
    if sobject == "Contact":
        record["AccountId"] = _salesforce_ref(loaded, row.get("AccountId"), PREFIXES["Account"])
    if sobject == "Lead":
        contact = _salesforce_ref(loaded, row.get("ConvertedContactId"), PREFIXES["Contact"])
        account = _salesforce_ref(loaded, row.get("ConvertedAccountId"), PREFIXES["Account"])
        is_converted = bool(contact or account)
        record |= {"Company": row["Id"], "Status": "Qualified" if is_converted else "Open", "IsConverted": is_converted}
        record |= {"ConvertedContactId": contact, "ConvertedAccountId": account}
    return record


def _account(loaded: LoadedWorld, row: Row) -> dict[str, Any]:
    """Return what only an account has."""
    is_pair = len(loaded.world.fields) and row["Id"] == loaded.world.accounts[0]["Id"]
    key = row.get("OriginKey")
    if key is not None and str(key) in loaded.ids:
        key = account_origin_key(loaded.crms.portal.portal_id, loaded.ids[str(key)])
    return {
        "Name": row.get("Name") or row["Id"],
        "Website": row.get("Website"),
        "Phone": row.get("Phone"),
        "ParentId": _salesforce_ref(loaded, row.get("Parent"), PREFIXES["Account"]),
        "IsPersonAccount": bool(row.get("Person")),
        "Accord_Key__c": key,
        **({f"{it['name']}__c": it.get("sf") for it in loaded.world.fields} if is_pair else {}),
    }


def _load_hubspot(loaded: LoadedWorld, kind: Kind, row: Row) -> None:
    """Put one HubSpot record of the world into the portal."""
    portal, where = loaded.crms.portal, f"{loaded.world.where}: {row['id']}"
    record: dict[str, str] = {}
    if row.get("created") is not None:
        record["createdate"] = hubspot_time(moment(row["created"], f"{where}: created"))
    modified = row.get("modified", row.get("created"))
    record.setdefault("createdate", hubspot_time(loaded.world.now))
    record[STAMPS[kind]] = hubspot_time(moment(modified, where)) if modified is not None else record["createdate"]
    source = str(row.get("source", "CRM_UI"))
    record |= {"hs_object_source": source, "hs_object_source_label": source}
    texts = {name: row.get(short) for name, short in _TEXTS[kind].items()}
    merged = ";".join(loaded.ids[str(it)] for it in row.get("merged") or [])
    texts |= {"hs_merged_object_ids": merged or None}
    for name, (short, prefix) in _REFERENCES[kind].items():
        texts[name] = _salesforce_ref(loaded, row.get(short), prefix)
    key = row.get("key")
    if kind == "companies" and key is not None:
        texts["accord_key"] = company_origin_key(loaded.crms.org.org_id, loaded.ids[key]) if key in loaded.ids else key
    if kind == "companies" and loaded.world.fields and row["id"] == loaded.world.companies[0]["id"]:
        texts |= {it["name"]: it.get("hs") for it in loaded.world.fields}
    record |= {name: str(value) for name, value in texts.items() if value is not None}
    rid = hubspot_id(loaded.ids[row["id"]])
    archived_at = hubspot_time(loaded.world.now) if row.get("archived") else ""
    portal.load(kind, rid, record, archived_at=archived_at)
    for it in row.get("merged") or []:
        portal.tables[kind].merged_into[loaded.ids[str(it)]] = rid


def _associate(loaded: LoadedWorld, contact: str, company: str, *, primary: bool) -> None:
    """Put one association of the world into the portal."""
    portal = loaded.crms.portal
    person, firm = loaded.ids[contact], loaded.ids[company]
    portal.links.add(person, firm, primary=primary)
    if primary and person in portal.tables["contacts"].live and firm in portal.tables["companies"].live:
        portal.tables["contacts"].live[person]["associatedcompanyid"] = firm


_TEXTS: dict[Kind, dict[str, str]] = {
    "companies": {
        "name": "name",
        "domain": "domain",
        "website": "website",
        "phone": "phone",
        "lifecyclestage": "stage",
    },
    "contacts": {"email": "email", "lifecyclestage": "stage"},
}
_REFERENCES: dict[Kind, dict[str, tuple[str, str]]] = {
    "companies": {"salesforceaccountid": ("sfa", PREFIXES["Account"])},
    "contacts": {
        "salesforcecontactid": ("sfc", PREFIXES["Contact"]),
        "salesforceleadid": ("sfl", PREFIXES["Lead"]),
        "salesforceaccountid": ("sfa", PREFIXES["Account"]),
    },
}
