"""A world the whole way: sandbox, real clients, Postgres, steps; applied, then run again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.scope import Run, Scope
from accord.sandbox.server import Sandbox
from accord.steps.sequence import run_all
from accord.store.plan_read import read_plan
from accord.store.schema import migrate
from accord.worlds.clients import wiring_for
from accord.worlds.decisions import world_decisions
from accord.worlds.memory import remember
from accord.worlds.names import names_of
from accord.worlds.process import run_in_processes
from accord.worlds.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.settings import Settings
    from accord.sandbox.world import LoadedWorld, World
    from accord.store.database import Database

FIRST, SECOND = "world/first", "world/second"


def run_world(
    world: World, database: Database, *, faults: Sequence[dict[str, Any]] = (), kills: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what a world came to.

    Args:
        world: the parsed world.
        database: an empty one, for this world alone.
        faults: entries of a fault file; `body_contains` may use the world's short keys.
        kills: `POINT:N`, played in turn: the run dies there and is started again.

    Returns:
        id; decisions of the first run; writes_first and writes_second, the mutations by the pipeline that the
        sandbox's journal holds of each run; journal, all of them; state of both CRMs at the end.
    """
    with Sandbox.start(world=world) as sandbox:
        loaded = sandbox.world
        if loaded is None:
            raise AssertionError("a sandbox that was started with a world has one")
        settings = settings_of(world, loaded)
        migrate(database)
        remember(database, loaded, settings)
        sandbox.crms.faults.arm(list(faults), loaded.ids)
        first = _run(sandbox, database, settings, FIRST, kills)
        second = _run(sandbox, database, settings, SECOND)
        state = sandbox.state
        return {
            "id": world.id,
            "decisions": world_decisions(read_plan(database, FIRST), names_of(loaded.names)),
            "writes_first": first,
            "writes_second": second,
            "journal": journal_of(sandbox, loaded),
            "state": state,
        }


def journal_of(sandbox: Sandbox, loaded: LoadedWorld) -> list[dict[str, Any]]:
    """Return every mutation of both CRMs with the world's short keys."""
    return [{**entry.as_json(), "id": loaded.short(entry.object, entry.id)} for entry in sandbox.journal.entries]


def _run(sandbox: Sandbox, database: Database, settings: Settings, run_id: str, kills: Sequence[str] = ()) -> int:
    """Return how many mutations one run made in both CRMs."""
    before = sum(1 for _ in sandbox.journal.by("pipeline"))
    if kills:
        run_in_processes(sandbox.url, database.dsn, settings, run_id, kills)
    else:
        wiring = wiring_for(sandbox.url, database, settings, sandbox.clock)
        run_all(wiring, Run(run_id, Scope("changed"), "apply"))
    return sum(1 for _ in sandbox.journal.by("pipeline")) - before
