"""A run that died goes on where it stood; one that ended, or died long ago, or under other settings, begins anew."""

from __future__ import annotations

import pytest

from accord.model.scope import Run, Scope
from accord.sandbox.edits import edit
from accord.steps import twins
from accord.steps.sequence import run_all
from machine.stage import stage_of
from machine.worlds import EVERYTHING, FIELDS

pytestmark = pytest.mark.postgres

READS = ("search", "describe", "properties")


@pytest.fixture
def stage(warehouse, process):
    with stage_of(EVERYTHING, warehouse, process, fields=FIELDS) as standing:
        yield standing


def execute(stage, kill="", **settings):
    """Run `again/1` in a process of its own; return how often it asked for what an extract or a preflight asks for."""
    before = dict(stage.crms.calls)
    with stage.one_process(kill):
        run_all(stage.wiring(**settings), Run("again/1", Scope("changed"), "apply"))
    return sum(
        count - before.get(call, 0)
        for call, count in stage.crms.calls.items()
        if any(part in call[2] for part in READS) and not call[2].endswith("batch/read")
    )


def companies_made(stage):
    """Give the journal's entries of the companies that runs made."""
    entries = stage.sandbox.journal.by("pipeline")
    return [entry for entry in entries if (entry.op, entry.object) == ("create", "companies")]


def test_what_was_read_and_planned_is_not_read_and_planned_again(stage):
    execute(stage, "K6:2")
    assert execute(stage) == 0
    assert stage.broken() == []


def test_a_run_that_ended_and_is_repeated_reads_everything_again(stage):
    execute(stage)
    assert execute(stage) > 3


@pytest.mark.parametrize("kill", ["K10:2", "K6:2"])
def test_a_run_that_died_an_hour_ago_reads_everything_again(stage, kill):
    execute(stage, kill)
    stage.sandbox.clock.advance(3_700)
    assert execute(stage) > 3
    assert stage.broken() == []


def test_other_settings_make_another_plan(stage):
    execute(stage, "K6:1")
    assert execute(stage, fields=FIELDS[:2]) > 3


@pytest.mark.rule("R98")
@pytest.mark.parametrize(("listed", "lists"), [(0, 0), (2_000, 1)])
def test_f7_a_company_whose_key_a_person_cleared_gets_it_back_in_a_large_portal_too(stage, monkeypatch, listed, lists):
    """A large portal is not listed for it, but searched once the index shows what was made until now."""
    monkeypatch.setattr(twins, "_LISTED", listed)
    stage.crms.switches.patch({"search_lag_seconds": 60})
    execute(stage, "K6:1")
    made = companies_made(stage)[0].id
    with stage.crms.acting("person"):
        stage.crms.portal.update("companies", made, {"accord_key": ""})
    pages = stage.crms.calls["hubspot", "GET", "/crm/v3/objects/companies"]
    execute(stage)
    names = [entry.after["name"] for entry in companies_made(stage)]
    assert len(names) == len(set(names))
    assert stage.crms.portal.tables["companies"].live[made]["accord_key"]
    assert stage.crms.calls["hubspot", "GET", "/crm/v3/objects/companies"] - pages == lists + 1, "the bin is listed"


@pytest.mark.rule("R98", "R76")
@pytest.mark.parametrize("seconds", [0, 3_700], ids=["at once", "after an hour"])
def test_f35_a_company_that_a_person_archived_before_its_maker_came_back_is_not_made_anew(stage, seconds):
    """Its key names nothing any more: a unique value that an archived company had is free, so the bin is listed."""
    execute(stage, "K6:1")
    made = companies_made(stage)[0].id
    with stage.crms.acting("person"):
        stage.crms.portal.archive("companies", made)
    stage.sandbox.clock.advance(seconds)
    execute(stage)
    names = [entry.after["name"] for entry in companies_made(stage)]
    assert len(names) == len(set(names))
    assert stage.broken() == []
    held = stage.database.rows("SELECT target_id, error_code FROM sync.intents WHERE state = 'held'")
    assert [row["error_code"] for row in held] == ["key_on_deleted_record"]


@pytest.mark.rule("R98", "R73", "R75")
@pytest.mark.parametrize("act", ["delete", "merge"])
def test_f35_f36_a_creation_whose_account_is_gone_by_the_time_of_the_next_run_is_not_sent_again(stage, act):
    """Else the account it was merged into would have a second company."""
    execute(stage, "K3:1")
    sent = stage.database.rows("SELECT source_id FROM sync.intents WHERE state = 'sent' AND op = 'create'")
    gone = sent[0]["source_id"]
    wish = {"delete": {"id": gone}, "merge": {"winner": stage.sandbox.world.ids["A4"], "losers": [gone]}}[act]
    with stage.crms.lock:
        edit(stage.crms, {"crm": "salesforce", "op": act, "object": "Account", **wish})
    stage.sandbox.clock.advance(3_700)
    execute(stage)
    assert gone[:15] not in " ".join(entry.after["accord_key"] for entry in companies_made(stage))
    assert stage.broken() == []
    assert stage.run() == 0
