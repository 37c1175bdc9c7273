"""Between the plan and its writes: an approved plan is released, then applied exactly as it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.errors import StalePlan
from accord.steps.apply import apply
from accord.steps.decide import decide
from accord.steps.revert import decide_revert
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
        approved_by: who approved the creations over the cap, or a revert; None: nobody was asked, what is held stays
            held, which is the whole of a revert.

    Raises:
        StalePlan: the records moved while the approval was waited for, or the field map is another one than that of
            the plan; nothing was written, the next run plans anew.
    """
    lease.acquire(wiring.database, lease.CRMS, run.run_id)
    if run.scope.kind != "revert":
        _refuse_another_map(wiring, run)
    if approved_by is not None and runs.approver(wiring.database, run.run_id) is None:
        _release(wiring, run, digest, approved_by)
    if run.scope.kind == "revert" and not _is_free(wiring, run):
        return {}
    return apply(wiring, run, digest)


def _refuse_another_map(wiring: Wiring, run: Run) -> None:
    """Stop where the plan was made under another field map: it names rules, which would write other fields now."""
    fields = [rule.model_dump(mode="json") for rule in wiring.settings.fields]
    if runs.field_map(wiring.database, run.run_id) not in (None, fields):
        raise StalePlan(
            f"the field map was changed after {run.run_id} was planned; nothing of it was written, the next run plans "
            "anew by the map of now"
        )


def _release(wiring: Wiring, run: Run, digest: str, approved_by: str) -> None:
    """Turn held creations into what they hold (R96), if the records of now give the very same plan."""
    fresh = (decide_revert if run.scope.kind == "revert" else decide)(wiring, run)["digest"]
    if fresh != digest:
        raise StalePlan(
            f"the records moved after the plan {digest[:12]} was shown to {approved_by}; nothing was written, "
            "the next run plans anew and asks again"
        )
    plan_table.release_held(wiring.database, run.run_id, digest)
    runs.set_approved(wiring.database, run.run_id, approved_by)


def _is_free(wiring: Wiring, run: Run) -> bool:
    """Return whether a revert may write: nobody needs to be asked about it, or somebody has approved it."""
    counts = runs.counts_of_run(wiring.database, run.run_id)
    return not counts.get("held_undo") or runs.approver(wiring.database, run.run_id) is not None
