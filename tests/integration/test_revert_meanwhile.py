"""A run is undone after its pairs moved, its plan was made anew, or its fields left the map: no sync writes it over."""

from __future__ import annotations

import pytest
from lived_world import life_of
from revert_case import Killed, die_at, forget_lease, undo_of

from accord.model.scope import Run, Scope
from accord.model.settings import FieldRule
from accord.steps.sequence import run_all, undo_all

pytestmark = [pytest.mark.postgres, pytest.mark.rule("R104")]

OLD = {"Created": "2024-01-01", "Modified": "2025-01-01"}
PHONE = FieldRule(salesforce="Phone", hubspot="phone", rule="two_way")
NAME = FieldRule(salesforce="Name", hubspot="name")
WORLD = {
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": "One", "Phone": "1", **OLD},
            {"Id": "A9", "Name": "Nine", "Phone": "2", **OLD},
        ],
        "contacts": [{"Id": "P1", "AccountId": None, "Email": "one@one.test"}],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "One", "phone": "1", "created": "2024-01-01", "sfa": "A1"},
            {"id": "K9", "name": "Nine", "phone": "2", "created": "2024-01-01"},
        ],
        "contacts": [{"id": "h1", "sfc": "P1", "email": "one@one.test"}],
        "assoc": [["h1", "K1", "primary"]],
    },
}


@pytest.fixture
def two(database):
    """Two accounts, of which the first is paired with a company."""
    with life_of(WORLD, database, fields=(PHONE,)) as life:
        sync(life, "sync/0")
        yield life


@pytest.fixture
def many(database):
    """The world in which one run does everything that a run can do."""
    with undo_of(database) as life:
        life.work()
        yield life


def sync(life, run_id):
    life.sandbox.clock.advance(4000)
    return run_all(life.wiring(), Run(run_id, Scope("changed"), "apply"))


def undo(life, run_id):
    life.sandbox.clock.advance(4000)
    scope = Scope("revert", undone_run=run_id, requested_by="ann")
    return undo_all(life.wiring(), Run(f"undo/{run_id}", scope, "apply"), "ann")


def call(life, account, phone):
    life.person("salesforce", "update", object="Account", id=account, values={"Phone": phone})
    life.sandbox.clock.advance(120)


def phones(life):
    """Return the phone of the account that K1 is paired with, or was, and that of K1."""
    accounts = life.sandbox.crms.org.tables["Account"]
    found = next(row for row in (accounts[life.ids["A1"]], accounts[life.ids["A9"]]) if not row["IsDeleted"])
    return found["Phone"], life.sandbox.crms.portal.tables["companies"].live[life.ids["K1"]]["phone"]


def stay(life, expected):
    """Assert that both phones are so, and that two more syncs leave them."""
    assert phones(life) == expected
    for number in range(1, 3):
        sync(life, f"later/{number}")
    assert phones(life) == expected


def merged(life):
    life.person("salesforce", "merge", object="Account", winner="A9", losers=[life.ids["A1"]])


def paired_by_people(life):
    life.person("salesforce", "delete", object="Account", id="A1")
    life.person("salesforce", "update", object="Contact", id="P1", values={"AccountId": life.ids["A9"]})
    life.run(Scope("record", record_id=life.ids["A9"], requested_by="ann"))


@pytest.mark.parametrize("moves", [merged, paired_by_people])
def test_the_undone_value_is_not_written_to_the_account_that_its_company_is_paired_with_by_now(two, moves):
    call(two, "A1", "2")
    sync(two, "sync/1")
    moves(two)
    sync(two, "sync/2")
    assert two.pairs() == [("A9", "K1")]
    undo(two, "sync/1")
    stay(two, ("2", "1"))


def test_what_a_person_wrote_before_the_run_came_to_write_it_is_not_undone(two):
    two.sandbox.crms.switches.search_lag_seconds = 10_000
    call(two, "A1", "2")
    two.person("hubspot", "update", object="companies", id="K1", values={"phone": "2"})
    assert sync(two, "sync/1")["updated"] == 1
    undo(two, "sync/1")
    assert phones(two) == ("2", "2")


def test_a_run_that_was_decided_twice_is_put_back_to_what_was_before_both(two):
    for phone in ("2", "3"):
        call(two, "A1", phone)
        sync(two, "sync/1")
    undo(two, "sync/1")
    stay(two, ("3", "1"))


def test_a_run_that_had_nothing_left_to_do_the_second_time_is_undone_whole(two):
    call(two, "A1", "2")
    for _ in range(2):
        sync(two, "sync/1")
    said = undo(two, "sync/1")
    assert (phones(two), said["left"]) == (("2", "1"), 0)


def test_a_field_that_left_the_map_is_undone_and_begins_anew_when_it_comes_back(two):
    call(two, "A1", "2")
    sync(two, "sync/1")
    two.settings = two.settings.model_copy(update={"fields": (NAME,)})
    undo(two, "sync/1")
    assert phones(two) == ("2", "1")
    two.settings = two.settings.model_copy(update={"fields": (PHONE, NAME)})
    stay(two, ("2", "1"))


@pytest.mark.parametrize("point", ["K12:9", "K12:10"])
def test_a_revert_that_died_and_was_finished_is_undone_whole(many, monkeypatch, point):
    die_at(monkeypatch, point)
    with pytest.raises(Killed):
        many.undo(archives=False, name="undo/1")
    monkeypatch.delenv("ACCORD_KILL")
    forget_lease(many.database)
    many.undo(archives=False, name="undo/1")
    many.undo("undo/1", name="undo/2")
    assert many.difference(many.after, many.state()) == {}


def test_a_parent_that_was_merged_since_is_put_back_as_its_survivor_and_stays(many):
    mate = many.mate("A2")
    many.person("hubspot", "merge", object="companies", primary="K7", other=mate)
    many.undo(name="undo/1", archives=False)
    parents, child = many.sandbox.crms.portal.parents, many.ids["K4"]
    survivor = parents[child]
    assert survivor not in {many.ids["K6"], many.ids["K7"]}
    for _ in range(2):
        many.run()
    assert parents[child] == survivor


def test_what_went_to_another_company_with_a_merge_is_said_to_stay(many):
    made = many.mate("A2")
    many.person("hubspot", "merge", object="companies", primary="K7", other=made)
    for _ in range(2):
        many.run()
    said = many.undo("life/2", name="undo/1")
    left = many.rows("SELECT object, target_id FROM sync.reversals WHERE reason = 'merged_since' ORDER BY object")
    assert [(row["object"], row["target_id"]) for row in left] == [
        ("association", f"{many.ids['h2']}:{made}"),
        ("company", made),
    ]
    assert said["left"] >= 2
