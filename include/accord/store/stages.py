"""The lifecycle stage that each HubSpot contact had when a run last acted on it: a change is measured against it (R52).

A run keeps the stages that it saw with its plan (`keep_seen`); once it is known what came of the plan they become the
baseline (`promote`). So a stage that is staged while a run is at work is a change for the next one, and a run that is
killed anywhere loses none. The first run after a switch-on only begins the baseline (`begin`, R60).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from psycopg import sql

from accord.store.pages import scratch_table
from accord.store.tables import STAGING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    import pandas as pd
    import psycopg

    from accord.store.database import Database, Row

SOURCE = "stage_baseline"
"""Name in `sync.watermarks` of the switch-on under which the baseline was begun."""
NO_RANK = "stage_without_rank"
"""Code of the outcome of a change that moves no company, because a stage has no rank (R58)."""
NOT_FURTHER = "stage_not_further"
"""Code of a write that was dropped because the company had moved on by itself (R54)."""

_BEGUN = "SELECT EXISTS (SELECT FROM sync.watermarks WHERE source = %s AND mark >= %s) AS there"
_TAKE = """
    INSERT INTO sync.stage_baseline AS kept (contact_id, stage, run_id)
    {which}
    ON CONFLICT (contact_id) DO UPDATE SET stage = excluded.stage, run_id = excluded.run_id
    WHERE kept.stage <> excluded.stage
"""

# What a run saw counts once it was acted on: with the write that it asked for, or, where it asked for none, with the
# whole plan. A run of a smaller scope leaves out companies, so of it only the writes count. Several runs: the latest.
_ACTED_ON = """
    WITH asked AS (
        SELECT p.run_id, p.hubspot_contact_id AS contact_id, bool_and(EXISTS (
            SELECT FROM sync.intents i
            WHERE (i.system, i.op, i.source_id, i.run_id) = ('hubspot', 'stage', d.record_id, d.run_id)
                AND i.fields ->> 'lifecyclestage' = d.value AND (i.state = 'confirmed' OR i.error_code = %(further)s)
        )) AS is_done
        FROM sync.decisions d
        JOIN sync.decision_people p ON (p.run_id, p.system, p.key) = (d.run_id, d.system, d.key) AND p.role = 'stage'
        WHERE d.action = 'SET_STAGE' AND d.run_id IN (SELECT DISTINCT run_id FROM sync.stage_seen)
        GROUP BY 1, 2
    )
    SELECT DISTINCT ON (s.contact_id) s.contact_id, s.stage, s.run_id
    FROM sync.stage_seen s JOIN sync.runs r USING (run_id) LEFT JOIN asked a USING (run_id, contact_id)
    WHERE coalesce(a.is_done, r.scope ->> 'kind' = 'changed' AND r.counts @> '{"is_applied": true}')
    ORDER BY s.contact_id, r.started_at DESC, r.run_id DESC
"""
_LEFT = """
    INSERT INTO sync.outcomes (run_id, system, record_id, action, result, code, message)
    SELECT {run}, 'hubspot', l.company_key::text, 'SET_STAGE', 'skipped', {code}, m.message
    FROM {page} l CROSS JOIN LATERAL (SELECT format('contact %s moved to "%s", the company has "%s"; one of the two'
        ' has no place in the order of stages (R58)', l.contact_key, l.stage, l.company_stage) AS message) m
    WHERE NOT EXISTS (SELECT FROM sync.outcomes o WHERE o.intent_id IS NULL AND (o.system, o.record_id, o.action,
        o.code, o.message) = ('hubspot', l.company_key::text, 'SET_STAGE', {code}, m.message))
"""
_PORTAL_ORDER = """
    SELECT option.value AS stage FROM staging.described_fields f,
        LATERAL jsonb_array_elements_text(f.options) WITH ORDINALITY AS option(value, place)
    WHERE (f.system, f.object, f.name) = ('hubspot', 'companies', 'lifecyclestage') ORDER BY option.place
"""


def is_begun(database: Database, switched_on: datetime) -> bool:
    """Return whether stages were recorded since the switch was last turned on; until then none has changed (R60)."""
    return bool(database.rows(_BEGUN, [SOURCE, switched_on])[0]["there"])


def begin(database: Database, run_id: str, seen: pd.DataFrame, switched_on: datetime) -> int:
    """Take what the first run after a switch-on saw as the baseline; return how many stages are new or changed (R60).

    That run writes no stage, so there is nothing to wait for, and what changes from here on is a change.

    Args:
        database: the memory.
        run_id: the run.
        seen: `key` and `stage` of every contact whose stage is not the one remembered.
        switched_on: when the switch was last turned on.
    """
    with _staged(database, seen) as (connection, page):
        which = sql.SQL("SELECT key::text, stage, {} FROM {}").format(sql.Literal(run_id), page)
        taken = connection.execute(sql.SQL(_TAKE).format(which=which)).rowcount
        begin_under(connection, switched_on, run_id)
    return taken


def begin_under(connection: psycopg.Connection[Row], switched_on: datetime, run_id: str) -> None:
    """Note in the caller's transaction that the baseline stands, begun under this switch-on."""
    connection.execute(
        "INSERT INTO sync.watermarks (source, mark, run_id) VALUES (%s, %s, %s)"
        " ON CONFLICT (source) DO UPDATE SET mark = excluded.mark, run_id = excluded.run_id",
        [SOURCE, switched_on, run_id],
    )


def keep_seen(database: Database, run_id: str, seen: pd.DataFrame) -> int:
    """Keep what a run saw with its plan, in place of what it saw before; return how many contacts.

    Args:
        database: the memory.
        run_id: the run, which is going to apply its plan.
        seen: as in `begin`.
    """
    with _staged(database, seen) as (connection, page):
        connection.execute("DELETE FROM sync.stage_seen WHERE run_id = %s", [run_id])
        return connection.execute(
            sql.SQL(
                "INSERT INTO sync.stage_seen (run_id, contact_id, stage) SELECT {}, key::text, stage FROM {}"
            ).format(sql.Literal(run_id), page)
        ).rowcount


def promote(database: Database) -> int:
    """Return how many stages became the baseline: what earlier runs saw and acted on; the rest is forgotten.

    Called when the ledger knows the end of the writes of those runs. Repeating it changes nothing.
    """
    with database.transaction() as connection:
        taken = connection.execute(sql.SQL(_TAKE).format(which=sql.SQL(_ACTED_ON)), {"further": NOT_FURTHER}).rowcount
        connection.execute("DELETE FROM sync.stage_seen")
    return taken


def note_left(database: Database, run_id: str, left: pd.DataFrame) -> int:
    """Note on each company the changes that do not move it for want of a rank; return how many are new (R58).

    Args:
        database: the memory.
        run_id: the run that saw them.
        left: STAGES_LEFT.
    """
    columns = {"company_key": "bigint", "contact_key": "bigint", "stage": "text", "company_stage": "text"}
    with scratch_table(database, "stages_left", columns) as name:
        database.append(STAGING, name, left[list(columns)])
        statement = sql.SQL(_LEFT).format(
            run=sql.Literal(run_id), code=sql.Literal(NO_RANK), page=sql.Identifier(STAGING, name)
        )
        with database.transaction() as connection:
            return connection.execute(statement).rowcount


def portal_order(database: Database) -> tuple[str, ...]:
    """Return the stages of companies in the portal's own option order; empty where the portal was not asked (R61)."""
    return tuple(row["stage"] for row in database.rows(_PORTAL_ORDER))


@contextmanager
def _staged(database: Database, seen: pd.DataFrame) -> Iterator[tuple[psycopg.Connection[Row], sql.Identifier]]:
    """Yield a transaction and the name of a table that holds `key` and `stage`."""
    with scratch_table(database, "stages", {"key": "bigint", "stage": "text"}) as name:
        if len(seen):
            database.append(STAGING, name, seen[["key", "stage"]])
        with database.transaction() as connection:
            yield connection, sql.Identifier(STAGING, name)
