"""Which settings were in force when, who changed them, and when the switch was last turned on (R2, R3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.settings import Settings
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
        difference = _difference(last["settings"] if last else {}, now)
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
    if settings.enabled_at is not None:
        return settings.enabled_at
    found = database.rows(
        "SELECT at FROM sync.settings_history WHERE difference -> 'sync_companies' -> 1 = 'true'::jsonb"
        " ORDER BY id DESC LIMIT 1"
    )
    return found[0]["at"] if found else now


def _difference(before: dict[str, Any], after: dict[str, Any], under: str = "") -> dict[str, list[Any]]:
    """Return the values that differ by their dotted names, as [before, after]; lists are compared as a whole."""
    changed: dict[str, list[Any]] = {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if isinstance(new, dict) and isinstance(old, dict | None):
            changed |= _difference(old or {}, new, f"{under}{name}.")
        elif old != new or name not in before:
            changed[f"{under}{name}"] = [old, new]
    return changed
