"""What people do between a plan, or a death, and the next try: it is not done again, not written over, not undone."""

from __future__ import annotations

import pytest

from accord.model.scope import Run, Scope
from accord.model.settings import Caps
from accord.sandbox.edits import edit
from accord.steps.decide import decide
from accord.steps.extract import extract_all
from accord.steps.gate import apply_plan
from accord.steps.open_run import open_run
from accord.steps.sequence import run_all, undo_all
from machine.stage import stage_of
from machine.worlds import FIELDS, NEW, OLD

pytestmark = pytest.mark.postgres

A_WHILE = 1_000
"""Seconds: longer than a lease lives, and than what was read is believed."""
ALONE = {
    "id": "ALONE",
    "settings": {"max_creates": 100},
    "sf": {
        "accounts": [{"Id": "A1", "Name": "Dorn", **NEW}],
        "contacts": [{"Id": "P1", "AccountId": "A1", "Email": "dee@dorn.test"}],
    },
    "hs": {
        "companies": [
            {"id": "K9", "name": "Other", "created": "2024-01-01"},
            {"id": "K8", "name": "Dorn", "created": "2023-01-01"},
        ],
        "contacts": [{"id": "h1", "email": "dee@dorn.test"}],
    },
}
PAIRED = {
    "id": "PAIRED",
    "settings": {"max_creates": 100},
    "sf": {"accounts": [{"Id": "A1", "Name": "Dorn", "Phone": "+49 4", **OLD}]},
    "hs": {"companies": [{"id": "K1", "name": "Dorn", "phone": "+49 4", "created": "2024-01-01"}]},
    "links": [{"account": "A1", "company": "K1"}],
}


class Days:
    """A stage, and the days that pass on it."""

    def __init__(self, stage):
        self.stage, self.crms = stage, stage.crms
        self.ids, self.database = stage.sandbox.world.ids, stage.database

    def run(self, name, kill="", **settings):
        """Run in a process of its own, to its end or to its death; a while passes."""
        with self.stage.one_process(kill):
            run_all(self.stage.wiring(**settings), Run(name, Scope("changed"), "apply"))
            assert not kill, "it was to die"
        self.passes()

    def undo(self, name, kill=""):
        run = Run("undo/1", Scope("revert", undone_run=name, archives=True), "apply")
        with self.stage.one_process(kill):
            undo_all(self.stage.wiring(), run, "ann")
            assert not kill, "it was to die"
        self.passes()

    def passes(self, seconds=A_WHILE):
        self.stage.sandbox.clock.advance(seconds)
        with self.database.transaction() as connection:
            connection.execute("UPDATE sync.lease SET expires_at = expires_at - make_interval(secs => %s)", [seconds])

    def person(self, crm, op, **what):
        named = {key: self.ids.get(value, value) if isinstance(value, str) else value for key, value in what.items()}
        with self.crms.lock:
            made = edit(self.crms, {"crm": crm, "op": op, **named})
        self.passes()
        return made

    def makes_by_hand(self):
        """A person makes the company of A1, with the person of A1 in it."""
        made = self.person("hubspot", "create", object="companies", values={"name": "Dorn GmbH"}, source="CRM_UI")
        self.person("hubspot", "associate", contact="h1", company=made["id"], primary=True)
        return made["id"]

    @property
    def created(self):
        entries = self.stage.sandbox.journal.by("pipeline")
        return [it.id for it in entries if (it.op, it.object) == ("create", "companies")]

    @property
    def archived(self):
        return [it.id for it in self.stage.sandbox.journal.by("pipeline") if it.op == "archive"]

    def phone(self):
        """Return the phone number of K1."""
        return self.crms.portal.tables["companies"].live[self.ids["K1"]]["phone"]

    def partner(self):
        """Return the company of A1."""
        rows = self.database.rows(
            "SELECT company_id FROM sync.pairs WHERE is_active AND account_id = %s", [self.ids["A1"]]
        )
        return rows[0]["company_id"] if rows else None


@pytest.fixture
def days(warehouse, process):
    with stage_of(ALONE, warehouse, process, fields=FIELDS) as stage:
        yield Days(stage)


@pytest.fixture
def paired(warehouse, process):
    with stage_of(PAIRED, warehouse, process, fields=FIELDS) as stage:
        yield Days(stage)


@pytest.mark.rule("R98", "R12")
@pytest.mark.parametrize("again", ["s/1", "s/2"], ids=["the same run", "the next run"])
@pytest.mark.parametrize("kill", ["K1:1", "K3:1"])
def test_what_a_person_made_by_hand_since_a_run_died_is_paired_and_not_made_again(days, kill, again):
    days.run("s/1", kill)
    made = days.makes_by_hand()
    days.run(again)
    days.run("s/9")
    assert (days.created, days.partner()) == ([], made)


@pytest.mark.rule("R96", "R12")
def test_what_a_person_made_by_hand_while_an_approval_was_waited_for_is_paired_and_not_made_again(days):
    run, wiring = Run("s/1", Scope("changed"), "apply"), days.stage.wiring(caps=Caps(max_creates=0))
    open_run(wiring, run)
    wiring = wiring.for_run(run.run_id)
    extract_all(wiring, run)
    planned = decide(wiring, run)
    made = days.makes_by_hand()
    apply_plan(wiring, run, planned["digest"], "ann")
    assert days.created == []
    days.passes()
    days.run("s/2")
    assert (days.created, days.partner()) == ([], made)


@pytest.mark.rule("R98", "R66")
@pytest.mark.parametrize("again", ["s/2", "s/3"], ids=["the same run", "the next run"])
@pytest.mark.parametrize("kill", ["K5:1", "K6:1"])
def test_a_value_that_a_person_put_back_is_the_later_word_though_its_write_was_never_answered(paired, kill, again):
    paired.run("s/1")
    paired.person("salesforce", "update", object="Account", id="A1", values={"Phone": "+49 44"})
    paired.run("s/2", kill)
    paired.person("hubspot", "update", object="companies", id="K1", values={"phone": "+49 4"})
    for name in (again, "s/8", "s/9"):
        paired.run(name)
    wrote = [(it.system, it.after) for it in paired.stage.sandbox.journal.by("pipeline") if "hone" in str(it.after)]
    assert wrote == [("hubspot", {"phone": "+49 44"}), ("salesforce", {"Phone": "+49 4"})]


@pytest.mark.rule("R98")
def test_settings_that_were_mended_after_a_death_are_those_that_count(paired):
    paired.run("s/1")
    paired.person("salesforce", "update", object="Account", id="A1", values={"Phone": "+49 bad"})
    paired.run("s/2", "K3:1")
    paired.run("s/3", fields=tuple(it for it in FIELDS if it.salesforce != "Phone"))
    assert paired.phone() == "+49 4"


@pytest.mark.rule("R98", "R96")
def test_a_creation_of_a_dead_run_counts_for_the_cap_of_the_next_one(days):
    days.run("s/1", "K3:1")
    days.run("s/2", caps=Caps(max_creates=0))
    assert days.created == []
    days.run("s/3")
    assert len(days.created) == 1


@pytest.mark.rule("R104", "R98")
def test_a_persons_company_of_the_same_name_is_paired_and_no_undo_archives_it(days):
    days.run("s/1", "K3:1")
    made = days.person("hubspot", "create", object="companies", values={"name": "Dorn"}, source="CRM_UI")["id"]
    days.run("s/2")
    assert (days.created, days.partner()) == ([], made)
    days.undo("s/1")
    assert days.archived == []


@pytest.mark.rule("R104", "R77")
def test_a_persons_old_company_that_took_in_the_one_we_made_is_not_archived_by_an_undo(days):
    days.run("s/1", "K5:1")
    days.person("hubspot", "merge", object="companies", primary="K8", other=days.created[0])
    days.run("s/2")
    days.undo("s/1")
    assert days.archived == []


@pytest.mark.rule("R104", "R98")
def test_a_company_that_was_archived_before_its_maker_came_back_and_restored_later_is_known_to_its_undo(days):
    days.run("s/1", "K5:1")
    [made] = days.created
    days.person("hubspot", "archive", object="companies", id=made)
    days.run("s/2")
    asked = "SELECT state FROM sync.reviews WHERE reason = 'key_on_deleted_record'"
    assert [row["state"] for row in days.database.rows(asked)] == ["open"]
    days.person("hubspot", "restore", object="companies", id=made)
    days.run("s/3")
    assert (days.created, days.partner()) == ([made], made)
    assert [row["state"] for row in days.database.rows(asked)] == ["gone"]
    days.undo("s/1")
    assert days.archived == [made]


@pytest.mark.rule("R98")
def test_two_look_alikes_stay_a_question_for_as_long_as_nobody_answers_it(days):
    days.run("s/1", "K5:1")
    days.person("hubspot", "update", object="companies", id=days.created[0], values={"accord_key": ""})
    days.person("hubspot", "create", object="companies", values={"name": "Dorn"}, source="CRM_UI")
    for name in ("s/2", "s/3", "s/4"):
        days.run(name)
        days.passes(86_400)
    assert len(days.created) == 1
    assert [row["reason"] for row in days.database.rows("SELECT reason FROM sync.reviews WHERE state = 'open'")] == [
        "several_twins"
    ]


@pytest.mark.rule("R104")
def test_what_a_person_wrote_after_an_undo_put_a_value_back_and_died_is_left_by_its_next_try(paired):
    paired.run("s/1")
    paired.person("salesforce", "update", object="Account", id="A1", values={"Phone": "+49 44"})
    paired.run("s/2")
    paired.undo("s/2", "K8:1")
    assert paired.phone() == "+49 4"
    paired.person("hubspot", "update", object="companies", id="K1", values={"phone": "+49 7"})
    paired.undo("s/2")
    assert paired.phone() == "+49 7"
    left = paired.database.rows("SELECT reason FROM sync.reversals WHERE reason <> ''")
    assert [row["reason"] for row in left] == ["changed_since"]
