"""A run that died goes on where it stood, as the tasks of a run in Airflow do: what is committed is not done again."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from accord.steps.recover import recover
from accord.store import lease, runs, watermarks

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

_FRESH = timedelta(hours=1)
"""How long after a run was opened what it read is still believed."""


def has_died(wiring: Wiring, run: Run) -> bool:
    """Return whether this very run was opened a short while ago, under the same settings, and never came to its end."""
    origin = runs.origin_of(wiring.database, run.run_id)
    if origin is None or wiring.clock.now() - origin.salesforce_at > _FRESH:
        return False
    return runs.is_running(wiring.database, run, wiring.settings)


def resume(wiring: Wiring, run: Run) -> dict[str, Any]:
    """Take the lease again and settle what was sent and never settled; return the counts of that.

    Raises:
        LeaseHeld: another run is at work.
        RetryableError: a CRM cannot be read.
    """
    lease.acquire(wiring.database, lease.CRMS, run.run_id)
    return recover(wiring, run)


def is_read(wiring: Wiring, run: Run, source: str) -> bool:
    """Return whether this run has read a source: its mark stands where this run, since it was opened, puts it."""
    moved = watermarks.moved_by(wiring.database, run.run_id).get(source)
    wire = wiring.settings.wire
    if source.startswith("salesforce"):
        return moved == wiring.salesforce_began - timedelta(minutes=wire.salesforce_overlap_minutes)
    return moved == wiring.hubspot_began - timedelta(minutes=wire.hubspot_overlap_minutes)
