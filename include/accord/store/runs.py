"""One row per run: what it was asked, what it planned, what it did."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb
from pydantic_core import to_jsonable_python

from accord.store import ledger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.model.scope import Run
    from accord.model.settings import Settings
    from accord.store.database import Database, Row


def open_run(database: Database, run: Run, settings: Settings) -> None:
    """Write the run's row with the settings in force; a run that is opened again is running again."""
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO sync.runs (run_id, dag, scope, mode, settings)
            VALUES (%s, split_part(%s, '/', 1), %s, %s, %s)
            ON CONFLICT (run_id) DO UPDATE SET
                state = 'running', finished_at = NULL, mode = excluded.mode, settings = excluded.settings
            """,
            (
                run.run_id,
                run.run_id,
                Jsonb(to_jsonable_python(asdict(run.scope))),
                run.mode,
                Jsonb(settings.model_dump(mode="json")),
            ),
        )


def set_plan(database: Database, run_id: str, digest: str) -> None:
    """Remember the digest of the plan that was decided last; only that one may be applied."""
    _update(database, "UPDATE sync.runs SET plan_digest = %s WHERE run_id = %s", digest, run_id)


def plan_digest(database: Database, run_id: str) -> str | None:
    """Return the digest of the run's plan, None where nothing was decided yet."""
    found = database.rows("SELECT plan_digest FROM sync.runs WHERE run_id = %s", (run_id,))
    return found[0]["plan_digest"] if found else None


def set_approved(database: Database, run_id: str, approved_by: str) -> None:
    """Remember who approved what was held."""
    add_counts(database, run_id, {"approved_by": approved_by})


def add_counts(database: Database, run_id: str, counts: Mapping[str, Any]) -> None:
    """Merge counts into those the run has."""
    _update(database, "UPDATE sync.runs SET counts = counts || %s WHERE run_id = %s", Jsonb(dict(counts)), run_id)


def counts_of_run(database: Database, run_id: str) -> dict[str, Any]:
    """Return what a run decided (actions in lower case), what it wrote, and what steps added to its row."""
    decided = database.rows(
        "SELECT lower(action) AS action, count(*) AS n FROM sync.decisions WHERE run_id = %s GROUP BY 1", (run_id,)
    )
    kept = database.rows("SELECT counts FROM sync.runs WHERE run_id = %s", (run_id,))
    return {
        **{row["action"]: row["n"] for row in decided},
        **ledger.counts(database, run_id),
        **(kept[0]["counts"] if kept else {}),
    }


def close_run(database: Database, run_id: str, counts: Mapping[str, Any], note: str, state: str = "done") -> None:
    """End a run: its state, its counts and one line of what happened."""
    _update(
        database,
        "UPDATE sync.runs SET state = %s, counts = counts || %s, note = %s, finished_at = now() WHERE run_id = %s",
        state,
        Jsonb(dict(counts)),
        note,
        run_id,
    )


def last_runs(database: Database, limit: int = 20) -> list[Row]:
    """Return the latest runs, newest first."""
    return database.rows("SELECT * FROM sync.runs ORDER BY started_at DESC, run_id DESC LIMIT %s", (limit,))


def _update(database: Database, sql: str, *parameters: object) -> None:
    """Run one statement in a transaction of its own."""
    with database.transaction() as connection:
        connection.execute(sql, parameters)
