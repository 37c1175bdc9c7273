"""How a command reaches the warehouse and the CRMs: its own environment, else that of the stack that runs here."""

from __future__ import annotations

import getpass
import logging
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from accord.model.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.steps.wiring import Wiring
    from accord.store.database import Database

DATABASE_URL = "ACCORD_DATABASE_URL"
_WAREHOUSE_CONNECTION = "AIRFLOW_CONN_ACCORD_WAREHOUSE"


def warehouse() -> Database:
    """Return the warehouse, its tables brought up to date; no CRM is asked for anything.

    It is named by ACCORD_DATABASE_URL, else by the connection `accord_warehouse` in the environment, else it is that
    of the stack that `make demo` or `make up` started in this directory.

    Raises:
        BadSettings: none of the three is there; says what to do.
        ServiceUnavailable: it cannot be reached.
    """
    from accord.store.database import Database
    from accord.store.schema import migrate

    _adopt_running_stack()
    url = os.environ.get(DATABASE_URL) or os.environ.get(_WAREHOUSE_CONNECTION)
    if not url:
        raise BadSettings(
            f"no warehouse is named: set {DATABASE_URL}=postgresql://user:password@host:port/database, "
            "or call this where `make demo` or `make up` runs"
        )
    database = Database("postgresql://" + url.partition("://")[2])
    migrate(database)
    return database


@contextmanager
def wiring(settings: Path | None) -> Iterator[Wiring]:
    """Yield ready clients of both CRMs and the warehouse, from Airflow's connections or the stack that runs here.

    Args:
        settings: the settings file; None: that of the running stack, else `config/accord.yaml`.
    """
    from accord.orchestration.wiring import open_wiring

    _log_to_standard_error()
    _adopt_running_stack()
    with open_wiring(settings) as ready:
        yield ready


def _log_to_standard_error() -> None:
    """Take the log off standard output, where importing Airflow puts it, and leave out all but what is amiss."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and handler.stream is sys.stdout:
            handler.setStream(sys.stderr)
            handler.setLevel(logging.WARNING)


def who() -> str:
    """Return who called the command: the person behind sudo, else the user of the operating system."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):
        return f"user {os.getuid()}"


def settings_file(named: Path | None) -> Path:
    """Return the settings file a command works with."""
    from accord.model.settings_place import settings_path

    _adopt_running_stack()
    return named or settings_path()


def _adopt_running_stack() -> None:
    """Take connections and settings from the stack that runs in this directory, where the environment names none."""
    if os.environ.get(DATABASE_URL) or os.environ.get(_WAREHOUSE_CONNECTION) or not Path("var").is_dir():
        return
    from accord.local.stack import Stack

    for name, value in Stack(Path.cwd()).environment().items():
        os.environ.setdefault(name, value)
