"""The demo's import at a small size, undone: both CRMs are as they were but for what people changed."""

from __future__ import annotations

import pytest

from accord.sandbox.control import full_state
from machine.before_after import differences, snapshot
from machine.stage import stage_of
from machine.sync import Sync
from machine.undo_import import undone_import
from machine.undone import Reverts
from machine.worlds import EVERYTHING, FIELDS

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(process, warehouse):
    """The state machine after a first run."""
    world = type("Sync", (Sync,), {"process": process, "database": warehouse})()
    world.begin(limits={}, lag=0.0)
    world.run(kill="", faults=[])
    return world


@pytest.mark.rule("R104")
def test_f70_an_import_is_undone_but_for_what_people_changed_since(database):
    found = undone_import(database, accounts=60, months=2)
    assert found.created > 3
    assert {rid for _, rid in found.differs} == found.touched
    assert found.unexplained == {}


@pytest.mark.rule("R104")
@pytest.mark.parametrize("kills", [["K12:1"], ["K12:4", "K12:4"], [f"K12:{n}" for n in range(1, 14)]], ids=len)
def test_f70_a_revert_killed_between_its_writes_ends_as_if_it_had_lived(process, warehouse, kills):
    with stage_of(EVERYTHING, warehouse, process, fields=FIELDS) as stage:
        before, entries, reverts = snapshot(full_state(stage.crms)), stage.sandbox.journal.entries, Reverts(stage)
        stage.run()
        reverts.ended("stage/1", 0)
        first, died = len(entries), process.fired["K12"]
        reverts.undone["undo/2"] = "stage/1"
        reverts.archives.add("undo/2")
        stage.undo("stage/1", kills, archives=True)
        assert process.fired["K12"] - died == len(kills)
        assert reverts.ended("undo/2", first) == []
        assert differences(before, snapshot(full_state(stage.crms))) == {}
        stage.sandbox.clock.advance(900)
        assert stage.run() == 0, "what was undone is done again"


@pytest.mark.rule("R104")
def test_f70_an_undo_of_an_undo_that_dies_before_its_first_write_is_brought_about_by_the_next_run(world):
    """The pair stands again by then, so the fields come in accord as they would have: that is nothing done again."""
    world.revert_the_latest(archives=False, kill="")
    written = world.stage.written
    world.revert_the_latest(archives=False, kill="K12:2")
    assert (world.unfinished is not None, world.stage.written) == (True, written)
    world.teardown()
    assert world.wrong == []


@pytest.mark.rule("R104")
def test_f70_a_value_that_a_run_puts_back_for_an_undo_that_died_rests(world):
    world.person_acts(act="edit", at=0, is_account=False, value=1)
    world.run(kill="", faults=[])
    written = world.stage.written
    world.revert_the_latest(archives=False, kill="K4:1")
    assert (world.unfinished is not None, world.stage.written) == (True, written)
    world.teardown()
    assert world.stage.written > written
    assert world.wrong == []
