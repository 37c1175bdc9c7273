"""One bad design, or ours, through its story, before its oracle."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from machine.stage import stage_of
from machine.worlds import EVERYTHING, FIELDS

if TYPE_CHECKING:
    from accord.store.database import Database
    from bad_designs.designs import Design
    from machine.mortal import Process

_UNWATCH = "DROP TRIGGER IF EXISTS watch_claim ON sync.intents; DROP TABLE IF EXISTS sync.claim_watch"


def breaches(design: Design, database: Database, process: Process, *, is_bad: bool = True) -> list[str]:
    """Return what the oracle of a design says after its story; with our own design it must say nothing."""
    with stage_of(EVERYTHING, database, process, fields=FIELDS) as stage:
        stage.watch_calls()
        try:
            with design.instead() if is_bad else nullcontext():
                design.story(stage)
            with stage.crms.lock:
                return design.oracle(stage)
        finally:
            with database.transaction() as connection:
                connection.execute(_UNWATCH)
