"""A parsed world as the frames that the pure core decides on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from accord.model.ids import NONE, text_key
from accord.model.snapshot import Snapshot
from accord.sandbox.world_ids import WorldIds, comparable, origin_of
from accord.sandbox.world_parse import moment
from accord.sandbox.world_seats import seats_of
from accord.steps.payload import host
from accord.worlds.answered import is_active
from accord.worlds.names import names_of
from accord.worlds.settings import settings_of

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.policy import Policy
    from accord.model.settings import Settings
    from accord.sandbox.world_ids import IdKind
    from accord.sandbox.world_parse import World
    from accord.sandbox.world_seats import Seat
    from accord.worlds.names import Names, WorldNames

    Row = dict[str, Any]


def snapshot_of(world: World) -> tuple[Snapshot, Policy, WorldNames]:
    """Return the snapshot and policy that a world stands for, and the names of its keys.

    `Modified` left out means `Created`, `By` left out a person, `was` left out a contact that was never seen (R60).
    """
    names, settings = names_of(WorldIds.of(world)), settings_of(world)
    rows = {
        "accounts": [_account(row, world, names) for row in world.accounts],
        "salesforce_contacts": [_contact(row, names) for row in world.salesforce_contacts],
        "salesforce_leads": [_lead(row, names) for row in world.leads],
        "companies": [_company(row, world, names, settings) for row in world.companies],
        "company_merges": _merges(world.companies, names.companies, "company_key"),
        "hubspot_contacts": [_person(row, world, names) for row in world.contacts],
        "contact_merges": _merges(world.contacts, names.persons, "contact_key"),
        "associations": [_association(seat, names) for seat in seats_of(world)],
        "pairs": [_pair(row, world, names) for row in world.links],
        "resolutions": [_resolution(row, names) for row in world.resolutions],
        "field_values": _fields(world, names),
    }
    frames = {name: pd.DataFrame(records, dtype=object) for name, records in rows.items() if records}
    return Snapshot.of(**frames), settings.policy(world.settings["enabled_at"]), names


def _account(row: Row, world: World, names: WorldNames) -> Row:
    """Return an ACCOUNTS row."""
    imported = world.settings["import_accounts"]
    return {
        "key": names.accounts.key(row["Id"]),
        "created_at": row.get("Created"),
        "modified_at": row.get("Modified") or row.get("Created"),
        "modified_by_us": _is_ours(row.get("By"), world.settings["pipeline_user"]),
        "is_deleted": bool(row.get("Deleted")),
        "master_key": names.accounts.key(row.get("Master")),
        "is_person": bool(row.get("Person")),
        "is_imported": imported == "all" or _means(row["Id"], [], imported, "Account"),
        "is_requested": _means(row["Id"], [], world.settings["manual_sync"], "Account"),
        "company_key": names.companies.key(origin_of(row.get("OriginKey"), (it["id"] for it in world.companies))),
        "domain_key": _text_key(host(row.get("Website"))),
        "name_key": _text_key(row.get("Name")),
    }


def _contact(row: Row, names: WorldNames) -> Row:
    """Return a SALESFORCE_CONTACTS row."""
    return {
        "key": names.contacts.key(row["Id"]),
        "account_key": names.accounts.key(row.get("AccountId")),
        "email_key": _email_key(row.get("Email")),
        "is_deleted": bool(row.get("Deleted")),
    }


def _lead(row: Row, names: WorldNames) -> Row:
    """Return a SALESFORCE_LEADS row."""
    return {
        "key": names.leads.key(row["Id"]),
        "email_key": _email_key(row.get("Email")),
        "is_deleted": bool(row.get("Deleted")),
        "is_converted": bool(row.get("ConvertedContactId") or row.get("ConvertedAccountId")),
        "contact_key": names.contacts.key(row.get("ConvertedContactId")),
    }


def _company(row: Row, world: World, names: WorldNames, settings: Settings) -> Row:
    """Return a COMPANIES row; a request for an id that was merged into this company is one for it."""
    account = row.get("sfa") or origin_of(row.get("key"), (it["Id"] for it in world.accounts))
    auto_created = {*settings.auto_created_labels, *settings.auto_created_sources}
    return {
        "key": names.companies.key(row["id"]),
        "created_at": row.get("created"),
        "is_archived": bool(row.get("archived")),
        "account_key": names.accounts.key(account),
        "is_auto_created": row.get("source") in auto_created,
        "is_requested": _means(row["id"], row.get("merged"), world.settings["manual_sync"], "companies"),
        "domain_key": _text_key(host(row.get("domain") or row.get("website"))),
        "name_key": _text_key(row.get("name")),
        "stage": row.get("stage") or "",
    }


def _person(row: Row, world: World, names: WorldNames) -> Row:
    """Return a HUBSPOT_CONTACTS row; who was on the list before a merge still is (R80)."""
    return {
        "key": names.persons.key(row["id"]),
        "email_key": _email_key(row.get("email")),
        "contact_key": names.contacts.key(row.get("sfc")),
        "lead_key": names.leads.key(row.get("sfl")),
        "is_archived": bool(row.get("archived")),
        "is_listed": _means(row["id"], row.get("merged"), world.settings["inclusion_list"], "contacts"),
        "stage_before": row.get("was") or "",
        "stage": row.get("stage") or "",
        "has_baseline": "was" in row,
    }


def _means(record: str, merged: list[str] | None, listed: list[str] | None, kind: IdKind) -> bool:
    """Return whether a list of the settings names the record, or one that was merged into it."""
    own = {comparable(kind, it) for it in (record, *(merged or []))}
    return any(comparable(kind, it) in own for it in listed or [])


def _is_ours(user: str | None, pipeline_user: str | None) -> bool:
    """Return whether the user who changed a record is the pipeline's own (R10)."""
    return user is not None and comparable("User", user) == comparable("User", str(pipeline_user))


def _merges(rows: tuple[Row, ...], names: Names, survivor: str) -> list[Row]:
    """Return one row per id that was merged into a record."""
    return [
        {survivor: names.key(row["id"]), "merged_key": names.key(merged)}
        for row in rows
        for merged in row.get("merged") or []
    ]


def _association(seat: Seat, names: WorldNames) -> Row:
    """Return an ASSOCIATIONS row."""
    keys = {"contact_key": names.persons.key(seat.contact), "company_key": names.companies.key(seat.company)}
    return {**keys, "is_primary": seat.is_primary}


def _pair(row: Row, world: World, names: WorldNames) -> Row:
    """Return a PAIRS row."""
    keys = {"account_key": names.accounts.key(row["account"]), "company_key": names.companies.key(row["company"])}
    return {**keys, "is_active": is_active(world, row), "company_made_at": None}


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


def _text_key(text: object) -> int:
    """Return the key of a text, outer blanks, inner runs of blanks and case ignored; NONE for a blank one."""
    folded = " ".join(str(text or "").split()).lower()
    return text_key(folded) if folded else NONE


def _email_key(address: object) -> int:
    """Return the key of an e-mail, outer blanks and case ignored (R85); NONE for a blank one."""
    folded = str(address or "").strip().lower()
    return text_key(folded) if folded else NONE
