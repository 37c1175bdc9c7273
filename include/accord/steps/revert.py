"""A run that undoes another one: the same gate, ledger and waves as any run, with what undoes the other as its plan."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from accord.model import killpoints
from accord.model.errors import BadInput
from accord.steps.ask import undo_body, undo_subject
from accord.steps.undo import undo_of
from accord.steps.work import Work
from accord.store import field_base, lease, ledger, pairs, reversals, runs, stages, volume
from accord.store.ledger import UNDO, Intent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.database import Database, Row
    from accord.store.reversals import Reversal


def undone_run(database: Database, named: str) -> str:
    """Return the full id of the run that somebody wants undone.

    Args:
        database: the warehouse.
        named: its id, or what of it no other run ends with, such as Airflow's own run id.

    Raises:
        BadInput: there is no such run, several are meant, it only planned, or it is at work.
    """
    found = runs.ending_with(database, named.strip())
    if not found:
        latest = ", ".join(row["run_id"] for row in runs.last_runs(database, 5)) or "none"
        raise BadInput(f"there is no run {named.strip()[:200]!r}; the latest are: {latest}")
    if len(found) > 1:
        ids = ", ".join(row["run_id"] for row in found[:5])
        raise BadInput(f"several runs end with {named.strip()[:200]!r}: {ids}; give the whole id")
    run_id = str(found[0]["run_id"])
    if found[0]["mode"] == "plan":
        raise BadInput(f"{run_id} only planned: it wrote nothing, so there is nothing to undo")
    if lease.holder(database, lease.CRMS) == run_id:
        raise BadInput(f"{run_id} is at work; undo it when it has ended, or 15 minutes after it was killed")
    return run_id


def preview(wiring: Wiring, run: Run) -> list[Reversal]:
    """Return what a revert would do and what it would leave, as the CRMs are now; nothing is stored or written."""
    return undo_of(Work(wiring, run, epoch=0)).rows


def decide_revert(wiring: Wiring, run: Run) -> dict[str, Any]:
    """Return the digest and counts of the plan that undoes a run, and the text of the approval it may need.

    A person is asked where the caps say so, and where something cannot be undone: it is said before anything is
    written. The plan of a revert that is decided again replaces the first one. No CRM is written.
    """
    lease.acquire(wiring.database, lease.CRMS, run.run_id)
    field_base.promote(wiring.database)
    if run.mode == "apply":
        stages.promote(wiring.database)
    undo = undo_of(Work(wiring, run, epoch=0))
    digest = digest_of(undo.rows)
    reversals.keep_plan(wiring.database, run, undo.rows, undo.fields, wiring.settings.fields)
    runs.set_plan(wiring.database, run.run_id, digest)
    counts = counts_of(undo.rows)
    asks = {"held": counts["undone"] if _is_asked(wiring, undo.rows, counts) else 0}
    runs.add_counts(wiring.database, run.run_id, {**counts, "held_undo": asks["held"]})
    words = {
        "subject": undo_subject(run, counts),
        "body": undo_body(run, counts, [asdict(row) for row in undo.rows], digest),
    }
    return {"digest": digest, "mode": run.mode, **counts, **asks, **words}


def counts_of(rows: Sequence[Reversal]) -> dict[str, int]:
    """Return how many writes are undone, how many are left, and how many records are archived."""
    undone = [row for row in rows if not row.reason]
    archived = sum(row.op == "archive" for row in undone)
    return {"undone": len(undone), "left": len(rows) - len(undone), "to_archive": archived}


def digest_of(rows: Sequence[Reversal]) -> str:
    """Return the SHA-256 of a plan that undoes a run."""
    text = "\n".join(json.dumps(asdict(row), sort_keys=True, default=str) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def plan_reversals(work: Work, digest: str) -> Counter[str]:
    """Return how many writes were given up, pairs parted and rejoined, and things noted as left, by word.

    Enters what undoes the run into the ledger, in one transaction, with what is there now as the values before: so a
    revert can be undone as well.
    """
    counts: Counter[str] = Counter()
    run = work.run
    plan_hash = f"{digest}@{run.run_id}"
    with work.wiring.database.transaction() as connection:
        connection.execute("SET LOCAL synchronous_commit = on")
        counts["superseded"] = ledger.supersede_older(connection, plan_hash) + reversals.give_up(connection, run)
        counts["pairs_parted"] = pairs.part(connection, run.run_id)
        counts["pairs_rejoined"] = pairs.rejoin(connection, run.run_id)
        for rows in reversals.to_write(connection, run.run_id):
            ledger.plan(connection, [_intent(row, plan_hash) for row in rows], work.now)
            counts["planned"] += len(rows)
        reversals.note_left(connection, run.run_id)
    killpoints.passing("K1")
    return counts


def _intent(row: Row, plan_hash: str) -> Intent:
    """Return the write that a row of the plan asks for."""
    names = ("system", "object", "op", "source_id", "target_id", "key", "account_id", "company_id", "fields", "before")
    return Intent(plan_hash=plan_hash, run_id=row["run_id"], action=UNDO, **{name: row[name] for name in names})


def _is_asked(wiring: Wiring, rows: Sequence[Reversal], counts: dict[str, int]) -> bool:
    """Return whether a person is asked first: something is left, or the caps are passed (R96, R97)."""
    caps = wiring.settings.caps
    if counts["left"] or counts["to_archive"] > caps.max_creates:
        return True
    if caps.max_changed_share >= 1:
        return False
    written = Counter(system for system, _ in {row.about for row in rows if not row.reason})
    live = volume.live_records(wiring.database)
    return any(n > caps.max_changed_share * live[system] for system, n in written.items())
