"""What was last decided about each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    import pandas as pd

    from accord.store.database import Database, Row

_SETTLED = """
    SELECT system, key, action, reason, rule, evidence, held_action, value, warnings,
           CASE WHEN partner_id IS NULL THEN -1
                WHEN system = 'hubspot' THEN staging.salesforce_key(partner_id)
                ELSE partner_id::bigint END AS partner_key
    FROM (
        SELECT DISTINCT ON (d.system, d.key) d.*
        FROM sync.decisions d JOIN sync.runs r USING (run_id)
        WHERE d.action <> 'SET_STAGE' AND r.run_id <> {run} AND r.mode = 'apply'
            AND r.counts @> '{{"is_applied": true}}'
        ORDER BY d.system, d.key, r.started_at DESC, r.run_id DESC
    ) latest
    WHERE NOT (action = 'REVIEW' AND EXISTS (
        SELECT FROM sync.reviews v JOIN sync.runs asked ON asked.run_id = latest.run_id
        WHERE (v.system, v.record_id) = (latest.system, latest.record_id)
            AND v.state = 'answered' AND v.answered_at > asked.started_at))
"""
_STANDING = """
    SELECT action, reason, rule, system, count(*) AS records, min(record_id) AS example
    FROM (
        SELECT DISTINCT ON (d.system, d.key) d.*
        FROM sync.decisions d JOIN sync.runs r USING (run_id)
        WHERE d.action <> 'SET_STAGE'
        ORDER BY d.system, d.key, r.started_at DESC, r.run_id DESC
    ) latest
    GROUP BY action, reason, rule, system ORDER BY action, records DESC, reason
"""


def latest_decisions(database: Database, run_id: str) -> pd.DataFrame:
    """Return what applied runs last said of each record: system, key, decision, partner as an int8 key.

    A run that only planned, failed or was rejected has settled nothing, and a run that is decided again must not find
    its own first plan. A review that a person has answered since is left out: what remains of it is asked anew.

    Args:
        database: the warehouse.
        run_id: the run that is being decided.
    """
    return database.frame(sql.SQL(_SETTLED).format(run=sql.Literal(run_id)).as_string(None))


def standing_counts(database: Database) -> list[Row]:
    """Return how many records stand at each decision now: action, reason, records and one example record id."""
    return database.rows(_STANDING)
