"""The warehouse as the pages use it: opened once in a server process, with connections that are kept."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from accord.orchestration.wiring import settings_in_force, warehouse
from accord.store.kept import KeptDatabase

if TYPE_CHECKING:
    from accord.model.settings import Settings
    from accord.store.database import Database


@cache
def database() -> Database:
    """Return the warehouse, its tables brought up to date.

    Raises:
        BadSettings: there is no connection to it.
        ServiceUnavailable: it cannot be reached.
    """
    return KeptDatabase(warehouse().dsn)


def settings_of_file() -> Settings:
    """Return the settings of the file, read anew: a team may have changed it.

    Raises:
        BadSettings: the file is missing or wrong.
    """
    return settings_in_force()
