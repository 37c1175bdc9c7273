"""A world in the sandbox: real-looking ids in, the state in the world's own short keys out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from accord.model.ids import account_origin_key, company_origin_key, hubspot_id
from accord.sandbox.clock import hubspot_time, salesforce_time
from accord.sandbox.org import record_id
from accord.sandbox.org_schema import PREFIXES, Field
from accord.sandbox.portal_schema import STAGES, STAMPS, Kind, Property, choices
from accord.sandbox.world_ids import IdKind, WorldIds, looks_real, origin_of
from accord.sandbox.world_parse import Row, World, WorldError, parse_world, world_of
from accord.sandbox.world_render import render
from accord.sandbox.world_seats import Seat, seats_of

if TYPE_CHECKING:
    from datetime import datetime

    from accord.sandbox.core import Crms

__all__ = ["LoadedWorld", "World", "WorldError", "load_world", "parse_world", "world_of"]

LIST_NAME = "Accord inclusion list"
"""The HubSpot list that a world's inclusion_list becomes."""


class LoadedWorld:
    """A world, its CRMs, and the id map both ways.

    Attributes:
        names: real ids and short keys; records made during a run are added when the state is rendered.
        list_id: the inclusion list, None where the world has none.
    """

    def __init__(self, world: World, crms: Crms) -> None:
        self.world, self.crms, self.names = world, crms, WorldIds.of(world)
        self.list_id: str | None = None

    @property
    def ids(self) -> dict[str, str]:
        """Return short key -> real id, whatever the kind."""
        return self.names.flat()

    def short(self, kind: str, real: str) -> str:
        """Return the short key of a real id, or the id itself where it has none."""
        return self.names.short(kind, real)

    def render(self) -> dict[str, Any]:
        """Return the state of both CRMs in the world's own short keys."""
        return render(self)


def load_world(world: World, crms: Crms) -> LoadedWorld:
    """Return the world after it was put into the CRMs; nothing of it is journaled.

    Raises:
        WorldError: a value cannot be understood.
    """
    loaded = LoadedWorld(world, crms)
    crms.clock.freeze(world.now)
    _name_users(loaded)
    _define_fields(loaded)
    _define_stages(loaded)
    sobjects: tuple[tuple[IdKind, tuple[Row, ...]], ...]
    sobjects = (("Account", world.accounts), ("Contact", world.salesforce_contacts), ("Lead", world.leads))
    for sobject, rows in sobjects:
        for row in rows:
            crms.org.load(sobject, _salesforce(loaded, sobject, row))
    kinds: tuple[tuple[Kind, tuple[Row, ...]], ...] = (("companies", world.companies), ("contacts", world.contacts))
    for kind, rows in kinds:
        for row in rows:
            _load_hubspot(loaded, kind, row)
    _date_fields(loaded)
    for seat in seats_of(world):
        _associate(loaded, seat)
    if world.settings["inclusion_list"] is not None:
        # A list shows the survivor of a merge in the place of who joined it (R80).
        members = [loaded.names.real("contacts", it) for it in world.settings["inclusion_list"]]
        loaded.list_id = crms.portal.lists.make(LIST_NAME, map(crms.portal.tables["contacts"].resolve, members))
    return loaded


def _name_users(loaded: LoadedWorld) -> None:
    """Make the users who changed records; the pipeline's own is the one that every call acts as."""
    world, org = loaded.world, loaded.crms.org
    loaded.names.name("User", str(world.settings["pipeline_user"]), org.pipeline_user)
    people = (*world.accounts, *world.salesforce_contacts, *world.leads)
    users = sorted({str(row["By"]) for row in people if row.get("By")})
    for number, user in enumerate(users, start=1):
        if loaded.names.find("User", user) is None:
            is_real = looks_real("User", user)
            real = loaded.names.name("User", user, user if is_real else record_id(PREFIXES["User"], 10_100 + number))
            org.load("User", {"Id": real, "Username": f"{user.lower()}@acme.test", "LastName": user, "Name": user})


def _define_fields(loaded: LoadedWorld) -> None:
    """Make the custom field and the property of every mapped field of the world."""
    for it in loaded.world.fields:
        loaded.crms.org.add_field("Account", Field(f"{it['name']}__c", length=255, is_tracked=True))
        loaded.crms.portal.define("companies", Property(it["name"], it["name"], is_hubspot_defined=False))


def _define_stages(loaded: LoadedWorld) -> None:
    """Give the portal the world's lifecycle stages in their order; the usual ones that it does not name come last."""
    stages = (*loaded.world.settings["stage_order"], *STAGES)
    for kind in loaded.crms.portal.properties:
        properties = loaded.crms.portal.properties[kind]
        options = choices(tuple(dict.fromkeys(map(str, stages))))
        properties["lifecyclestage"] = replace(properties["lifecyclestage"], options=options)


def _date_fields(loaded: LoadedWorld) -> None:
    """Say when the mapped fields of the world's pair changed on each side, where the world does."""
    world, crms = loaded.world, loaded.crms
    for it in world.fields:
        if it.get("sf_at") is not None:
            at = salesforce_time(it["sf_at"])
            account = loaded.names.real("Account", world.accounts[0]["Id"])
            crms.org.track(account, f"{it['name']}__c", it.get("base"), it.get("sf"), at)
        if it.get("hs_at") is not None:
            company = loaded.names.real("companies", world.companies[0]["id"])
            crms.portal.changed_at.setdefault(company, {})[it["name"]] = hubspot_time(it["hs_at"])


def _reference(loaded: LoadedWorld, kind: IdKind, value: Any) -> str | None:
    """Return the real id that a short key stands for, None for none."""
    return None if value is None else loaded.names.real(kind, value)


def _salesforce(loaded: LoadedWorld, sobject: IdKind, row: Row) -> dict[str, Any]:
    """Return a Salesforce record of the world with API field names."""
    created, modified = _times(loaded.world, row)
    record: dict[str, Any] = {
        "Id": loaded.names.real(sobject, row["Id"]),
        "CreatedDate": salesforce_time(created),
        "LastModifiedDate": salesforce_time(modified),
        "LastModifiedById": _reference(loaded, "User", row.get("By")) or loaded.crms.org.person,
        "IsDeleted": bool(row.get("Deleted")),
        "MasterRecordId": _reference(loaded, sobject, row.get("Master")),
    }
    if sobject == "Account":
        record |= _account(loaded, row)
    else:
        name = row.get("Name") or row["Id"]
        record |= {"LastName": name, "Name": name, "Email": row.get("Email")}
    if sobject == "Contact":
        record["AccountId"] = _reference(loaded, "Account", row.get("AccountId"))
    if sobject == "Lead":
        contact = _reference(loaded, "Contact", row.get("ConvertedContactId"))
        account = _reference(loaded, "Account", row.get("ConvertedAccountId"))
        is_converted = bool(contact or account)
        record |= {"Company": row["Id"], "Status": "Qualified" if is_converted else "Open", "IsConverted": is_converted}
        record |= {"ConvertedContactId": contact, "ConvertedAccountId": account}
    return record


def _times(world: World, row: Row) -> tuple[datetime, datetime]:
    """Return when a Salesforce record was created and modified; one that does not say is older than the switch."""
    unsaid = min(world.settings["enabled_at"], world.now) - timedelta(days=1)
    created, modified = row.get("Created"), row.get("Modified")
    return created or min(modified or unsaid, unsaid), modified or created or unsaid


def _account(loaded: LoadedWorld, row: Row) -> dict[str, Any]:
    """Return what only an account has."""
    is_pair = len(loaded.world.fields) and row["Id"] == loaded.world.accounts[0]["Id"]
    company = origin_of(row.get("OriginKey"), (it["id"] for it in loaded.world.companies))
    portal_id = loaded.crms.portal.portal_id
    key = account_origin_key(portal_id, loaded.names.real("companies", company)) if company else row.get("OriginKey")
    return {
        "Name": row.get("Name") or row["Id"],
        "Website": row.get("Website"),
        "Phone": row.get("Phone"),
        "ParentId": _reference(loaded, "Account", row.get("Parent")),
        "IsPersonAccount": bool(row.get("Person")),
        "Accord_Key__c": key,
        **({f"{it['name']}__c": it.get("sf") for it in loaded.world.fields} if is_pair else {}),
    }


def _load_hubspot(loaded: LoadedWorld, kind: Kind, row: Row) -> None:
    """Put one HubSpot record of the world into the portal."""
    portal, world, names = loaded.crms.portal, loaded.world, loaded.names
    created = row.get("created") or _youngest(world)
    modified = row.get("modified") or row.get("created") or world.now
    source = str(row.get("source") or "CRM_UI")
    record: dict[str, str] = {
        "createdate": hubspot_time(created),
        STAMPS[kind]: hubspot_time(modified),
        "hs_object_source": source,
        "hs_object_source_label": source,
    }
    texts = {name: row.get(short) for name, short in _TEXTS[kind].items()}
    texts["hs_merged_object_ids"] = ";".join(names.real(kind, it) for it in row.get("merged") or []) or None
    for name, (short, target) in _REFERENCES[kind].items():
        texts[name] = _stored_id(names, target, row.get(short))
    if kind == "companies":
        texts["accord_key"] = _company_key(loaded, row)
    if kind == "companies" and world.fields and row["id"] == world.companies[0]["id"]:
        texts |= {it["name"]: it.get("hs") for it in world.fields}
    record |= {name: str(value) for name, value in texts.items() if value is not None}
    rid = hubspot_id(names.real(kind, row["id"]))
    is_gone = row.get("archived") or row["id"] in _losers(world, kind)
    portal.load(kind, rid, record, archived_at=hubspot_time(world.now) if is_gone else "")
    into = portal.tables[kind].merged_into
    for loser in (names.real(kind, it) for it in row.get("merged") or []):
        into[loser] = min(into.get(loser, rid), rid, key=int)


def _losers(world: World, kind: Kind) -> set[str]:
    """Return the records that another one lists as merged: gone, whether the world says archived or not (R77, R80)."""
    rows = world.companies if kind == "companies" else world.contacts
    return {it for row in rows for it in row.get("merged") or [] if it != row["id"]}


def _youngest(world: World) -> datetime:
    """Return a time after all that the world names: who does not say when it was created counts as new (R43)."""
    youngest: datetime = max(world.now, world.settings["enabled_at"])
    for it in world.companies:
        youngest = max(youngest, it.get("created") or youngest)
    return youngest + timedelta(seconds=1)


def _stored_id(names: WorldIds, kind: IdKind, value: Any) -> str | None:
    """Return a Salesforce id as HubSpot stores it: the text as it is where it looks real, 15 characters included."""
    if value is None:
        return None
    return str(value) if looks_real(kind, value) else names.real(kind, value)


def _company_key(loaded: LoadedWorld, row: Row) -> str | None:
    """Return the key of a company, in full where it names an account."""
    account = origin_of(row.get("key"), (it["Id"] for it in loaded.world.accounts))
    if account is None:
        return row.get("key")
    return company_origin_key(loaded.crms.org.org_id, loaded.names.real("Account", account))


def _associate(loaded: LoadedWorld, seat: Seat) -> None:
    """Put one association of the world into the portal."""
    portal = loaded.crms.portal
    person, firm = loaded.names.real("contacts", seat.contact), loaded.names.real("companies", seat.company)
    portal.links.add(person, firm, primary=seat.is_primary)
    if seat.is_primary and person in portal.tables["contacts"].live and firm in portal.tables["companies"].live:
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
_REFERENCES: dict[Kind, dict[str, tuple[str, IdKind]]] = {
    "companies": {"salesforceaccountid": ("sfa", "Account")},
    "contacts": {
        "salesforcecontactid": ("sfc", "Contact"),
        "salesforceleadid": ("sfl", "Lead"),
        "salesforceaccountid": ("sfa", "Account"),
    },
}
