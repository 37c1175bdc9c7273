"""`accord conformance`: the printed answers are those of the sandbox's switches, and nothing is left behind."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import Any, Literal, get_args, get_origin

import pytest
from typer.testing import CliRunner

from accord.cli import app
from accord.cli import conformance as command
from accord.crm.answers import Answer, RowAnswer
from accord.model.errors import BadCredentials, LeaseHeld
from accord.model.settings import Settings
from accord.sandbox.server import Sandbox
from accord.sandbox.switches import Switches
from accord.sandbox.world import world_of
from accord.steps.conformance import ASSUMED
from accord.steps.preflight import preflight
from accord.store import lease
from accord.store.assumptions import Assumption, keep, latest
from accord.worlds.clients import wiring_for
from small_runs import SmallRuns

pytestmark = pytest.mark.postgres

WORLD = world_of(
    {
        "id": "CONFORM",
        "sf": {"accounts": [{"Id": "A1", "Name": "Somebody's own"}]},
        "hs": {"companies": [{"id": "K1", "name": "Somebody's own"}]},
    }
)
USUAL = {
    "A1": ("holds", "1 with the key"),
    "A2": ("holds", "1 with the key"),
    "A3": ("holds", "found with its new value"),
    "A4": ("not testable", "Accord never merges"),
    "A5": ("holds", "none of"),
    "A6": ("holds", "207 with trace ids, 400 without"),
    "A7": ("holds", "has it now"),
    "A8": ("holds", "said by both CRMs"),
    "A9": ("fails", "the header is ignored"),
    "A10": ("not testable", "nothing rests on it"),
}
UNUSUAL: dict[tuple[str, Any], dict[str, tuple[str, str]]] = {
    ("upsert_needs_trace_ids", False): {"A6": ("holds", "207 with trace ids, 207 without")},
    ("archived_holds_unique", True): {"A7": ("fails", "still taken")},
}


def positions():
    """Yield every position of every switch that has a countable number of them."""
    for name, field in Switches.model_fields.items():
        if field.annotation is bool:
            yield from ((name, position) for position in (False, True))
        elif get_origin(field.annotation) is Literal:
            yield from ((name, position) for position in get_args(field.annotation))


@contextmanager
def asked(monkeypatch, database, **switches):
    """Yield a sandbox in a position of its switches, and what runs the command against it."""
    with Sandbox.start(world=WORLD, switches=switches) as sandbox:
        # Each sandbox begins at the same time again, and the calls of the one before lie in its future.
        with database.transaction() as connection:
            connection.execute("DELETE FROM sync.call_budget")

        @contextmanager
        def wiring(_settings):
            yield wiring_for(sandbox.url, database, Settings(), sandbox.clock)

        monkeypatch.setattr(command, "wiring", wiring)
        yield (
            sandbox,
            lambda *words, **more: CliRunner().invoke(app, ["conformance", *words], env={"COLUMNS": "220"}, **more),
        )


def live(sandbox):
    crms = sandbox.crms
    accounts = {rid for rid, row in crms.org.tables["Account"].items() if not row["IsDeleted"]}
    return accounts | set(crms.portal.tables["companies"].live)


def made(sandbox):
    return [entry.object for entry in sandbox.journal.by("pipeline") if entry.op == "create"]


def printed(result):
    return {row["name"]: (row["answer"], row["observed"]) for row in map(json.loads, result.stdout.splitlines())}


def test_every_position_of_every_switch_is_answered_as_it_is_and_leaves_nothing(database, monkeypatch):
    walked, wrong = list(positions()), []
    for name, position in walked:
        if (name, position) == ("sessions_refused", True):
            continue
        with asked(monkeypatch, database, **{name: position}) as (sandbox, run):
            before = live(sandbox)
            result = run("--yes", "--json")
            if result.exit_code:
                wrong.append((name, position, result.output, result.exception))
                continue
            found, expected = printed(result), USUAL | UNUSUAL.get((name, position), {})
            wrong += [
                (name, position, it, found[it])
                for it, (answer, seen) in expected.items()
                if found[it][0] != answer or seen not in found[it][1]
            ]
            if live(sandbox) != before or len(made(sandbox)) > 3:
                wrong.append((name, position, "left", live(sandbox) - before))
    assert wrong == []
    assert set(UNUSUAL) <= set(walked)


def test_the_answers_are_shown_as_a_table_and_kept_for_this_org_and_portal(database, monkeypatch):
    with asked(monkeypatch, database, archived_holds_unique=True) as (sandbox, run):
        result = run("--yes")
        assert result.exit_code == 0
        for assumption in ASSUMED.values():
            assert assumption in result.stdout
        kept = latest(database, sandbox.crms.org.org_id, str(sandbox.crms.portal.portal_id))
    assert {name: it.answer for name, it in kept.items()} == {name: answer for name, (answer, _) in USUAL.items()} | {
        "A7": "fails"
    }


def test_nothing_is_made_before_somebody_agrees(database, monkeypatch):
    with asked(monkeypatch, database) as (sandbox, run):
        result = run(input="n\n")
        assert result.exit_code == 1
        assert made(sandbox) == []
        assert run(input="y\n").exit_code == 0
        assert made(sandbox) == ["Account", "companies", "companies"]


def test_a_login_that_is_refused_makes_nothing(database, monkeypatch):
    with asked(monkeypatch, database, sessions_refused=True) as (sandbox, run):
        assert isinstance(run("--yes").exception, BadCredentials)
        assert made(sandbox) == []


def test_while_a_run_is_at_work_nothing_is_made(database, monkeypatch):
    lease.acquire(database, lease.CRMS, "sync/1")
    with asked(monkeypatch, database) as (sandbox, run):
        assert isinstance(run("--yes").exception, LeaseHeld)
        assert made(sandbox) == []


@pytest.mark.parametrize("verb", ["drop_after_commit", "status_after_commit", "status", "html"])
@pytest.mark.parametrize("nth", [1, 3])
@pytest.mark.parametrize(("crm", "path"), [("hubspot", "batch/"), ("salesforce", "sobjects")])
def test_a_check_that_breaks_half_way_takes_its_records_away(database, monkeypatch, crm, path, nth, verb):
    with asked(monkeypatch, database) as (sandbox, run):
        before = live(sandbox)
        sandbox.crms.faults.arm([{"crm": crm, "path": path, "do": verb, "nth": nth, "times": 2, "status": 500}])
        result = run("--yes")
        assert live(sandbox) == before or "Left behind" in result.stderr
        assert lease.acquire(database, lease.CRMS, "sync/1")


def test_what_cannot_be_taken_away_is_said_and_is_no_success(database, monkeypatch):
    with asked(monkeypatch, database) as (sandbox, run):
        sandbox.crms.faults.arm([{"method": "DELETE", "do": "status", "status": 500, "times": 0}])
        result = run("--yes")
        [left] = [rid for rid in live(sandbox) if rid.startswith("001") and rid not in WORLD_IDS(sandbox)]
    assert result.exit_code == 1
    assert "Left behind" in result.stderr
    assert left in result.stderr


def WORLD_IDS(sandbox):  # noqa: N802
    return set(sandbox.world.ids.values())


def test_a_record_of_somebody_else_with_our_key_is_left_alone(database, monkeypatch):
    """The name must be ours, too: whatever else carries the key was made by somebody."""
    from accord.steps.conformance_records import TestRecords

    with asked(monkeypatch, database) as (sandbox, _):
        records = TestRecords()
        with sandbox.crms.acting("person"):
            sandbox.crms.org.create("Account", {"Name": "Theirs", "Accord_Key__c": records.key})
            sandbox.crms.portal.create("companies", {"name": "Theirs", "accord_key": records.key})
        before = live(sandbox)
        assert records.clean_up(wiring_for(sandbox.url, database, Settings(), sandbox.clock)) == []
        assert live(sandbox) == before


def test_without_key_fields_the_rest_is_still_answered(database, monkeypatch):
    with asked(monkeypatch, database) as (sandbox, run):
        with sandbox.crms.acting("person"):
            sandbox.crms.org.remove_field("Account", "Accord_Key__c")
            sandbox.crms.portal.undefine("companies", "accord_key")
        found = printed(run("--yes", "--json"))
        assert made(sandbox) == []
    assert {name: answer for name, (answer, _) in found.items()} == dict.fromkeys(ASSUMED, "not testable") | {
        "A5": "holds",
        "A8": "holds",
    }
    assert "prepare_crms" in found["A2"][1]


def test_two_records_of_one_key_are_seen_and_stop_creation_until_they_are_one(database, monkeypatch):
    """No switch of the sandbox breaks uniqueness, so the answers of two writes at once are made up here."""
    from accord.crm.hubspot import HubSpot

    real = HubSpot.upsert_companies

    def twins(self, key_property, rows):
        with sandbox.crms.acting("pipeline"):
            twin = sandbox.crms.portal.create("companies", {"name": rows[0]["name"]})
        return [RowAnswer(rows[0][key_property], Answer.APPLIED, record_id=twin, created=True)]

    with asked(monkeypatch, database) as (sandbox, run):
        before = live(sandbox)
        monkeypatch.setattr(HubSpot, "upsert_companies", twins)
        result = run("--yes")
        monkeypatch.setattr(HubSpot, "upsert_companies", real)
        assert result.exit_code == 1
        assert "no company is created while it fails" in result.stdout
        assert live(sandbox) == before
        wiring = wiring_for(sandbox.url, database, Settings(), sandbox.clock)
        assert [preflight(wiring).has_account_key, preflight(wiring).has_company_key] == [True, False]
        assert run("--yes").exit_code == 0
        assert preflight(wiring).has_company_key


def test_a_run_creates_no_company_where_uniqueness_was_seen_to_fail(database):
    account = {"Id": "A1", "Name": "New", "Created": "2026-01-11", "Modified": "2026-01-11"}
    with SmallRuns.start({"sf": {"accounts": [account]}, "settings": {"max_creates": 9}}) as sandbox:
        runs = SmallRuns(sandbox, database)
        who = {"org_id": sandbox.crms.org.org_id, "portal_id": str(sandbox.crms.portal.portal_id), "by": "test"}
        keep(database, [Assumption("A2", "fails", "2 with the key")], **who, at=sandbox.clock.now())
        runs.run()
        assert runs.written == 0
        keep(database, [Assumption("A2", "not testable", "busy")], **who, at=sandbox.clock.now())
        runs.run()
        assert runs.written == 0
        keep(database, [Assumption("A2", "holds", "1 with the key")], **who, at=sandbox.clock.now())
        sandbox.clock.sleep(7200)
        runs.person(crm="salesforce", op="update", object="Account", id=runs.ids["A1"], values={"Phone": "1"})
        assert runs.run() > 0
