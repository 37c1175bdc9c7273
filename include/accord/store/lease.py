"""Who may write to the CRMs: one row per lease, with an epoch that fences off everybody who held it before.

A pool or `max_active_runs=1` is no mutual exclusion: Airflow may run one try twice. The clock is Postgres' own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.errors import LeaseHeld

if TYPE_CHECKING:
    import psycopg

    from accord.store.database import Database, Row

CRMS = "crms"
"""The lease under which the CRMs are written."""
TTL_SECONDS = 900.0
"""How long a killed holder blocks the others; every claim of a batch begins it anew."""

_ACQUIRE = """
    INSERT INTO sync.lease AS l (name, holder, epoch, expires_at)
    VALUES (%(name)s, %(holder)s, 1, clock_timestamp() + make_interval(secs => %(ttl)s))
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, epoch = l.epoch + 1, expires_at = excluded.expires_at
    WHERE l.holder IS NULL OR l.holder = excluded.holder OR l.expires_at <= clock_timestamp()
    RETURNING epoch
"""
_RENEW = """
    UPDATE sync.lease SET expires_at = clock_timestamp() + make_interval(secs => %(ttl)s)
    WHERE name = %(name)s AND holder = %(holder)s AND expires_at > clock_timestamp()
    RETURNING epoch
"""


def acquire(database: Database, name: str, holder: str, ttl: float = TTL_SECONDS) -> int:
    """Return the epoch under which the holder may now write.

    The same holder may take it again (a second try of a task): the epoch grows, and what is left of the first try can
    claim nothing more.

    Args:
        database: where the lease lives.
        name: which lease.
        holder: the run id.
        ttl: seconds until it is free again unless renewed.

    Raises:
        LeaseHeld: another run holds it; the message names that run and how long it may still do so.
    """
    with database.transaction() as connection:
        row = connection.execute(_ACQUIRE, {"name": name, "holder": holder, "ttl": ttl}).fetchone()
        if row is None:
            raise held_by(connection, name)
        return int(row["epoch"])


def renew(database: Database, name: str, holder: str, ttl: float = TTL_SECONDS) -> int:
    """Return the epoch of a lease that the holder still has and keeps for another `ttl` seconds.

    Raises:
        LeaseHeld: it ran out or was taken by another run meanwhile.
    """
    with database.transaction() as connection:
        row = connection.execute(_RENEW, {"name": name, "holder": holder, "ttl": ttl}).fetchone()
        if row is None:
            raise held_by(connection, name)
        return int(row["epoch"])


def release(database: Database, name: str, holder: str) -> bool:
    """Return whether the holder had the lease and has now given it back; the epoch stays and never shrinks."""
    with database.transaction() as connection:
        done = connection.execute(
            "UPDATE sync.lease SET holder = NULL, expires_at = clock_timestamp() WHERE name = %s AND holder = %s",
            (name, holder),
        )
        return done.rowcount == 1


def holder(database: Database, name: str) -> str | None:
    """Return who holds a lease at this moment, None where nobody does."""
    found = database.rows("SELECT holder FROM sync.lease WHERE name = %s AND expires_at > clock_timestamp()", [name])
    return found[0]["holder"] if found else None


def held_by(connection: psycopg.Connection[Row], name: str) -> LeaseHeld:
    """Return the error that says who has the lease and for how long at most."""
    row = connection.execute(
        "SELECT holder, greatest(0, extract(epoch FROM expires_at - clock_timestamp()))::int AS seconds"
        " FROM sync.lease WHERE name = %s",
        (name,),
    ).fetchone()
    if row is None or row["holder"] is None:
        return LeaseHeld(f"the lease {name!r} is no longer ours: it was given back or ran out; run the task again")
    return LeaseHeld(
        f"the lease {name!r} is held by {row['holder']} for {row['seconds']} s more at most; try again after it"
    )
