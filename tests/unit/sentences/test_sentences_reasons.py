"""Every reason that the rules can give is told in plain words, and says what would change it or that nothing would."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from accord.model.facts import Candidate, Decided, Record, Review, RunOf
from accord.model.reasons import REASONS
from accord.rules import remarks, verdicts
from accord.sentences.decided import entry
from accord.sentences.questions import HELD, asked, choices, commands
from accord.sentences.unblock import ASKED, SETTLED, UNBLOCK, what_would_change
from accord.sentences.why import WARNINGS, WHY, why
from accord.steps.plan_writes import _HOLD

VERDICTS = [it for it in vars(verdicts).values() if isinstance(it, verdicts.Verdict)]
CAPS = [verdicts.Verdict("HOLD", verdicts.CAP_REASON, rule) for rule in ("R96", "R97")]
AT = datetime(2026, 1, 12, 10, 15, tzinfo=UTC)

ACCOUNT = Record("salesforce", "account", "001000000000001AAA", "Acme")
COMPANY = Record("hubspot", "company", "101", "ACME Inc")
OTHER = Record("salesforce", "account", "001000000000002AAA", "Old rival")


def told_fully(verdict, status="applied") -> Decided:
    """A decision of a verdict that names everybody it could name."""
    is_account = verdict.action in {"LINK", "RELINK", "UPDATE", "CREATE_COMPANY"}
    return Decided(
        run=RunOf("sync/1", AT, status),
        record=ACCOUNT if is_account else COMPANY,
        action=verdict.action,
        reason=verdict.reason,
        rule=verdict.rule,
        partner=COMPANY if is_account else ACCOUNT,
        runner_up=Record("hubspot", "company", "102", "ACME West"),
        taken_by=OTHER,
        rival=OTHER,
        waiting_for=OTHER,
        because=Record("hubspot", "contact", "7", "ann@acme.test"),
        value="customer",
        shared_people=3,
        shared_primaries=2,
        held_action="CREATE_COMPANY" if verdict.action == "HOLD" else "",
        held_reason="no_matching_company" if verdict.action == "HOLD" else "",
    )


def names(verdict) -> str:
    return "-".join(verdict)


@pytest.mark.parametrize("verdict", VERDICTS + CAPS, ids=names)
@pytest.mark.parametrize("status", ["applied", "planned", "unfinished"])
def test_a_decision_reads_as_a_sentence_without_gaps_or_codes(verdict, status):
    decided = told_fully(verdict, status)
    sentence = entry(decided, decided.record).sentence
    assert verdict.reason in REASONS
    assert "_" not in sentence.replace("on_tie", "")
    assert not re.search(r"[{}]|None|not named", sentence)
    assert sentence[0].isupper()
    assert sentence.endswith(".")


@pytest.mark.parametrize("verdict", VERDICTS + CAPS, ids=names)
def test_what_is_not_settled_says_what_would_change_it(verdict):
    homes = [verdict.reason in known for known in (UNBLOCK, ASKED, SETTLED)]
    assert homes.count(True) == 1
    assert (verdict.reason in SETTLED) == (verdict.action not in {"SKIP", "WAIT", "REVIEW", "HOLD"})
    lines = what_would_change(told_fully(verdict, "planned"), [])
    assert bool(lines) == (verdict.reason not in SETTLED)
    assert not any(re.search(r"[{}]|not named", line) for line in lines)


def test_nothing_is_told_that_no_rule_can_say():
    known = {verdict.reason for verdict in VERDICTS} | {verdicts.CAP_REASON, "race_with_auto_create"}
    assert {reason.split("/")[0] for reason in WHY} | {"race_with_auto_create"} == known
    assert set(REASONS) == known
    rules = {f"{verdict.reason}/{verdict.rule}" for verdict in VERDICTS + CAPS}
    assert {reason for reason in WHY if "/" in reason} <= rules


@pytest.mark.parametrize(
    ("verdict", "named"),
    [
        (verdicts.WAIT_RIVAL, "Import or edit account Old rival (001000000000002AAA)"),
        (verdicts.WAIT_ACCOUNT, "Import or edit account Old rival (001000000000002AAA)"),
        (verdicts.SKIP_NO_CONTACTS, "sync_record with the id 101"),
    ],
    ids=["rival", "waiting_for", "by hand"],
)
def test_an_unblocker_names_the_record_to_act_on(verdict, named):
    assert named in what_would_change(told_fully(verdict), [])[0]


def test_every_warning_of_the_rules_is_in_plain_words():
    said = set(re.findall(r'warn\("(\w+)"', Path(remarks.__file__).read_text(encoding="utf-8")))
    assert said <= set(WARNINGS)
    assert len(said) >= 6


def test_every_reason_to_hold_a_write_says_what_to_do():
    assert set(_HOLD) <= set(HELD)
    assert all(what and advice for what, advice in HELD.values())


def review(reason, record=ACCOUNT, rule="R18") -> Review:
    return Review(12, record, reason, rule, "open", AT)


@pytest.mark.parametrize("reason", sorted(ASKED | set(HELD) | {"SOME_CODE_OF_A_CRM"}))
@pytest.mark.parametrize("record", [ACCOUNT, COMPANY], ids=["account", "company"])
def test_every_question_is_asked_with_the_record_and_can_at_least_be_left(reason, record):
    other = COMPANY if record is ACCOUNT else ACCOUNT
    it = replace(review(reason, record), candidates=(Candidate(other, people=2),))
    assert record.name in asked(it)[0]
    assert "2 people in common" in asked(it)[1]
    assert choices(it)[-1] == "leave"
    given = [command.removeprefix("accord review resolve 12 --").split() for _, command in commands(it)]
    assert {answer for answer, *_ in given} == set(choices(it))
    pairs = [ids for answer, *ids in given if answer in {"pair", "apart"}]
    assert all(ids == [ACCOUNT.id, COMPANY.id] for ids in pairs)


def test_a_name_made_of_braces_fills_no_gap():
    decided = replace(told_fully(verdicts.WAIT_RIVAL), rival=replace(OTHER, name="{people} {0}"))
    assert "{people} {0}" in why(decided)
    assert "{people} {0}" in what_would_change(decided, [])[0]
