"""The count of each source on both ends, as the daily reconcile found it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from psycopg import sql

from accord.store import staging

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import psycopg

    from accord.store.database import Database, Row
    from accord.store.sources import Source


@dataclass(frozen=True)
class Proof:
    """One source, counted on both ends.

    Attributes:
        source: name of the source, such as salesforce.accounts.
        counted: live records, as the CRM counts them.
        mirrored: live records in staging.
        missed: changes that incremental reading had passed over, which the full scan brought.
        gone: records that were marked as nowhere any more.
    """

    source: str
    counted: int
    mirrored: int
    missed: int = 0
    gone: int = 0

    @property
    def is_alike(self) -> bool:
        """Return whether both ends count the same."""
        return self.counted == self.mirrored


def missed_rows(connection: psycopg.Connection[Row], source: Source, run_id: str, before: datetime) -> int:
    """Return how many records a run brought that incremental reading would not: last changed before its mark."""
    statement = sql.SQL("SELECT count(*) AS n FROM {} WHERE seen_run = %s AND stamp < %s AND NOT is_gone")
    found = connection.execute(statement.format(sql.Identifier("staging", source.table)), [run_id, before])
    return int((found.fetchone() or {"n": 0})["n"])


def mirrored(database: Database, source: Source) -> int:
    """Return how many live records staging holds."""
    with database.transaction() as connection:
        return staging.count_rows(connection, source)[0]


def keep(database: Database, run_id: str, proofs: Sequence[Proof], at: datetime) -> None:
    """Keep what a run counted, in place of what it counted before."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync.proofs (run_id, source, at, counted, mirrored, missed, gone) VALUES"
            " (%(run)s, %(source)s, %(at)s, %(counted)s, %(mirrored)s, %(missed)s, %(gone)s)"
            " ON CONFLICT (run_id, source) DO UPDATE SET at = excluded.at, counted = excluded.counted,"
            " mirrored = excluded.mirrored, missed = excluded.missed, gone = excluded.gone",
            [asdict(proof) | {"run": run_id, "at": at} for proof in proofs],
        )


def proofs_of(database: Database, run_id: str) -> list[Proof]:
    """Return what a run counted."""
    found = database.rows(
        "SELECT source, counted, mirrored, missed, gone FROM sync.proofs WHERE run_id = %s ORDER BY source DESC",
        [run_id],
    )
    return [Proof(**row) for row in found]
