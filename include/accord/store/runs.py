"""One row per run: what it was asked, what it planned, what it did."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb
from pydantic_core import to_jsonable_python

from accord.model.errors import BadSettings
from accord.store import ledger

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import psycopg

    from accord.model.scope import Run
    from accord.model.settings import Settings
    from accord.store.database import Database, Row


_LATEST = "FROM sync.runs WHERE origin IS NOT NULL ORDER BY started_at DESC LIMIT 1"


@dataclass(frozen=True)
class Origin:
    """Who the two CRMs of a run are, and what time each of them had when it was opened.

    Asked once a run, so that the tasks of a run need not log in to know; none of it is a secret.
    """

    org_id: str
    user_id: str
    portal_id: str
    salesforce_at: datetime
    hubspot_at: datetime


def set_origin(database: Database, run_id: str, origin: Origin) -> None:
    """Remember who the CRMs are."""
    stored = Jsonb(to_jsonable_python(asdict(origin)))
    _update(database, "UPDATE sync.runs SET origin = %s WHERE run_id = %s", stored, run_id)


def origin_of(database: Database, run_id: str) -> Origin | None:
    """Return who the CRMs of a run are, None where it was not opened yet."""
    return _origin(database.rows("SELECT origin FROM sync.runs WHERE run_id = %s AND origin IS NOT NULL", (run_id,)))


def latest_origin(database: Database) -> Origin | None:
    """Return who the CRMs of the latest run are, None where there was no run yet."""
    return _origin(database.rows(f"SELECT origin {_LATEST}"))


def _origin(found: list[Row]) -> Origin | None:
    """Return the origin in a row, None where there is no row."""
    if not found:
        return None
    stored = found[0]["origin"]
    times = {name: datetime.fromisoformat(stored[name]) for name in ("salesforce_at", "hubspot_at")}
    return Origin(**{**stored, **times})


def refuse_other_crms(database: Database, origin: Origin) -> None:
    """Stop when the warehouse remembers another org or portal: its staging and pairs are about other records.

    Raises:
        BadSettings: names both, and what to do.
    """
    known = latest_origin(database) or origin
    for name, what in (("org_id", "Salesforce org"), ("portal_id", "HubSpot portal")):
        ours, theirs = getattr(known, name), getattr(origin, name)
        if ours != theirs:
            raise BadSettings(
                f"this warehouse mirrors {what} {ours}, the connection leads to {theirs}: "
                "nothing was read or written; give each pair of CRMs a database of its own"
            )


def open_run(database: Database, run: Run, settings: Settings) -> None:
    """Write the run's row with the settings in force; a run that is opened again is running again."""
    with database.transaction() as connection:
        connection.execute(
            """
            INSERT INTO sync.runs (run_id, dag, scope, mode, settings)
            VALUES (%s, split_part(%s, '/', 1), %s, %s, %s)
            ON CONFLICT (run_id) DO UPDATE SET
                state = 'running', finished_at = NULL, counts = '{}', note = '', mode = excluded.mode,
                settings = excluded.settings
            """,
            (
                run.run_id,
                run.run_id,
                Jsonb(to_jsonable_python(asdict(run.scope))),
                run.mode,
                Jsonb(settings.model_dump(mode="json")),
            ),
        )


def is_running(database: Database, run: Run, settings: Settings) -> bool:
    """Return whether a run was opened just so, with the same scope, mode and settings, and is not closed."""
    return bool(
        database.rows(
            "SELECT FROM sync.runs WHERE run_id = %s AND state = 'running' AND (scope, mode, settings) = (%s, %s, %s)",
            (
                run.run_id,
                Jsonb(to_jsonable_python(asdict(run.scope))),
                run.mode,
                Jsonb(settings.model_dump(mode="json")),
            ),
        )
    )


def decided(database: Database, run_id: str) -> str | None:
    """Return the digest of the plan that was decided since the run was opened, None where none was."""
    found = database.rows(
        "SELECT plan_digest FROM sync.runs WHERE run_id = %s AND counts ->> 'decided' = plan_digest", (run_id,)
    )
    return found[0]["plan_digest"] if found else None


def field_map(database: Database, run_id: str) -> list[dict[str, Any]] | None:
    """Return the field map under which a run was opened, None where it was not opened."""
    found = database.rows("SELECT settings -> 'fields' AS fields FROM sync.runs WHERE run_id = %s", (run_id,))
    return found[0]["fields"] if found else None


def set_plan(database: Database, run_id: str, digest: str) -> None:
    """Remember the digest of the plan that was decided last; only that one may be applied."""
    _update(database, "UPDATE sync.runs SET plan_digest = %s WHERE run_id = %s", digest, run_id)


def plan_digest(database: Database, run_id: str) -> str | None:
    """Return the digest of the run's plan, None where nothing was decided yet."""
    found = database.rows("SELECT plan_digest FROM sync.runs WHERE run_id = %s", (run_id,))
    return found[0]["plan_digest"] if found else None


def is_known(database: Database, run_id: str) -> bool:
    """Return whether a run was opened at all."""
    return bool(database.rows("SELECT FROM sync.runs WHERE run_id = %s", (run_id,)))


def approver(database: Database, run_id: str) -> str | None:
    """Return who approved the run's plan since it was opened, None where nobody did."""
    found = database.rows("SELECT counts ->> 'approved_by' AS name FROM sync.runs WHERE run_id = %s", (run_id,))
    return found[0]["name"] if found else None


def set_approved(database: Database, run_id: str, approved_by: str) -> None:
    """Remember who approved what was held."""
    add_counts(database, run_id, {"approved_by": approved_by})


def add_counts(database: Database, run_id: str, counts: Mapping[str, Any]) -> None:
    """Merge counts into those the run has."""
    _update(database, "UPDATE sync.runs SET counts = counts || %s WHERE run_id = %s", Jsonb(dict(counts)), run_id)


def set_entered(
    connection: psycopg.Connection[Row],
    run_id: str,
    mark: str,
    counts: Mapping[str, int],
    key_fields: Collection[ledger.System] | None,
) -> None:
    """Note in the caller's transaction that a plan entered the ledger.

    Args:
        connection: in a transaction.
        run_id: the run whose plan it is.
        mark: tells this plan, as it was approved, from every other one.
        counts: how many writes of which kind that made.
        key_fields: the CRMs whose key field could be written, None where nobody needed to know.
    """
    known = None if key_fields is None else sorted(key_fields)
    note = Jsonb({**counts, "entered": mark, "key_fields": known})
    connection.execute("UPDATE sync.runs SET counts = counts || %s WHERE run_id = %s", (note, run_id))


def key_fields(database: Database, run_id: str) -> frozenset[ledger.System] | None:
    """Return the CRMs whose key field could be written when the run's plan entered the ledger, None where unknown."""
    found = database.rows("SELECT counts -> 'key_fields' AS known FROM sync.runs WHERE run_id = %s", (run_id,))
    return frozenset(found[0]["known"]) if found and found[0]["known"] is not None else None


def is_entered(database: Database, run_id: str, mark: str, plan_hash: str) -> bool:
    """Return whether a plan entered the ledger since its run was opened, and no other plan gave its writes up since."""
    return bool(
        database.rows(
            "SELECT FROM sync.runs WHERE run_id = %s AND counts ->> 'entered' = %s AND NOT EXISTS (SELECT FROM"
            " sync.intents WHERE plan_hash = %s AND state = 'superseded' AND settled_run IS NULL)",
            (run_id, mark, plan_hash),
        )
    )


def counts_of_run(database: Database, run_id: str) -> dict[str, Any]:
    """Return what a run decided (actions in lower case), what it wrote, and what steps added to its row."""
    decided = database.rows(
        "SELECT lower(action) AS action, count(*) AS n FROM sync.decisions WHERE run_id = %s GROUP BY 1", (run_id,)
    )
    # What records stand at is for pages, and too long to be passed between tasks.
    kept = database.rows(
        "SELECT counts - ARRAY['standing', 'by_decision'] AS counts FROM sync.runs WHERE run_id = %s", (run_id,)
    )
    return {
        **(kept[0]["counts"] if kept else {}),
        **{row["action"]: row["n"] for row in decided},
        **ledger.counts(database, run_id),
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


def ending_with(database: Database, named: str) -> list[Row]:
    """Return the run of this id, else the runs whose id ends with it after a slash, newest first."""
    found = database.rows("SELECT * FROM sync.runs WHERE run_id = %s", [named])
    return found or database.rows(
        "SELECT * FROM sync.runs WHERE right(run_id, length(%(end)s)) = %(end)s ORDER BY started_at DESC, run_id DESC",
        {"end": f"/{named}"},
    )


def _update(database: Database, sql: str, *parameters: object) -> None:
    """Run one statement in a transaction of its own."""
    with database.transaction() as connection:
        connection.execute(sql, parameters)
