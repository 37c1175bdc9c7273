"""What a record's explanation says: tense, perspective, repeats, writes refused and held, values before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from accord.model.facts import Decided, LeftOut, Pairing, Person, Record, Review, RunOf, Story, Value, Write
from accord.sentences.record import explain_record

AT = datetime(2026, 1, 12, 10, 15, tzinfo=UTC)
ACCOUNT = Record("salesforce", "account", "001000000000001AAA", "Acme")
COMPANY = Record("hubspot", "company", "101", "ACME Inc")
DONE = RunOf("sync/1", AT, "applied")
PLANNED = RunOf("sync/0", AT, "planned")


def link(run=DONE, **more) -> Decided:
    return Decided(run, ACCOUNT, "LINK", "shared_contacts", "R14", partner=COMPANY, shared_people=2, **more)


def stamp(**more) -> Write:
    return Write("hubspot", "company", **{"op": "restamp", "state": "confirmed", "target": COMPANY, "at": AT, **more})


def told(*decisions, about=ACCOUNT, **more):
    return explain_record(Story(about, "live", decisions=decisions, is_on=True, has_full_run=True, **more))


@pytest.mark.parametrize(
    ("decided", "begins"),
    [
        (link(writes=(stamp(),)), "Paired with company ACME Inc (101): the company holds 2 people"),
        (link(PLANNED), "Would be paired with company ACME Inc (101)"),
        (link(writes=(stamp(state="held", code="foreign_key"),)), "To be paired with company ACME Inc (101)"),
        (link(replace(DONE, status="unfinished"), writes=(stamp(state="sent"),)), "To be paired with"),
    ],
    ids=["done", "planned", "held", "unknown"],
)
def test_what_was_not_done_is_not_told_as_done(decided, begins):
    assert told(decided).entries[0].sentence.startswith(begins)


def test_the_partner_is_told_from_its_own_side():
    assert told(link(), about=COMPANY).entries[0].sentence.startswith("Paired with account Acme (001000000000001AAA)")
    made = Write("hubspot", "company", "create", "confirmed", COMPANY, AT, result="created")
    decided = Decided(DONE, ACCOUNT, "CREATE_COMPANY", "no_matching_company", "R13", writes=(made,))
    assert told(decided).entries[0].sentence.startswith("A company was made for it, company ACME Inc (101): no company")
    assert told(decided, about=COMPANY).entries[0].sentence.startswith("Made for account Acme")


def test_people_are_named_on_both_sides_with_how_they_are_paired():
    ann = Person(
        "evidence",
        Record("salesforce", "contact", "003000000000001AAA", "ann@acme.test"),
        Record("hubspot", "contact", "7", "Ann@Acme.test"),
        "email",
        is_primary=True,
    )
    details = told(link(people=(ann,), runner_up=Record("hubspot", "company", "102", "West"))).entries[0].details
    assert details[0] == (
        "Evidence: Salesforce contact ann@acme.test (003000000000001AAA) = HubSpot contact Ann@Acme.test (7), "
        "by e-mail, it is their primary company"
    )
    assert details[1] == "Runner-up: company West (102)"


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (stamp(state="rejected", code="INVALID", message="no such thing", next_try_at=AT), "was refused by HubSpot: no such thing (INVALID); tried again after 2026-01-12 10:15 UTC"),
        (stamp(state="held", code="foreign_key"), "Clear the key field"),
        (stamp(state="held", code="DUPLICATES_DETECTED", message="You're creating a duplicate"), "You're creating a duplicate"),
        (stamp(state="planned"), "was not done yet"),
        (stamp(state="sent"), "the answer is not known yet"),
        (stamp(state="superseded"), "was given up"),
        (stamp(attempts=0), "noted the pair in its key field already"),
        (stamp(op="stage", code="not_moved", message="the record shows something else"), "But afterwards: the record shows something else"),
        (stamp(op="create", result="linked"), "Found company ACME Inc (101) by its key"),
        (stamp(op="update", fields=(("phone", None, "1"),)), 'phone: blank -> "1"'),
    ],
    ids=lambda it: it if isinstance(it, str) else f"{it.op} {it.state} {it.code}",
)  # fmt: skip
def test_what_came_of_a_write_is_told_in_the_crms_own_words(write, says):
    assert says in " ".join(told(link(writes=(write,))).entries[0].details)


def test_values_are_told_before_and_after_and_why_one_is_not_written():
    values = (
        Value("phone", "hubspot", "1", "2", "R62"),
        Value("city", "hubspot", "Ulm", None, "R64"),
        Value("zip", "salesforce", None, "89073", "R63", held="too_long"),
    )
    left = stamp(left_out=(LeftOut("industry", "invalid_option", "'Space' is not among the options"),))
    details = told(Decided(DONE, ACCOUNT, "SET_FIELD", "", "", values=values, writes=(left,))).entries[0].details
    assert details[:3] == (
        'phone in HubSpot: "1" -> "2" (Salesforce has a value, and it is preferred)',
        'city in HubSpot: "Ulm" -> blank (the value was deleted in Salesforce)',
        'zip in Salesforce: blank -> "89073" is not written: the value is too long',
    )
    assert details[4] == (
        "industry was left out: the other side's list does not have the value ('Space' is not among the options)"
    )


def test_a_stage_move_names_the_person_and_both_stages():
    write = stamp(op="stage", fields=(("lifecyclestage", "lead", "customer"),))
    ann = Record("hubspot", "contact", "7", "ann@acme.test")
    decided = Decided(DONE, COMPANY, "SET_STAGE", "contact_moved_forward", "R52", because=ann, value="customer", writes=(write,))  # fmt: skip
    sentence = told(decided, about=COMPANY).entries[0].sentence
    assert sentence.startswith(
        'Lifecycle stage moved, "lead" -> "customer": the stage of HubSpot contact ann@acme.test'
    )


def test_runs_that_said_the_same_are_told_once():
    plans = [link(RunOf(f"sync/{n}", AT - timedelta(minutes=15 * n), "planned")) for n in range(4)]
    entries = told(link(), *plans).entries
    assert [(it.status, it.times) for it in entries] == [("applied", 1), ("only planned", 4)]
    assert entries[1].since == AT - timedelta(minutes=45)


SKIPPED = Decided(None, ACCOUNT, "SKIP", "preexisting_untouched", "R7")


@pytest.mark.parametrize(
    ("known", "says"),
    [
        ({"is_on": None}, "no run was made yet"),
        ({"is_on": False}, "company sync is off"),
        ({"partner": COMPANY}, "the two are a pair"),
        ({"now": SKIPPED, "has_full_run": False}, "so far only imports and single records were run"),
        ({"now": SKIPPED}, "The rules say now"),
        ({"state": "deleted"}, "It was deleted in Salesforce"),
        ({"state": "merged", "heir": replace(ACCOUNT, id="001000000000009AAA")}, "lives on in account Acme (001000000000009AAA)"),
        ({"state": "gone"}, "No full scan finds it"),
    ],
    ids=["no run", "off", "a silent pair", "never in scope", "newer than the run", "deleted", "merged", "erased"],
)  # fmt: skip
def test_a_record_that_nothing_happened_to_says_honestly_why(known, says):
    story = Story(**{"record": ACCOUNT, "state": "live", "is_on": True, "has_full_run": True, **known})
    assert says in " ".join(explain_record(story).now)


def test_what_the_rules_say_now_is_not_told_as_something_that_happened():
    found = explain_record(Story(ACCOUNT, "live", now=SKIPPED, is_on=True))
    assert [(it.at, it.status) for it in found.entries] == [(None, "as it stands now")]
    assert found.change


def test_an_ended_pair_says_when_and_why_it_ended():
    pair = Pairing(ACCOUNT, COMPANY, is_active=False, since=AT, is_written=True, ended_at=AT, ended_reason="account_deleted")  # fmt: skip
    assert "Was paired with company ACME Inc (101)" in told(pairings=(pair,)).now[0]
    assert "(account deleted)" in told(pairings=(pair,)).now[0]


def test_a_pair_that_a_person_chose_names_the_person():
    answered = Review(3, ACCOUNT, "tie_between_companies", "R18", "answered", AT, choice="pair", account=ACCOUNT,
                      company=COMPANY, answered_by="ann", answered_at=AT)  # fmt: skip
    decided = Decided(DONE, ACCOUNT, "LINK", "review_resolved", "R18", partner=COMPANY)
    assert told(decided, reviews=(answered,)).entries[0].details[0] == (
        "Review 3: ann answered on 2026-01-12 10:15 UTC: account Acme (001000000000001AAA) and company ACME Inc (101) are one"
    )
