"""How far each source has been read: moved in the transaction that commits its rows, and never backwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.model.errors import StopError

if TYPE_CHECKING:
    import psycopg

    from accord.store.database import Database, Row

HORIZON = timedelta(days=14)
"""Salesforce forgets deleted records after about 15 days; an older mark needs a full extract (F28)."""


@dataclass(frozen=True)
class Mark:
    """How far one source has been read.

    Attributes:
        mark: the next extract begins here: the server's clock when the last one began, minus the overlap.
        row_count: live records at that time.
        full_at: the server's clock at the last full extract; None asks for one.
    """

    mark: datetime
    row_count: int
    full_at: datetime | None


def read_mark(database: Database, source: str) -> Mark | None:
    """Return how far a source has been read, None if never."""
    rows = database.rows("SELECT mark, row_count, full_at FROM sync.watermarks WHERE source = %s", [source])
    return Mark(rows[0]["mark"], rows[0]["row_count"] or 0, rows[0]["full_at"]) if rows else None


def moved_by(database: Database, run_id: str) -> dict[str, datetime]:
    """Return the marks that a run was the last to move, by source."""
    found = database.rows("SELECT source, mark FROM sync.watermarks WHERE run_id = %s", [run_id])
    return {row["source"]: row["mark"] for row in found}


def begin(known: Mark | None, source: str, server_now: datetime) -> datetime | None:
    """Return where an incremental extract begins, None where only a full one will do (R102).

    Raises:
        StopError: the mark lies in the future of the server, so whatever is read from it would be nothing.
    """
    if known is None or known.full_at is None:
        return None
    if known.mark > server_now:
        raise StopError(
            f"the watermark of {source} is {known.mark:%Y-%m-%d %H:%M:%S} UTC, after the service's own clock "
            f"({server_now:%Y-%m-%d %H:%M:%S}): delete its row in sync.watermarks to read that source in full"
        )
    return known.mark if server_now - known.mark < HORIZON else None


def move_mark(
    connection: psycopg.Connection[Row], source: str, mark: datetime, *, run_id: str, row_count: int, full: bool
) -> None:
    """Move a mark forward within the caller's transaction; an older mark leaves the later one alone."""
    connection.execute(
        "INSERT INTO sync.watermarks AS kept (source, mark, run_id, row_count, full_at)"
        " VALUES (%(source)s, %(mark)s, %(run)s, %(count)s, CASE WHEN %(full)s THEN %(mark)s::timestamptz END)"
        " ON CONFLICT (source) DO UPDATE SET mark = greatest(kept.mark, excluded.mark), run_id = excluded.run_id,"
        " row_count = excluded.row_count, full_at = greatest(kept.full_at, excluded.full_at)",
        {"source": source, "mark": mark, "run": run_id, "count": row_count, "full": full},
    )


def ask_for_full(connection: psycopg.Connection[Row], source: str) -> None:
    """Make the next extract of a source a full one, keeping its count for comparison."""
    connection.execute("UPDATE sync.watermarks SET full_at = NULL WHERE source = %s", [source])
