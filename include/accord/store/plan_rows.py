"""The plan of a run as the writes need it: each decision with both records as staged, its people, its key's holder."""

from __future__ import annotations

from itertools import groupby, islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from psycopg import sql

from accord.model.field_map import PARENT_PROPERTY
from accord.store.common_form import common_json
from accord.store.sources import field_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

    from accord.model.settings import FieldRule
    from accord.store.database import Row

_CHUNK = 2_000
"""Decisions in memory at once."""

_WRITES = sql.SQL("""
    SELECT d.*, to_jsonb(a) AS account, to_jsonb(c) AS company,
        {account_common} AS account_common, {company_common} AS company_common,
        coalesce(named_company.is_archived OR named_company.merged_into IS NOT NULL, false) AS account_stamp_is_dead,
        coalesce(named_account.is_deleted, false) AS company_stamp_is_dead,
        (SELECT jsonb_agg(DISTINCT jsonb_build_array(p.role, CASE p.role
            WHEN 'attach' THEN p.salesforce_contact_id ELSE p.hubspot_contact_id END))
         FROM sync.decision_people p
         WHERE (p.run_id, p.system, p.key) = (d.run_id, d.system, d.key)
            AND p.role IN ('attach', 'associate')) AS people,
        EXISTS (SELECT FROM sync.requests r WHERE r.state = 'open'
                AND r.record_id IN (d.account_id, d.company_id)) AS is_requested
    FROM sync.decisions d
    LEFT JOIN staging.salesforce_accounts a ON a.id = d.account_id
    LEFT JOIN staging.hubspot_companies c ON c.id = d.company_id
    LEFT JOIN staging.hubspot_companies named_company
        ON named_company.id = nullif(a.accord_company_key, -1)::text AND a.accord_portal = %(portal)s
    LEFT JOIN staging.salesforce_accounts named_account
        ON named_account.key = nullif(c.accord_account_key, -1) AND c.accord_org = %(org)s
    WHERE d.run_id = %(run)s AND d.action IN ('LINK', 'RELINK', 'CREATE_COMPANY', 'CREATE_ACCOUNT', 'SET_STAGE')
    ORDER BY d.system, d.key, d.action
""")
_FIELDS = """
    SELECT f.*, to_jsonb(a) AS account, to_jsonb(c) AS company
    FROM sync.field_decisions f
    LEFT JOIN staging.salesforce_accounts a ON a.id = f.account_id
    LEFT JOIN staging.hubspot_companies c ON c.id = f.company_id
    WHERE f.run_id = %(run)s AND f.held <> 'rewritten_again'
    ORDER BY f.account_id, f.company_id, f.side, f.name
"""
# Upwards from each new parent, along the parents that companies will have once the plan is carried out.
_LOOPS = sql.SQL("""
    WITH RECURSIVE wanted AS (
        SELECT company_id AS child, value AS parent FROM sync.field_decisions
        WHERE run_id = %(run)s AND name = %(name)s AND held = '' AND coalesce(value, '0') ~ '^[0-9]+$'
    ), upward (child, above) AS (
        SELECT child, parent FROM wanted WHERE parent IS NOT NULL
        UNION
        SELECT u.child, CASE WHEN w.child IS NULL THEN c.{parent} ELSE w.parent END
        FROM upward u JOIN staging.hubspot_companies c ON c.id = u.above LEFT JOIN wanted w ON w.child = u.above
        WHERE u.above <> u.child
    )
    SELECT DISTINCT child FROM upward WHERE above = child
""")
_HOLDERS = """
    SELECT accord_key, id, is_archived OR merged_into IS NOT NULL AS is_dead
    FROM staging.hubspot_companies WHERE accord_key = ANY(%(keys)s)
    UNION ALL
    SELECT accord_key, id, is_deleted FROM staging.salesforce_accounts WHERE accord_key = ANY(%(keys)s)
"""


def decisions_to_write(
    connection: psycopg.Connection[Row], run_id: str, org_id: str, portal_id: str, rules: Sequence[FieldRule]
) -> Iterator[list[Row]]:
    """Yield the decisions of a run that ask for a write, a few thousand at a time.

    Each has `account` and `company` (rows of staging or None), `account_common` and `company_common` (their mapped
    values in common form, by rule name), `people` ([role, contact id] of those to attach or
    associate), `account_stamp_is_dead` and `company_stamp_is_dead` (the key in its key field names a deleted record).
    """
    parameters = {"run": run_id, "org": org_id[:15], "portal": str(portal_id)}
    with connection.cursor(name="decisions_to_write") as cursor:
        cursor.execute(
            _WRITES.format(
                account_common=common_json("salesforce", rules, "a"), company_common=common_json("hubspot", rules, "c")
            ),
            parameters,
        )
        while rows := cursor.fetchmany(_CHUNK):
            yield rows


def fields_to_write(connection: psycopg.Connection[Row], run_id: str) -> Iterator[list[list[Row]]]:
    """Yield the SET_FIELD rows of a run grouped by pair and side, many groups at a time, with both staged records."""
    with connection.cursor(name="fields_to_write") as cursor:
        cursor.execute(_FIELDS, {"run": run_id})
        groups = (list(rows) for _, rows in groupby(cursor, key=itemgetter("account_id", "company_id", "side")))
        while chunk := list(islice(groups, _CHUNK)):
            yield chunk


def parent_loops(connection: psycopg.Connection[Row], run_id: str) -> set[str]:
    """Return the companies that the parents of a plan would make their own ancestor; staging has that property."""
    query = _LOOPS.format(parent=sql.Identifier(field_column(PARENT_PROPERTY)))
    found = connection.execute(query, {"run": run_id, "name": PARENT_PROPERTY}).fetchall()
    return {row["child"] for row in found}


def key_holders(connection: psycopg.Connection[Row], keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return per origin key the staged record that carries it (id, is_dead); a living one wins over a dead one."""
    found = connection.execute(_HOLDERS, {"keys": list(keys)}).fetchall()
    return {row["accord_key"]: row for row in sorted(found, key=lambda row: not row["is_dead"])}
