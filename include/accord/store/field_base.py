"""What earlier runs saw of mapped fields becomes the memory, each field by what came of its write."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.field_map import PARENT_PROPERTY, WAITING

if TYPE_CHECKING:
    import psycopg

    from accord.store.database import Database, Row

# What a run saw without coming to a plan says nothing of what came of it: the next one sees it again.
_DISCARD = """
    DELETE FROM sync.field_seen s USING sync.runs r
    WHERE r.run_id = s.run_id AND (r.mode = 'plan' OR r.plan_digest IS NULL)
"""
_PENDING = """
    SELECT s.run_id FROM sync.field_seen s LEFT JOIN sync.runs r USING (run_id)
    GROUP BY s.run_id, r.started_at ORDER BY r.started_at NULLS FIRST, s.run_id
"""

# A pair counts once it stands: known before, or recorded since. A field that needed no write, or does not fit, is
# remembered as it was seen; a written one with what was written; one whose write did not happen keeps the base it was
# decided on, so that it is decided again. A pair with decided fields is looked at again in any case: a peer may put the
# very record back that this run saw. A reference that waits keeps the base of the side it comes from, and its pair is
# looked at again once what it refers to has a counterpart; a circle of parents ends without any sign, so that one is
# looked at in every run. What the record showed already was not sent, so its staged row is no older than a write of
# ours. Pairs are joined by one id at a time, or a first import of many records takes for ever.
_PROMOTE = """
    WITH pair AS (
        SELECT s.*, known.account, known.company, r.plan_digest || '@' || r.run_id AS plan_hash,
            (r.origin ->> 'salesforce_at')::timestamptz AS salesforce_since,
            (r.origin ->> 'hubspot_at')::timestamptz AS hubspot_since
        FROM sync.field_seen s LEFT JOIN sync.runs r USING (run_id)
        LEFT JOIN sync.pairs p ON p.is_active AND NOT s.is_known AND p.account_id = s.account_id
            AND coalesce(p.company_id = s.company_id, true)
        LEFT JOIN sync.pairs q ON q.is_active AND NOT s.is_known AND q.company_id = s.company_id
            AND s.account_id IS NULL
        CROSS JOIN LATERAL (SELECT coalesce(s.account_id, q.account_id) AS account,
            coalesce(s.company_id, p.company_id) AS company) known
        WHERE s.run_id = %(run)s AND (s.is_known OR p.id IS NOT NULL OR q.id IS NOT NULL)
    ), decided AS (
        SELECT s.account, f.name, f.side, f.value, f.before, f.held, i.done_at, i.id IS NOT NULL AS is_done,
            coalesce(i.attempt > 0, false) AS is_sent,
            s.salesforce, s.hubspot, s.base_salesforce, s.base_hubspot,
            coalesce(b.repeats, '{}') AS repeats
        FROM pair s JOIN sync.field_decisions f ON (f.held = '' OR f.held = ANY(%(waiting)s))
            AND (f.run_id, f.account_id, f.company_id) = (s.run_id, s.account, s.company)
        LEFT JOIN sync.intents i ON f.held = '' AND i.plan_hash = s.plan_hash AND i.system = f.side
            AND i.state = 'confirmed' AND i.op = CASE WHEN f.name <> %(parent)s THEN 'update'
                WHEN f.value IS NULL THEN 'unparent' ELSE 'parent' END
            AND i.source_id = CASE f.side WHEN 'salesforce' THEN f.account_id ELSE f.company_id END
        LEFT JOIN sync.field_base b ON (b.account_id, b.company_id) = (s.account, s.company)
    ), outcome AS (
        SELECT account, bool_or(held IN ('', 'parent_cycle')) AS is_open,
            bool_or(is_done AND is_sent AND side = 'salesforce') AS wrote_salesforce,
            bool_or(is_done AND is_sent AND side = 'hubspot') AS wrote_hubspot,
            jsonb_object_agg(name, CASE WHEN is_done AND side = 'salesforce' THEN to_jsonb(value)
                WHEN is_done OR (held <> '' AND side = 'salesforce') THEN salesforce -> name
                ELSE base_salesforce -> name END) AS salesforce,
            jsonb_object_agg(name, CASE WHEN is_done AND side = 'hubspot' THEN to_jsonb(value)
                WHEN is_done OR (held <> '' AND side = 'hubspot') THEN hubspot -> name
                ELSE base_hubspot -> name END) AS hubspot,
            jsonb_object_agg(name, coalesce(repeats -> name, '{}') || jsonb_build_object(side, jsonb_build_array(
                value, before, CASE WHEN repeats #>> ARRAY[name, side, '0'] IS NOT DISTINCT FROM value
                    AND repeats #>> ARRAY[name, side, '1'] IS NOT DISTINCT FROM before
                    THEN coalesce((repeats #>> ARRAY[name, side, '2'])::bigint, 0) + 1 ELSE 1 END, done_at)))
                FILTER (WHERE is_done) AS repeats
        FROM decided GROUP BY account
    )
    INSERT INTO sync.field_base (account_id, company_id, salesforce, hubspot, repeats, staged,
        salesforce_as_of, salesforce_since, hubspot_as_of, hubspot_since, run_id, mapped)
    SELECT s.account, s.company, s.salesforce || coalesce(o.salesforce, '{}'), s.hubspot || coalesce(o.hubspot, '{}'),
        coalesce(b.repeats, '{}') || coalesce(o.repeats, '{}'), CASE WHEN o.is_open THEN NULL ELSE s.staged END,
        CASE WHEN o.wrote_salesforce THEN s.salesforce_version ELSE b.salesforce_as_of END,
        CASE WHEN o.wrote_salesforce THEN s.salesforce_since ELSE b.salesforce_since END,
        CASE WHEN o.wrote_hubspot THEN s.hubspot_version ELSE b.hubspot_as_of END,
        CASE WHEN o.wrote_hubspot THEN s.hubspot_since ELSE b.hubspot_since END, s.run_id, s.mapped
    FROM pair s LEFT JOIN outcome o USING (account)
    LEFT JOIN sync.field_base b ON (b.account_id, b.company_id) = (s.account, s.company)
    ON CONFLICT (account_id) DO UPDATE SET
        (company_id, salesforce, hubspot, repeats, staged, salesforce_as_of, salesforce_since, hubspot_as_of,
            hubspot_since, run_id, mapped)
        = (excluded.company_id, excluded.salesforce, excluded.hubspot, excluded.repeats, excluded.staged,
            excluded.salesforce_as_of, excluded.salesforce_since, excluded.hubspot_as_of, excluded.hubspot_since,
            excluded.run_id, excluded.mapped)
"""


def promote(database: Database) -> int:
    """Return how many pairs have a newer memory: what runs saw of their fields, and what came of the writes.

    Called before the next run looks, once the ledger knows the end of every write. Runs that only planned,
    or died before their plan was kept, are forgotten. Repeating it changes nothing.
    """
    with database.transaction() as connection:
        connection.execute(_DISCARD)
        pending = [row["run_id"] for row in connection.execute(_PENDING).fetchall()]
        return sum(_promote_run(connection, run_id) for run_id in pending)


def _promote_run(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many pairs one run says something of; what it saw is forgotten."""
    parameters = {"run": run_id, "parent": PARENT_PROPERTY, "waiting": list(WAITING)}
    promoted = connection.execute(_PROMOTE, parameters).rowcount
    connection.execute("DELETE FROM sync.field_seen WHERE run_id = %s", [run_id])
    return promoted
