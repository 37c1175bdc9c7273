"""The write protocol against two CRMs that lose answers: one truth, one record, and a second run that writes nothing."""

from __future__ import annotations

import os

import pytest
from apply_fakes import ORG, PORTAL, World, account_id, contact_id

from accord.crm.answers import Answer, RowAnswer
from accord.model import killpoints
from accord.model.errors import AmbiguousWrite, LeaseHeld, QuotaExhausted, ServiceUnavailable, StalePlan
from accord.model.ids import account_origin_key, company_origin_key
from accord.steps.apply import apply
from accord.store import lease

pytestmark = pytest.mark.postgres


class Killed(BaseException):
    """What `kill -9` is to the process."""


@pytest.fixture
def world(database):
    return World(database)


@pytest.fixture
def kill(monkeypatch):
    """Make the process die at the n-th passing of a point."""

    def dead(_status):
        raise Killed

    def arm(point):
        killpoints._passed.clear()
        monkeypatch.setenv("ACCORD_KILL", point)
        monkeypatch.setattr(os, "_exit", dead)

    return arm


def settle_down(world):
    """Run until nothing is written any more, at most twice, as the promise says."""
    world.run()
    world.run()
    before = world.writes()
    world.run()
    assert world.writes() == before


def test_account_becomes_a_company_that_carries_its_key_and_values(world):
    account = world.account(1, Phone="+49 30 1", NumberOfEmployees="250", Description="Zoë\nline two")
    counts = world.run()
    [(kind, company, sent)] = world.hubspot.writes()
    assert kind == "create"
    assert sent == {
        "accord_key": company_origin_key(ORG, account),
        "name": "Account 1",
        "website": "https://a1.example",
        "domain": "a1.example",
        "phone": "+49 30 1",
        "numberofemployees": "250",
        "description": "Zoë\nline two",
    }
    assert world.salesforce.writes() == [("update", account, {"Accord_Key__c": account_origin_key(PORTAL, company)})]
    assert world.pairs() == [(account, company)]
    assert (counts["created_companies"], counts["stamped"]) == (1, 1)


@pytest.mark.rule("R41")
def test_company_becomes_an_account_and_its_private_contacts_follow(world):
    company = world.company(77, numberofemployees="12")
    free, taken = contact_id(1), contact_id(2)
    world.salesforce.add(free, AccountId=None)
    world.salesforce.add(taken, AccountId=account_id(99))
    world.people[company] = [("attach", free), ("attach", taken)]
    counts = world.run()
    [(_, account, sent)] = world.salesforce.creates()
    assert sent == {"Accord_Key__c": f"hs-{PORTAL}-77", "Name": "Company 77", "NumberOfEmployees": 12}
    assert world.hubspot.companies["77"]["properties"]["accord_key"] == company_origin_key(ORG, account)
    assert world.salesforce.records[free]["AccountId"] == account
    assert world.salesforce.records[taken]["AccountId"] == account_id(99)
    assert counts["attached"] == 1


@pytest.mark.rule("R13b")
def test_people_without_a_company_are_associated_with_the_new_one(world):
    account = world.account(1)
    world.people[account] = [("associate", "501"), ("associate", "502")]
    assert world.run()["associated"] == 2
    [(_, company)] = world.pairs()
    assert world.hubspot.links == {("501", company), ("502", company)}


def test_link_stamps_both_sides_and_a_second_run_writes_nothing(world):
    account, company = world.account(1, wants_company=False), world.company(7, wants_account=False)
    link = ("salesforce", account, "LINK", company, "")
    assert world.run([link])["linked"] == 1
    assert world.pairs() == [(account, company)]
    assert world.hubspot.companies["7"]["properties"]["accord_key"] == company_origin_key(ORG, account)
    assert world.salesforce.records[account]["Accord_Key__c"] == account_origin_key(PORTAL, "7")
    before = world.writes()
    world.run([link])
    assert world.writes() == before


@pytest.mark.parametrize("how", ["lose", "drop", "late"])
@pytest.mark.parametrize("method", ["upsert_companies", "update", "associate_default"])
def test_answer_of_hubspot_bound_wave_is_lost_once(world, how, method):
    account = world.account(1)
    world.people[account] = [("associate", "501")]
    (world.salesforce if method == "update" else world.hubspot).fail(method, how)
    world.run()
    world.hubspot.land()
    world.salesforce.land()
    settle_down(world)
    assert len(world.hubspot.creates()) == 1
    assert world.pairs() == [(account, world.hubspot.creates()[0][1])]
    assert set(world.states()) == {("create", "confirmed"), ("restamp", "confirmed"), ("associate", "confirmed")}


@pytest.mark.parametrize("how", ["lose", "drop", "late"])
@pytest.mark.parametrize("method", ["upsert_accounts", "update_companies", "update"])
def test_answer_of_salesforce_bound_wave_is_lost_once(world, how, method):
    company = world.company(7)
    world.people[company] = [("attach", contact_id(1))]
    world.salesforce.add(contact_id(1), AccountId=None)
    (world.hubspot if method == "update_companies" else world.salesforce).fail(method, how)
    world.run()
    world.hubspot.land()
    world.salesforce.land()
    settle_down(world)
    assert len(world.salesforce.creates()) == 1
    assert world.salesforce.records[contact_id(1)]["AccountId"] == world.salesforce.creates()[0][1]


@pytest.mark.rule("R98")
def test_a_whole_run_without_answers_leaves_the_writes_sent_and_the_next_run_finds_them(world):
    world.account(1)
    world.hubspot.fail("upsert_companies", "late", times=99)
    with pytest.raises(AmbiguousWrite, match="1 writes were sent and no answer came"):
        world.run()
    assert world.states() == {("create", "sent"): 1}
    world.hubspot.faults.clear()
    world.hubspot.land()
    settle_down(world)
    assert len(world.hubspot.creates()) == 1
    assert len(world.pairs()) == 1


@pytest.mark.rule("R98")
@pytest.mark.parametrize(
    "point", ["K1:1", "K2:1", "K3:1", "K5:1", "K6:1", "K7:1", "K8:1", "K2:2", "K3:2", "K5:2", "K7:2"]
)
def test_killed_anywhere_and_run_again_makes_one_record_per_truth(world, kill, point, monkeypatch):
    accounts = [world.account(number) for number in range(1, 4)]
    world.company(7)
    world.people[accounts[0]] = [("associate", "501")]
    kill(point)
    with pytest.raises(Killed):
        world.run()
    monkeypatch.delenv("ACCORD_KILL")
    settle_down(world)
    assert len(world.hubspot.creates()) == 3
    assert len(world.salesforce.creates()) == 1
    assert len(world.pairs()) == 4
    assert world.hubspot.links == {("501", dict(world.pairs())[accounts[0]])}


def test_killed_while_recovery_sends_again(world, kill, monkeypatch):
    world.account(1)
    run = world.begin()
    for point in ("K3:1", "K9:1"):
        kill(point)
        with pytest.raises(Killed):
            world.run(run=run)
    monkeypatch.delenv("ACCORD_KILL")
    settle_down(world)
    assert len(world.hubspot.creates()) == 1


def kill_after_commit(world, kill, monkeypatch):
    kill("K5:1")
    with pytest.raises(Killed):
        world.run()
    monkeypatch.delenv("ACCORD_KILL")


@pytest.mark.rule("R98")
def test_a_cleared_key_is_put_back_on_the_lone_twin(world, kill, monkeypatch):
    account = world.account(1)
    kill_after_commit(world, kill, monkeypatch)
    [made] = list(world.hubspot.companies)
    world.hubspot.companies[made]["properties"]["accord_key"] = ""
    settle_down(world)
    assert len(world.hubspot.creates()) == 1
    assert world.pairs() == [(account, made)]
    assert world.hubspot.companies[made]["properties"]["accord_key"] == company_origin_key(ORG, account)


def test_a_cleared_key_on_an_account_is_put_back_too(world, kill, monkeypatch):
    world.company(7)
    kill_after_commit(world, kill, monkeypatch)
    [made] = list(world.salesforce.records)
    world.salesforce.records[made]["Accord_Key__c"] = None
    settle_down(world)
    assert len(world.salesforce.creates()) == 1
    assert world.salesforce.records[made]["Accord_Key__c"] == f"hs-{PORTAL}-7"


def test_two_twins_without_a_key_are_held_for_a_person(world, kill, monkeypatch):
    world.account(1)
    kill_after_commit(world, kill, monkeypatch)
    [made] = list(world.hubspot.companies)
    world.hubspot.companies[made]["properties"]["accord_key"] = ""
    world.hubspot.add("8", name="Account 1", domain="a1.example", createdate=world.clock.at.isoformat())
    before = world.writes()
    world.wants_company.clear()
    world.run()
    assert world.writes() == before
    assert ("create", "held") in world.states()
    [review] = world.database.rows("SELECT * FROM sync.reviews")
    assert (review["reason"], sorted(review["candidates"])) == ("several_twins", sorted([made, "8"]))


def test_an_old_company_of_the_same_name_is_no_twin(world, kill, monkeypatch):
    world.hubspot.add("8", name="Account 1", domain="a1.example")
    world.account(1)
    kill("K3:1")
    with pytest.raises(Killed):
        world.run()
    monkeypatch.delenv("ACCORD_KILL")
    settle_down(world)
    assert len(world.hubspot.creates()) == 1
    assert not world.hubspot.companies["8"]["properties"].get("accord_key")


@pytest.mark.rule("R98", "R101")
def test_a_record_deleted_after_a_lost_answer_is_not_made_anew(world, kill, monkeypatch):
    world.account(1)
    kill_after_commit(world, kill, monkeypatch)
    [made] = list(world.hubspot.companies)
    world.hubspot.companies[made]["archived"] = True
    world.run()
    world.run()
    assert len(world.hubspot.creates()) == 1
    assert world.pairs() == []


def test_a_foreign_key_in_our_field_holds_both_records_untouched(world):
    world.account(1, Accord_Key__c="hs-999-5")
    linked, company = world.account(2, wants_company=False), world.company(7, wants_account=False, accord_key="theirs")
    link = ("salesforce", linked, "LINK", company, "")
    world.run([link])
    world.run([link])
    assert world.writes() == 0
    assert world.states() == {("create", "held"): 1, ("restamp", "held"): 1}


def test_a_key_that_appears_after_the_plan_is_not_overwritten(world):
    account, company = world.account(1, wants_company=False), world.company(7, wants_account=False)
    run = world.begin()
    world.stage()
    digest = world.decide(run, [("salesforce", account, "LINK", company, "")])
    world.hubspot.companies[company]["properties"]["accord_key"] = "somebody-was-faster"
    apply(world.wiring, run, digest)
    assert world.writes() == 0
    assert world.pairs() == []


def test_a_key_on_a_deleted_record_is_not_taken_over_blindly(world):
    account = world.account(1)
    world.hubspot.add("8", name="Gone", accord_key=company_origin_key(ORG, account))
    world.hubspot.companies["8"]["archived"] = True
    world.run()
    assert world.writes() == 0
    assert world.database.rows("SELECT code FROM sync.outcomes")[0]["code"] == "key_on_deleted_record"


def test_the_key_of_a_dead_account_gives_way_to_a_living_one(world):
    dead = world.account(1, wants_company=False)
    world.salesforce.records[dead]["IsDeleted"] = True
    account = world.account(2, wants_company=False)
    company = world.company(7, wants_account=False, accord_key=company_origin_key(ORG, dead))
    world.run([("salesforce", account, "LINK", company, "")])
    assert world.pairs() == [(account, company)]
    assert world.hubspot.companies["7"]["properties"]["accord_key"] == company_origin_key(ORG, account)


def test_relink_moves_the_pair_and_both_keys(world):
    loser, survivor = world.account(1, wants_company=False), world.account(2, wants_company=False)
    company = world.company(7, wants_account=False)
    world.run([("salesforce", loser, "LINK", company, "")])
    world.salesforce.records[loser]["IsDeleted"] = True
    world.run([("salesforce", survivor, "RELINK", company, "")])
    assert world.pairs() == [(survivor, company)]
    assert world.hubspot.companies["7"]["properties"]["accord_key"] == company_origin_key(ORG, survivor)
    assert world.salesforce.records[survivor]["Accord_Key__c"] == account_origin_key(PORTAL, "7")


@pytest.mark.rule("R21")
def test_known_pairs_are_remembered_without_a_write(world):
    account, company = world.account(1, wants_company=False), world.company(7, wants_account=False)
    world.run([("salesforce", account, "UPDATE", company, "")])
    assert world.pairs() == [(account, company)]
    assert world.writes() == 0


def reject(row):
    return RowAnswer(row["accord_key"], Answer.REJECTED, code="INVALID_OPTION", message="no such value")


@pytest.mark.rule("R103")
def test_a_rejected_row_rests_and_blocks_nobody(world):
    world.account(1)
    world.account(2, Name="poison")
    world.hubspot.fail("upsert_companies", lambda row: reject(row) if row["name"] == "poison" else None, times=9)
    counts = world.run()
    assert (counts["created_companies"], counts["rejected"]) == (1, 1)
    calls = world.hubspot.calls["upsert_companies"]
    world.run()
    assert world.hubspot.calls["upsert_companies"] == calls
    world.clock.sleep(3700)
    world.run()
    assert world.hubspot.calls["upsert_companies"] == calls + 1
    [row] = world.database.rows("SELECT * FROM sync.outcomes WHERE result = 'rejected' ORDER BY id DESC LIMIT 1")
    assert (row["code"], row["message"], row["attempt"], row["family"]) == (
        "INVALID_OPTION",
        "no such value",
        2,
        "property values",
    )
    assert row["payload"]["fields"]["name"] == "poison"
    assert row["next_try_at"] > world.clock.at


def test_a_rejected_row_is_sent_at_once_when_its_values_changed(world):
    account = world.account(1)
    world.hubspot.fail("upsert_companies", reject)
    world.run()
    world.salesforce.records[account]["Name"] = "Mended"
    assert world.run()["created_companies"] == 1


def test_locked_rows_are_sent_again_in_small_batches(world):
    for number in range(1, 31):
        world.account(number)
    world.hubspot.fail("upsert_companies", lambda row: RowAnswer(row["accord_key"], Answer.LOCKED, code="423"), times=1)
    counts = world.run()
    assert counts["created_companies"] == 30
    assert world.hubspot.calls["upsert_companies"] == 4


def test_the_orgs_duplicate_rule_holds_the_row_with_its_candidates(world):
    world.company(7)
    look_alike = account_id(42)
    world.salesforce.fail(
        "upsert_accounts",
        lambda row: RowAnswer(
            row["Accord_Key__c"], Answer.DUPLICATE_RULE, code="DUPLICATES_DETECTED", candidates=(look_alike,)
        ),
        times=9,
    )
    assert world.run()["held_writes"] == 1
    world.run()
    assert world.salesforce.calls["upsert_accounts"] == 1
    [review] = world.database.rows("SELECT * FROM sync.reviews")
    assert (review["system"], review["record_id"], review["candidates"]) == ("hubspot", "7", [look_alike])


def test_exists_is_read_by_key_and_linked(world):
    account = world.account(1)
    key = company_origin_key(ORG, account)

    def lost_the_race(row):
        world.hubspot._upsert(row)
        return RowAnswer(key, Answer.EXISTS, code="CONFLICT")

    world.hubspot.fail("upsert_companies", lost_the_race)
    world.run()
    assert len(world.hubspot.creates()) == 1
    assert len(world.pairs()) == 1


def test_a_stamp_whose_value_another_record_has_is_held(world):
    account, company = world.account(1, wants_company=False), world.company(7, wants_account=False)
    run = world.begin()
    world.stage()
    digest = world.decide(run, [("salesforce", account, "LINK", company, "")])
    world.hubspot.add("8", name="thief", accord_key=company_origin_key(ORG, account))
    counts = apply(world.wiring, run, digest)
    assert counts["held_writes"] == 1
    assert world.writes() == 0


def test_quota_stops_the_run_and_leaves_the_rest_planned(world):
    for number in range(1, 151):
        world.account(number)
    world.hubspot.fail("upsert_companies", QuotaExhausted("the day is over"))
    with pytest.raises(QuotaExhausted):
        world.run()
    assert world.states() == {("create", "planned"): 150}
    assert world.run()["created_companies"] == 150
    assert world.states()["create", "superseded"] == 150


def test_quota_in_the_middle_of_a_batch_keeps_what_was_done(world):
    world.account(1)
    world.account(2)

    def half(row):
        return RowAnswer(row["accord_key"], Answer.QUOTA, code="DAILY") if row["name"] == "Account 2" else None

    world.hubspot.fail("upsert_companies", half)
    with pytest.raises(QuotaExhausted):
        world.run()
    assert len(world.pairs()) == 1
    settle_down(world)
    assert len(world.hubspot.creates()) == 2


def test_a_crm_that_is_away_leaves_everything_planned(world):
    world.account(1)
    world.hubspot.fail("upsert_companies", ServiceUnavailable("not connected"))
    with pytest.raises(ServiceUnavailable):
        world.run()
    assert world.states() == {("create", "planned"): 1}


def test_another_run_cannot_write_while_the_lease_is_held(world):
    world.account(1)
    lease.acquire(world.database, lease.CRMS, "import_accounts/9")
    with pytest.raises(LeaseHeld, match="import_accounts/9"):
        world.run()
    assert world.writes() == 0


def test_two_tries_of_one_run_at_once_make_one_record(world):
    world.account(1)
    run = world.begin()
    world.stage()
    digest = world.decide(run)

    def second_try(row):
        apply(world.wiring, run, digest)
        return

    world.hubspot.fail("upsert_companies", second_try)
    apply(world.wiring, run, digest)
    assert len(world.hubspot.creates()) == 1
    assert len(world.pairs()) == 1
    before = world.writes()
    apply(world.wiring, run, digest)
    assert world.writes() == before


def test_another_digest_is_refused(world):
    run = world.begin()
    world.decide(run)
    with pytest.raises(StalePlan):
        apply(world.wiring, run, "another")


@pytest.mark.rule("R1", "R94")
def test_plan_mode_and_the_switch_off_write_nothing(database):
    world = World(database)
    world.account(1)
    assert world.run(mode="plan") == {}
    world.settings = world.settings.model_copy(update={"sync_companies": False})
    run = world.begin()
    assert apply(world.wiring, run, world.decide(run)) == {}
    assert world.writes() == 0


def test_without_key_fields_pairs_are_linked_and_nothing_is_created(world):
    world.hubspot.key_is_unique = world.salesforce.has_key = False
    world.account(1)
    linked, company = world.account(2, wants_company=False), world.company(7, wants_account=False)
    counts = world.run([("salesforce", linked, "LINK", company, "")])
    assert world.writes() == 0
    assert world.pairs() == [(linked, company)]
    assert counts["skipped"] == 1
    assert world.database.rows("SELECT code FROM sync.outcomes WHERE result = 'skipped'") == [{"code": "no_key_field"}]


@pytest.mark.rule("R71")
def test_a_value_that_does_not_fit_is_left_out_and_the_row_goes(world):
    world.company(7, phone="1" * 41, numberofemployees="many")
    world.run()
    [(_, _, sent)] = world.salesforce.creates()
    assert sent.keys() == {"Accord_Key__c", "Name"}
    left = world.database.rows("SELECT field, code FROM sync.outcomes WHERE result = 'skipped' ORDER BY field")
    assert left == [{"field": "NumberOfEmployees", "code": "not_a_number"}, {"field": "Phone", "code": "too_long"}]


def test_many_rows_go_in_full_batches_and_one_bulk_job(world):
    world.settings = world.settings.model_copy(
        update={"wire": world.settings.wire.model_copy(update={"salesforce_bulk_rows": 200})}
    )
    for number in range(1, 251):
        world.account(number)
    world.run()
    assert world.hubspot.calls["upsert_companies"] == 3
    assert world.hubspot.calls["batch_read"] == 0
    assert world.salesforce.calls["bulk_upsert"] == 1
    assert len(world.pairs()) == 250


def test_stages_are_written_and_not_written_again(world):
    world.company(7, wants_account=False, lifecyclestage="lead")
    assert world.run([("hubspot", "7", "SET_STAGE", None, "customer")])["stages_set"] == 1
    assert world.hubspot.companies["7"]["properties"]["lifecyclestage"] == "customer"


def test_a_question_is_asked_once_and_is_gone_when_the_record_is_decided_otherwise(world):
    account, company = world.account(1, wants_company=False), world.company(7, wants_account=False)
    asks = ("salesforce", account, "REVIEW", company, "")
    world.run([asks])
    world.run([asks])
    with world.database.transaction() as connection:
        connection.execute("UPDATE sync.reviews SET rule = 'R18'")
    assert [row["state"] for row in world.database.rows("SELECT state FROM sync.reviews")] == ["open"]
    world.run([("salesforce", account, "LINK", company, "")])
    assert [row["state"] for row in world.database.rows("SELECT state FROM sync.reviews")] == ["gone"]


@pytest.mark.rule("R104")
def test_each_write_keeps_the_values_before_it(world):
    """Nothing is undone without them."""
    account, company = world.account(1, wants_company=False), world.company(7, wants_account=False)
    world.company(8, lifecyclestage="lead")
    world.people["8"] = [("attach", contact_id(1))]
    world.salesforce.add(contact_id(1), AccountId=None)
    world.run([("salesforce", account, "LINK", company, ""), ("hubspot", "8", "SET_STAGE", None, "customer")])
    rows = world.database.rows("SELECT system, op, before, fields FROM sync.intents WHERE state = 'confirmed'")
    changing = {(row["system"], row["op"]): row for row in rows if row["op"] not in {"create", "associate"}}
    assert changing.keys() == {
        ("hubspot", "restamp"),
        ("salesforce", "restamp"),
        ("hubspot", "stage"),
        ("salesforce", "attach"),
    }
    assert all(row["before"].keys() >= row["fields"].keys() for row in changing.values())
    assert changing["hubspot", "stage"]["before"] == {"lifecyclestage": "lead"}
    assert changing["salesforce", "attach"]["before"] == {"AccountId": None}


def test_rows_that_another_connection_holds_locked_are_waited_for_and_then_said(world, kill):
    account, run = world.account(1), world.begin("apply")
    kill("K1:1")
    with pytest.raises(Killed):
        world.run(run=run)
    with world.database.transaction() as other:
        other.execute("SELECT FROM sync.intents FOR UPDATE")
        with pytest.raises(ServiceUnavailable, match=r"1 planned create writes to hubspot.*locked"):
            world.run(run=run)
    assert world.writes() == 0
    world.run()
    assert [pair[0] for pair in world.pairs()] == [account]
