"""All steps of a run, one after the other, without a scheduler; a step that may be retried is, as Airflow would do."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from accord.model.errors import RateLimited, RetryableError
from accord.steps.decide import decide
from accord.steps.extract import HUBSPOT_PARTS, SALESFORCE_PARTS, extract_hubspot, extract_salesforce
from accord.steps.gate import apply_plan
from accord.steps.open_run import open_run
from accord.steps.report import report
from accord.steps.resume import has_died, is_read, resume
from accord.steps.revert import decide_revert
from accord.steps.verify import verify
from accord.store import runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

TRIES = 6
WAIT_SECONDS = 30.0

_log = logging.getLogger(__name__)


def run_all(wiring: Wiring, run: Run, *, tell: Callable[[str], None] = _log.info) -> dict[str, Any]:
    """Return the counts of a whole run; held creations stay held.

    A run that died a short while ago goes on where it stood.

    Args:
        wiring: ready clients.
        run: what to run; the same run may be repeated after a crash.
        tell: is given the name of each step before it begins.

    Raises:
        RetryableError: a step failed six times.
        StopError: a person must act first.
    """

    def step(name: str, function: Callable[..., dict[str, Any]], *more: Any) -> dict[str, Any]:
        tell(name)
        return persist(wiring, partial(function, wiring, run, *more))

    died = has_died(wiring, run)
    if not died and not step("open the run", open_run)["is_on"]:
        return {"is_on": False}
    wiring = wiring.for_run(run.run_id)
    try:
        if died:
            step("go on with the run", resume)
        for name in SALESFORCE_PARTS:
            if not (died and is_read(wiring, run, f"salesforce.{name}")):
                step(f"read Salesforce {name}", extract_salesforce, name)
        for part in HUBSPOT_PARTS:
            if not (died and is_read(wiring, run, f"hubspot.{part}")):
                step(f"read HubSpot {part.replace('_', ' ')}", extract_hubspot, part)
        digest = runs.decided(wiring.database, run.run_id) if died else None
        if digest is None:
            digest = step("decide", decide)["digest"]
            runs.add_counts(wiring.database, run.run_id, {"decided": digest})
        step("apply", apply_plan, digest, None)
        step("verify", verify)
    finally:
        told = step("report", report)
    return {"is_on": True, **told}


def undo_all(
    wiring: Wiring, run: Run, approved_by: str | None, *, tell: Callable[[str], None] = _log.info
) -> dict[str, Any]:
    """Return the counts of a whole run that undoes another one, and then reads both CRMs into staging.

    Args:
        wiring: ready clients.
        run: of scope `revert`; the same run may be repeated after a crash.
        approved_by: who saw what it does; None: it does nothing where a person must be asked.
        tell: is given the name of each step before it begins.

    Raises:
        RetryableError: a step failed six times.
        StopError: a person must act first.
    """

    def step(name: str, function: Callable[..., dict[str, Any]], *more: Any) -> dict[str, Any]:
        tell(name)
        return persist(wiring, partial(function, wiring, run, *more))

    if not step("open the run", open_run)["is_on"]:
        return {"is_on": False}
    wiring = wiring.for_run(run.run_id)
    try:
        planned = step("look at what is there now", decide_revert)
        step("apply", apply_plan, planned["digest"], approved_by)
        step("verify", verify)
        _read_all(step)
    finally:
        told = step("report", report)
    return {"is_on": True, **told}


def _read_all(step: Callable[..., dict[str, Any]]) -> None:
    """Read both CRMs into staging."""
    for name in SALESFORCE_PARTS:
        step(f"read Salesforce {name}", extract_salesforce, name)
    for part in HUBSPOT_PARTS:
        step(f"read HubSpot {part.replace('_', ' ')}", extract_hubspot, part)


def persist(wiring: Wiring, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a step says, trying again after errors that may pass."""
    for attempt in range(1, TRIES):
        try:
            return act()
        except RetryableError as problem:
            _log.warning("try %d of %d: %s: %s", attempt, TRIES, type(problem).__name__, problem)
            wait = problem.retry_after_seconds if isinstance(problem, RateLimited) else WAIT_SECONDS
            wiring.clock.sleep(wait)
    return act()
