"""`make undo-import`: the demo's world imported month by month, synced, and undone run by run; what is not as it was.

The same runs as in the demo, without a scheduler between them. People change some of what was made before it is undone:
that stays, and the reverts must have said so.
"""

from __future__ import annotations

import itertools
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from accord.local.progress import Progress
from accord.model.scope import Run, Scope
from accord.model.settings import parse_settings
from accord.sandbox.edits import edit
from accord.sandbox.generator import LIST_NAME, generate
from accord.sandbox.server import Sandbox
from accord.steps.sequence import run_all, undo_all
from accord.store.database import Database
from accord.worlds.clients import wiring_for
from machine.before_after import differences, left, snapshot, undoable
from machine.scratch import scratch_warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from machine.before_after import Place

_DAY = timedelta(days=1)
_NOW = datetime(2026, 1, 20, tzinfo=UTC)
_TOUCHED = 3


@dataclass(frozen=True)
class Undone:
    """What came of it.

    Attributes:
        created: records that the runs made.
        touched: ids of those that people changed before the undo.
        differs: (kind, id) -> fields that are not as they were before the import.
        told: id -> why a revert left something of it.
    """

    created: int
    touched: set[str]
    differs: dict[Place, list[str]]
    told: dict[str, str]

    @property
    def unexplained(self) -> dict[Place, list[str]]:
        """What differs although no revert said so."""
        return {place: names for place, names in self.differs.items() if place[1] not in self.told}


def undone_import(
    database: Database, accounts: int, months: int, seed: int = 1, tell: Callable[[str], None] = lambda _: None
) -> Undone:
    """Return what is not as it was, after an import of all months but the last, a sync, and the undo of all of it."""
    with Sandbox.start(at=_NOW) as sandbox:
        crms = sandbox.crms
        generate(crms, accounts, seed, months=months + 1)
        crms.switches.patch({"daily_limit": 10**9, "daily_api_requests": 10**9})
        settings = parse_settings(_settings(accounts), "the demo's settings")

        def play(run_id: str, scope: Scope) -> None:
            tell(run_id)
            sandbox.clock.advance(900)
            wiring, run = wiring_for(sandbox.url, database, settings, sandbox.clock), Run(run_id, scope, "apply")
            if scope.kind == "revert":
                undo_all(wiring, run, "ann")
            else:
                run_all(wiring, run)

        before = snapshot(sandbox.state)
        for since, until in _months(months):
            play(f"import/{since:%Y-%m}", Scope("interval", since=since, until=until, requested_by="ann"))
        play("sync/1", Scope("changed"))
        made = [it for it in sandbox.journal.by("pipeline") if (it.op, it.object) == ("create", "companies")]
        touched = {entry.id for entry in made[:_TOUCHED]}
        with crms.lock:
            for rid in touched:
                values = {"phone": "+49 30 1"}
                edit(crms, {"crm": "hubspot", "op": "update", "object": "companies", "id": rid, "values": values})
        for number, run_id in enumerate(undoable(database), start=1):
            play(f"undo/{number}", Scope("revert", undone_run=run_id, archives=True, requested_by="ann"))
        return Undone(len(made), touched, differences(before, snapshot(sandbox.state)), left(database))


def _settings(accounts: int) -> dict[str, Any]:
    """Return the demo's settings."""
    return {
        "sync_companies": True,
        "mode": "apply",
        "enabled_at": _NOW.replace(day=1).isoformat(),
        "inclusion_list": LIST_NAME,
        "caps": {"max_creates": max(25, accounts)},
        "budget": {"hubspot_calls_in_10_seconds": 190, "salesforce_calls_a_day": 10**9, "hubspot_calls_a_day": 10**9},
    }


def _months(count: int) -> list[tuple[datetime, datetime]]:
    """Return the months before the present one, oldest first, as intervals."""
    edges = [_NOW.replace(day=1)]
    for _ in range(count):
        edges.append((edges[-1] - _DAY).replace(day=1))
    edges.reverse()
    return list(itertools.pairwise(edges))


def main(
    accounts: Annotated[int, typer.Option(help="Salesforce accounts of the world.", min=20)] = 5_000,
    months: Annotated[int, typer.Option(help="Months to import.", min=1, max=60)] = 6,
    seed: Annotated[int, typer.Option(help="Of the world.")] = 1,
) -> None:
    """Import, sync, undo; exit 1 where anything is not as it was and no revert said so."""
    progress = Progress()
    with scratch_warehouse("undo") as database:
        found = undone_import(database, accounts, months, seed, progress.console.print)
    progress.console.print(
        f"{found.created:,} companies were made, {len(found.touched)} of them changed by people and kept;"
        f" {len(found.differs):,} records are not as they were, {len(found.unexplained):,} of them unexplained"
    )
    for (kind, rid), names in found.differs.items():
        why = found.told.get(rid, "UNEXPLAINED")
        progress.console.print(f"{kind} {rid} {', '.join(names)}: {why}", markup=False, soft_wrap=True)
    sys.exit(int(bool(found.unexplained)))


if __name__ == "__main__":
    typer.run(main)
