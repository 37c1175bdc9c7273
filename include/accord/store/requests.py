"""What people asked for: imports of accounts (R9, R9b) and single records by hand (R46-R49)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from accord.model.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.scope import Run
    from accord.model.settings import Settings
    from accord.store.database import Database, Row

Kind = Literal["import", "manual"]

_ADD = """
    INSERT INTO sync.requests (kind, system, record_id, requested_by, requested_run)
    SELECT %(kind)s, %(system)s, asked, %(by)s, %(run)s FROM unnest(%(ids)s::text[]) AS asked
    WHERE NOT EXISTS (
        SELECT FROM sync.requests r
        WHERE (r.kind, r.system, r.record_id, r.requested_run) = (%(kind)s, %(system)s, asked, %(run)s))
    ON CONFLICT DO NOTHING
"""


def add(
    database: Database,
    settings: Settings,
    *,
    kind: Kind,
    system: str,
    record_ids: Sequence[str],
    requested_by: str,
    run_id: str | None = None,
) -> int:
    """Return how many requests are new; one that is still open is not doubled.

    Args:
        database: where requests live.
        settings: those in force.
        kind: `import` (an account counts as imported) or `manual` (this very record, whatever the negatives say).
        system: the CRM the ids belong to.
        record_ids: in their full form.
        requested_by: who asked.
        run_id: the run that was started to make the request; opened again, it does not ask a second time (R49).

    Raises:
        BadInput: the switch is off (R50).
    """
    if not settings.sync_companies:
        raise BadInput(
            "company sync is off (sync_companies), so nothing can be imported or synced by hand (R50): "
            "turn it on in config/accord.yaml first"
        )
    asked = {"kind": kind, "system": system, "ids": list(record_ids), "by": requested_by, "run": run_id}
    with database.transaction() as connection:
        return connection.execute(_ADD, asked).rowcount


def open_requests(database: Database, kind: Kind | None = None) -> list[Row]:
    """Return the requests that are not settled yet, oldest first."""
    return database.rows(
        "SELECT * FROM sync.requests WHERE state = 'open' AND (%(kind)s::text IS NULL OR kind = %(kind)s) ORDER BY id",
        {"kind": kind},
    )


def keep_open(database: Database, run: Run) -> int:
    """Return how many accounts of an import have to wait or be reviewed and are asked for again until settled (R9b)."""
    if run.scope.kind != "interval" or run.mode == "plan":
        return 0
    return _keep(database, run, "d.action IN ('WAIT', 'REVIEW', 'HOLD')")


def refuse(database: Database, run_id: str, outcome: str) -> None:
    """Close what a run was started to ask for, without doing it."""
    with database.transaction() as connection:
        connection.execute(
            "UPDATE sync.requests SET state = 'done', closed_at = now(), run_id = %(run)s, outcome = %(outcome)s"
            " WHERE requested_run = %(run)s AND state = 'open'",
            {"run": run_id, "outcome": outcome},
        )


def settle(database: Database, run: Run) -> int:
    """Return how many requests this run closed, each with its outcome.

    An import closes when its account is paired or deliberately skipped, and stays open while it waits, is reviewed or
    held, or its write did not succeed (R9b). A request by hand is consumed by the run that decided it (R49), unless
    that run held the creation back, has to wait, asks a person (R47: what was in review must not be paired by the next
    run as if nobody had asked), or its write is still open. In plan mode nothing was done, so nothing closes.
    """
    if run.mode == "plan":
        return 0
    if run.scope.kind == "interval":
        _keep(database, run, "d.action IN ('LINK', 'CREATE_COMPANY') AND p.id IS NULL")
    with database.transaction() as connection:
        return connection.execute(_SETTLE, {"run": run.run_id}).rowcount


def _keep(database: Database, run: Run, which: str) -> int:
    """Add import requests for the decided accounts that a condition names."""
    with database.transaction() as connection:
        return connection.execute(
            f"""
            INSERT INTO sync.requests (kind, system, record_id, requested_by)
            SELECT DISTINCT 'import', 'salesforce', d.record_id, %(by)s
            FROM sync.decisions d LEFT JOIN sync.pairs p ON p.account_id = d.account_id AND p.is_active
            WHERE d.run_id = %(run)s AND d.system = 'salesforce' AND {which}
            ON CONFLICT DO NOTHING
            """,  # noqa: S608 - `which` is one of the two texts above
            {"run": run.run_id, "by": run.scope.requested_by or run.run_id},
        ).rowcount


# One join a condition: joined by OR, every open request would be held against every decision of an import.
_SETTLE = """
    WITH about AS (
        SELECT r.id AS request, d.* FROM sync.requests r
        JOIN sync.decisions d ON d.run_id = %(run)s AND d.system = r.system AND d.key = r.record_key
        WHERE r.state = 'open'
        UNION
        SELECT r.id, d.* FROM sync.requests r
        JOIN sync.decisions d ON d.run_id = %(run)s AND d.account_id = r.record_id
            AND d.action IN ('LINK', 'RELINK', 'UPDATE')
        WHERE r.state = 'open'
        UNION
        SELECT r.id, d.* FROM sync.requests r
        JOIN sync.decisions d ON d.run_id = %(run)s AND d.company_id = r.record_id
            AND d.action IN ('LINK', 'RELINK', 'UPDATE')
        WHERE r.state = 'open'
    ), decided AS (
        SELECT r.id, r.kind, d.action, d.reason, coalesce(own.id, theirs.id) AS pair,
               EXISTS (SELECT FROM sync.intents i WHERE i.action = d.action AND i.state IN ('planned', 'sent')
                       AND (i.account_id, i.company_id) IS NOT DISTINCT FROM (d.account_id, d.company_id)) AS is_open
        FROM about d JOIN sync.requests r ON r.id = d.request
        LEFT JOIN sync.pairs own ON own.is_active AND r.system = 'salesforce' AND own.account_id = r.record_id
        LEFT JOIN sync.pairs theirs ON theirs.is_active AND r.system = 'hubspot' AND theirs.company_id = r.record_id
        WHERE d.action <> 'SET_STAGE'
    )
    UPDATE sync.requests r SET state = 'done', closed_at = now(), run_id = %(run)s,
        outcome = CASE WHEN d.pair IS NULL THEN d.action || ' ' || d.reason ELSE 'paired: ' || d.reason END
    FROM decided d
    WHERE r.id = d.id AND (d.pair IS NOT NULL OR CASE d.kind
        WHEN 'import' THEN d.action = 'SKIP'
        ELSE d.action NOT IN ('HOLD', 'REVIEW', 'WAIT') AND NOT d.is_open END)
"""
