"""Counts API calls for all processes at once: one row per CRM, compared and swapped.

A reservation hands out start times: call i may begin when call i - N is one window old. So N calls fit in any window,
not only in aligned ones, and nobody has to ask twice.
"""

from __future__ import annotations

import math
import os
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from accord.model.errors import QuotaExhausted, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.clock import Clock
    from accord.model.settings import Budget
    from accord.store.database import Database, Row

Bucket = Literal["salesforce", "hubspot", "hubspot_search"]
Crm = Literal["salesforce", "hubspot"]

T = TypeVar("T")

_MARGIN_SECONDS = 0.05
"""Calls overtake each other on the way: the window is held this much longer than the service asks."""
RESERVE_MEMORY_SECONDS = 600
"""How long what the service said is left is believed; at the reserve one call may ask again after that."""
_CRMS: tuple[Crm, ...] = ("salesforce", "hubspot")


class PostgresLimiter:
    """Says when the next call may be made; shared by every process that uses the same database.

    Its connection stays open, one per process, and its rows are written without waiting for the disk: a count lost in
    a crash of the server costs a few calls, an intent lost there would cost a duplicate.

    Args:
        database: where the counts live.
        budget: calls allowed per window and day.
        clock: the clock that windows and days are measured by.
    """

    def __init__(self, database: Database, budget: Budget, clock: Clock) -> None:
        self._database, self._budget, self._clock = database, budget, clock
        self._connection: psycopg.Connection[Row] | None = None
        self._owner = 0
        self._lock = threading.Lock()
        self._is_low: set[Crm] = set()
        self._seen: dict[Crm, Row] = {}
        self._said: dict[Crm, dict[str, Any]] = {}

    def take(self, bucket: Bucket, calls: int = 1) -> float:
        """Reserve calls and return the seconds to wait before making them (0: now).

        Raises:
            QuotaExhausted: the day's budget would be exceeded, or the service itself is down to our reserve; nothing
                is reserved.
            ServiceUnavailable: Postgres cannot be reached; without a count no call is made.
        """
        now = self._clock.now().timestamp()
        crm = _crm(bucket)
        said = self._said.pop(crm, None)

        def reserve(row: Row) -> float:
            if said and (row["remaining_at"] is None or said["remaining_at"] > row["remaining_at"]):
                row.update(said)
            self._refuse_beyond_reserve(crm, row, now)
            self._spend(crm, row, calls, now)
            return self._reserve(bucket, row, calls, now)

        return _seconds_between(now, self._change(crm, reserve))

    def block(self, bucket: Bucket, seconds: float) -> None:
        """Let nobody reserve a call in this bucket that begins earlier than so many seconds from now (Retry-After)."""
        until = self._clock.now().timestamp() + seconds

        def hold_back(row: Row) -> None:
            row["blocked"][bucket] = max(until, row["blocked"].get(bucket, 0.0))

        self._change(_crm(bucket), hold_back)

    def welcome_in(self, bucket: Bucket) -> float:
        """Return the seconds for which nobody is to call, as any process was told; read anew, not remembered."""
        crm = _crm(bucket)
        with self._lock:
            self._seen.pop(crm, None)

        def until(row: Row) -> float:
            return float(row["blocked"].get(bucket, 0.0))

        free = self._change(crm, until)
        return _seconds_between(self._clock.now().timestamp(), free)

    def observe(self, crm: Crm, used: int | None, remaining: int | None) -> None:
        """Remember what the service says is left of its day.

        At the reserve it is the next `take` that raises, in every process: the answer in hand may be that of a write,
        and must not be lost. Above it what was said is stored with the next `take`, which costs nothing.
        """
        if remaining is None:
            return
        said = {"remaining": remaining, "remaining_at": self._clock.now()}
        is_low = remaining <= self._reserve_of(crm)
        if is_low or crm in self._is_low:
            self._change(crm, lambda row: row.update(said))
        else:
            self._said[crm] = said
        (self._is_low.add if is_low else self._is_low.discard)(crm)

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        with self._lock:
            if self._connection is not None and self._owner == os.getpid():
                self._connection.close()
            self._connection = None

    def _reserve(self, bucket: Bucket, row: Row, calls: int, now: float) -> float:
        """Return when the calls may begin, and write that into the row."""
        start: float = max(now, row["blocked"].get(bucket, 0.0))
        if bucket == "salesforce":
            return start
        size, window = self._window(bucket)
        starts: list[float] = row["starts"].get(bucket, [])
        if len(starts) + calls > size:
            start = max(start, starts[len(starts) + calls - size - 1] + window + _MARGIN_SECONDS)
        row["starts"][bucket] = [at for at in (*starts, *[round(start, 3)] * calls) if at > now - window - 1][-size:]
        return start

    def _window(self, bucket: Bucket) -> tuple[int, float]:
        """Return how many calls fit into how many seconds."""
        if bucket == "hubspot_search":
            return self._budget.hubspot_searches_a_second, 1.0
        return self._budget.hubspot_calls_in_10_seconds, 10.0

    def _spend(self, crm: Crm, row: Row, calls: int, now: float) -> None:
        """Count the calls of this hour, unless the 24 hours before it leave no room (R95)."""
        hour = int(now // 3600)
        hours = {at: made for at, made in row["hours"].items() if int(at) >= hour - 24}
        budget = self._budget.salesforce_calls_a_day if crm == "salesforce" else self._budget.hubspot_calls_a_day
        if sum(hours.values()) + calls > budget:
            free = datetime.fromtimestamp((int(min(hours, key=int, default=hour)) + 25) * 3600, UTC)
            raise QuotaExhausted(
                f"{crm}: the budget of {budget} calls a day is used up; more become free from {free:%Y-%m-%d %H:%M} UTC"
                f" on. Everything unsent stays planned; raise budget.{crm}_calls_a_day if the org allows it"
            )
        row["hours"] = {**hours, str(hour): hours.get(str(hour), 0) + calls}
        row["total"] += calls

    def _refuse_beyond_reserve(self, crm: Crm, row: Row, now: float) -> None:
        """Raise while the service's own remaining calls are known to be at our reserve or below."""
        left, seen = row["remaining"], row["remaining_at"]
        if left is None or left > self._reserve_of(crm) or now - seen.timestamp() > RESERVE_MEMORY_SECONDS:
            return
        raise QuotaExhausted(
            f"{crm} itself has {left} calls left today, and budget.{crm}_reserve keeps {self._reserve_of(crm)} for"
            " others; everything unsent stays planned until the day's calls are back"
        )

    def _reserve_of(self, crm: Crm) -> int:
        """Return how many of the service's calls we leave to others."""
        return self._budget.salesforce_reserve if crm == "salesforce" else self._budget.hubspot_reserve

    def _change(self, crm: Crm, change: Callable[[Row], T]) -> T:
        """Return what a change of a CRM's row returns, once it was stored on top of what everybody else stored.

        The row as this process stored it last is tried first: alone, a reservation is one round trip.
        """
        with self._lock:
            try:
                while True:
                    row = self._seen.pop(crm, None) or _read(self._ready(), crm)
                    result = change(row)
                    if _store(self._ready(), row):
                        self._seen[crm] = row
                        return result
            except psycopg.OperationalError as problem:
                self._connection = None
                reason = str(problem).partition("\n")[0]
                raise ServiceUnavailable(f"Postgres stopped answering while API calls were counted: {reason}") from None

    def _ready(self) -> psycopg.Connection[Row]:
        """Return this process's connection; a forked child does not share its parent's."""
        if self._connection is None or self._connection.closed or self._owner != os.getpid():
            try:
                self._connection = psycopg.connect(
                    self._database.dsn,
                    row_factory=dict_row,
                    autocommit=True,
                    connect_timeout=10,
                    options="-c synchronous_commit=off",
                )
            except psycopg.OperationalError as problem:
                reason = str(problem).partition("\n")[0]
                raise ServiceUnavailable(f"Postgres cannot be reached to count API calls: {reason}") from None
            self._owner = os.getpid()
        return self._connection


def calls_today(database: Database, now: datetime) -> dict[str, int]:
    """Return per CRM how many calls the last 24 hours counted, in whole hours."""
    found = database.rows(
        "SELECT crm, (SELECT coalesce(sum(made::bigint), 0)::bigint FROM jsonb_each_text(hours) AS h(hour, made)"
        " WHERE hour::bigint >= %s) AS made FROM sync.call_budget",
        (int(now.timestamp() // 3600) - 24,),
    )
    return dict.fromkeys(_CRMS, 0) | {row["crm"]: row["made"] for row in found}


def calls_ever(database: Database) -> dict[str, int]:
    """Return per CRM how many calls were ever counted; the difference of two readings is what happened between."""
    found = database.rows("SELECT crm, total FROM sync.call_budget")
    return dict.fromkeys(_CRMS, 0) | {row["crm"]: row["total"] for row in found}


_JSON = ("starts", "blocked", "hours")
_STORE = """
    UPDATE sync.call_budget SET starts = %(starts)s, blocked = %(blocked)s, hours = %(hours)s, total = %(total)s,
        remaining = %(remaining)s, remaining_at = %(remaining_at)s
    WHERE crm = %(crm)s AND xmin::text = %(version)s
    RETURNING xmin::text AS version
"""


def _read(connection: psycopg.Connection[Row], crm: Crm) -> Row:
    """Return the row of a CRM with its version; the first call ever makes it."""
    for _ in range(2):
        found = connection.execute(
            "SELECT *, xmin::text AS version FROM sync.call_budget WHERE crm = %s", (crm,)
        ).fetchone()
        if found is not None:
            return found
        connection.execute("INSERT INTO sync.call_budget (crm) VALUES (%s) ON CONFLICT DO NOTHING", (crm,))
    return _read(connection, crm)


def _store(connection: psycopg.Connection[Row], row: Row) -> bool:
    """Return whether the row was stored: it was not when somebody else changed it since it was read."""
    stored = connection.execute(_STORE, {**row, **{name: Jsonb(row[name]) for name in _JSON}}).fetchone()
    if stored is not None:
        row["version"] = stored["version"]
    return stored is not None


def _seconds_between(now: float, then: float) -> float:
    """Return the seconds to sleep until then, rounded up to a millisecond; 0 where it has come.

    Seconds since 1970 are held to a quarter of a microsecond and clocks tell whole ones: an unrounded rest may be too
    short for a clock to move at all, and whoever sleeps it would ask for ever.
    """
    return max(0.0, math.ceil((then - now) * 1000) / 1000)


def _crm(bucket: Bucket) -> Crm:
    """Return the CRM whose day a bucket's calls count for; searches count like any other HubSpot call."""
    return "salesforce" if bucket == "salesforce" else "hubspot"
