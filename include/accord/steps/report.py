"""Close a run: what it did in one line, requests settled, the lease given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.sentences.words import count
from accord.store import growth, lease, requests, reviews, runs, stages
from accord.store.limiter import calls_today

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

_PHRASES = (
    # Name of the count, the words for one, and for more where those are others.
    ("linked", "paired", ""),
    ("created_companies", "company created", "companies created"),
    ("created_accounts", "account created", "accounts created"),
    ("updated", "updated", ""),
    ("parents_changed", "parent changed", "parents changed"),
    ("stages_set", "stage moved", "stages moved"),
    ("stages_left", "stage change without a rank left alone", "stage changes without a rank left alone"),
    ("associated", "person associated", "people associated"),
    ("attached", "person attached", "people attached"),
    ("pairs_parted", "pair parted", "pairs parted"),
    ("pairs_rejoined", "pair rejoined", "pairs rejoined"),
    ("dissociated", "person taken out of a company", "people taken out of companies"),
    ("detached", "person taken out of an account", "people taken out of accounts"),
    ("archived", "archived", ""),
    ("left", "left as it is", "left as they are"),
    ("wait", "waiting", ""),
    ("review", "for review", ""),
    ("hold", "held", ""),
    ("rejected", "rejected", ""),
    ("held_writes", "write held", "writes held"),
)
_REVERT_PHRASES = (
    ("undone", "write would be undone", "writes would be undone"),
    ("left", "left as it is", "left as they are"),
)
"""What the plan of a revert counts: nothing of it is written yet."""


def report(wiring: Wiring, run: Run, declined_by: str | None = None) -> dict[str, Any]:
    """Return the run's counts and its one-line note; the lease is free afterwards, whatever happened before.

    Requests are settled, and the stages that the run saw become the baseline, only where the plan was carried out.

    Args:
        wiring: ready clients.
        run: the run that ends.
        declined_by: who rejected its plan; None: nobody did.
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
        state, note = _end(run, counts, declined_by, is_done=is_done)
        runs.close_run(wiring.database, run.run_id, counts, note, state)
        return {**counts, "note": note, "calls_today": calls_today(wiring.database, wiring.clock.now())}
    finally:
        lease.release(wiring.database, lease.CRMS, run.run_id)


def _end(run: Run, counts: Mapping[str, Any], declined_by: str | None, *, is_done: bool) -> tuple[str, str]:
    """Return the state a run ends in, and its note."""
    if is_done:
        return "done", note_of(run, counts)
    if declined_by is not None:
        after = "" if run.scope.kind == "revert" else "; the next run plans anew"
        return "declined", f"Rejected by {declined_by}: nothing of this plan was written{after}"
    return "failed", "Not carried out; what is not written yet is planned anew next time"


def note_of(run: Run, counts: Mapping[str, Any]) -> str:
    """Return one line that says what happened."""
    phrases = _REVERT_PHRASES if run.scope.kind == "revert" and run.mode == "plan" else _PHRASES
    said = [count(counts[name], one, many or one) for name, one, many in phrases if counts.get(name)]
    what = ", ".join(said) or "nothing to do"
    return f"Planned only: {what}" if run.mode == "plan" else what[0].upper() + what[1:]
