"""A run is undone the whole way: both CRMs are what they were, but for what somebody changed since (R104)."""

from __future__ import annotations

import pytest
from revert_case import Killed, die_at, forget_lease, undo_of

from accord.model.errors import BadInput, StalePlan
from accord.model.scope import Run, Scope
from accord.steps.gate import apply_plan
from accord.steps.revert import decide_revert, preview, undone_run

pytestmark = [pytest.mark.postgres, pytest.mark.rule("R104")]

KEPT = {("companies", "new"), ("Account", "new")}


@pytest.fixture
def life(database):
    with undo_of(database) as life:
        life.work()
        yield life


def writes(life, since):
    """Return what the pipeline wrote after so many entries: [(system, op, object, record)]."""
    entries = list(life.sandbox.journal.by("pipeline"))[since:]
    return [(it.system, it.op, it.object, life.name(it.id)) for it in entries]


def staged(life):
    """Return what the mirror shows of a few things that a revert changed."""
    rows = life.rows(
        "SELECT id, accord_key AS it FROM staging.hubspot_companies WHERE id = %s"
        " UNION ALL SELECT id, account_id FROM staging.salesforce_contacts WHERE id = %s"
        " UNION ALL SELECT id, 'archived' FROM staging.hubspot_companies WHERE is_archived"
        " UNION ALL SELECT id, 'deleted' FROM staging.salesforce_accounts WHERE is_deleted"
        " UNION ALL SELECT contact_id, 'associated' FROM staging.hubspot_company_contacts WHERE contact_id = %s",
        life.ids["K3"],
        life.ids["P3"],
        life.ids["h2"],
    )
    return sorted((life.name(row["id"]), row["it"]) for row in rows)


def test_both_crms_are_what_they_were_and_the_next_sync_writes_nothing(life):
    assert life.after != life.before
    said = life.undo()
    assert life.difference(life.before, life.state()) == {}
    assert life.pairs() == [("A4", "K4"), ("A6", "K6"), ("A7", "K7")]
    assert (said["left"], said["pairs_parted"], said["archived"]) == (0, 3, 2)
    before = life.written()
    for _ in range(2):
        life.run()
    assert writes(life, before) == []
    assert life.difference(life.before, life.state()) == {}
    assert staged(life) == [("K3", None), ("P3", None), ("new", "archived"), ("new", "deleted")]


def test_the_run_wrote_every_kind_of_value_before_it_was_undone(life):
    """What the other tests rest on: clears and first values, numbers as numbers, keys, people, parents, stages."""
    ops = {
        (row["system"], row["op"])
        for row in life.rows("SELECT system, op FROM sync.intents WHERE run_id = 'life/2' AND state = 'confirmed'")
    }
    assert ops == {
        ("hubspot", "create"), ("salesforce", "create"), ("hubspot", "restamp"), ("salesforce", "restamp"),
        ("hubspot", "update"), ("salesforce", "update"), ("hubspot", "unparent"), ("hubspot", "parent"),
        ("hubspot", "stage"), ("salesforce", "attach"), ("hubspot", "associate"),
    }  # fmt: skip
    seven = ("Account", life.ids["A7"])
    assert (life.before[seven]["NumberOfEmployees"], life.after[seven]["NumberOfEmployees"]) == (9, 5)
    assert (life.before[seven]["Phone"], life.after[seven].get("Phone")) == ("777", None)
    life.undo()
    number = life.state()[seven]["NumberOfEmployees"]
    assert (number, type(number)) == (9, int)


def test_what_was_undone_stays_undone_for_the_memory_of_fields_too(life):
    """The undone value does not come back, and a later edit of either side goes over as it always does."""
    life.undo()
    life.run()
    assert life.state()["companies", life.ids["K6"]]["numberofemployees"] == "7"
    life.person("salesforce", "update", object="Account", id="A6", values={"NumberOfEmployees": 71})
    life.sandbox.clock.advance(120)
    life.run()
    assert life.state()["companies", life.ids["K6"]]["numberofemployees"] == "71"
    assert "phone" not in life.state()["companies", life.ids["K4"]]


def test_undoing_twice_writes_nothing_the_second_time(life):
    life.undo()
    before = life.written()
    said = life.undo()
    assert writes(life, before) == []
    assert (said["undone"], said["left"]) == (0, 0)


def test_without_being_asked_what_the_run_made_stays_and_everything_else_is_undone(life):
    said = life.undo(archives=False)
    assert set(life.difference(life.before, life.state())) == KEPT
    assert life.left("undo/3") == {"archive_not_asked": ["new", "new"]}
    assert life.pairs() == [("A4", "K4"), ("A6", "K6"), ("A7", "K7")]
    assert said["left"] == 2
    before = life.written()
    life.run()
    assert writes(life, before) == []


def test_a_later_undo_may_archive_what_an_earlier_one_left(life):
    life.undo(archives=False)
    life.run()
    life.undo(archives=True)
    assert life.difference(life.before, life.state()) == {}


@pytest.mark.parametrize(
    ("touch", "reason"),
    [
        pytest.param(("hubspot", "update", {"city": "Bern"}), "touched_since", id="a property Accord never wrote"),
        pytest.param(("hubspot", "update", {"phone": "99"}), "touched_since", id="a property Accord wrote"),
        pytest.param(("hubspot", "associate", {}), "has_people", id="a person joined the company"),
        pytest.param(("hubspot", "set_parent", {}), "has_children", id="a company below it"),
        pytest.param(("salesforce", "update", {"Site": "Bern"}), "touched_since", id="a field Accord never wrote"),
        pytest.param(("salesforce", "Contact", {"LastName": "N"}), "has_people", id="a contact of the account"),
        pytest.param(("salesforce", "Account", {"Name": "Child"}), "has_children", id="an account below it"),
        pytest.param(("salesforce", "Opportunity", {"Name": "Deal"}), "has_opportunities", id="an opportunity"),
    ],
)
def test_a_record_that_somebody_touched_since_is_not_archived(life, touch, reason):
    crm, what, values = touch
    kind = "companies" if crm == "hubspot" else "Account"
    pair = {"companies": "A2", "Account": "K3"}[kind]
    made = life.mate(pair)
    life.sandbox.clock.advance(60)
    if what == "update":
        life.person(crm, "update", object=kind, id=made, values=values)
    elif what == "associate":
        life.person(crm, "associate", contact="h4", company=made)
    elif what == "set_parent":
        life.person(crm, "set_parent", company="K1", parent=made)
    else:
        link = "ParentId" if what == "Account" else "AccountId"
        life.person(crm, "create", object=what, values={**values, link: made})
    life.undo()
    assert life.left("undo/3") == {reason: ["new"]}
    assert (kind, made) in life.state()
    gone = ("Account", "new") if kind == "companies" else ("companies", "new")
    assert gone not in life.difference(life.before, life.state())


def test_what_somebody_changed_since_stays_and_is_listed(life):
    """Values, an account of a contact, a key, a stage, a parent and a deleted record; all the rest is undone."""
    life.person("hubspot", "update", object="companies", id="K6", values={"numberofemployees": "700"})
    life.person("salesforce", "update", object="Contact", id="P3", values={"AccountId": life.ids["A7"]})
    life.person("salesforce", "update", object="Account", id="A1", values={"Accord_Key__c": "mine"})
    life.moves("companies", "K4", "customer")
    life.person("hubspot", "set_parent", company="K4", parent=life.ids["K1"])
    life.person("hubspot", "archive", object="contacts", id="h2")
    changed = life.state()
    life.undo()
    left = {(it, reason) for reason, names in life.left("undo/3").items() for it in names}
    assert left == {(it, "changed_since") for it in ("K6", "P3", "A1", "K4")}
    after = life.state()
    for place, name in (
        (("companies", "K6"), "numberofemployees"), (("Contact", "P3"), "AccountId"),
        (("Account", "A1"), "Accord_Key__c"), (("companies", "K4"), "lifecyclestage"), (("parent", "K4"), "is"),
    ):  # fmt: skip
        real = place[0], life.ids[place[1]]
        assert after[real][name] == changed[real][name]
    assert set(life.difference(life.before, after)) == {
        ("companies", "K6"), ("Contact", "P3"), ("Account", "A1"), ("companies", "K4"), ("parent", "K4"),
        ("contacts", "h2"),
    }  # fmt: skip
    notes = life.rows("SELECT message FROM sync.outcomes WHERE run_id = 'undo/3' AND code = 'changed_since'")
    assert any("numberofemployees" in row["message"] for row in notes)


def test_a_revert_is_undone_and_the_run_stands_again(life):
    life.undo(archives=False)
    life.run()
    life.undo("undo/3")
    assert life.difference(life.after, life.state()) == {}
    assert len(life.pairs()) == 6
    before = life.written()
    life.run()
    assert writes(life, before) == []
    life.undo(archives=True)
    assert life.difference(life.before, life.state()) == {}


def test_what_a_revert_archived_only_a_person_brings_back_and_that_is_said(life):
    life.undo()
    life.undo("undo/3")
    assert life.left("undo/4") == {"in_recycle_bin": ["new", "new"]}
    assert life.pairs() == [("A1", "K1"), ("A4", "K4"), ("A6", "K6"), ("A7", "K7")]


def killed(life, monkeypatch, point):
    """Let a revert die at a point; its lease runs out."""
    die_at(monkeypatch, point)
    with pytest.raises(Killed):
        life.undo(name="undo/killed")
    monkeypatch.delenv("ACCORD_KILL")
    forget_lease(life.database)


@pytest.mark.parametrize(
    "points",
    [
        pytest.param(["K1:1", "K2:1", "K3:1", "K6:1", "K7:1", "K8:1", "K2:3", "K7:3"], id="around the first writes"),
        pytest.param(["K3:6", "K2:2", "K6:4", "K7:3", "K3:2", "K8:1"], id="in the middle"),
        pytest.param([f"K12:{n}" for n in range(1, 14)], id="between any two writes"),
    ],
)
def test_killed_again_and_again_a_revert_ends_the_same(life, points, monkeypatch):
    """K12, and the points of every write: what was done is found by its record, what was not is done."""
    for point in points:
        killed(life, monkeypatch, point)
    life.undo(name="undo/killed")
    assert life.difference(life.before, life.state()) == {}
    before = life.written()
    life.run()
    assert writes(life, before) == []


def test_a_sync_between_a_killed_revert_and_the_next_does_nothing_over_and_leaves_nothing_half_done(life, monkeypatch):
    """A stage that was emptied and a parent that was ended get the value before, whoever comes next."""
    for point in ("K12:1", "K12:4", "K12:6"):
        killed(life, monkeypatch, point)
        life.run()
    assert life.state()["companies", life.ids["K4"]]["lifecyclestage"] == "lead"
    assert life.state()["parent", life.ids["K4"]] == {"is": life.ids["K7"]}
    life.undo()
    assert life.difference(life.before, life.state()) == {}


@pytest.mark.parametrize("verb", ["drop_before", "drop_after_commit", "late_commit"])
def test_answers_of_a_revert_are_lost(life, verb):
    late = {"seconds": 20} if verb == "late_commit" else {}
    lost = [
        ("hubspot", "POST", "associations/contacts/companies/batch/archive"),
        ("hubspot", "POST", "companies/companies/batch/labels/archive"),
        ("hubspot", "POST", "objects/companies/batch/archive"),
        ("hubspot", "POST", "objects/companies/batch/update"),
        ("salesforce", "PATCH", "composite/sobjects"),
        ("salesforce", "DELETE", "composite/sobjects"),
    ]
    with life.sandbox.crms.lock:
        life.sandbox.crms.faults.arm([{"crm": c, "method": m, "path": p, "do": verb, **late} for c, m, p in lost])
    life.undo()
    life.undo()
    assert life.difference(life.before, life.state()) == {}


def test_import_or_a_request_by_hand_brings_an_undone_pairing_back_without_a_twin(life):
    """What was kept is found by its key, what was archived is made anew, and nothing is made twice."""
    life.undo(archives=False)
    life.run()
    for name in ("A2", "A1", "K3"):
        life.run(Scope("record", record_id=life.ids[name], requested_by="ann"))
    assert len(life.pairs()) == 6
    created = [it for it in life.sandbox.journal.by("pipeline") if it.op == "create"]
    assert len(created) == 2


def test_what_was_archived_is_made_anew_only_by_hand(life):
    life.undo()
    life.run()
    created = [it for it in life.sandbox.journal.by("pipeline") if it.op == "create"]
    life.run(Scope("record", record_id=life.ids["A2"], requested_by="ann"))
    life.run()
    assert len([it for it in life.sandbox.journal.by("pipeline") if it.op == "create"]) == len(created) + 1
    assert ("A2", "new") in life.pairs()


def test_an_answer_given_before_the_undo_pairs_nobody_and_one_given_after_does(life):
    pair = (life.ids["A1"], life.ids["K1"])

    def answered():
        with life.database.transaction() as connection:
            connection.execute(
                "INSERT INTO sync.reviews (system, record_id, reason, state, choice, account_id, company_id, answered_at)"
                " VALUES ('salesforce', %s, 'tie_between_companies', 'answered', 'pair', %s, %s, now())",
                (pair[0], *pair),
            )

    answered()
    life.undo()
    life.run()
    assert ("A1", "K1") not in life.pairs()
    answered()
    life.run()
    assert ("A1", "K1") in life.pairs()


def test_an_account_that_is_edited_after_the_undo_rests_all_the_same(life):
    life.undo()
    life.person("salesforce", "update", object="Account", id="A2", values={"Phone": "5"})
    life.person("hubspot", "update", object="companies", id="K3", values={"phone": "5"})
    before = life.written()
    life.run()
    assert writes(life, before) == []
    assert life.rows("SELECT DISTINCT reason FROM sync.decisions WHERE run_id = 'life/4'") == [
        {"reason": "pairing_undone"}
    ]


def test_nothing_is_written_where_a_person_must_be_asked_and_nobody_was(life):
    life.person("hubspot", "update", object="companies", id="K6", values={"numberofemployees": "700"})
    before = life.written()
    said = life.undo(approved_by=None)
    assert writes(life, before) == []
    assert said["note"].startswith("Not carried out")
    assert len(life.pairs()) == 6
    body = decide_revert(life.wiring(), Run("look", Scope("revert", undone_run="life/2"), "apply"))["body"]
    assert "numberofemployees" in body
    assert "nobody asked to archive" in body


def test_an_approval_is_for_the_plan_that_was_shown(life):
    life.person("hubspot", "update", object="companies", id="K6", values={"numberofemployees": "700"})
    run = Run("undo/slow", Scope("revert", undone_run="life/2"), "apply")
    planned = decide_revert(life.wiring(), run)
    life.person("hubspot", "update", object="companies", id="K1", values={"phone": "by hand"})
    before = life.written()
    with pytest.raises(StalePlan, match="ann"):
        apply_plan(life.wiring(), run, planned["digest"], "ann")
    assert writes(life, before) == []


def test_a_task_of_the_undone_run_that_is_tried_again_does_nothing_over(life):
    digest = life.rows("SELECT plan_digest FROM sync.runs WHERE run_id = 'life/2'")[0]["plan_digest"]
    life.undo()
    before = life.written()
    with pytest.raises(StalePlan, match="undone"):
        apply_plan(life.wiring(), Run("life/2", Scope("changed"), "apply"), digest, None)
    assert writes(life, before) == []


def test_a_preview_writes_nothing_and_stores_nothing(life):
    before = life.written()
    rows = preview(life.wiring(), Run("look", Scope("revert", undone_run="life/2", archives=True), "apply"))
    assert writes(life, before) == []
    assert {row.op for row in rows} >= {"unpair", "archive", "unstage", "attach", "dissociate", "unparent", "restamp"}
    assert life.rows("SELECT FROM sync.reversals") == []


def test_a_run_that_cannot_be_undone_is_refused_in_words(life):
    database = life.database
    with pytest.raises(BadInput, match=r"no run 'nowhere'; the latest are: life/2"):
        undone_run(database, "nowhere")
    life.run(mode="plan")
    with pytest.raises(BadInput, match="only planned"):
        undone_run(database, "life/3")
    with database.transaction() as connection:
        connection.execute("UPDATE sync.lease SET holder = 'life/2', expires_at = now() + interval '1 minute'")
    with pytest.raises(BadInput, match="is at work"):
        undone_run(database, "2")
    forget_lease(database)
    assert undone_run(database, "2") == "life/2"
