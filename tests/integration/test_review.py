"""A question is answered once; the next run and every later one follows the answer, and nothing else changes."""

from __future__ import annotations

import pytest

from accord.model.errors import BadInput
from accord.model.scope import Scope
from accord.steps.answer import Answer, question, questions, resolve, undo
from small_runs import SmallRuns
from tiny_worlds import grown

pytestmark = pytest.mark.postgres

TIE = {"new": ["A1"], "aged": ["K1", "K2", "K3"], "shared": {"A1": {"K1": 1, "K2": 1}}}
OLD_TIE = TIE | {"new": [], "old": ["A1"], "settings": {"import_accounts": ["A1"]}}
ONE_COMPANY = {"new": ["A1", "A2"], "aged": ["K1"], "shared": {"A1": {"K1": 1}, "A2": {"K1": 1}}}
BY_HAND = {
    "old": ["A1", "A2"],
    "fresh": ["K1"],
    "shared": {"A1": {"K1": 1}, "A2": {"K1": 1}},
    "settings": {"manual_sync": ["K1"]},
}
STORED_TWICE = {
    "old": ["A1"],
    "links": [{"account": "A1", "company": "K1"}],
    "hs": {"companies": [{"id": it, "name": it, "created": "2024-01-01", "sfa": "A1"} for it in ("K1", "K2")]},
}
REPRESENTED = {
    "old": ["A1"],
    "fresh": ["K1", "K2"],
    "links": [{"account": "A1", "company": "K1"}],
    "shared": {"A1": {"K2": 1}},
}
ORPHAN = {
    "old": ["A1"],
    "sf": {"accounts": [{"Id": "A2", "Created": "2024-01-01", "Deleted": True, "Master": "A1"}]},
    "aged": ["K1", "K2"],
    "links": [{"account": "A2", "company": "K2"}, {"account": "A1", "company": "K1"}],
}


@pytest.fixture
def started(database):
    """Start a short world and run it once."""
    sandboxes = []

    def start(short, **more):
        named = grown(short)
        for it in named["sf"]["accounts"]:
            it.setdefault("Name", it["Id"])
        for it in named["hs"]["companies"]:
            it.setdefault("name", it["id"])
        sandbox = SmallRuns.start(named | more)
        sandboxes.append(sandbox)
        runs = SmallRuns(sandbox.__enter__(), database)
        runs.run()
        return runs

    yield start
    for sandbox in sandboxes:
        sandbox.__exit__(None, None, None)


def open_about(runs, short):
    found = [it for it in questions(runs.database) if it.record.id == runs.ids[short]]
    assert len(found) == 1
    return found[0]


def answer(runs, short, choice, *ids):
    asked = open_about(runs, short)
    return resolve(runs.database, asked.id, Answer(choice, "ann", tuple(runs.ids[it] for it in ids)))


def requests(runs):
    return [(it["state"], it["outcome"]) for it in runs.database.rows("SELECT * FROM sync.requests ORDER BY id")]


def rests(runs):
    """Nothing is asked and nothing is written any more."""
    assert not questions(runs.database)
    assert runs.run() == 0
    assert not questions(runs.database)


def test_a_tie_is_paired_as_answered_and_then_rests(started):
    runs = started(TIE)
    asked = open_about(runs, "A1")
    assert [(it.record.name, it.people) for it in asked.candidates] == [("K1", 1), ("K2", 1)]
    done = answer(runs, "A1", "pair", "K2", "A1")  # in any order
    assert (done.state, done.choice, done.answered_by) == ("answered", "pair", "ann")
    assert runs.run() > 0
    assert runs.pairs() == {("A1", "K2")}
    assert runs.decided("A1") == ("LINK", "review_resolved")
    rests(runs)


def test_a_tie_is_created_as_answered_and_then_rests(started):
    runs = started(TIE)
    answer(runs, "A1", "create")
    assert runs.run() > 0
    assert runs.pairs() == {("A1", "new")}
    assert runs.decided("A1") == ("CREATE_COMPANY", "review_resolved")
    rests(runs)


def test_a_candidate_that_is_ruled_out_leaves_the_other_one(started):
    runs = started(TIE)
    answer(runs, "A1", "apart", "A1", "K1")
    assert runs.run() > 0
    assert runs.pairs() == {("A1", "K2")}
    rests(runs)


def test_a_tie_of_three_is_asked_again_without_the_one_that_is_ruled_out(started):
    runs = started(TIE | {"shared": {"A1": {"K1": 1, "K2": 1, "K3": 1}}})
    first = answer(runs, "A1", "apart", "A1", "K1")
    assert runs.run() == 0
    asked = open_about(runs, "A1")
    assert asked.id != first.id
    assert {it.record.name for it in asked.candidates} == {"K2", "K3"}


def test_the_answer_to_one_account_settles_the_other_one(started):
    runs = started(ONE_COMPANY)
    assert [(it.name, people) for it, people in open_about(runs, "A2").candidates[0].rivals] == [("A1", 1)]
    answer(runs, "A2", "pair", "A1", "K1")
    runs.run()
    assert runs.pairs() == {("A1", "K1"), ("A2", "new")}
    rests(runs)


@pytest.mark.parametrize("choice", ["pair", "create", "leave"])
def test_the_import_request_that_waited_is_closed_by_the_answer(started, choice):
    runs = started(OLD_TIE)
    assert requests(runs) == [("open", "")]
    answer(runs, "A1", choice, *(["A1", "K1"] if choice == "pair" else []))
    assert requests(runs)[0][0] == "done"
    written = runs.run()
    assert (written > 0, len(runs.pairs())) == ((False, 0) if choice == "leave" else (True, 1))
    rests(runs)


def test_an_imported_account_stays_imported_while_candidates_are_ruled_out(started):
    runs = started(OLD_TIE)
    answer(runs, "A1", "apart", "A1", "K1")
    assert requests(runs) == [("open", "")]
    runs.run()
    assert runs.pairs() == {("A1", "K2")}
    assert requests(runs)[0][0] == "done"
    rests(runs)


@pytest.mark.parametrize(
    ("choice", "ids", "pairs"),
    [
        ("pair", ["A1", "K1"], {("A1", "K1")}),
        ("apart", ["A1", "K1"], {("A2", "K1")}),
        ("create", [], {("new", "K1")}),
    ],
)
def test_a_company_asked_for_by_hand_gets_what_is_answered(started, choice, ids, pairs):
    runs = started(BY_HAND)
    answer(runs, "K1", choice, *ids)
    runs.run()
    assert runs.pairs() == pairs
    assert requests(runs)[0][0] == "done"
    rests(runs)


@pytest.mark.parametrize("choice", ["pair", "apart"])
def test_one_of_two_companies_with_one_account_id_is_chosen(started, choice):
    runs = started(STORED_TWICE)
    assert {(it.record.name, it.is_stated) for it in open_about(runs, "A1").candidates} == {("K1", True), ("K2", True)}
    answer(runs, "A1", choice, "A1", "K2" if choice == "pair" else "K1")
    assert runs.pairs() == set()
    runs.person(crm="salesforce", op="update", object="Account", id=runs.ids["A1"], values={"Phone": "1"})
    runs.run()
    assert runs.pairs() == {("A1", "K2")}


BORN_TWINS = {
    "old": ["A1"],
    "hs": {
        "companies": [
            {"id": it, "name": it, "created": "2026-01-11", "source": "CRM_SETTING", "sfa": "A1"} for it in ("K1", "K2")
        ],
        "contacts": [{"id": "h1"}, {"id": "h2"}],
        "assoc": [["h1", "K1", "primary"], ["h2", "K2", "primary"]],
    },
}


@pytest.mark.rule("R23")
@pytest.mark.parametrize(("choice", "ids"), [("pair", ["A1", "K1"]), ("apart", ["A1", "K2"])])
def test_the_company_that_was_not_chosen_gets_no_account_by_itself(started, choice, ids):
    runs = started(BORN_TWINS)
    answer(runs, "A1", choice, *ids)
    runs.run()
    assert runs.decided("K2") == ("SKIP", "told_apart")
    runs.person(crm="hubspot", op="update", object="companies", id=runs.ids["K2"], values={"phone": "1"})
    runs.run()
    assert not any(company == "K2" for _, company in runs.pairs())
    rests(runs)
    runs.run(Scope("record", record_id=runs.ids["K2"], requested_by="ann"))
    assert ("new", "K2") in runs.pairs()


RACED = {
    "new": ["A1"],
    "sf": {"contacts": [{"Id": "P1", "AccountId": "A1"}]},
    "hs": {"contacts": [{"id": "h1", "sfc": "P1"}]},
}


def raced(runs):
    """HubSpot makes a company for the person of the company that Accord just made, after Accord looked."""
    assert runs.pairs() == {("A1", "new")}
    made = runs.person(crm="hubspot", op="create", object="companies", values={"name": "x"}, source="CRM_SETTING")
    runs.ids["T"] = made["id"]
    runs.person(crm="hubspot", op="associate", contact=runs.ids["h1"], company=made["id"], primary=True)


@pytest.mark.rule("R105")
def test_a_twin_that_hubspot_made_beside_our_company_gets_no_account_by_itself(started):
    runs = started(RACED)
    raced(runs)
    runs.run()
    assert runs.decided("T") == ("REVIEW", "race_with_auto_create")
    assert len(open_about(runs, "T").candidates) == 2
    answer(runs, "T", "leave")
    rests(runs)
    assert runs.pairs() == {("A1", "new")}


@pytest.mark.rule("R105")
def test_a_twin_gets_an_account_where_somebody_says_so(started):
    runs = started(RACED)
    raced(runs)
    runs.run()
    answer(runs, "T", "create")
    runs.run()
    assert ("new", "T") in runs.pairs()
    rests(runs)


def test_an_orphan_stands_on_its_own_when_it_is_told_apart(started):
    runs = started(ORPHAN)
    answer(runs, "K2", "apart", "A1", "K2")
    runs.run()
    assert runs.decided("K2") == ("SKIP", "preexisting_company")
    assert ("A1", "K1") in runs.pairs()
    rests(runs)


@pytest.mark.parametrize("choice", ["create", "apart"])
def test_a_company_whose_people_have_another_one(started, choice):
    runs = started(REPRESENTED)
    answer(runs, "K2", choice, *(["A1", "K2"] if choice == "apart" else []))
    runs.run()
    expected = {("A1", "K1"), ("new", "K2")} if choice == "create" else {("A1", "K1")}
    assert runs.pairs() == expected
    rests(runs)


def test_what_is_left_is_not_asked_again_until_the_record_was_decided_otherwise(started):
    runs = started(TIE)
    left = answer(runs, "A1", "leave")
    assert left.state == "left"
    rests(runs)
    runs.run(Scope("record", record_id=runs.ids["A1"], requested_by="ann"))
    assert not questions(runs.database)
    assert runs.decided("A1")[0] == "REVIEW"


def test_an_answer_that_is_taken_back_before_a_run_is_asked_again(started):
    runs = started(TIE)
    done = answer(runs, "A1", "pair", "A1", "K1")
    again = undo(runs.database, done.id)
    assert again == open_about(runs, "A1").id
    assert question(runs.database, done.id).state == "undone"
    assert runs.run() == 0
    answer(runs, "A1", "pair", "A1", "K2")
    runs.run()
    assert runs.pairs() == {("A1", "K2")}


def test_an_answer_that_was_followed_is_taken_back_without_asking_again(started):
    runs = started(TIE)
    done = answer(runs, "A1", "pair", "A1", "K1")
    runs.run()
    assert undo(runs.database, done.id) is None
    assert runs.pairs() == {("A1", "K1")}
    rests(runs)


def test_a_pair_that_an_answer_ended_is_back_when_the_answer_is_taken_back(started):
    runs = started(STORED_TWICE)
    done = answer(runs, "A1", "pair", "A1", "K2")
    assert runs.pairs() == set()
    undo(runs.database, done.id)
    assert runs.pairs() == {("A1", "K1")}
    assert open_about(runs, "A1").reason == "account_id_on_two_companies"


def test_a_question_about_a_record_that_was_deleted_is_gone(started):
    runs = started(TIE)
    runs.person(crm="salesforce", op="delete", object="Account", id=runs.ids["A1"])
    runs.run()
    assert not questions(runs.database)


HELD = {
    "new": ["A1"],
    "shared": {"A1": {"K1": 1}},
    "hs": {"companies": [{"id": "K1", "name": "K1", "created": "2024-01-01", "key": "somebody-elses"}]},
}


def test_a_question_about_a_held_write_is_gone_once_it_is_written(started):
    runs = started(HELD)
    assert open_about(runs, "K1").reason == "foreign_key"
    runs.person(crm="hubspot", op="update", object="companies", id=runs.ids["K1"], values={"accord_key": ""})
    runs.run()
    assert runs.pairs() == {("A1", "K1")}
    rests(runs)


def test_a_question_about_a_held_write_can_only_be_left(started):
    runs = started(HELD)
    with pytest.raises(BadInput, match="use --leave"):
        answer(runs, "K1", "pair", "A1", "K1")
    answer(runs, "K1", "leave")
    rests(runs)


def test_a_race_with_hubspots_own_company_is_left_to_a_merge_in_hubspot(started):
    runs = started({"new": ["A1"], "aged": ["K1", "K2"], "shared": {"A1": {"K1": 1}}})
    with runs.database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.reviews (system, record_id, reason, rule, candidates)"
            " VALUES ('hubspot', %s, 'race_with_auto_create', 'R105', jsonb_build_array(%s::text, %s::text))",
            [runs.ids[it] for it in ("K2", "A1", "K1")],
        )
    assert [it.record.name for it in open_about(runs, "K2").candidates] == ["A1", "K1"]
    with pytest.raises(BadInput, match="use --create and --leave"):
        answer(runs, "K2", "pair", "A1", "K2")
    runs.person(crm="hubspot", op="archive", object="companies", id=runs.ids["K2"])
    assert runs.run() == 0
    rests(runs)


def test_an_answer_about_one_pair_never_ends_another_one(started):
    runs = started(STORED_TWICE | {"old": ["A1", "A2"], "aged": ["K3"], "links": [{"account": "A2", "company": "K3"}]})
    with pytest.raises(BadInput, match="is paired with"):
        answer(runs, "A1", "pair", "A1", "K3")
    assert ("A2", "K3") in runs.pairs()


WRONG = {
    "a stranger": ("pair", ["A2", "K3"], "is about account A1"),
    "two accounts": ("pair", ["A1", "A2"], "one Salesforce account id"),
    "no such company": ("pair", ["A1", "999"], "no company of this id"),
    "a deleted account": ("apart", ["A3", "K1"], "is about account A1"),
    "an archived company": ("pair", ["A1", "K4"], "was deleted, merged or erased"),
    "a company with an account": ("pair", ["A1", "K5"], "is paired with"),
}


@pytest.mark.parametrize(("choice", "ids", "says"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_answer_is_refused_and_nothing_is_stored(started, choice, ids, says):
    runs = started(
        TIE
        | {
            "old": ["A2", "A5"],
            "links": [{"account": "A5", "company": "K5"}],
            "sf": {"accounts": [{"Id": "A3", "Created": "2024-01-01", "Deleted": True}]},
            "hs": {"companies": [{"id": "K4", "archived": True}, {"id": "K5", "created": "2024-01-01"}]},
        }
    )
    before = runs.database.rows("SELECT * FROM sync.reviews ORDER BY id")
    asked = open_about(runs, "A1")
    with pytest.raises(BadInput, match=says):
        resolve(runs.database, asked.id, Answer(choice, "ann", tuple(runs.ids.get(it, it) for it in ids)))
    assert runs.database.rows("SELECT * FROM sync.reviews ORDER BY id") == before


def test_an_answer_that_contradicts_another_one_is_refused(started):
    runs = started(ONE_COMPANY)
    answer(runs, "A1", "pair", "A1", "K1")
    with pytest.raises(BadInput, match=r"ann answered review \d+ otherwise"):
        answer(runs, "A2", "pair", "A2", "K1")
    answer(runs, "A2", "apart", "A2", "K1")


def test_a_question_is_answered_only_once(started):
    runs = started(TIE)
    done = answer(runs, "A1", "create")
    with pytest.raises(BadInput, match=f"review undo {done.id} takes it back"):
        resolve(runs.database, done.id, Answer("leave", "bob"))
    with pytest.raises(BadInput, match="there is no review 4711"):
        undo(runs.database, 4711)
