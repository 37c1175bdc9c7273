"""What was last decided about each record."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from accord.store.database import Database, Row

_LATEST = """
    SELECT DISTINCT ON (d.system, d.key) d.*
    FROM sync.decisions d JOIN sync.runs r USING (run_id)
    WHERE d.action <> 'SET_STAGE'
    ORDER BY d.system, d.key, r.started_at DESC, r.run_id DESC
"""


def latest_decisions(database: Database) -> pd.DataFrame:
    """Return one row per record that was ever decided: system, key and what was said, partner as an int8 key."""
    return database.frame(
        f"""
        SELECT system, key, action, reason, rule, evidence, held_action, value, warnings,
               CASE WHEN partner_id IS NULL THEN -1
                    WHEN system = 'hubspot' THEN staging.salesforce_key(partner_id)
                    ELSE partner_id::bigint END AS partner_key
        FROM ({_LATEST}) latest
        """  # noqa: S608 - no value of a caller is in it
    )


def standing_counts(database: Database) -> list[Row]:
    """Return how many records stand at each decision now: action, reason, records and one example record id."""
    return database.rows(
        f"""
        SELECT action, reason, rule, system, count(*) AS records, min(record_id) AS example
        FROM ({_LATEST}) latest GROUP BY action, reason, rule, system ORDER BY action, records DESC, reason
        """  # noqa: S608 - no value of a caller is in it
    )
