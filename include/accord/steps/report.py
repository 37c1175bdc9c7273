"""Close a run: what it did in one line, requests settled, the lease given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.store import growth, lease, requests, reviews, runs, stages
from accord.store.limiter import calls_today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

_PHRASES = (
    ("linked", "paired"),
    ("created_companies", "companies created"),
    ("created_accounts", "accounts created"),
    ("updated", "updated"),
    ("parents_changed", "parents changed"),
    ("stages_set", "stages moved"),
    ("stages_left", "stage changes without a rank left alone"),
    ("associated", "people associated"),
    ("attached", "people attached"),
    ("pairs_parted", "pairs parted"),
    ("pairs_rejoined", "pairs rejoined"),
    ("dissociated", "people taken out of companies"),
    ("detached", "people taken out of accounts"),
    ("archived", "archived"),
    ("left", "left as they are"),
    ("wait", "waiting"),
    ("review", "for review"),
    ("hold", "held"),
    ("rejected", "rejected"),
    ("held_writes", "writes held"),
)


def report(wiring: Wiring, run: Run) -> dict[str, Any]:
    """Return the run's counts and its one-line note; the lease is free afterwards, whatever happened before.

    Requests are settled, and the stages that the run saw become the baseline, only where the plan was carried out.
    """
    try:
        if not runs.is_known(wiring.database, run.run_id):
            return {"note": "Not started: company sync is off, or the run was skipped"}
        counts = runs.counts_of_run(wiring.database, run.run_id)
        is_applied = bool(counts.get("is_applied"))
        if is_applied:
            stages.promote(wiring.database)
            if run.scope.kind != "revert":
                requests.settle(wiring.database, run)
            reviews.close_written(wiring.database)
            counts |= growth.of_run(wiring.database, run.run_id)
        is_done = is_applied or (run.mode == "plan" and runs.plan_digest(wiring.database, run.run_id) is not None)
        note = note_of(run, counts) if is_done else "Not carried out; what is not written yet is planned anew next time"
        runs.close_run(wiring.database, run.run_id, counts, note, "done" if is_done else "failed")
        return {**counts, "note": note, "calls_today": calls_today(wiring.database, wiring.clock.now())}
    finally:
        lease.release(wiring.database, lease.CRMS, run.run_id)


def note_of(run: Run, counts: Mapping[str, int]) -> str:
    """Return one line that says what happened."""
    said = [f"{counts[name]} {phrase}" for name, phrase in _PHRASES if counts.get(name)]
    what = ", ".join(said) or "nothing to do"
    return f"Planned only: {what}" if run.mode == "plan" else what[0].upper() + what[1:]
