"""What people were told, remembered so that a restart tells nothing twice; and who has not heard it yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.alerts import Change, changes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import psycopg

    from accord.model.alerts import Reading
    from accord.store.database import Database, Row

TELL_HOURS = 24
"""How long a notifier that fails is tried again; what is older is no news."""
_LOCK = 7_105_227_613_009
_STANDING = """
    SELECT * FROM (SELECT DISTINCT ON (kind, subject) * FROM sync.alerts ORDER BY kind, subject, id DESC) latest
    WHERE NOT is_over ORDER BY id
"""
_INSERT = """
    INSERT INTO sync.alerts (kind, subject, is_over, text, run_id, at, pending)
    VALUES (%(kind)s, %(subject)s, %(is_over)s, %(text)s, %(run)s, %(at)s, %(notifiers)s)
"""
_UNTOLD = """
    SELECT * FROM sync.alerts WHERE pending <> '{}'::text[] AND at > %(now)s - make_interval(hours => %(hours)s)
    ORDER BY id FOR UPDATE SKIP LOCKED
"""


def standing(database: Database) -> list[Row]:
    """Return the alerts that began and are not over, oldest first."""
    return database.rows(_STANDING)


def turn(
    database: Database, readings: Iterable[Reading], *, run_id: str, notifiers: Sequence[str], at: datetime
) -> list[Change]:
    """Return what changed, once it is stored; of several processes that see the same only one gets it.

    Args:
        database: the warehouse.
        readings: what was looked at.
        run_id: the run that showed it.
        notifiers: the names of those that are to take it.
        at: now, UTC.
    """
    with database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        told = {(row["kind"], row["subject"]) for row in connection.execute(_STANDING)}
        found = changes(told, readings)
        for it in found:
            row = {"kind": it.kind, "subject": it.subject, "is_over": it.is_over, "text": it.text}
            connection.execute(_INSERT, {**row, "run": run_id, "at": at, "notifiers": list(notifiers)})
    return found


def untold(connection: psycopg.Connection[Row], now: datetime) -> list[Row]:
    """Return what some notifier has not taken, oldest first; nobody else gets it until the transaction ends."""
    return connection.execute(_UNTOLD, {"now": now, "hours": TELL_HOURS}).fetchall()


def still_pending(connection: psycopg.Connection[Row], alert_id: int, names: Sequence[str]) -> None:
    """Remember in the caller's transaction who has not taken an alert yet."""
    connection.execute("UPDATE sync.alerts SET pending = %s WHERE id = %s", [list(names), alert_id])
