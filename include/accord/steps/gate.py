"""Between the plan and its writes: an approved plan is released, then applied exactly as it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.errors import StalePlan
from accord.steps.apply import apply
from accord.store import lease, plan_table, runs

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring


def apply_plan(wiring: Wiring, run: Run, digest: str, approved_by: str | None) -> dict[str, Any]:
    """Return the counts of what was written.

    Args:
        wiring: ready clients.
        run: the run.
        digest: of the plan that was decided, and shown to whoever approved.
        approved_by: who approved the creations over the cap; None: nobody was asked, what is held stays held.

    Raises:
        StalePlan: another run has read newer records since; the next run plans anew.
    """
    lease.acquire(wiring.database, lease.CRMS, run.run_id)
    refuse_stale(wiring, run)
    if approved_by is not None:
        plan_table.release_held(wiring.database, run.run_id, digest)
        runs.set_approved(wiring.database, run.run_id, approved_by)
    return {**apply(wiring, run, digest), "approved_by": approved_by}


def refuse_stale(wiring: Wiring, run: Run) -> None:
    """Stop when another run has staged anything after this one did: the plan rests on what is no longer so."""
    moved = wiring.database.rows(
        """
        SELECT w.source, w.run_id FROM sync.watermarks w
        JOIN sync.runs theirs ON theirs.run_id = w.run_id
        JOIN sync.runs ours ON ours.run_id = %s
        WHERE w.run_id <> ours.run_id AND theirs.started_at > ours.started_at
        LIMIT 1
        """,
        [run.run_id],
    )
    if moved:
        raise StalePlan(
            f"{moved[0]['source']} was read again by {moved[0]['run_id']} after this plan was made; "
            "nothing was written, the next run plans anew"
        )
