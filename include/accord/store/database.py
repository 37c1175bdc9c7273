"""The one way to Postgres: psycopg transactions for rows and COPY, ADBC for frames."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
from adbc_driver_postgresql import dbapi
from psycopg.rows import dict_row

from accord.model.errors import ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

Row = dict[str, Any]


@dataclass(frozen=True)
class Database:
    """A Postgres database with the schemas `staging` and `sync`.

    Attributes:
        dsn: `postgresql://user:password@host:port/name`; never shown, it may hold a password.
    """

    dsn: str = field(repr=False)

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection[Row]]:
        """Yield a connection whose work is committed at the end, or rolled back on any error.

        Raises:
            ServiceUnavailable: Postgres cannot be reached, went away meanwhile, or broke off for the sake of another
                transaction.
        """
        try:
            with psycopg.connect(self.dsn, row_factory=dict_row, connect_timeout=10) as connection:
                yield connection
        except psycopg.OperationalError as problem:
            raise unavailable(problem) from None

    def rows(self, sql: str, parameters: Sequence[object] | dict[str, object] = ()) -> list[Row]:
        """Return the rows of one query, each a dict."""
        with self.transaction() as connection:
            return connection.execute(sql, parameters).fetchall()

    def frame(self, sql: str) -> pd.DataFrame:
        """Return the rows of one query as a frame, read as Arrow.

        The SQL takes no parameters: callers put in nothing but integers and identifiers of their own.
        """
        with self._arrow() as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetch_arrow_table().to_pandas()

    def frames(self, queries: Mapping[str, str]) -> dict[str, pd.DataFrame]:
        """Return the rows of several queries, all of one moment, each a frame under its name; see `frame`."""
        with self._arrow() as connection, connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            found = {}
            for name, sql in queries.items():
                cursor.execute(sql)
                found[name] = cursor.fetch_arrow_table().to_pandas()
            return found

    @contextmanager
    def _arrow(self) -> Iterator[dbapi.Connection]:
        """Yield an ADBC connection.

        Raises:
            ServiceUnavailable: Postgres cannot be reached or went away meanwhile.
        """
        try:
            with _base(self.dsn).adbc_clone() as connection:
                yield connection
        except (dbapi.OperationalError, dbapi.InternalError) as problem:
            raise unavailable(problem) from None

    def append(self, schema: str, table: str, frame: pd.DataFrame | pa.Table) -> int:
        """Append a frame to an existing table as Arrow, without its index; return the number of rows."""
        # A frame that was filtered keeps row numbers, which Arrow would take for a column.
        rows = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
        with self._arrow() as connection, connection.cursor() as cursor:
            cursor.adbc_ingest(table, rows, mode="append", db_schema_name=schema)
            connection.commit()
        return len(frame)


_bases: dict[str, dbapi.Connection] = {}


def _base(dsn: str) -> dbapi.Connection:
    """Return an open ADBC connection to clone from: the first one to a database reads its types, which takes long."""
    if dsn not in _bases:
        while _bases:
            _bases.popitem()[1].close()
        _bases[dsn] = dbapi.connect(dsn)
    return _bases[dsn]


def unavailable(problem: Exception) -> ServiceUnavailable:
    """Return the error of a Postgres that does not answer."""
    return ServiceUnavailable(f"Postgres cannot be reached or stopped answering: {_first_line(problem)}")


def _first_line(problem: Exception) -> str:
    """Return the first line of a driver's message; the later ones repeat the connection string."""
    return str(problem).partition("\n")[0]
