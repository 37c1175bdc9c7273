"""Mapped fields the whole way (R62-R72, R99, I11): what one run remembers decides what the next one writes."""

from __future__ import annotations

import pytest
from field_case import Case
from revert_case import Killed, forget_lease

from accord.model.errors import StalePlan
from accord.model.scope import Run, Scope
from accord.model.settings import FieldRule
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.decide import decide
from accord.steps.extract import extract_all
from accord.steps.gate import apply_plan
from accord.steps.open_run import open_run
from accord.store import plan_table

pytestmark = pytest.mark.postgres

WORLD = {
    "id": "FIELDS",
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": "Acme", "Phone": "1", "Created": "2026-01-11", "Modified": "2026-01-11"},
            {"Id": "A2", "Name": "New", "Phone": "7", "Created": "2026-01-11", "Modified": "2026-01-11"},
            {"Id": "A3", "Name": "Known", "Phone": "3", "Created": "2024-01-01", "Modified": "2025-01-01"},
        ],
        "contacts": [{"Id": "P1", "AccountId": "A1", "Email": "ann@acme.test"}],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "ACME", "phone": "2", "website": "acme.test", "created": "2025-01-01"},
            {"id": "K3", "name": "Known of old", "phone": "33", "created": "2024-01-01", "sfa": "A3"},
        ],
        "contacts": [{"id": "h1", "email": "ann@acme.test"}],
        "assoc": [["h1", "K1", "primary"]],
    },
}
NAME = FieldRule(salesforce="Name", hubspot="name", rule="always_salesforce")
PHONE = FieldRule(salesforce="Phone", hubspot="phone", rule="prefer_salesforce")
SITE = FieldRule(salesforce="Website", hubspot="website", rule="two_way")
FIELDS = (NAME, PHONE, SITE)


@pytest.fixture
def case(database):
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        yield Case(sandbox, database, FIELDS)


def test_pairing_applies_the_field_rules_and_then_rests(case):
    case.run()
    account, company = case.account("A1"), case.company("K1")
    assert (company["name"], company["phone"]) == ("Acme", "1")
    assert account["Website"] == "acme.test"
    assert case.run() == 0
    assert case.decided() == []


@pytest.mark.parametrize("rule", ["always_salesforce", "two_way", "prefer_salesforce"])
def test_a_field_that_was_out_of_the_map_for_a_run_that_only_planned_is_not_taken_for_blank(case, rule):
    both = (NAME, PHONE.model_copy(update={"rule": rule}))
    for _ in range(3):
        case.sandbox.clock.advance(3600)
        case.run(fields=both)
    case.sandbox.clock.advance(3600)
    case.run(mode="plan", fields=(NAME,))
    case.company("K1", domain="acme.test")
    assert case.run(fields=both) == 0
    assert case.company("K1")["phone"] == case.account("A1")["Phone"] == "1"
    case.account("A1", Phone="4")
    case.run(fields=both)
    assert case.company("K1")["phone"] == "4"


@pytest.mark.parametrize("rule", ["always_salesforce", "two_way", "prefer_salesforce"])
def test_a_rule_that_maps_another_field_than_before_begins_with_what_stands(case, rule):
    """R68: the memory of the field that it mapped before says nothing of this one."""
    phone = PHONE.model_copy(update={"rule": rule})
    for _ in range(2):
        case.run(fields=(phone,))
    case.account("A1", BillingCity="Bonn")
    city = phone.model_copy(update={"salesforce": "BillingCity"})
    for _ in range(2):
        assert case.run(fields=(city,)) == 0
    assert case.company("K1")["phone"] == "1"
    case.account("A1", BillingCity="Bern")
    case.run(fields=(city,))
    assert case.company("K1")["phone"] == "Bern"


def test_a_run_that_dies_before_its_plan_is_kept_loses_no_edit(case, monkeypatch):
    for _ in range(2):
        case.run()
    case.account("A1", Phone="77")

    def died(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(plan_table, "write_plan", died)
        with pytest.raises(Killed):
            case.run()
    forget_lease(case.database)
    case.run()
    assert case.company("K1")["phone"] == "77"


def test_texts_that_are_the_same_number_are_two_values(case):
    case.account("A1", Phone="120.1")
    for _ in range(2):
        case.run()
    case.account("A1", Phone="120.10")
    case.run()
    assert case.company("K1")["phone"] == "120.10"


def test_an_edit_beside_one_that_needed_no_write_arrives_once_hubspots_search_shows_it(case):
    for _ in range(2):
        case.run()
    case.sandbox.crms.switches.search_lag_seconds = 1000
    case.account("A1", Phone="77")
    case.company("K1", phone="77", website="acme.person")
    case.run()
    case.sandbox.clock.advance(3000)
    case.sandbox.crms.switches.search_lag_seconds = 0
    for _ in range(2):
        case.run()
    assert case.account("A1")["Website"] == "acme.person"


def test_a_plan_is_not_applied_under_another_field_map(case):
    """Its rows name rules, which would write other fields now."""
    case.run()
    case.company("K1", website="acme.person")
    wiring, run = case.wiring(), Run("fields/x", Scope("changed"), "apply")
    case.sandbox.clock.advance(900)
    open_run(wiring, run)
    extract_all(wiring, run)
    digest = decide(wiring, run)["digest"]
    before, swapped = case.written, (NAME, PHONE, SITE.model_copy(update={"salesforce": "Site"}))
    with pytest.raises(StalePlan, match="field map"):
        apply_plan(case.wiring(fields=swapped), run, digest, None)
    assert case.written == before


def test_what_stood_before_accord_is_not_filled_in(case):
    """R68: of a pair that was known, what differs stays until somebody changes it."""
    case.run()
    assert case.company("K3")["phone"] == "33"
    case.account("A3", Phone="4")
    assert case.run() == 1
    assert (case.company("K3")["phone"], case.company("K3")["name"]) == ("4", "Known of old")


def test_changes_go_where_their_rule_says(case):
    case.run()
    case.company("K1", phone="99", name="Mine")
    case.account("A1", Website="acme.example")
    case.run()
    assert (case.company("K1")["phone"], case.company("K1")["name"]) == ("1", "Acme")
    assert case.company("K1")["website"] == "acme.example"
    case.company("K1", website="acme.new")
    case.run()
    assert case.account("A1")["Website"] == "acme.new"
    assert case.run() == 0


def test_deletions_go_over_and_an_empty_salesforce_is_filled(case):
    """R63, R64"""
    case.run()
    case.account("A1", Phone=None)
    case.run()
    assert "phone" not in case.company("K1")
    case.company("K1", phone="5")
    case.run()
    assert case.account("A1")["Phone"] == "5"
    assert case.run() == 0


def test_a_change_right_after_a_creation_is_not_taken_for_what_was_always_there(case):
    case.run()
    assert case.company(case.made_of("A2"))["phone"] == "7"
    case.account("A2", Phone="8")
    assert case.run() == 1
    assert case.company(case.made_of("A2"))["phone"] == "8"


def test_a_new_mapping_fills_nothing_in_but_carries_later_changes_imports_and_requests(case):
    """R48, R51, R68"""
    case.settings = case.settings.model_copy(update={"fields": (NAME,)})
    case.run()
    case.settings = case.settings.model_copy(update={"fields": FIELDS})
    assert case.run() == 0
    assert case.company("K1")["phone"] == "2"
    case.account("A1", Phone="11")
    case.run()
    assert case.company("K1")["phone"] == "11"
    asked = Scope("record", record_id=case.sandbox.world.ids["K3"], requested_by="Ann")
    case.run(asked)
    assert case.company("K3")["phone"] == "3"


def test_a_value_that_does_not_fit_is_left_out_and_said_once(case):
    """R71: the other values of the record still go."""
    case.run()
    case.company("K1", website="https://acme.test/" + "x" * 300)
    case.account("A1", Phone="12")
    case.run()
    assert case.company("K1")["phone"] == "12"
    assert case.account("A1")["Website"] == "acme.test"
    assert [(row["name"], row["held"]) for row in case.decided()] == [("phone", ""), ("website", "too_long")]
    said = case.database.rows("SELECT code, message FROM sync.outcomes WHERE field = 'Website'")
    assert [row["code"] for row in said] == ["too_long"]
    assert case.run() == 0
    assert case.decided() == []
    case.company("K1", website="acme.short")
    case.run()
    assert case.account("A1")["Website"] == "acme.short"


def test_a_peer_that_puts_a_value_back_does_not_make_a_loop(case):
    """I11: the third time, the peer's value stays, and is reported; a new value of Salesforce goes over again."""
    case.run()
    written = []
    for _ in range(5):
        case.company("K1", phone="robot")
        written.append(case.run())
    assert written == [1, 1, 0, 0, 0]
    case.account("A1", Phone="13")
    assert case.run() == 1
    assert case.company("K1")["phone"] == "13"


def test_two_peers_that_rewrite_each_other_come_to_rest(case):
    case.run()
    writes = 0
    for _ in range(8):
        case.account("A1", Website="ours")
        writes += case.run()
        case.company("K1", website="theirs")
        writes += case.run()
    assert writes <= 2 * 2 + 1


def test_what_hubspots_search_does_not_show_yet_is_no_change(case):
    """R99, R101: our own write is not undone because the index still shows what it replaced."""
    case.run()
    case.account("A1", Website="acme.example")
    case.sandbox.crms.switches.search_lag_seconds = 100_000
    case.run()
    for _ in range(3):
        assert case.run() == 0
    assert (case.account("A1")["Website"], case.company("K1")["website"]) == ("acme.example", "acme.example")
    case.sandbox.clock.advance(100_000)
    assert case.run() == 0
    case.company("K1", website="acme.late")
    case.sandbox.clock.advance(100_000)
    case.run()
    assert case.account("A1")["Website"] == "acme.late"


def test_deciding_again_after_the_writes_undoes_none_of_them(case):
    """A person clears the task of a run that has written: staging still shows what was there before."""
    case.run()
    case.account("A1", Website="acme.example")
    case.run()
    run = Run(f"fields/{case.runs}", Scope("changed"), "apply")
    open_run(case.wiring(), run)
    wiring = case.wiring().for_run(run.run_id)
    before = case.written
    apply_plan(wiring, run, decide(wiring, run)["digest"], None)
    assert case.written == before
    assert (case.account("A1")["Website"], case.company("K1")["website"]) == ("acme.example", "acme.example")


def test_a_plan_leaves_the_memory_alone(case):
    case.run()
    case.account("A1", Phone="14")
    for _ in range(2):
        assert case.run(mode="plan") == 0
        assert [row["value"] for row in case.decided()] == ["14"]
    assert case.run() == 1


def test_a_refused_write_is_tried_again_and_a_changed_record_is_left_alone(case):
    case.run()
    case.company("K1", website="acme.example")
    case.act(crm="salesforce", op="lock", object="Account", id=case.sandbox.world.ids["A1"], times=50)
    case.run()
    assert case.account("A1")["Website"] == "acme.test"
    case.sandbox.crms.org.locked.clear()
    case.sandbox.clock.advance(3600)
    case.run()
    assert case.account("A1")["Website"] == "acme.example"


def test_a_merged_company_keeps_its_memory(case):
    """R77: the pair moves to the new id, and what was cleared before the merge is not filled in again."""
    case.run()
    case.account("A1", Phone=None)
    case.run()
    other = case.sandbox.crms.portal.create("companies", {"name": "Twin"})
    case.act(crm="hubspot", op="merge", object="companies", primary=case.sandbox.world.ids["K1"], other=other)
    case.run()
    merged = case.made_of("A1")
    assert merged != case.sandbox.world.ids["K1"]
    assert case.run() == 0
    case.account("A1", Phone="15")
    case.run()
    assert case.company(merged)["phone"] == "15"


def test_where_both_of_a_pair_are_merged_the_heirs_are_a_new_pair_and_come_in_accord(case):
    """R73, R77: what the merged account had says nothing of the survivor, whose name and phone the company gets."""
    case.run()
    org, portal = case.sandbox.crms.org, case.sandbox.crms.portal
    heir = org.create("Account", {"Name": "Heir", "Phone": "99"})
    other = portal.create("companies", {"name": "Twin"})
    ids = case.sandbox.world.ids
    case.act(crm="salesforce", op="merge", object="Account", winner=heir, losers=[ids["A1"]])
    case.act(crm="hubspot", op="merge", object="companies", primary=ids["K1"], other=other)
    case.run()
    merged = case.partner(heir)
    assert (case.company(merged)["name"], case.company(merged)["phone"]) == ("Heir", "99")
    assert case.run() == 0


def test_which_side_changed_last_is_asked_of_the_field_not_of_the_record(case):
    """R66: a later change of another property makes HubSpot's older website no younger."""
    case.run()
    case.sandbox.crms.org.fields["Account"]["Website"] = _tracked(case, "Website")
    case.company("K1", website="older")
    case.account("A1", Website="newer")
    case.company("K1", description="touched last")
    case.run()
    assert (case.company("K1")["website"], case.account("A1")["Website"]) == ("newer", "newer")
    assert [row["warnings"] for row in case.decided()] == ["both_changed"]


def test_a_formula_alone_is_no_trigger_and_a_changed_field_that_feeds_it_is(case):
    """R70"""
    spec = {"createable": False, "updateable": False, "is_formula": True}
    case.act(crm="salesforce", op="add_field", object="Account", name="Tier__c", spec=spec)
    case.act(crm="hubspot", op="add_property", object="companies", name="tier")
    tier = FieldRule(salesforce="Tier__c", hubspot="tier", rule="always_salesforce")
    case.settings = case.settings.model_copy(update={"fields": (*FIELDS, tier)})
    case.run()
    case.account("A1", Description="not mapped")["Tier__c"] = "silver"
    assert case.run() == 0
    assert "tier" not in case.company("K1")
    case.account("A1", Phone="70")["Tier__c"] = "gold"
    assert case.run() == 1
    assert (case.company("K1")["phone"], case.company("K1")["tier"]) == ("70", "gold")
    assert case.run() == 0


def _tracked(case, name):
    from dataclasses import replace

    return replace(case.sandbox.crms.org.fields["Account"][name], is_tracked=True)


def test_fields_of_a_pair_that_is_held_are_not_written(case):
    """F7b: a foreign key holds the pairing, and then neither record is touched."""
    case.company("K1", accord_key="sf-00D000000000009-001000000000009AAA")
    before = dict(case.company("K1"))
    case.run()
    assert case.company("K1") == before
    assert "Website" not in case.account("A1")
    case.company("K1", accord_key="")
    case.run()
    assert (case.company("K1")["phone"], case.account("A1")["Website"]) == ("1", "acme.test")
