"""Which settings were in force when, who changed them, and when the switch was last turned on (R2, R3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from accord.model.settings import Settings, parse_settings
from accord.model.settings_changes import difference_of

if TYPE_CHECKING:
    from datetime import datetime

    from accord.store.database import Database

_LOCK = 7_105_227_613_003


def record_settings(database: Database, settings: Settings, *, by: str, at: datetime) -> dict[str, list[Any]]:
    """Return what differs from the settings recorded last, `{"caps.max_creates": [25, 100]}`, after recording it (R2).

    The very first settings differ from nothing at all. Equal settings are not recorded again.

    Args:
        database: where the history lives.
        settings: those in force now.
        by: who changed them, as far as known: a person, or the run that first saw them.
        at: when they were first seen, UTC.
    """
    now = settings.model_dump(mode="json")
    with database.transaction() as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        last = connection.execute("SELECT settings FROM sync.settings_history ORDER BY id DESC LIMIT 1").fetchone()
        difference = difference_of(last["settings"] if last else {}, now)
        if difference:
            connection.execute(
                "INSERT INTO sync.settings_history (at, by, settings, difference) VALUES (%s, %s, %s, %s)",
                (at, by, Jsonb(now), Jsonb(difference)),
            )
    return difference


def enabled_at(database: Database, settings: Settings, now: datetime) -> datetime:
    """Return when the switch was last turned on, UTC (R3).

    The settings' own `enabled_at` wins; else it is the moment Accord first saw the switch on after it was off; `now`
    where that was never recorded.
    """
    return settings.enabled_at or _seen_on(database) or now


def switched_on(database: Database, settings: Settings, now: datetime) -> datetime:
    """Return the latest moment, UTC, that counts as a switch-on for the baseline of stages (R60).

    Unlike `enabled_at`, which a team may leave as it is over an off and on, or move back to let older records take
    part, this never lies before the moment Accord itself saw the switch turned on.
    """
    known = (settings.enabled_at, _seen_on(database))
    return max((moment for moment in known if moment is not None), default=now)


def _seen_on(database: Database) -> datetime | None:
    """Return when Accord last saw the switch on after it was off or unknown, None where that was never recorded."""
    found: list[dict[str, datetime]] = database.rows(
        "SELECT at FROM sync.settings_history WHERE difference -> 'sync_companies' -> 1 = 'true'::jsonb"
        " ORDER BY id DESC LIMIT 1"
    )
    return found[0]["at"] if found else None


@dataclass(frozen=True)
class Change:
    """One change of the settings in force.

    Attributes:
        at: when a run first saw them, UTC.
        by: the person who started that run, else the run.
        difference: what changed, by dotted names, as [before, after]; of the first one what differs from the defaults.
        is_first: Accord was installed with these.
    """

    at: datetime
    by: str
    difference: dict[str, list[Any]]
    is_first: bool


def settings_history(database: Database, limit: int) -> list[Change]:
    """Return the latest changes of the settings in force, newest first."""
    rows = database.rows(
        "SELECT at, by, settings, difference, id = min(id) OVER () AS is_first FROM sync.settings_history"
        " ORDER BY id DESC LIMIT %s",
        (limit,),
    )
    defaults = Settings().model_dump(mode="json")
    return [
        Change(
            row["at"],
            row["by"],
            difference_of(defaults, row["settings"]) if row["is_first"] else row["difference"],
            row["is_first"],
        )
        for row in rows
    ]


def last_settings(database: Database) -> Settings | None:
    """Return the settings that a run last saw in force, None where none ever did.

    Raises:
        BadSettings: they were recorded by another version of Accord, which knew other settings.
    """
    found = last_recorded(database)
    return None if found is None else parse_settings(found, "the settings recorded last")


def last_recorded(database: Database) -> dict[str, Any] | None:
    """Return the settings that a run last saw in force as they were recorded, by whatever version of Accord."""
    found = database.rows("SELECT settings FROM sync.settings_history ORDER BY id DESC LIMIT 1")
    return found[0]["settings"] if found else None
