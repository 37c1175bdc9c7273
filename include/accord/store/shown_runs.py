"""Runs and their writes, a page at a time; and what the first page shows of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from accord.store.database import Database, Row

PAGE = 50
_RUN = """
    SELECT run_id, dag, scope, mode, state, started_at, finished_at, plan_digest, note,
        counts - ARRAY['standing', 'by_decision'] AS counts
    FROM sync.runs
"""
_WRITES = """
    SELECT i.seq, i.system, i.object, i.op, i.state, i.source_id, i.target_id, i.account_id, i.company_id, i.fields,
        i.before, i.action, i.done_at, i.retried_by, i.retried_at, o.result,
        coalesce(nullif(o.code, ''), i.error_code) AS code,
        coalesce(nullif(o.message, ''), i.error_text) AS message
    FROM sync.intents i LEFT JOIN sync.outcomes o ON o.intent_id = i.id AND o.field = ''
    WHERE i.run_id = %(run)s AND i.seq > %(after)s {state} ORDER BY i.seq LIMIT {limit}
"""
_BY_OP = """
    SELECT system, op, state, count(*) AS writes FROM sync.intents WHERE run_id = %s
    GROUP BY system, op, state ORDER BY system, op, state
"""
_BY_DAY = """
    SELECT (started_at AT TIME ZONE 'UTC')::date AS day,
        (array_agg((counts ->> 'pairs')::bigint ORDER BY started_at DESC))[1] AS pairs,
        jsonb_agg(counts -> 'by_reason') FILTER (WHERE counts ? 'by_reason') AS reasons
    FROM sync.runs WHERE started_at >= %s AND counts ? 'pairs' GROUP BY 1 ORDER BY 1
"""
_CALLS = "SELECT crm, remaining, remaining_at FROM sync.call_budget"
_REVIEWS = "SELECT reason, count(*) AS n FROM sync.reviews WHERE state = 'open' GROUP BY reason ORDER BY n DESC, reason"


def page(database: Database, after: tuple[datetime, str] | None = None, limit: int = PAGE + 1) -> list[Row]:
    """Return runs behind a place, newest first."""
    which = "WHERE (started_at, run_id) < (%(at)s, %(run)s)" if after else ""
    values = {"at": after[0], "run": after[1]} if after else {}
    return database.rows(f"{_RUN} {which} ORDER BY started_at DESC, run_id DESC LIMIT {limit}", values)


def one(database: Database, run_id: str) -> Row | None:
    """Return a run, None where there is none of that id."""
    found = database.rows(f"{_RUN} WHERE run_id = %s", [run_id])
    return found[0] if found else None


def latest_plan(database: Database) -> str | None:
    """Return the newest run that made a plan."""
    found = database.rows(
        "SELECT run_id FROM sync.runs WHERE plan_digest IS NOT NULL ORDER BY started_at DESC, run_id DESC LIMIT 1"
    )
    return str(found[0]["run_id"]) if found else None


def writes(database: Database, run_id: str, after: int, *, only_trouble: bool = False) -> list[Row]:
    """Return one row more than a page of the writes that a run planned, in the order of sending."""
    state = "AND i.state IN ('rejected', 'held')" if only_trouble else ""
    return database.rows(_WRITES.format(state=state, limit=PAGE + 1), {"run": run_id, "after": after})


def writes_by_op(database: Database, run_id: str) -> list[Row]:
    """Return how many writes of each kind a run planned, by what came of them."""
    return database.rows(_BY_OP, [run_id])


def reversal_counts(database: Database, run_id: str) -> list[Row]:
    """Return how many writes the plan of a revert undoes, by op, and how many it leaves, by reason."""
    return database.rows(
        "SELECT CASE WHEN reason = '' THEN op ELSE '' END AS op, reason, count(*) AS n FROM sync.reversals"
        " WHERE run_id = %s GROUP BY 1, 2 ORDER BY reason, n DESC",
        [run_id],
    )


def reversals(database: Database, run_id: str) -> list[Row]:
    """Return the first rows of the plan of a revert: what is put back, and what stays as it is."""
    return database.rows(
        f"SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY reason = '' ORDER BY place) AS n"  # noqa: S608
        f" FROM sync.reversals WHERE run_id = %s) r WHERE n <= {PAGE} ORDER BY place",
        [run_id],
    )


def standing(database: Database) -> Row | None:
    """Return what the newest full run said of all records: run_id, started_at and `standing`, rows of counts."""
    found = database.rows(
        "SELECT run_id, started_at, counts -> 'standing' AS standing FROM sync.runs WHERE counts ? 'standing'"
        " ORDER BY started_at DESC, run_id DESC LIMIT 1"
    )
    return found[0] if found else None


def by_day(database: Database, since: datetime) -> list[dict[str, Any]]:
    """Return per day how many pairs there were at its end, and how many records its runs settled by each reason."""
    return database.rows(_BY_DAY, [since])


def remaining_calls(database: Database) -> dict[str, Row]:
    """Return per CRM what it last said is left of its day, as far as that was ever low."""
    return {row["crm"]: row for row in database.rows(_CALLS)}


def open_reviews(database: Database) -> list[Row]:
    """Return how many questions are open, by reason."""
    return database.rows(_REVIEWS)
