"""Staging and memory as the rules see them: integers, flags and times, read as Arrow. No CRM text but stages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from accord.model.ids import salesforce_key
from accord.model.snapshot import Snapshot
from accord.store.pairs import REVERTED

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.model.settings import Settings
    from accord.store.database import Database

_ACCOUNTS = """
    SELECT key, created_at, modified_at, staging.salesforce_key(modified_by) = {us} AS modified_by_us,
           is_deleted, master_key, is_person,
           coalesce(created_at >= {since} AND created_at < {until}, false) OR key IN
               (SELECT record_key FROM sync.requests
                WHERE state = 'open' AND kind = 'import' AND system = 'salesforce') AS is_imported,
           key IN (SELECT record_key FROM sync.requests
                   WHERE state = 'open' AND kind = 'manual' AND system = 'salesforce') AS is_requested,
           CASE WHEN accord_portal = {portal} THEN accord_company_key ELSE -1 END AS company_key,
           domain_key, name_key
    FROM staging.salesforce_accounts WHERE NOT is_gone OR is_deleted
"""

_SALESFORCE_CONTACTS = """
    SELECT key, account_key, email_key, is_deleted FROM staging.salesforce_contacts
    WHERE NOT is_gone OR is_deleted
"""

_SALESFORCE_LEADS = """
    SELECT key, email_key, is_deleted, is_converted, contact_key FROM staging.salesforce_leads
    WHERE NOT is_gone OR is_deleted
"""

_COMPANIES = """
    SELECT key, created_at, is_archived OR merged_into IS NOT NULL AS is_archived,
           CASE WHEN stored_account_key <> -1 THEN stored_account_key
                WHEN accord_org = {org} THEN accord_account_key ELSE -1 END AS account_key,
           coalesce(source_label = ANY({labels}), false) OR coalesce(source = ANY({sources}), false)
               AS is_auto_created,
           EXISTS (SELECT FROM sync.requests r WHERE r.state = 'open' AND r.kind = 'manual' AND r.system = 'hubspot'
                   AND (r.record_key = key OR r.record_id = ANY(string_to_array(replace(merged_ids, ' ', ''), ';'))))
               AS is_requested,
           domain_key, name_key, coalesce(stage, '') AS stage
    FROM staging.hubspot_companies WHERE NOT is_gone OR is_archived
"""

# HubSpot can carry a company's stage down to its people. One that has exactly the stage that we gave its company since
# stages were last looked at followed us: taken for a change, it would write over whoever moved the company back.
# A merge makes a new contact; it has changed if none of those merged into it had its stage (R80).
_HUBSPOT_CONTACTS = """
    WITH lately AS (
        SELECT run_id FROM sync.runs WHERE started_at >= (
            SELECT max(started_at) FROM sync.runs
            WHERE mode = 'apply' AND scope ->> 'kind' = 'changed' AND counts @> '{"is_applied": true}')
    ), followed AS (
        SELECT DISTINCT l.contact_id, i.fields ->> 'lifecyclestage' AS stage
        FROM sync.intents i JOIN lately USING (run_id)
        JOIN staging.hubspot_company_contacts l ON l.company_id = i.target_id AND l.is_primary
        WHERE i.op = 'stage' AND i.state = 'confirmed'
    ), merged AS (
        SELECT c.id AS contact_id, min(old.stage) AS stage
        FROM staging.hubspot_contacts c, LATERAL unnest(string_to_array(replace(merged_ids, ' ', ''), ';')) AS m(id)
        JOIN sync.stage_baseline old ON old.contact_id = m.id
        WHERE merged_ids IS NOT NULL GROUP BY c.id HAVING bool_and(old.stage <> coalesce(c.stage, ''))
    )
    SELECT key, email_key, contact_key, lead_key, is_archived OR merged_into IS NOT NULL AS is_archived,
           key IN (SELECT contact_key FROM staging.hubspot_list_members) AS is_listed,
           coalesce(b.stage, m.stage, '') AS stage_before, coalesce(c.stage, '') AS stage,
           coalesce(b.contact_id, m.contact_id) IS NOT NULL AND f.contact_id IS NULL AS has_baseline
    FROM staging.hubspot_contacts c LEFT JOIN sync.stage_baseline b ON b.contact_id = c.id
    LEFT JOIN merged m ON m.contact_id = c.id
    LEFT JOIN followed f ON f.contact_id = c.id AND f.stage = c.stage AND f.stage <> coalesce(b.stage, m.stage)
    WHERE NOT is_gone OR is_archived
"""

_MERGES = """
    SELECT key AS {name}, merged.id::bigint AS merged_key FROM staging.{table},
        LATERAL unnest(string_to_array(replace(merged_ids, ' ', ''), ';')) AS merged(id)
    WHERE merged_ids IS NOT NULL AND merged.id ~ '^[0-9]{{1,18}}$' AND merged.id <> staging.{table}.id AND NOT is_gone
"""

_ASSOCIATIONS = "SELECT contact_key, company_key, is_primary FROM staging.hubspot_company_contacts"

_PAIRS = """
    SELECT account_key, company_key, bool_or(is_active) AS is_active, max(made.sent_at) AS company_made_at
    FROM sync.pairs p LEFT JOIN sync.intents made
        ON made.id = p.intent_id AND made.op = 'create' AND made.system = 'hubspot'
    GROUP BY account_key, company_key
"""

# What was undone after a person answered is the person's later word.
_RESOLUTIONS = f"""
    SELECT DISTINCT account_key, company_key, choice FROM sync.reviews r
    WHERE state = 'answered' AND choice IS NOT NULL AND NOT (choice IN ('pair', 'create') AND EXISTS (
        SELECT FROM sync.pairs p WHERE starts_with(p.ended_reason, '{REVERTED}') AND p.ended_at > r.answered_at
            AND (p.account_id = r.account_id OR p.company_id = r.company_id)))
    UNION
    SELECT -1, record_id::bigint, reason FROM sync.reviews
    WHERE state = 'open' AND rule = 'R47' AND system = 'hubspot'
"""  # noqa: S608 - only texts of this code

_UNDONE = f"""
    SELECT account_key, company_key FROM (
        SELECT DISTINCT ON (account_id, company_id) * FROM sync.pairs ORDER BY account_id, company_id, id DESC) p
    WHERE NOT is_active AND starts_with(ended_reason, '{REVERTED}') AND NOT EXISTS (
        SELECT FROM sync.reviews r WHERE r.state = 'answered' AND r.choice IN ('pair', 'create')
            AND r.answered_at > p.ended_at AND (p.account_id = r.account_id OR p.company_id = r.company_id))
"""  # noqa: S608


def read_snapshot(
    database: Database, settings: Settings, *, org_id: str, portal_id: str, pipeline_user: str, run: Run
) -> Snapshot:
    """Return what the rules are given: both CRMs as staging shows them, and Accord's memory; no mapped fields yet.

    Live records that a full scan no longer found are left out, as if they had never been seen (R4, R81); those known
    to be deleted stay known when the bin is emptied.

    Args:
        database: staging and memory.
        settings: how auto-created companies are recognised (U13).
        org_id: only an `accord_key` of this org counts.
        portal_id: only an `Accord_Key__c` of this portal counts.
        pipeline_user: whose edits are no changes (R10).
        run: an interval of its scope makes accounts imported (R9); so does an open import request (R9b).
    """
    interval = run.scope.kind == "interval"
    queries = {
        "accounts": _with(
            _ACCOUNTS,
            us=salesforce_key(pipeline_user),
            portal=portal_id,
            since=run.scope.since if interval else None,
            until=run.scope.until if interval else None,
        ),
        "salesforce_contacts": _SALESFORCE_CONTACTS,
        "salesforce_leads": _SALESFORCE_LEADS,
        "companies": _with(
            _COMPANIES,
            org=org_id[:15],
            labels=list(settings.auto_created_labels),
            sources=list(settings.auto_created_sources),
        ),
        "company_merges": _MERGES.format(name="company_key", table="hubspot_companies"),
        "hubspot_contacts": _HUBSPOT_CONTACTS,
        "contact_merges": _MERGES.format(name="contact_key", table="hubspot_contacts"),
        "associations": _ASSOCIATIONS,
        "pairs": _PAIRS,
        "resolutions": _RESOLUTIONS,
        "undone": _UNDONE,
    }
    return Snapshot.of(**database.frames(queries))


def _with(statement: str, **values: object) -> str:
    """Return a statement with its values as quoted literals: ADBC takes no parameters for a read as Arrow."""
    literals = {name: sql.Literal(value) for name, value in values.items()}
    return sql.SQL(statement).format(**literals).as_string(None)
