"""A parsed world as the frames that the pure core decides on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from accord.model.ids import NONE, text_key
from accord.model.policy import Policy
from accord.model.settings import Settings
from accord.model.snapshot import Snapshot
from accord.sandbox.world_parse import moment
from accord.worlds.names import Names, WorldNames

if TYPE_CHECKING:
    from datetime import datetime

    from accord.sandbox.world_parse import World

    Row = dict[str, Any]

_AUTO_CREATED = (*Settings().auto_created_labels, *Settings().auto_created_sources)
_POLICY_SETTINGS = (
    "default_object", "no_list_means", "strict_projection", "backfill_companies", "on_tie", "recreate_deleted",
    "attach_private_contacts", "associate_contacts", "min_shared_contacts", "max_creates", "max_changed_share",
)  # fmt: skip


def snapshot_of(world: World) -> tuple[Snapshot, Policy, WorldNames]:
    """Return the snapshot and policy that a world stands for, and the names of its keys.

    `Modified` left out means `Created`, `By` left out a person, `was` left out a contact that was never seen (R60).
    """
    names = _names(world)
    rows = {
        "accounts": [_account(row, world, names) for row in world.accounts],
        "salesforce_contacts": [_contact(row, names) for row in world.salesforce_contacts],
        "salesforce_leads": [_lead(row, names) for row in world.leads],
        "companies": [_company(row, world, names) for row in world.companies],
        "company_merges": _merges(world.companies, names.companies, "company_key"),
        "hubspot_contacts": [_person(row, world, names) for row in world.contacts],
        "contact_merges": _merges(world.contacts, names.persons, "contact_key"),
        "associations": [_association(row, names) for row in world.assoc],
        "pairs": [_pair(row, names) for row in world.links],
        "resolutions": [_resolution(row, names) for row in world.resolutions],
        "field_values": _fields(world, names),
    }
    frames = {name: pd.DataFrame(records, dtype=object) for name, records in rows.items() if records}
    return Snapshot.of(**frames), _policy(world), names


def _policy(world: World) -> Policy:
    """Return the world's settings as the rules read them."""
    settings = world.settings
    return Policy(
        sync_companies=settings["sync_companies"],
        enabled_at=settings["enabled_at"],
        has_inclusion_list=settings["inclusion_list"] is not None,
        stage_order=tuple(settings["stage_order"]),
        **{name: settings[name] for name in _POLICY_SETTINGS if name in settings},
    )


def _names(world: World) -> WorldNames:
    """Return a name for every id that the world mentions anywhere, seen records or not."""
    accounts = [value for row in world.accounts for value in (row["Id"], row.get("Master"))]
    accounts += [row.get("AccountId") for row in world.salesforce_contacts]
    accounts += [row.get("sfa") for row in world.companies] + [_origin(row.get("key")) for row in world.companies]
    companies = [value for row in world.companies for value in (row["id"], *(row.get("merged") or []))]
    companies += [_origin(row.get("OriginKey")) for row in world.accounts]
    persons = [value for row in world.contacts for value in (row["id"], *(row.get("merged") or []))]
    contacts = [row["Id"] for row in world.salesforce_contacts] + [row.get("sfc") for row in world.contacts]
    contacts += [row.get("ConvertedContactId") for row in world.leads]
    leads = [row["Id"] for row in world.leads] + [row.get("sfl") for row in world.contacts]
    memory = (*world.links, *world.resolutions)
    return WorldNames(
        accounts=Names.of([*accounts, *(row.get("account") for row in memory)]),
        contacts=Names.of(contacts),
        leads=Names.of(leads),
        companies=Names.of([*companies, *(row.get("company") for row in memory)]),
        persons=Names.of(persons),
    )


def _account(row: Row, world: World, names: WorldNames) -> Row:
    """Return an ACCOUNTS row."""
    wanted = world.settings["import_accounts"]
    return {
        "key": names.accounts.key(row["Id"]),
        "created_at": _time(row.get("Created")),
        "modified_at": _time(row.get("Modified", row.get("Created"))),
        "modified_by_us": row.get("By") == world.settings["pipeline_user"],
        "is_deleted": bool(row.get("Deleted")),
        "master_key": names.accounts.key(row.get("Master")),
        "is_person": bool(row.get("Person")),
        "is_imported": wanted == "all" or row["Id"] in wanted,
        "is_requested": row["Id"] in world.settings["manual_sync"],
        "company_key": names.companies.key(_origin(row.get("OriginKey"))),
        "domain_key": _domain_key(row.get("Website")),
        "name_key": _text_key(row.get("Name")),
    }


def _contact(row: Row, names: WorldNames) -> Row:
    """Return a SALESFORCE_CONTACTS row."""
    return {
        "key": names.contacts.key(row["Id"]),
        "account_key": names.accounts.key(row.get("AccountId") or None),
        "email_key": _text_key(row.get("Email")),
        "is_deleted": bool(row.get("Deleted")),
    }


def _lead(row: Row, names: WorldNames) -> Row:
    """Return a SALESFORCE_LEADS row."""
    return {
        "key": names.leads.key(row["Id"]),
        "email_key": _text_key(row.get("Email")),
        "is_deleted": bool(row.get("Deleted")),
        "is_converted": bool(row.get("ConvertedContactId") or row.get("ConvertedAccountId")),
        "contact_key": names.contacts.key(row.get("ConvertedContactId")),
    }


def _company(row: Row, world: World, names: WorldNames) -> Row:
    """Return a COMPANIES row; a request for an id that was merged into this company is one for it."""
    asked = {str(it) for it in world.settings["manual_sync"]}
    return {
        "key": names.companies.key(row["id"]),
        "created_at": _time(row.get("created")),
        "is_archived": bool(row.get("archived")),
        "account_key": names.accounts.key(row.get("sfa") or _origin(row.get("key"))),
        "is_auto_created": row.get("source") in _AUTO_CREATED,
        "is_requested": _means(row, asked),
        "domain_key": _domain_key(row.get("domain") or row.get("website")),
        "name_key": _text_key(row.get("name")),
        "stage": row.get("stage") or "",
    }


def _person(row: Row, world: World, names: WorldNames) -> Row:
    """Return a HUBSPOT_CONTACTS row; who was on the list before a merge still is (R80)."""
    listed = {str(it) for it in world.settings["inclusion_list"] or []}
    return {
        "key": names.persons.key(row["id"]),
        "email_key": _text_key(row.get("email")),
        "contact_key": names.contacts.key(row.get("sfc")),
        "lead_key": names.leads.key(row.get("sfl")),
        "is_archived": bool(row.get("archived")),
        "is_listed": _means(row, listed),
        "stage_before": row.get("was") or "",
        "stage": row.get("stage") or "",
        "has_baseline": "was" in row,
    }


def _means(row: Row, ids: set[str]) -> bool:
    """Return whether the record, or one that was merged into it, is among the ids."""
    return bool(ids & {row["id"], *map(str, row.get("merged") or [])})


def _merges(rows: tuple[Row, ...], names: Names, survivor: str) -> list[Row]:
    """Return one row per id that was merged into a record."""
    return [
        {survivor: names.key(row["id"]), "merged_key": names.key(merged)}
        for row in rows
        for merged in row.get("merged") or []
    ]


def _association(row: tuple[str, ...], names: WorldNames) -> Row:
    """Return an ASSOCIATIONS row."""
    keys = {"contact_key": names.persons.key(row[0]), "company_key": names.companies.key(row[1])}
    return {**keys, "is_primary": len(row) > 2}


def _pair(row: Row, names: WorldNames) -> Row:
    """Return a PAIRS row."""
    keys = {"account_key": names.accounts.key(row["account"]), "company_key": names.companies.key(row["company"])}
    return {**keys, "is_active": row.get("active", True), "company_made_at": None}


def _resolution(row: Row, names: WorldNames) -> Row:
    """Return a RESOLUTIONS row."""
    account, company = names.accounts.key(row.get("account")), names.companies.key(row.get("company"))
    return {"account_key": account, "company_key": company, "choice": row["choice"]}


def _fields(world: World, names: WorldNames) -> list[Row]:
    """Return the FIELD_VALUES rows of the one pair that a world with `fields` has."""
    if not world.fields:
        return []
    known = world.links[0] if world.links else {}
    account = known.get("account") or world.accounts[0]["Id"]
    company = known.get("company") or world.companies[0]["id"]
    keys = {"account_key": names.accounts.key(account), "company_key": names.companies.key(company)}
    return [
        {
            **keys,
            "name": row["name"],
            "rule": row["rule"],
            "salesforce": _field_text(row.get("sf")),
            "hubspot": _field_text(row.get("hs")),
            "base_salesforce": _field_text(row.get("base")),
            "base_hubspot": _field_text(row.get("base")),
            "salesforce_at": _time(row.get("sf_at")),
            "hubspot_at": _time(row.get("hs_at")),
            "is_asked": False,
            "is_formula": False,
            "repeats_to_hubspot": 0,
            "repeats_to_salesforce": 0,
        }
        for row in world.fields
    ]


def _field_text(value: object) -> str | None:
    """Return the value of a mapped field as text, None where it is blank."""
    return None if value is None or value == "" else str(value)


def _time(value: object) -> datetime | None:
    """Return a time of the world in UTC, None where it is not written."""
    return None if value is None else moment(value, "world")


def _origin(key: object) -> str | None:
    """Return the record that an origin key names: the last part of `hs-<portal>-<company>` or `sf-<org>-<account>`."""
    return str(key).rsplit("-", 1)[-1] if key is not None else None


def _text_key(text: object) -> int:
    """Return the key of a text, outer blanks, inner runs of blanks and case ignored (R85); NONE for a blank one."""
    folded = " ".join(str(text or "").split()).lower()
    return text_key(folded) if folded else NONE


def _domain_key(address: object) -> int:
    """Return the key of the host in a web address, without `www.`."""
    text = str(address or "").strip().lower()
    host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    return _text_key(host.removeprefix("www."))
