"""What one run leaves behind never changes what another one decides, and a run that is repeated does its work."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from accord.model.errors import BadCredentials, BadInput, StalePlan
from accord.model.scope import Run, Scope
from accord.model.settings import DEFAULT_FIELDS
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.decide import decide
from accord.steps.extract import extract_all, extract_salesforce
from accord.steps.gate import apply_plan
from accord.steps.open_run import open_run
from accord.steps.report import report
from accord.steps.sequence import run_all
from accord.store.plan_read import read_plan
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.settings import settings_of

pytestmark = pytest.mark.postgres

WORLD = {
    "id": "REPEATED",
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": "Known", "Created": "2024-01-01", "Modified": "2026-01-11"},
            {"Id": "A2", "Name": "New", "Created": "2026-01-11", "Modified": "2026-01-11"},
            {"Id": "A3", "Name": "Old", "Created": "2024-03-01", "Modified": "2024-03-01"},
        ]
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "Known", "created": "2024-01-01", "sfa": "A1"},
            {"id": "K2", "name": "Twice", "created": "2024-01-01", "sfa": "A9"},
            {"id": "K3", "name": "By hand", "created": "2024-01-01"},
        ]
    },
}


class Case:
    def __init__(self, sandbox, database, **settings):
        self.sandbox, self.database = sandbox, database
        self.settings = settings_of(sandbox.world.world, sandbox.world).model_copy(update=settings)
        remember(database, sandbox.world, self.settings)

    def wiring(self):
        return wiring_for(self.sandbox.url, self.database, self.settings, self.sandbox.clock)

    def run(self, name, scope=None, mode="apply"):
        return run_all(self.wiring(), Run(name, scope or Scope("changed"), mode))

    def opened(self, run):
        """Open and read, as the tasks before `decide` do."""
        open_run(self.wiring(), run)
        wiring = self.wiring().for_run(run.run_id)
        extract_all(wiring, run)
        return wiring

    def pairs(self):
        rows = self.database.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active ORDER BY 1, 2")
        return [(row["account_id"], row["company_id"]) for row in rows]

    def written(self):
        return sum(1 for _ in self.sandbox.journal.by("pipeline"))


@pytest.fixture
def case(database):
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        yield Case(sandbox, database)


def test_deciding_again_gives_the_same_plan_with_every_row(case):
    run = Run("r/1", Scope("changed"), "apply")
    wiring = case.opened(run)
    digests = [decide(wiring, run)["digest"] for _ in range(3)]
    assert len(set(digests)) == 1
    assert len(read_plan(case.database, "r/1").decisions) >= 4


def test_a_plan_that_was_only_shown_changes_nothing_of_what_is_applied_later(case):
    case.run("r/plan", mode="plan")
    case.run("r/apply")
    planned_first = case.pairs()
    assert len(planned_first) == 2
    assert case.database.rows("SELECT count(*) AS n FROM sync.decisions WHERE run_id = 'r/apply'")[0]["n"] >= 4


def test_a_run_whose_writes_another_one_gave_up_does_them_when_it_is_repeated(case):
    case.sandbox.crms.faults.arm(
        [{"crm": "hubspot", "path": "batch/upsert", "do": "status", "status": 401, "times": 0}]
    )
    for name in ("r/1", "r/2"):
        with pytest.raises(BadCredentials):
            case.run(name)
    case.sandbox.crms.faults.clear()
    case.run("r/1")
    assert len(case.pairs()) == 2


def test_a_request_by_hand_outlives_a_run_that_could_not_write(case):
    real = case.sandbox.world.ids["K3"]
    scope = Scope("record", record_id=real, requested_by="ann")
    run = Run("hand/1", scope, "apply")
    wiring = case.opened(run)
    decide(wiring, run)
    with pytest.raises(StalePlan):
        apply_plan(wiring, run, "another digest", None)
    report(wiring, run)
    assert case.database.rows("SELECT state FROM sync.runs WHERE run_id = 'hand/1'")[0]["state"] == "failed"
    case.run("r/next")
    assert len([pair for pair in case.pairs() if pair[1] == real]) == 1


def test_a_record_that_is_nowhere_is_said_and_its_request_closed(case):
    with pytest.raises(BadInput, match="no such company"):
        case.run("hand/1", Scope("record", record_id="999999", requested_by="ann"))
    assert case.database.rows("SELECT state FROM sync.requests")[0]["state"] == "done"


def test_an_approved_plan_is_written_and_one_that_went_stale_is_not(database):
    with Sandbox.start(world=world_of({**WORLD, "settings": {"max_creates": 0}})) as sandbox:
        case = Case(sandbox, database)
        run = Run("r/1", Scope("changed"), "apply")
        wiring = case.opened(run)
        planned = decide(wiring, run)
        assert planned["held"] == 1
        assert "A2" not in planned["body"]
        with sandbox.crms.lock, sandbox.crms.acting("person"):
            sandbox.crms.org.delete("Account", sandbox.world.ids["A2"])
        extract_salesforce(case.wiring(), Run("reconcile/1", Scope("changed"), "apply"), "accounts")
        with pytest.raises(StalePlan, match="ann"):
            apply_plan(wiring, run, planned["digest"], "ann")
        assert case.written() == 0


@pytest.mark.rule("R96", "R73", "R75")
@pytest.mark.parametrize(("minutes", "made"), [(0, 1), (60, 0)])
def test_a_late_approval_makes_nothing_for_a_record_that_was_deleted_while_it_was_waited_for(database, minutes, made):
    """What was read a quarter of an hour ago is believed; after that the records are looked at once more."""
    with Sandbox.start(world=world_of({**WORLD, "settings": {"max_creates": 0}})) as sandbox:
        case = Case(sandbox, database)
        run = Run("r/1", Scope("changed"), "apply")
        wiring = case.opened(run)
        planned = decide(wiring, run)
        [held] = database.rows("SELECT account_id FROM sync.decisions WHERE held_action = 'CREATE_COMPANY'")
        with sandbox.crms.lock, sandbox.crms.acting("person"):
            sandbox.crms.org.delete("Account", held["account_id"])
        sandbox.clock.advance(minutes * 60)
        apply_plan(wiring, run, planned["digest"], "ann")
        created = [entry for entry in sandbox.journal.by("pipeline") if entry.op == "create"]
        assert len(created) == made
        codes = [row["code"] for row in database.rows("SELECT code FROM sync.outcomes WHERE result = 'skipped'")]
        assert codes == ["changed_since_plan"] * (1 - made)


@pytest.mark.rule("R96")
def test_an_approval_releases_exactly_what_was_held(database):
    with Sandbox.start(world=world_of({**WORLD, "settings": {"max_creates": 0}})) as sandbox:
        case = Case(sandbox, database)
        run = Run("r/1", Scope("changed"), "apply")
        wiring = case.opened(run)
        planned = decide(wiring, run)
        apply_plan(wiring, run, planned["digest"], "ann")
        created = [entry for entry in sandbox.journal.by("pipeline") if entry.op == "create"]
        assert [entry.object for entry in created] == ["companies"]


@pytest.mark.rule("R46", "R49")
def test_one_company_asked_for_by_hand_gets_its_account_and_nothing_else_is_written(case):
    real = case.sandbox.world.ids["K3"]
    case.run("hand/1", Scope("record", record_id=real, requested_by="ann"))
    created = [(entry.object, entry.caller) for entry in case.sandbox.journal.entries if entry.op == "create"]
    assert created == [("Account", "pipeline")]
    assert real in [company for _, company in case.pairs()]
    assert case.database.rows("SELECT state, outcome FROM sync.requests")[0]["state"] == "done"


def test_an_import_looks_at_the_pairs_of_its_month_wherever_they_stand_among_the_others(database):
    """Five of nine pairs, not evenly spaced: their rows keep numbers of their own in a frame."""
    months = {f"A{number}": "05" if number in {1, 3, 4, 6, 9} else "06" for number in range(1, 10)}
    world = {
        "id": "IMPORTED",
        "sf": {"accounts": [{"Id": it, "Name": it, "Created": f"2024-{at}-02"} for it, at in months.items()]},
        "hs": {
            "companies": [{"id": f"K{it[1]}", "name": f"old {it}", "created": "2024-01-01", "sfa": it} for it in months]
        },
    }
    with Sandbox.start(world=world_of(world)) as sandbox:
        case = Case(sandbox, database, fields=DEFAULT_FIELDS)
        may = Scope("interval", since=datetime(2024, 5, 1, tzinfo=UTC), until=datetime(2024, 6, 1, tzinfo=UTC))
        case.run("import/1", may)
        assert len(database.rows("SELECT FROM sync.field_seen")) == 5
