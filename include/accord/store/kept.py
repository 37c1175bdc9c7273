"""Postgres with connections that stay open between uses: a page asks many small questions and must not log in for each.

A run needs this not: it asks few and large ones, from processes that come and go.
"""

from __future__ import annotations

import queue
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from psycopg.rows import dict_row

from accord.store.database import Database, Row, unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

_TRUSTED_SECONDS = 5
"""An idle connection older than this is asked whether it still lives before it is used."""

Idle = queue.LifoQueue[tuple[float, psycopg.Connection[Row]]]


@dataclass(frozen=True)
class KeptDatabase(Database):
    """The same database; each transaction takes a connection that is idle, and gives it back."""

    _idle: Idle = field(default_factory=lambda: queue.LifoQueue(8), repr=False, compare=False)

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Row]]:
        """Yield a connection whose work is committed at the end, or rolled back on any error.

        Raises:
            ServiceUnavailable: Postgres cannot be reached or went away meanwhile.
        """
        try:
            connection = self._take()
            try:
                with connection.transaction():
                    yield connection
            finally:
                self._give_back(connection)
        except psycopg.OperationalError as problem:
            raise unavailable(problem) from None

    def close(self) -> None:
        """Close what is idle."""
        while not self._idle.empty():
            self._idle.get_nowait()[1].close()

    def _take(self) -> psycopg.Connection[Row]:
        """Return a connection that lives."""
        while True:
            try:
                since, connection = self._idle.get_nowait()
            except queue.Empty:
                return psycopg.connect(self.dsn, row_factory=dict_row, connect_timeout=10, autocommit=True)
            if time.monotonic() - since < _TRUSTED_SECONDS or _lives(connection):
                return connection
            connection.close()

    def _give_back(self, connection: psycopg.Connection[Row]) -> None:
        """Keep a connection for the next use, unless it is broken or there are enough."""
        if connection.closed or connection.broken:
            return
        try:
            self._idle.put_nowait((time.monotonic(), connection))
        except queue.Full:
            connection.close()


def _lives(connection: psycopg.Connection[Row]) -> bool:
    """Return whether Postgres still answers."""
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True
