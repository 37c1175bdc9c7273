"""The switch of the console: it wins over the settings file until the file itself says something else than it did then.

So the last one to change it wins, whoever that is, without anybody's clock: a team that changes the file in a pull
request ends what was switched on the page before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.store.history import record_settings

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.settings import Settings
    from accord.store.database import Database, Row

_IN_FORCE = "SELECT * FROM sync.switches WHERE ended_at IS NULL"
_END = "UPDATE sync.switches SET ended_at = now() WHERE ended_at IS NULL"


def applied(database: Database, in_file: Settings) -> Settings:
    """Return the settings of the file with the switch as it stands; a switch that the file has overtaken is ended."""
    found = switched(database)
    if found is not None and is_overtaken(found, in_file):
        with database.transaction() as connection:
            connection.execute(f"{_END} AND id = %s", [found["id"]])
    return with_switch(found, in_file)


def applied_read_only(database: Database, in_file: Settings) -> Settings:
    """Return the settings of the file with the switch as it stands; nothing is stored."""
    return with_switch(switched(database), in_file)


def with_switch(found: Row | None, in_file: Settings) -> Settings:
    """Return the settings of the file with a switch that `switched` found, where the file has not overtaken it."""
    if found is None or is_overtaken(found, in_file):
        return in_file
    return in_file.model_copy(update={"sync_companies": found["is_on"]})


def is_overtaken(found: Row, in_file: Settings) -> bool:
    """Return whether the file says something else than it did when the switch was turned."""
    return bool(found["over"] != in_file.sync_companies)


def switched(database: Database) -> Row | None:
    """Return the switch in force: is_on, over (what the file said then), by, at; None: the file alone decides."""
    found = database.rows(_IN_FORCE)
    return found[0] if found else None


def turn(database: Database, in_file: Settings, *, is_on: bool, by: str, at: datetime) -> Settings:
    """Return the settings in force after somebody turned the switch; who and when is recorded (R2).

    Args:
        database: the warehouse.
        in_file: the settings of the file.
        is_on: whether company sync is on from now on.
        by: who turned it.
        at: now, UTC.
    """
    with database.transaction() as connection:
        connection.execute(_END)
        connection.execute(
            "INSERT INTO sync.switches (is_on, over, by, at) VALUES (%s, %s, %s, %s)",
            [is_on, in_file.sync_companies, by, at],
        )
    now = in_file.model_copy(update={"sync_companies": is_on})
    record_settings(database, now, by=by, at=at)
    return now
