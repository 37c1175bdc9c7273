"""Unlogged tables that hold what was read until it is checked and merged: text as it came, one table an extract.

CSV of Bulk 2.0 goes to COPY without being parsed; JSON records become Arrow and go through ADBC.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from psycopg import sql

from accord.model.errors import ContractBroken
from accord.store.tables import STAGING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from accord.store.database import Database, Row

ROWS_AT_ONCE = 25_000
"""JSON records that are kept in memory (about 2 KB each) before they go to Postgres in one append.

Each append opens a connection of its own, which costs as much as sending 5,000 rows.
"""


@dataclass(frozen=True)
class PageTable:
    """A table of text columns in schema `staging`, named apart from those of every other extract."""

    database: Database
    name: str
    columns: tuple[str, ...]

    @property
    def identifier(self) -> sql.Identifier:
        """Return the quoted name with its schema."""
        return sql.Identifier(STAGING, self.name)

    def copy_csv(self, chunks: Iterable[bytes]) -> None:
        """Load one CSV with a header row as it arrives.

        NUL bytes are left out, which Postgres text cannot hold (F45). An empty field is NULL, as the service does not
        tell blank and empty apart.

        Raises:
            ContractBroken: the header is not the fields that were asked for, or the text is no CSV.
        """
        statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv, HEADER MATCH, FORCE_NULL *)").format(self.identifier)
        try:
            with self.database.transaction() as connection, connection.cursor().copy(statement) as copy:
                for chunk in chunks:
                    copy.write(chunk.replace(b"\0", b""))
        except psycopg.DataError as problem:
            raise ContractBroken(f"{self.name}: a CSV page cannot be read: {problem.diag.message_primary}") from None

    @contextmanager
    def sink(self) -> Iterator[Sink]:
        """Yield something that takes records, and sends the last of them at the end unless an error ended it."""
        sink = Sink(self)
        yield sink
        sink.flush()

    def clear(self) -> None:
        """Empty the table, to read everything again."""
        with self.database.transaction() as connection:
            connection.execute(sql.SQL("TRUNCATE {}").format(self.identifier))


@dataclass
class Sink:
    """Collects JSON records and appends them to a page table, ROWS_AT_ONCE at a time."""

    page: PageTable
    total: int = 0
    _waiting: list[dict[str, Any]] = field(default_factory=list)

    def add(self, records: Iterable[dict[str, Any]]) -> None:
        """Take records; of each the values under the table's columns count."""
        self._waiting.extend(records)
        if len(self._waiting) >= ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Append what waits as one Arrow table."""
        records, self._waiting = self._waiting, []
        if not records:
            return
        arrays = [_text_array([record.get(name) for record in records]) for name in self.page.columns]
        table = pa.table(arrays, names=list(self.page.columns))
        self.total += self.page.database.append(STAGING, self.page.name, table)


@contextmanager
def page_table(database: Database, what: str, columns: Sequence[str]) -> Iterator[PageTable]:
    """Yield an empty table of text columns, dropped at the end."""
    with scratch_table(database, what, dict.fromkeys(columns, "text")) as name:
        yield PageTable(database, name, tuple(columns))


@contextmanager
def kept_page_table(database: Database, what: str, columns: Sequence[str], reader: str) -> Iterator[PageTable]:
    """Yield the page table of a reader, with what it holds already; dropped at a good end, and kept at any other.

    Args:
        database: where it is made.
        what: said in its name.
        columns: all text.
        reader: names whoever goes on with it; other columns are another table.
    """
    digest = hashlib.sha256("\n".join([reader, *columns]).encode()).hexdigest()[:16]
    page = PageTable(database, f"page_{what}_{digest}", tuple(columns))
    with database.transaction() as connection:
        known = connection.execute("SELECT to_regclass(%s) AS it", [f'{STAGING}."{page.name}"']).fetchone() or {}
        if known["it"] is None:
            _create(connection, page.name, dict.fromkeys(columns, "text"))
    yield page
    with database.transaction() as connection:
        connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(page.identifier))


@contextmanager
def scratch_table(database: Database, what: str, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield the name of an empty unlogged table in schema `staging`, dropped at the end.

    A killed process leaves its table behind; the daily reconcile drops those by the time in their comment.

    Args:
        database: where it is made; committed, so that ADBC's own connection sees it.
        what: said in its name, which also has a random part: two runs may load the same source at once.
        columns: name and Postgres type of each.
    """
    name = f"page_{what}_{secrets.token_hex(4)}"
    table = sql.Identifier(STAGING, name)
    with database.transaction() as connection:
        _create(connection, name, columns)
    try:
        yield name
    finally:
        with database.transaction() as connection:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(table))


def _create(connection: psycopg.Connection[Row], name: str, columns: Mapping[str, str]) -> None:
    """Create an unlogged table, the first line of whose comment is the time."""
    table = sql.Identifier(STAGING, name)
    typed = [sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in columns.items()]
    connection.execute(sql.SQL("CREATE UNLOGGED TABLE {} ({})").format(table, sql.SQL(", ").join(typed)))
    made = connection.execute("SELECT now()::text AS at").fetchone() or {}
    connection.execute(sql.SQL("COMMENT ON TABLE {} IS {}").format(table, sql.Literal(made["at"])))


def drop_forgotten(database: Database) -> int:
    """Drop page tables of killed processes, a day after they were made; return how many."""
    found = database.rows(
        "SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relkind = 'r' AND starts_with(c.relname, 'page_')"
        " AND split_part(obj_description(c.oid, 'pg_class'), E'\\n', 1)::timestamptz < now() - interval '1 day'",
        [STAGING],
    )
    with database.transaction() as connection:
        for row in found:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(STAGING, row["name"])))
    return len(found)


def _text_array(values: list[Any]) -> pa.Array:
    """Return values as Arrow text that Postgres takes: no NUL, and U+FFFD for each lone surrogate (F45)."""
    try:
        array = pa.array(values, type=pa.string())
    except (pa.ArrowException, UnicodeEncodeError):
        # Most columns are text and null already; only the others are worth a look at each value.
        array = pa.array([_whole(_text(value)) for value in values], type=pa.string())
    return pc.replace_substring(array, pattern="\0", replacement="")


def _text(value: Any) -> str | None:
    """Return a JSON value as text: 250.0 as 250, since REST writes whole numbers of a double field either way."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return json.dumps(value)


def _whole(text: str | None) -> str | None:
    """Return the text with U+FFFD for each lone surrogate."""
    return (
        text if text is None or text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )
