"""What staging holds of one record, and the run whose settings were last in force. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.store.watermarks import read_mark

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.facts import Kind, System
    from accord.store.database import Database, Row

_STAGED: dict[tuple[System, Kind], str] = {
    ("salesforce", "account"): (
        "SELECT id, key, name, is_deleted, is_gone, master_id AS heir_id, created_at FROM staging.salesforce_accounts"
    ),
    ("salesforce", "contact"): (
        "SELECT id, key, email AS name, is_deleted, is_gone, master_id AS heir_id, account_id"
        " FROM staging.salesforce_contacts"
    ),
    ("salesforce", "lead"): (
        "SELECT id, key, email AS name, is_deleted, is_gone, master_id AS heir_id, converted_contact_id"
        " FROM staging.salesforce_leads"
    ),
    ("hubspot", "company"): (
        "SELECT id, key, coalesce(name, domain) AS name, is_archived AS is_deleted, is_gone, merged_into AS heir_id,"
        " created_at FROM staging.hubspot_companies"
    ),
    ("hubspot", "contact"): (
        "SELECT id, key, email AS name, is_archived AS is_deleted, is_gone, merged_into AS heir_id, stage"
        " FROM staging.hubspot_contacts"
    ),
}
_HEIRS = {"company": "hubspot_companies", "contact": "hubspot_contacts"}
_PLURAL: dict[Kind, str] = {"account": "accounts", "contact": "contacts", "lead": "leads", "company": "companies"}
_LONGEST_CHAIN = 64

_REMEMBERED = """
    SELECT EXISTS (SELECT FROM sync.decisions WHERE %(id)s IN (record_id, partner_id, runner_up_id, taken_by_id,
                   rival_id, waiting_for_id))
        OR EXISTS (SELECT FROM sync.pairs WHERE %(id)s IN (account_id, company_id))
        OR EXISTS (SELECT FROM sync.requests WHERE record_id = %(id)s)
        OR EXISTS (SELECT FROM sync.outcomes WHERE record_id = %(id)s)
        OR EXISTS (SELECT FROM staging.hubspot_companies WHERE stored_account_key <> -1
                   AND stored_account_key = staging.salesforce_key(%(id)s)) AS there
"""


# Ours is asked for by key, what others store of us by both kinds of id.
_STORES: dict[System, str] = {
    "salesforce": """
        SELECT accord_company_key::text AS id, true AS is_own FROM staging.salesforce_accounts
        WHERE id = %(id)s AND accord_company_key <> -1
        UNION SELECT id, false FROM staging.hubspot_companies
        WHERE staging.salesforce_key(%(id)s) IN (stored_account_key, accord_account_key)
        ORDER BY is_own, id LIMIT 20
    """,
    "hubspot": """
        SELECT coalesce(a.id, known.stored) AS id, true AS is_own
        FROM staging.hubspot_companies c
        CROSS JOIN LATERAL (VALUES (c.stored_account_key, btrim(c.stored_account_id)),
                                   (c.accord_account_key, split_part(c.accord_key, '-', 3))) AS known (key, stored)
        LEFT JOIN staging.salesforce_accounts a ON a.key = known.key
        WHERE c.id = %(id)s AND known.key <> -1
        UNION SELECT id, false FROM staging.salesforce_accounts WHERE accord_company_key = %(id)s::bigint
        ORDER BY is_own, id LIMIT 20
    """,
}


@dataclass(frozen=True)
class LastRun:
    """The newest run that knew its CRMs: settings in force and who the CRMs are."""

    settings: dict[str, Any]
    org_id: str
    user_id: str
    portal_id: str


def staged(database: Database, system: System, kind: Kind, record_id: str) -> Row | None:
    """Return what staging holds of a record: id, key, name, is_deleted, is_gone, heir_id and more by kind."""
    found = database.rows(f"{_STAGED[system, kind]} WHERE id = %s", [record_id])
    return found[0] if found else None


def heir_of(database: Database, system: System, kind: Kind, row: Row | None, record_id: str) -> str | None:
    """Return the id of the record that a merged one lives on in, chains followed; None for one that was not merged."""
    heir = row["heir_id"] if row else _lister(database, system, kind, record_id)
    for _ in range(_LONGEST_CHAIN):
        following = staged(database, system, kind, heir) if heir else None
        if following is None or not following["heir_id"]:
            break
        heir = following["heir_id"]
    return heir


def is_remembered(database: Database, record_id: str) -> bool:
    """Return whether anything but staging knows an account or company: a decision, pair, request or stored id."""
    return bool(database.rows(_REMEMBERED, {"id": record_id})[0]["there"])


def is_made(database: Database, system: System, record_id: str) -> bool:
    """Return whether a write of Accord made the record."""
    return bool(
        database.rows(
            "SELECT FROM sync.intents WHERE op = 'create' AND system = %s AND target_id = %s AND state = 'confirmed'",
            [system, record_id],
        )
    )


def names_and_named_by(database: Database, system: System, record_id: str) -> tuple[list[str], list[str]]:
    """Return the ids on the other side that an account or company stores, and those of the records that store its."""
    rows = database.rows(_STORES[system], {"id": record_id})
    return ([row["id"] for row in rows if row["is_own"]], [row["id"] for row in rows if not row["is_own"]])


def last_run(database: Database) -> LastRun | None:
    """Return the newest run that knew its CRMs, None before the first one."""
    found = database.rows(
        "SELECT settings, origin FROM sync.runs WHERE origin IS NOT NULL ORDER BY started_at DESC, run_id DESC LIMIT 1"
    )
    if not found:
        return None
    origin = found[0]["origin"]
    return LastRun(found[0]["settings"], *(str(origin[name]) for name in ("org_id", "user_id", "portal_id")))


def switch_is_on(database: Database) -> bool | None:
    """Return whether company sync was on when a run last looked, None before any did."""
    found = database.rows(
        "SELECT settings ->> 'sync_companies' AS it FROM sync.settings_history ORDER BY id DESC LIMIT 1"
    )
    return found[0]["it"] == "true" if found else None


def has_full_run(database: Database) -> bool:
    """Return whether a run ever decided about everything, not only about an import or a single record."""
    return bool(
        database.rows("SELECT FROM sync.runs WHERE scope ->> 'kind' = 'changed' AND plan_digest IS NOT NULL LIMIT 1")
    )


def read_up_to(database: Database, system: System, kind: Kind) -> datetime | None:
    """Return up to which moment of the CRM's clock its records of a kind were read, None before the first time."""
    mark = read_mark(database, f"{system}.{_PLURAL[kind]}")
    return mark.mark if mark else None


def _lister(database: Database, system: System, kind: Kind, record_id: str) -> str | None:
    """Return the HubSpot record that lists an id among its merged ones, for one merged before it was ever read."""
    if system != "hubspot":
        return None
    found = database.rows(
        f"SELECT id FROM staging.{_HEIRS[kind]} WHERE id <> %(id)s AND NOT is_gone"  # noqa: S608 - one of two names
        " AND %(id)s = ANY(string_to_array(replace(merged_ids, ' ', ''), ';')) ORDER BY is_archived, id LIMIT 1",
        {"id": record_id},
    )
    return str(found[0]["id"]) if found else None
