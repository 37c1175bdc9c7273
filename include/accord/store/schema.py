"""Brings the database to the tables this code was written for. No data is moved here."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from accord.model.errors import BadSettings, ServiceUnavailable
from accord.store.tables import SYNC

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from accord.store.database import Database

VERSION_TABLE = "schema_version"
"""In schema `sync`, so that it never meets the `alembic_version` of an Airflow in the same database."""

_LOCK = 7_105_227_613_002
_log = logging.getLogger(__name__)


def migrate(database: Database) -> str:
    """Return the revision the database has now, after the migrations it lacked were run in one transaction.

    Two starters do not race: the second waits for a Postgres advisory lock and then finds nothing to do.

    Raises:
        BadSettings: the database was made by a newer Accord than this one.
        ServiceUnavailable: Postgres cannot be reached.
    """
    with _connection(database) as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SYNC}"))
        config = _config(connection)
        before = _revision(connection)
        _refuse_newer(before, ScriptDirectory.from_config(config))
        command.upgrade(config, "head")
        after = _revision(connection)
    if before != after:
        _log.info("database migrated from %s to %s", before or "nothing", after)
    return str(after)


def _refuse_newer(revision: str | None, scripts: ScriptDirectory) -> None:
    """Stop when the database is at a revision that this code has never heard of."""
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise BadSettings(
            f"the database is at revision {revision}, this Accord knows up to {scripts.get_current_head()}: "
            "a newer Accord made it; install that version, or point this one at its own database"
        )


def _revision(connection: Connection) -> str | None:
    """Return the revision in the version table, None in an empty database."""
    options = {"version_table": VERSION_TABLE, "version_table_schema": SYNC}
    return MigrationContext.configure(connection, opts=options).get_current_revision()


def _config(connection: Connection) -> Config:
    """Return an Alembic configuration that needs no ini file and works on the given connection."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


@contextmanager
def _connection(database: Database) -> Iterator[Connection]:
    """Yield an SQLAlchemy connection in one transaction."""
    engine = create_engine(f"postgresql+psycopg://{database.dsn.partition('://')[2]}", poolclass=NullPool)
    try:
        with engine.begin() as connection:
            yield connection
    except OperationalError as problem:
        reason = str(problem.orig).partition("\n")[0]
        raise ServiceUnavailable(f"Postgres cannot be reached or stopped answering: {reason}") from None
