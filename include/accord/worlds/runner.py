"""A world the whole way: sandbox, real clients, Postgres, steps; applied, then run again."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.model.errors import AccordError
from accord.model.scope import Run, Scope
from accord.sandbox.server import Sandbox
from accord.steps.sequence import run_all
from accord.store import runs
from accord.store.plan_read import read_plan
from accord.store.schema import migrate
from accord.worlds.clients import wiring_for
from accord.worlds.decisions import world_decisions
from accord.worlds.memory import remember
from accord.worlds.names import names_of
from accord.worlds.process import run_in_processes
from accord.worlds.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
        id; decisions of the first run, as it first decided them: one that died and is started again decides anew, on
        what it had written by then; writes_first and writes_second, the mutations by the pipeline that the sandbox's
        journal holds of each run; calls_first and calls_second, the calls that the sandbox counted of each run, by CRM;
        faults_played and kills_played, how often something went wrong; journal, all of them; state of both CRMs at the
        end; error, only where a run was stopped: which one, and what stopped it.
    """
    with playing(world) as play:
        migrate(database)
        remember(database, play.loaded, play.settings)
        play.sandbox.crms.faults.arm(list(faults), play.loaded.ids)
        first, second = play.run(database, FIRST, kills), play.run(database, SECOND)
        state = play.sandbox.state
        result = {
            "id": world.id,
            "decisions": first.decisions,
            "writes_first": first.writes,
            "writes_second": second.writes,
            "calls_first": first.calls,
            "calls_second": second.calls,
            "faults_played": sum(fault.played for fault in play.sandbox.crms.faults.armed),
            "kills_played": first.deaths + second.deaths,
            "journal": journal_of(play.sandbox, play.loaded),
            "state": state,
        }
        error = "; ".join(filter(None, (first.error, second.error)))
        return result | ({"error": error} if error else {})


@dataclass(frozen=True)
class Ran:
    """What one run decided, how many mutations and calls it made, how often it died, what stopped it ("": nothing)."""

    decisions: list[dict[str, Any]]
    writes: int
    calls: dict[str, int]
    deaths: int
    error: str


@dataclass(frozen=True)
class Play:
    """A world that stands in a running sandbox, and the settings it is run under."""

    sandbox: Sandbox
    loaded: LoadedWorld
    settings: Settings

    def run(self, database: Database, run_id: str, kills: Sequence[str] = ()) -> Ran:
        """Return what one run came to: its first plan, and all that it wrote however often it died."""
        before, called, error, deaths = self._written(), self._called(), "", 0
        plans: list[list[dict[str, Any]]] = []

        def died() -> None:
            nonlocal deaths
            deaths += 1
            keep_plan()

        def keep_plan() -> None:
            if not plans and runs.plan_digest(database, run_id) is not None:
                plans.append(world_decisions(read_plan(database, run_id), names_of(self.loaded.names)))

        try:
            if kills:
                run_in_processes(self.sandbox.url, database.dsn, self.settings, run_id, kills, died)
            else:
                wiring = wiring_for(self.sandbox.url, database, self.settings, self.sandbox.clock)
                run_all(wiring, Run(run_id, Scope("changed"), "apply"))
        except (AccordError, RuntimeError) as problem:
            error = f"{run_id}: {type(problem).__name__}: {problem}"
        keep_plan()
        calls = {crm: made - called[crm] for crm, made in self._called().items()}
        return Ran(plans[0] if plans else [], self._written() - before, calls, deaths, error)

    def _called(self) -> dict[str, int]:
        """Return how many calls each CRM has answered, or was to answer."""
        calls: Counter[str] = Counter()
        for (crm, _, _), made in self.sandbox.crms.calls.items():
            calls[crm] += made
        return {crm: calls[crm] for crm in ("salesforce", "hubspot")}

    def _written(self) -> int:
        """Return how many mutations the pipeline has made."""
        return sum(1 for _ in self.sandbox.journal.by("pipeline"))


@contextmanager
def playing(world: World) -> Iterator[Play]:
    """Yield a world in a sandbox that answers until the end."""
    with Sandbox.start(world=world) as sandbox:
        if sandbox.world is None:
            raise AssertionError("a sandbox that was started with a world has one")
        yield Play(sandbox, sandbox.world, settings_of(world, sandbox.world))


def journal_of(sandbox: Sandbox, loaded: LoadedWorld) -> list[dict[str, Any]]:
    """Return every mutation of both CRMs with the world's short keys."""
    return [{**entry.as_json(), "id": loaded.short(entry.object, entry.id)} for entry in sandbox.journal.entries]
