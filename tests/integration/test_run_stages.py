"""Lifecycle stages the whole way: each change of a person is acted on once, whatever happens to the runs (R52-R61)."""

from __future__ import annotations

import logging

import pytest
from lived_world import life_of, staffed

from accord.model.errors import AmbiguousWrite
from accord.model.policy import DEFAULT_STAGES
from accord.model.scope import Scope
from accord.steps.policy import stage_order
from accord.store import retention
from accord.worlds.process import run_in_processes

pytestmark = pytest.mark.postgres

ONE = {"hs": staffed({"K1": "lead"}, {"h1": ("lead", "K1"), "h2": ("lead", "K1"), "h3": ("lead", "K1")})}


@pytest.fixture
def life(database):
    """K1 at lead, with three people at lead."""
    with life_of(ONE, database) as life:
        yield life


def test_every_rule_of_stages_decides_once(database):
    """R52-R59: each company is named after what happens to its people."""
    companies = {
        "K52": "lead", "K53": "lead", "K54": "customer", "K55": "lead", "K56": "lead",
        "K57": "lead", "K58": "lead", "K58own": "other", "K59": None, "K57else": "lead",
    }  # fmt: skip
    people = {
        "h52": ("lead", "K52"), "h53a": ("lead", "K53"), "h53b": ("lead", "K53"), "h54": ("lead", "K54"),
        "h55a": ("evangelist", "K55"), "h55b": ("lead", "K55"), "h56": ("customer", "K56"),
        "h57": ("lead", "K57else"), "h58": ("lead", "K58"), "h58own": ("lead", "K58own"), "h59": ("lead", "K59"),
    }  # fmt: skip
    hubspot = staffed(companies, people)
    hubspot["assoc"].append(["h57", "K57"])
    with life_of({"hs": hubspot}, database) as life:
        for name, stage in {
            "h52": "opportunity", "h53a": "opportunity", "h53b": "customer", "h54": "opportunity",
            "h55b": "opportunity", "h56": "", "h57": "customer", "h58": "other", "h58own": "customer",
            "h59": "subscriber",
        }.items():  # fmt: skip
            life.moves("contacts", name, stage)
        first = life.run()
        assert sorted(life.stage_writes()) == [
            ("K52", "opportunity"), ("K53", "customer"), ("K55", "opportunity"), ("K57else", "customer"),
            ("K59", "subscriber"),
        ]  # fmt: skip
        assert life.decisions("SET_STAGE")["K53"] == "h53b"
        assert life.decisions("SET_STAGE")["K55"] == "h55b"
        assert "5 stages moved, 2 stage changes without a rank left alone" in first["note"]
        left = life.rows("SELECT record_id, message FROM sync.outcomes WHERE code = 'stage_without_rank'")
        assert {life.short(row["record_id"]) for row in left} == {"K58", "K58own"}
        assert any('moved to "customer", the company has "other"' in row["message"] for row in left)
        life.run()
        assert len(life.stage_writes()) == 5


def test_a_stage_staged_while_a_run_is_at_work_moves_its_company_in_the_next_one(life):
    from accord.steps.reconcile import reconcile_hubspot

    life.moves("contacts", "h1", "opportunity")
    at_work = life.decided()
    life.moves("contacts", "h2", "customer")
    reconcile_hubspot(life.wiring(), life.begun())
    life.applied(at_work)
    life.reported(at_work)
    assert life.stage_writes() == [("K1", "opportunity")]
    life.run()
    assert life.stage_writes() == [("K1", "opportunity"), ("K1", "customer")]


def test_a_run_killed_after_its_writes_loses_no_change_and_repeats_none(life):
    life.moves("contacts", "h1", "opportunity")
    killed = life.decided()
    life.applied(killed)
    life.killed(killed)
    life.moves("companies", "K1", "lead")
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]
    life.moves("contacts", "h2", "opportunity")
    life.run()
    assert life.stage_writes() == [("K1", "opportunity"), ("K1", "opportunity")]


def test_a_run_killed_before_its_writes_leaves_them_to_the_next_one(life):
    life.moves("contacts", "h1", "opportunity")
    life.killed(life.decided())
    life.run()
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]


def test_a_process_killed_after_the_request_writes_once(life):
    life.moves("contacts", "h1", "opportunity")
    life.sandbox.clock.advance(900)
    run_in_processes(life.sandbox.url, life.database.dsn, life.settings, "life/killed", ["K5:1"])
    assert life.stage_writes() == [("K1", "opportunity")]
    life.moves("companies", "K1", "lead")
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]


def test_a_run_that_only_plans_leaves_the_change_to_one_that_applies(life):
    life.moves("contacts", "h1", "opportunity")
    life.run(mode="plan")
    assert life.decisions("SET_STAGE") == {"K1": "h1"}
    assert life.stage_writes() == []
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]


def test_an_import_and_another_record_leave_the_change_to_the_next_run_of_changes(life):
    life.moves("contacts", "h1", "opportunity")
    life.run(Scope("interval"))
    assert life.stage_writes() == []
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]


def test_what_a_record_asked_for_by_hand_got_is_not_given_again(life):
    life.moves("contacts", "h1", "opportunity")
    life.run(Scope("record", record_id=life.ids["K1"], requested_by="ann"))
    assert life.stage_writes() == [("K1", "opportunity")]
    life.moves("companies", "K1", "lead")
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]


def test_the_first_run_of_an_installation_only_records(database):
    """R60: also where the first one is an import, so that what changes while it runs is a change."""
    with life_of(ONE, database, is_new=True) as life:
        life.moves("contacts", "h1", "customer")
        life.run(mode="plan")
        life.moves("contacts", "h2", "evangelist")
        life.run(Scope("interval"))
        assert life.stage_writes() == []
        life.moves("contacts", "h3", "opportunity")
        life.run()
        assert life.stage_writes() == [("K1", "opportunity")]


def test_switched_off_and_on_again_the_baseline_begins_anew(life):
    """R60: what changed while the switch was off writes nothing, although `enabled_at` stays as the settings say."""
    life.run()
    assert life.run(sync_companies=False) == {"is_on": False}
    life.moves("contacts", "h1", "customer")
    life.run(sync_companies=True)
    assert life.stage_writes() == []
    life.moves("contacts", "h2", "opportunity")
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]


def test_a_write_left_over_from_before_the_switch_off_is_not_sent_after_it(life):
    life.moves("contacts", "h1", "customer")
    life.sandbox.crms.faults.arm(
        [{"crm": "hubspot", "path": "batch/update", "do": "status", "status": 503, "times": 0}]
    )
    with pytest.raises(AmbiguousWrite):
        life.run()
    life.sandbox.crms.faults.clear()
    life.run(sync_companies=False)
    life.run(sync_companies=True)
    assert life.stage_writes() == []


def test_a_later_change_replaces_a_write_that_could_not_be_sent(life):
    life.moves("contacts", "h1", "opportunity")
    life.sandbox.crms.faults.arm(
        [{"crm": "hubspot", "path": "batch/update", "do": "status", "status": 503, "times": 0}]
    )
    with pytest.raises(AmbiguousWrite):
        life.run()
    life.sandbox.crms.faults.clear()
    life.moves("contacts", "h2", "customer")
    life.run()
    life.run()
    assert life.stage_writes() == [("K1", "customer")]


def test_a_refused_write_rests_and_is_tried_again_until_it_is_taken(life):
    """Nobody's change is lost with it: h2's, which was behind h1's, stands when h1's is taken back."""
    order = ("subscriber", "lead", "opportunity", "vip")
    life.settings = life.settings.model_copy(update={"stage_order": order})
    life.option("contacts", "vip", 6)
    life.moves("contacts", "h1", "vip")
    life.moves("contacts", "h2", "opportunity")
    for _ in range(2):
        life.run()
    assert life.stage_writes() == []
    assert life.rows("SELECT state, attempt FROM sync.intents WHERE op = 'stage'") == [
        {"state": "rejected", "attempt": 1}
    ]
    life.option("companies", "vip", 6)
    life.sandbox.clock.advance(3600)
    life.run()
    assert life.stage_writes() == [("K1", "vip")]


def test_a_change_behind_one_that_was_refused_stands_when_that_is_taken_back(life):
    order = ("subscriber", "lead", "opportunity", "vip")
    life.settings = life.settings.model_copy(update={"stage_order": order})
    life.option("contacts", "vip", 6)
    life.moves("contacts", "h1", "vip")
    life.moves("contacts", "h2", "opportunity")
    life.run()
    life.moves("contacts", "h1", "lead")
    life.run()
    assert life.stage_writes() == [("K1", "opportunity")]


def test_an_archived_person_moves_nothing_until_restored(life):
    life.moves("contacts", "h1", "customer")
    life.person("hubspot", "archive", object="contacts", id="h1")
    life.run()
    assert life.stage_writes() == []
    life.person("hubspot", "restore", object="contacts", id="h1")
    life.run()
    assert life.stage_writes() == [("K1", "customer")]


def test_the_stage_of_a_merged_person_is_a_change_only_if_none_of_them_had_it(database):
    """R80: a merge makes a new contact, whose own stage nobody has seen before."""
    people = {"h1": ("lead", "K1"), "h2": ("subscriber", "K1"), "h3": ("customer", "K2"), "h4": ("lead", "K2")}
    with life_of({"hs": staffed({"K1": "lead", "K2": "lead"}, people)}, database) as life:
        life.moves("contacts", "h1", "opportunity")
        survivor = life.person("hubspot", "merge", object="contacts", primary="h1", other="h2")["id"]
        life.person("hubspot", "merge", object="contacts", primary="h3", other="h4")
        life.run()
        assert life.stage_writes() == [("K1", "opportunity")]
        assert life.decisions("SET_STAGE") == {"K1": survivor}
        life.run()
        assert len(life.stage_writes()) == 1


def test_a_person_who_changes_company_and_stage_moves_the_new_company(database):
    people = {"h1": ("lead", "K1")}
    with life_of({"hs": staffed({"K1": "lead", "K2": "lead"}, people)}, database) as life:
        life.moves("contacts", "h1", "customer")
        life.person("hubspot", "associate", contact="h1", company="K2", primary=True)
        life.run()
        life.run()
        assert life.stage_writes() == [("K2", "customer")]


def test_people_who_follow_their_company_are_no_change(life):
    """HubSpot can carry a company's stage down to its people: one write for one change, also where a salesperson
    puts the company back at once."""
    life.moves("contacts", "h1", "customer")
    life.run()
    life.follow("K1")
    life.moves("companies", "K1", "lead")
    for _ in range(2):
        life.run()
    assert life.stage_writes() == [("K1", "customer")]
    life.moves("contacts", "h2", "evangelist")
    life.run()
    life.follow("K1")
    life.run()
    assert life.stage_writes() == [("K1", "customer"), ("K1", "evangelist")]


def test_companies_that_share_people_do_not_push_each_other(database):
    people = {"h1": ("lead", "K1"), "h2": ("lead", "K2"), "h3": ("lead", "K3")}
    hubspot = staffed({"K1": "lead", "K2": "lead", "K3": "lead"}, people)
    hubspot["assoc"] += [["h1", "K2"], ["h2", "K1"], ["h2", "K3"], ["h3", "K1"]]
    with life_of({"hs": hubspot}, database) as life:
        life.moves("contacts", "h1", "customer")
        life.moves("contacts", "h2", "opportunity")
        for _ in range(3):
            life.run()
            for company in ("K1", "K2", "K3"):
                life.follow(company)
        assert sorted(life.stage_writes()) == [("K1", "customer"), ("K2", "opportunity")]


def test_a_company_that_moved_after_the_plan_is_never_moved_back(database):
    """R54, R58, R59: each company is named after what a person did with it between the plan and its writes."""
    meanwhile = {
        "Kfurther": "evangelist",
        "Ksame": "customer",
        "Kother": "other",
        "Kbehind": "opportunity",
        "Kempty": "",
    }
    people = {f"h{k}": ("lead", k) for k in meanwhile}
    with life_of({"hs": staffed(dict.fromkeys(meanwhile, "lead"), people)}, database) as life:
        for name in people:
            life.moves("contacts", name, "customer")
        planned = life.decided()
        for company, stage in meanwhile.items():
            life.moves("companies", company, stage)
        life.applied(planned)
        life.reported(planned)
        assert sorted(life.stage_writes()) == [("Kbehind", "customer"), ("Kempty", "customer")]
        for company in meanwhile:
            life.moves("companies", company, "lead")
        life.run()
        assert len(life.stage_writes()) == 2


def test_a_company_archived_after_the_plan_is_left_alone_without_asking_anybody(life):
    life.moves("contacts", "h1", "customer")
    planned = life.decided()
    life.person("hubspot", "archive", object="companies", id="K1")
    life.applied(planned)
    life.reported(planned)
    life.run()
    assert life.stage_writes() == []
    assert life.rows("SELECT * FROM sync.reviews") == []


def test_without_an_order_in_the_settings_the_portal_gives_it(database):
    """R61, R58: `other` has no rank, wherever the portal lists it."""
    people = {"h1": ("cold", "K1"), "h2": ("cold", "K2"), "h3": ("cold", "K3")}
    world = {"hs": staffed({"K1": "cold", "K2": "hot", "K3": "cold"}, people)}
    with life_of(world, database, stage_order=()) as life:
        for kind in ("contacts", "companies"):
            for place, stage in enumerate(("cold", "warm", "hot")):
                life.option(kind, stage, place)
        life.moves("contacts", "h1", "hot")
        life.moves("contacts", "h2", "warm")
        life.moves("contacts", "h3", "other")
        life.run()
        assert life.stage_writes() == [("K1", "hot")]


def test_where_the_portal_was_not_asked_the_usual_order_stands_in_and_is_named(life, caplog):
    life.settings = life.settings.model_copy(update={"stage_order": ()})
    with caplog.at_level(logging.WARNING):
        assert stage_order(life.database, life.settings) == DEFAULT_STAGES
    assert "stage_order is empty" in caplog.text


def test_a_company_in_doubt_keeps_its_stage_and_one_in_review_moves(database):
    """R23 against R74: two companies with one account id are not touched, an orphan flows."""
    hubspot = staffed({"K1": "lead", "K2": "lead"}, {"h1": ("lead", "K1")})
    for company in hubspot["companies"]:
        company["sfa"] = "A1"
    with life_of({"sf": {"accounts": [{"Id": "A1", "Created": "2024-01-01"}]}, "hs": hubspot}, database) as life:
        life.moves("contacts", "h1", "customer")
        life.run()
        assert life.stage_writes() == []


def test_what_a_forgotten_run_saw_and_old_stage_decisions_are_retired(life):
    life.moves("contacts", "h1", "opportunity")
    life.run()
    life.moves("contacts", "h2", "customer")
    life.killed(life.decided())
    with life.database.transaction() as connection:
        connection.execute("UPDATE sync.runs SET started_at = now() - interval '91 days'")
    retention.retire(life.database)
    assert life.rows("SELECT * FROM sync.stage_seen") == []
    assert life.decisions("SET_STAGE") == {}
    life.run()
    assert life.stage_writes() == [("K1", "opportunity"), ("K1", "customer")]
