"""Carries out a plan: recover, plan the writes, send them wave by wave, settle each batch before the next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from accord.model import killpoints
from accord.model.errors import AmbiguousWrite, QuotaExhausted, StalePlan
from accord.steps.calls import shortage
from accord.steps.outdated import give_up_outdated
from accord.steps.plan_writes import plan_writes
from accord.steps.recover import recover_open, resolve
from accord.steps.revert import plan_reversals
from accord.steps.send import UNDO_WAVES, WAVES, send_wave
from accord.steps.work import begin
from accord.store import ledger, runs

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.steps.work import Work


def apply(wiring: Wiring, run: Run, digest: str) -> dict[str, int]:
    """Return what was written, held, rejected and left open; nothing in plan mode (R94) or with the switch off (R1).

    Killed anywhere and run again, it ends where it would have ended: what was sent is found by key first.

    Args:
        wiring: ready clients.
        run: the run whose plan it is.
        digest: of the plan that was decided, and shown to whoever approved it.

    Raises:
        StalePlan: the digest is not that of the run's plan.
        LeaseHeld: another run is at work.
        AmbiguousWrite: everything else was done, and of some writes nobody knows the end.
        QuotaExhausted, BadCredentials: stopped cleanly; everything unsent stays planned. A plan that does not fit into
            what is left of the day stops before its first write, but for what somebody asked for by hand (R95).
        RetryableError: a CRM or Postgres is away; everything unsent stays planned.
    """
    if run.mode != "apply" or not wiring.settings.sync_companies:
        return {}
    if runs.plan_digest(wiring.database, run.run_id) != digest:
        raise StalePlan(
            f"the plan of {run.run_id} is not {digest[:12]} any more: it was decided anew, or the run was undone"
        )
    work = begin(wiring, run)
    counts = Counter(recover_open(work))
    is_revert = run.scope.kind == "revert"
    counts += plan_reversals(work, digest) if is_revert else plan_writes(work, digest)
    counts["outdated"] = give_up_outdated(work)
    lacking = shortage(work)
    _send_all(work, is_revert=is_revert, asked_only=bool(lacking))
    done = ledger.counts(wiring.database, run.run_id)
    runs.add_counts(
        wiring.database, run.run_id, {**counts, "is_applied": not (done.get("unsent") or done.get("unresolved"))}
    )
    if lacking:
        raise QuotaExhausted(lacking)
    if done.get("unresolved"):
        raise AmbiguousWrite(
            f"{done['unresolved']} writes were sent and no answer came, however often they were looked for and sent "
            "again; they stay on record as sent, and the next try looks for them by key"
        )
    return {**counts, **done}


def _send_all(work: Work, *, asked_only: bool, is_revert: bool) -> None:
    """Send every wave in its order, and look for what an answer left open before the next wave begins.

    Two records may exchange a unique key in one batch: the one that came too early is sent again once the other let go.
    """
    for system, op in UNDO_WAVES if is_revert else WAVES:
        while unknown := send_wave(work, system, op, asked_only=asked_only):
            resolve(work, unknown)
        if is_revert:
            killpoints.passing("K12")
