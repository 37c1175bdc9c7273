"""Our two ways into Postgres beside `DataFrame.to_sql` over SQLAlchemy: same rows, same text columns, same table."""

from __future__ import annotations

import io
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
from psycopg import sql
from sqlalchemy import create_engine

from accord.store.pages import page_table
from accord.store.sources import hubspot_source, salesforce_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.database import Database
    from accord.store.pages import PageTable
    from accord.store.sources import Source

_CHUNK = 2**16


def staging_load(wiring: Wiring, run: Run, rows: int) -> dict[str, Any]:
    """Return rows a second of CSV by COPY, of JSON records by Arrow, and of `to_sql` for both.

    The rows are those staged before, made ready in memory first: the reading of a frame is not held against `to_sql`,
    nor the making of the CSV against COPY.

    Args:
        wiring: database and settings.
        run: not used; all work is given one.
        rows: at most so many of each kind.
    """
    accounts = salesforce_source("accounts", wiring.settings)
    contacts = hubspot_source("contacts", wiring.settings)
    return {
        "Salesforce accounts, CSV by COPY": _copy(wiring.database, accounts, rows),
        "HubSpot contacts, JSON by Arrow (ADBC)": _arrow(wiring.database, contacts, rows),
    }


def _copy(database: Database, source: Source, rows: int) -> dict[str, float]:
    """Return seconds of both ways for a source that arrives as CSV."""
    csv = _csv(database, source, rows)
    frame = pd.read_csv(io.BytesIO(csv), dtype=str)
    chunks = [csv[at : at + _CHUNK] for at in range(0, len(csv), _CHUNK)]
    return _compare(database, source, frame, lambda page: page.copy_csv(chunks))


def _arrow(database: Database, source: Source, rows: int) -> dict[str, float]:
    """Return seconds of both ways for a source that arrives as JSON records."""
    frame = pd.read_csv(io.BytesIO(_csv(database, source, rows)), dtype=str)
    records = frame.astype(object).where(frame.notna(), None).to_dict("records")

    def ours(page: PageTable) -> None:
        with page.sink() as sink:
            for start in range(0, len(records), 100):
                sink.add(records[start : start + 100])

    return _compare(database, source, frame, ours)


def _compare(
    database: Database, source: Source, frame: pd.DataFrame, ours: Callable[[PageTable], None]
) -> dict[str, float]:
    """Return rows a second of our way and of `to_sql`, each into an empty table of its own."""
    engine = create_engine(database.dsn.replace("postgresql://", "postgresql+psycopg://", 1))
    with page_table(database, source.table, list(source.columns)) as page:
        our_seconds = _seconds(partial(ours, page))
        loaded = _rows_of(page)
    with page_table(database, source.table, list(source.columns)) as page:
        their_seconds = _seconds(
            lambda: frame.to_sql(page.name, engine, schema="staging", if_exists="append", index=False, chunksize=10_000)
        )
        if not loaded == _rows_of(page) == len(frame):
            raise AssertionError("both ways load every row")
    engine.dispose()
    return {"rows": len(frame), "ours": len(frame) / our_seconds, "to_sql": len(frame) / their_seconds}


def _seconds(work: Callable[[], object]) -> float:
    """Return how long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _csv(database: Database, source: Source, rows: int) -> bytes:
    """Return staged rows as one CSV with a header, as a bulk job would send them."""
    statement = sql.SQL("COPY (SELECT {} FROM staging.{} LIMIT {}) TO STDOUT (FORMAT csv, HEADER)").format(
        sql.SQL(", ").join(map(sql.Identifier, source.columns)), sql.Identifier(source.table), sql.Literal(rows)
    )
    with database.transaction() as connection, connection.cursor().copy(statement) as copy:
        return b"".join(bytes(block) for block in copy)


def _rows_of(page: PageTable) -> int:
    """Return how many rows a page table has."""
    with page.database.transaction() as connection:
        row = connection.execute(sql.SQL("SELECT count(*) AS n FROM {}").format(page.identifier)).fetchone() or {}
    return int(row["n"])
