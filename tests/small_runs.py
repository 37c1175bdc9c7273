"""A small world that is run the whole way, again and again: sandbox, real clients, Postgres, steps."""

from __future__ import annotations

from typing import Any

from accord.model.scope import Run, Scope
from accord.sandbox.edits import edit
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.sequence import run_all
from accord.store.database import Database
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.settings import settings_of


class SmallRuns:
    """A world in a sandbox and its warehouse; records are named by the world's short keys."""

    def __init__(self, sandbox: Sandbox, database: Database) -> None:
        self.sandbox, self.database = sandbox, database
        self.ids = sandbox.world.ids
        self.settings = settings_of(sandbox.world.world, sandbox.world)
        remember(database, sandbox.world, self.settings)
        self.runs = 0

    @classmethod
    def start(cls, world: dict[str, Any]):
        return Sandbox.start(world=world_of({"id": "SMALL", **world}))

    def run(self, scope: Scope | None = None, mode: str = "apply", **settings: Any) -> int:
        """Run once; return how many records the pipeline wrote to both CRMs meanwhile."""
        self.runs += 1
        before = self.written
        wiring = wiring_for(
            self.sandbox.url, self.database, self.settings.model_copy(update=settings), self.sandbox.clock
        )
        run_all(wiring, Run(f"sync/{self.runs}", scope or Scope("changed"), mode))
        return self.written - before

    @property
    def written(self) -> int:
        return sum(1 for _ in self.sandbox.journal.by("pipeline"))

    def person(self, **wish: Any) -> dict[str, Any]:
        """Do something as a person in a CRM, wait until its search shows it, and return the ids it made."""
        with self.sandbox.crms.lock:
            made = edit(self.sandbox.crms, wish)
        self.sandbox.clock.sleep(120)
        return made

    def pairs(self) -> set[tuple[str, str]]:
        """Return the active pairs in short keys; a record that the pipeline made is `new`."""
        rows = self.database.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active")
        return {(self.short(row["account_id"]), self.short(row["company_id"])) for row in rows}

    def short(self, real: str) -> str:
        return next((short for short, known in self.ids.items() if known == real), "new")

    def decided(self, short: str) -> tuple[str, str]:
        """Return action and reason of the newest decision about a record itself."""
        row = self.database.rows(
            "SELECT action, reason FROM sync.decisions JOIN sync.runs USING (run_id)"
            " WHERE record_id = %s AND action <> 'SET_STAGE' ORDER BY started_at DESC LIMIT 1",
            [self.ids[short]],
        )[0]
        return row["action"], row["reason"]
