"""A small world that is run under faults and kills, and what an honest judge says of it afterwards."""

from __future__ import annotations

import json
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest import mock

import requests

from accord.model.errors import AccordError
from accord.model.ids import parse_account_origin_key, parse_company_origin_key
from accord.model.scope import Run, Scope
from accord.sandbox.edits import edit
from accord.sandbox.judge import violations
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps import recover, send
from accord.steps.sequence import run_all, undo_all
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.settings import settings_of
from machine.mortal import Killed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from accord.sandbox.core import Crms
    from accord.steps.wiring import Wiring
    from accord.store.database import Database
    from machine.mortal import Process

_STAMPS = {
    "CreatedDate", "LastModifiedDate", "SystemModstamp", "LastModifiedById", "CreatedById", "createdate",
    "hs_lastmodifieddate", "lastmodifieddate", "hs_object_id", "Id", "hs_createdate",
}  # fmt: skip
_BUDGET = 1.1


@dataclass
class Outcome:
    """What a schedule came to.

    Attributes:
        calls: made to both CRMs by all runs together.
        errors: what ended a run before its end, in order.
        writes: by each run.
        faults, kills: that happened.
        passed: how often the last process of the first run passed each kill point.
    """

    state: dict[str, Any]
    broken: list[str]
    calls: int
    errors: list[str] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    faults: int = 0
    kills: int = 0
    passed: dict[str, int] = field(default_factory=dict)


class Stage:
    """A world in a sandbox and its warehouse."""

    def __init__(self, sandbox: Sandbox, database: Database, process: Process, **settings: Any) -> None:
        self.sandbox, self.database, self.process = sandbox, database, process
        self.crms = sandbox.crms
        self.settings = settings_of(sandbox.world.world, sandbox.world).model_copy(update=settings)
        remember(database, sandbox.world, self.settings)
        self.runs, self.kills = 0, 0
        self.errors: list[str] = []
        self.calls_made: list[tuple[datetime, str, int]] = []
        self.opened: list[str] = []
        self.laws_broken: list[str] = []

    def wiring(self, **settings: Any) -> Wiring:
        """Return what the steps are given, under settings that differ from the stage's own."""
        chosen = self.settings.model_copy(update=settings)
        return wiring_for(self.sandbox.url, self.database, chosen, self.sandbox.clock)

    @contextmanager
    def one_process(self, kill: str = "") -> Iterator[None]:
        """Let what is done within be done by a process of its own, which may die; the next one is another."""
        self.process.begin(kill)
        try:
            yield
        except Killed:
            self.kills += 1
            self.let_the_wire_empty()
        finally:
            self.process.is_dead = False

    def run(self, kills: Sequence[str] = ()) -> int:
        """Run once, starting again after each death; return how many mutations that made."""
        self.runs += 1
        before, left = self.written, list(kills)
        while True:
            with self.one_process(left.pop(0) if left else ""):
                try:
                    run_all(self.wiring(), Run(f"stage/{self.runs}", Scope("changed"), "apply"))
                except AccordError as problem:
                    self.errors.append(f"stage/{self.runs}: {type(problem).__name__}: {problem}")
                break
        return self.written - before

    def run_begun(self) -> None:
        """Run once in the process as it was begun before."""
        self.runs += 1
        run_all(self.wiring(), Run(f"stage/{self.runs}", Scope("changed"), "apply"))

    def undo(self, run_id: str, kills: Sequence[str] = (), *, archives: bool = False) -> str:
        """Undo a run, starting again after each death; every approval is given. Return the id of the run that undid."""
        self.runs += 1
        scope = Scope("revert", undone_run=run_id, archives=archives)
        for kill in (*kills, ""):
            with self.one_process(kill):
                undo_all(self.wiring(), Run(f"undo/{self.runs}", scope, "apply"), "ann")
                break
        return f"undo/{self.runs}"

    def watch_calls(self) -> None:
        """Note of every call from now on when it came, to which CRM, and the status of a fault that met it (or 0)."""
        due = self.crms.faults.due

        def noted(crm: str, call: Any) -> Any:
            fault = due(crm, call)
            is_status = fault is not None and "status" in fault.do
            self.calls_made.append((self.sandbox.clock.now(), crm, fault.status if is_status else 0))
            return fault

        self.crms.faults.due = noted

    def edit(self, wishes: Sequence[dict[str, Any]], pause: float = 900) -> None:
        """Do what people do, so many seconds after whatever was before and as long before whatever comes."""
        ids = self.sandbox.world.ids
        self.sandbox.clock.advance(pause)
        with self.crms.lock:
            for wish in wishes:
                values = {name: ids.get(value, value) for name, value in wish["values"].items()}
                edit(self.crms, {**wish, "id": ids.get(wish.get("id", ""), ""), "values": values})
        self.sandbox.clock.advance(pause)

    def let_the_wire_empty(self) -> None:
        """Wait until the sandbox has done what the dead one had sent."""
        requests.get(f"{self.sandbox.url}/_sandbox/health", timeout=5)

    @property
    def written(self) -> int:
        return sum(1 for _ in self.sandbox.journal.by("pipeline"))

    @property
    def faults_played(self) -> int:
        return sum(it.played for it in self.crms.faults.armed)

    @property
    def calls(self) -> int:
        return sum(self.crms.calls.values())

    def broken(self) -> list[str]:
        """Return every law that the pipeline broke."""
        with self.crms.lock:
            return [f"{it.what}: {' '.join(it.ids)}" for it in violations(self.crms)]


@contextmanager
def small_batches(rows: int = 2) -> Iterator[None]:
    """Let a batch to either CRM hold so many rows."""
    with ExitStack() as patches:
        for module in (send, recover):
            for name in ("HUBSPOT_ROWS", "SALESFORCE_ROWS"):
                patches.enter_context(mock.patch.object(module, name, rows))
        yield


@contextmanager
def stage_of(world: dict[str, Any], database: Database, process: Process, **settings: Any) -> Iterator[Stage]:
    """Yield a world that stands in a running sandbox, over an empty warehouse."""
    empty(database)
    with Sandbox.start(world=world_of(world)) as sandbox:
        yield Stage(sandbox, database, process, **settings)


def play(
    world: dict[str, Any],
    database: Database,
    process: Process,
    *,
    faults: Sequence[dict[str, Any]] = (),
    kills: Sequence[str] = (),
    later: Sequence[dict[str, Any]] = (),
    **settings: Any,
) -> Outcome:
    """Return what a world came to: run under faults and kills, then again, as `accord world run` does.

    Where something ended a run, faults are healed, and it is run once more before that.

    Args:
        world: as in a file.
        database: its warehouse; emptied first.
        process: that dies and is started again.
        faults, kills: what happens.
        later: what people do after a first, undisturbed run; the faults and kills are those of the run after it.
        settings: that differ from the world's own.
    """
    with stage_of(world, database, process, **settings) as stage:
        if later:
            stage.run()
            stage.edit(later)
        stage.crms.calls.clear()
        stage.crms.faults.arm(list(faults), stage.sandbox.world.ids)
        writes = [stage.run(kills)]
        passed = process.passed
        played = 0
        if stage.errors:
            played = stage.faults_played
            stage.crms.faults.clear()
            writes.append(stage.run())
        writes.append(stage.run())
        # A fault may be met by the second run only.
        played += stage.faults_played
        return Outcome(
            state=state_of(stage.crms, {real: key for key, real in stage.sandbox.world.ids.items()}),
            broken=stage.broken(),
            calls=stage.calls,
            errors=stage.errors,
            writes=writes,
            faults=played,
            kills=stage.kills,
            passed=passed,
        )


def state_of(crms: Crms, shorts: dict[str, str]) -> dict[str, Any]:
    """Return what stands in both CRMs but for stamps; what the pipeline made is named by what it was made for."""
    names = dict(shorts)
    for row in crms.org.tables["Account"].values():
        origin = parse_account_origin_key(row.get("Accord_Key__c") or "")
        if row["Id"] not in names and origin:
            names[row["Id"]] = f"account of {names.get(origin.record_id, origin.record_id)}"
    companies = crms.portal.tables["companies"]
    for rid, row in {**companies.live, **companies.bin}.items():
        origin = parse_company_origin_key(row.get("accord_key") or "")
        if rid not in names and origin:
            names[rid] = f"company of {names.get(origin.record_id, origin.record_id)}"
    made = {
        f"{kind} {names.get(rid, rid)}": _plain(row, names)
        for kind, rows in (
            *((name, table) for name, table in crms.org.tables.items()),
            *((kind, {**table.live, **table.bin}) for kind, table in crms.portal.tables.items()),
        )
        for rid, row in rows.items()
    }
    made["links"] = sorted(
        (names.get(contact, contact), names.get(company, company), primary)
        for contact, those in crms.portal.links.companies.items()
        for company, primary in those.items()
    )
    return made


def _plain(row: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """Return the values of a record, ids in it by name."""
    values = {}
    for name, value in row.items():
        if name in _STAMPS or value in (None, ""):
            continue
        text = str(value)
        for rid, short in names.items():
            text = text.replace(rid, short)
        values[name] = text
    return values


def allowed_calls(undisturbed: Outcome, outcome: Outcome) -> float:
    """Return how many calls a disturbed schedule may make: a tenth more, and one read per fault and kill."""
    return _BUDGET * undisturbed.calls + outcome.faults + outcome.kills


def empty(database: Database) -> None:
    """Empty the warehouse; a database that is used again is cheaper than a new one."""
    with database.transaction() as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('sync', 'staging')"
            " AND tablename <> 'alembic_version'"
        ).fetchall()
        for row in tables:
            name = f'{row["schemaname"]}."{row["tablename"]}"'
            is_page = row["schemaname"] == "staging" and row["tablename"].startswith("page_")
            if is_page:
                connection.execute(f"DROP TABLE {name}")
        kept = [
            f'{row["schemaname"]}."{row["tablename"]}"' for row in tables if not row["tablename"].startswith("page_")
        ]
        connection.execute(f"TRUNCATE {', '.join(kept)} RESTART IDENTITY CASCADE")


def difference(wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    """Return one line for each record that is not as it would have been undisturbed."""
    return [
        f"{name}: expected {json.dumps(wanted.get(name))}, found {json.dumps(found.get(name))}"
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
