"""How long ago each CRM was read, by its own clock. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.settings import Wire
    from accord.store.database import Database

_MARKS = """
    SELECT source, mark, row_count FROM sync.watermarks WHERE source ~ '^(salesforce|hubspot)[.]' ORDER BY source
"""
_NO_MEASURE = ("hubspot.list_members",)
"""A list that did not change is not read again, so its mark says nothing about how late it is."""


@dataclass(frozen=True)
class Lag:
    """How far one source was read.

    Attributes:
        crm: salesforce or hubspot.
        what: the kind of record.
        up_to: the moment up to which changes were read; the mark lies the overlap before that, to be read again.
        rows: live records at that time.
        counts: whether it tells how late the CRM is.
    """

    crm: str
    what: str
    up_to: datetime
    rows: int
    counts: bool


def lags(database: Database, wire: Wire) -> list[Lag]:
    """Return each source that was ever read."""
    minutes = {"salesforce": wire.salesforce_overlap_minutes, "hubspot": wire.hubspot_overlap_minutes}
    found = []
    # A mark of something else, such as the baseline of stages, is not moved by reading.
    for row in database.rows(_MARKS):
        crm, _, what = row["source"].partition(".")
        up_to = row["mark"] + timedelta(minutes=minutes[crm])
        found.append(Lag(crm, what, up_to, row["row_count"] or 0, row["source"] not in _NO_MEASURE))
    return found


def seconds_behind(database: Database, wire: Wire, now: datetime) -> dict[str, float]:
    """Return per CRM how long ago the source that is furthest behind was read; a CRM that never was is left out."""
    behind: dict[str, float] = {}
    for it in lags(database, wire):
        if it.counts:
            behind[it.crm] = max(behind.get(it.crm, 0.0), (now - it.up_to).total_seconds())
    return behind
