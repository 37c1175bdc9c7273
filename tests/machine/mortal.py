"""A process of the pipeline that dies as `kill -9` has it, without a process: fast, and a failing example can shrink."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest import mock

import psycopg

from accord.crm.transport import Channel
from accord.model import killpoints
from accord.store import database
from accord.store.database import Database
from accord.store.limiter import PostgresLimiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Killed(BaseException):
    """Goes through everything that catches errors, as a signal would."""


class Process:
    """What is alive, until a kill point that was asked for is passed; then nothing leaves it any more.

    Attributes:
        fired: how often each kill point killed.
        instead: done once at the next kill point that is asked for, instead of dying.
    """

    def __init__(self) -> None:
        self.environ: dict[str, str] = {}
        self.fired: Counter[str] = Counter()
        self.is_dead = False
        self.instead: Callable[[], None] | None = None

    def begin(self, kill: str = "") -> None:
        """Start anew, to die at `POINT:N`, or not at all."""
        self.is_dead = False
        self.environ["ACCORD_KILL"] = kill or "never"
        killpoints._passed.clear()

    @property
    def passed(self) -> dict[str, int]:
        """Return how often each kill point was passed since the process began."""
        return dict(killpoints._passed)

    def end(self, _status: int) -> None:
        if self.instead is not None:
            act, self.instead = self.instead, None
            act()
            return
        self.fired[self.environ["ACCORD_KILL"].partition(":")[0]] += 1
        self.is_dead = True
        raise Killed

    def check(self) -> None:
        """A `finally` of a process that is dead does not run; here it does, and must reach nothing."""
        if self.is_dead:
            raise Killed


@contextmanager
def mortal() -> Iterator[Process]:
    """Yield the one process there is: kill points raise `Killed`, and after that Postgres and the wire are out of reach."""
    process = Process()
    kept = _Kept()
    os_of_kill_points = SimpleNamespace(environ=process.environ, _exit=process.end)
    with (
        mock.patch.object(killpoints, "os", os_of_kill_points),
        mock.patch.object(
            database, "psycopg", SimpleNamespace(connect=kept.connect, OperationalError=psycopg.OperationalError)
        ),
        _guarded(Database, "transaction", process),
        _guarded(Database, "_arrow", process),
        _guarded(Channel, "send", process),
        _guarded(PostgresLimiter, "_change", process),
    ):
        try:
            yield process
        finally:
            kept.close()


class _Kept:
    """Connections that are used again: opening one is half of what a small run costs."""

    def __init__(self) -> None:
        self._free: dict[str, list[psycopg.Connection]] = defaultdict(list)

    @contextmanager
    def connect(self, dsn: str, **options: Any) -> Iterator[psycopg.Connection]:
        """Yield a connection, and commit, or roll back on any error, as `with psycopg.connect()` does."""
        connection = self._free[dsn].pop() if self._free[dsn] else psycopg.connect(dsn, **options)
        try:
            yield connection
        except BaseException:
            connection.rollback()
            raise
        else:
            connection.commit()
        finally:
            if not connection.closed:
                self._free[dsn].append(connection)

    def close(self) -> None:
        for connection in (it for those in self._free.values() for it in those):
            connection.close()


def _guarded(owner: type, name: str, process: Process):
    """Return a patch under which a method asks first whether its process is alive."""
    original = getattr(owner, name)

    def method(self, *args, **kwargs):
        process.check()
        return original(self, *args, **kwargs)

    return mock.patch.object(owner, name, method)
