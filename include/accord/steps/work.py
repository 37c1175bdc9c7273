"""What every part of the write protocol needs: clients, the lease's epoch, what the CRMs allow, whose run it is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from accord.steps.policy import stage_order
from accord.steps.preflight import Preflight, preflight
from accord.store import lease, runs

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.ledger import System

FIRST_RETRY_SECONDS = 2.0
"""Before the second try of a row that somebody else had locked."""
RETRIES_IN_RUN = 4
"""Tries of such a row within one run; after them it waits for a later one."""
LATER_RETRY = timedelta(minutes=15)
"""When such a row may be tried again by a later run."""
FIRST_REST = timedelta(hours=1)
"""Before a rejected row is sent a second time; doubled with every rejection."""
LONGEST_REST = timedelta(days=7)
BELIEVED = timedelta(minutes=15)
"""How long what was read or sent is believed to be the last word: after that, people may have acted on it."""


@dataclass(frozen=True)
class Work:
    """One run's right to write.

    Attributes:
        wiring: ready clients and settings.
        run: the run that settles what it does.
        epoch: of the lease; every claim checks it.
    """

    wiring: Wiring
    run: Run
    epoch: int

    @cached_property
    def allowed(self) -> Preflight:
        """Return what both CRMs allow, asked once, and only where something is to be written."""
        return preflight(self.wiring)

    @cached_property
    def key_fields(self) -> frozenset[System]:
        """Return the CRMs whose key field can be written, as the run found them when its plan entered the ledger."""
        known = runs.key_fields(self.wiring.database, self.run.run_id)
        return self.allowed.key_fields if known is None else known

    @property
    def found_key_fields(self) -> frozenset[System] | None:
        """Return the same where this work has asked for it, else None."""
        return self.allowed.key_fields if "allowed" in vars(self) else None

    @cached_property
    def stage_order(self) -> tuple[str, ...]:
        """Return the lifecycle stages from first to last, read once, and only where a stage is to be written."""
        return stage_order(self.wiring.database, self.wiring.settings)

    @property
    def now(self) -> datetime:
        """Return the time, UTC."""
        return self.wiring.clock.now()

    def has_waited(self, since: datetime) -> bool:
        """Return whether something is so old that people may have acted on it."""
        return self.now - since > BELIEVED


def begin(wiring: Wiring, run: Run) -> Work:
    """Return the work of a run that holds the lease from now on.

    Raises:
        LeaseHeld: another run is at work.
    """
    return Work(wiring, run, lease.acquire(wiring.database, lease.CRMS, run.run_id))


def soon(now: datetime, attempt: int) -> datetime:
    """Return when a row that met a lock may be tried again, spread so that writers do not meet once more."""
    if attempt >= RETRIES_IN_RUN:
        return now + LATER_RETRY
    wait = FIRST_RETRY_SECONDS * 2.0 ** max(0, attempt - 1)
    return now + timedelta(seconds=wait * random.uniform(0.75, 1.25))


def rest(now: datetime, attempt: int) -> datetime:
    """Return when a rejected row may be sent again: the wait doubles, so that it is not sent every 15 minutes."""
    return now + min(FIRST_REST * 2.0 ** min(max(0, attempt - 1), 10), LONGEST_REST)
