"""The lifecycle stage each HubSpot contact had at the last run: a change is measured against it (R52, R60)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.store.database import Database


def has_baseline(database: Database) -> bool:
    """Return whether stages were ever recorded; until then none counts as changed (R60)."""
    return bool(database.rows("SELECT EXISTS (SELECT FROM sync.stage_baseline) AS there")[0]["there"])


def record_baseline(database: Database, run_id: str) -> int:
    """Take the stages that staging shows now as the baseline; return how many are new or changed."""
    with database.transaction() as connection:
        return connection.execute(
            """
            INSERT INTO sync.stage_baseline AS kept (contact_id, stage, run_id)
            SELECT id, coalesce(stage, ''), %s FROM staging.hubspot_contacts WHERE NOT is_archived AND NOT is_gone
            ON CONFLICT (contact_id) DO UPDATE SET stage = excluded.stage, run_id = excluded.run_id
            WHERE kept.stage <> excluded.stage
            """,
            [run_id],
        ).rowcount
