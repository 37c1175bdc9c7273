"""Watching two CRMs with the native integration at work: every twin is found, and nobody notices being watched."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accord.cli import app
from accord.cli.spreadsheet import write_csv
from accord.model.errors import BadInput, BadSettings, LeaseHeld, MissingField, ServiceUnavailable
from accord.model.ids import NONE, company_origin_key, hubspot_key
from accord.model.scope import Run, Scope
from accord.model.settings import Caps, Settings
from accord.sandbox.core import Crms
from accord.sandbox.edits import edit
from accord.sandbox.generator import LIST_NAME, generate
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.sequence import run_all
from accord.steps.told import COLUMNS, tell_findings
from accord.steps.watch import compare, last_read, read_crms
from accord.store import lease, runs
from accord.worlds.clients import wiring_for

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
OFF = Settings()
INCLUDE = Path(__file__).parents[2] / "include"
MEMORY = (
    *("pairs", "requests", "stage_baseline", "field_base", "reviews", "intents", "outcomes", "decisions"),
    *("decision_people", "field_decisions", "settings_history"),
)


@pytest.fixture
def sandbox():
    crms = Crms(NOW)
    generate(crms, accounts=300, seed=15)
    crms.clock.advance(6 * 3600)
    with Sandbox.start(crms=crms) as running:
        yield running


WORLD = {
    "id": "WATCHED",
    "now": "2026-11-01",
    "sf": {"accounts": [{"Id": "A1", "Name": "Acme", "Created": "2024-01-01"}]},
    "hs": {
        "companies": [
            {"id": "K1", "name": "Acme", "created": "2024-01-01", "sfa": "A1"},
            {"id": "K2", "name": "Acme", "created": "2024-01-01", "sfa": "A1"},
        ]
    },
}


@pytest.fixture
def small():
    """One account and its two companies."""
    with Sandbox.start(world=world_of(WORLD)) as running:
        running.clock.advance(6 * 3600)
        yield running


def without_keys(sandbox) -> None:
    """A pair of CRMs that has never heard of Accord."""
    edit(sandbox.crms, {"crm": "salesforce", "op": "remove_field", "object": "Account", "name": "Accord_Key__c"})
    edit(sandbox.crms, {"crm": "hubspot", "op": "remove_property", "object": "companies", "name": "accord_key"})


def watch(sandbox, database, settings=OFF):
    wiring = wiring_for(sandbox.url, database, settings, sandbox.clock)
    return compare(database, settings, read_crms(wiring))


def true_twins(sandbox) -> set[str]:
    """Live companies that store an account's id beside another one, of one and the same organisation."""
    stored = {
        rid: row["salesforceaccountid"][:15]
        for rid, row in sandbox.crms.portal.tables["companies"].live.items()
        if row.get("salesforceaccountid")
    }
    several = {account for account, n in Counter(stored.values()).items() if n > 1}
    return {rid for rid, account in stored.items() if account in several}


def found_twins(watched) -> set[str]:
    return {str(key) for key in watched.findings.company_key[watched.findings.kind == "twin"]}


def memory(database) -> dict[str, list]:
    return {name: database.rows(f"SELECT t::text FROM sync.{name} t ORDER BY 1") for name in MEMORY}


def test_every_twin_of_two_crms_without_key_fields_is_found_and_nothing_is_written(sandbox, database):
    without_keys(sandbox)
    before = len(sandbox.journal.entries)
    watched = watch(sandbox, database)
    twins = true_twins(sandbox)
    assert len(twins) == 6
    assert twins <= found_twins(watched)
    assert len(sandbox.journal.entries) == before
    assert all(rows == [] for rows in memory(database).values())
    assert database.rows("SELECT holder FROM sync.lease") == [{"holder": None}]


def test_what_is_found_is_true(sandbox, database):
    found = watch(sandbox, database).findings
    truth, accounts = sandbox.crms.portal.truth, sandbox.crms.org.truth
    told = tell_findings(database, found)
    for row in (row for row in told if row["kind"] == "twin"):
        assert truth[row["company_id"]] == truth[row["other_company_id"]] == accounts[row["account_id"]]
    for row in (row for row in told if row["reason"] == "company_archived"):
        assert row["company_id"] in sandbox.crms.portal.tables["companies"].bin
    assert {row["kind"] for row in told} >= {"twin", "orphan"}


def test_after_an_import_the_same_twins_are_found_and_accords_memory_stays_as_it_was(sandbox, database):
    twins = true_twins(sandbox)
    settings = Settings(
        sync_companies=True, mode="apply", enabled_at=NOW, inclusion_list=LIST_NAME, caps=Caps(max_creates=1000)
    )
    wiring = wiring_for(sandbox.url, database, settings, sandbox.clock)
    bounds = [datetime(*day, tzinfo=UTC) for day in ((2020, 1, 1), (2026, 8, 1), (2027, 1, 1))]
    months = [Scope("interval", since, until) for since, until in pairwise(bounds)]
    told = [run_all(wiring, Run(f"import/{n}", span, "apply")) for n, span in enumerate(months)]
    assert sum(counts["review"] for counts in told) >= 3
    sandbox.clock.advance(7200)
    before, written = memory(database), len(sandbox.journal.entries)
    watched = watch(sandbox, database, settings)
    assert twins <= found_twins(watched)
    assert memory(database) == before
    assert len(sandbox.journal.entries) == written
    made = {
        hubspot_key(it.id) for it in sandbox.journal.by("pipeline") if (it.object, it.op) == ("companies", "create")
    }
    assert made
    assert not made & set(watched.findings.company_key), "what Accord made is not what the native integration did"


def test_a_run_that_decides_still_asks_for_the_key_fields(small, database):
    without_keys(small)
    watch(small, database)
    settings = OFF.model_copy(update={"sync_companies": True})
    with pytest.raises(MissingField, match="Accord_Key__c"):
        run_all(wiring_for(small.url, database, settings, small.clock), Run("r/1", Scope("changed"), "plan"))


def test_mapped_fields_that_are_not_there_or_do_not_fit_do_not_stop_a_watch(small, database):
    edit(small.crms, {"crm": "salesforce", "op": "hide_field", "object": "Account", "name": "Phone"})
    edit(small.crms, {"crm": "hubspot", "op": "remove_property", "object": "companies", "name": "zip"})
    assert found_twins(watch(small, database)) == {small.world.ids["K2"]}
    odd = Settings.model_validate(
        {"fields": [{"salesforce": "Industry", "hubspot": "annualrevenue", "kind": "number"}]}
    )
    assert found_twins(watch(small, database, odd)) == {small.world.ids["K2"]}


def test_a_key_property_that_is_missing_for_a_while_is_not_forgotten(small, database):
    company = small.world.ids["K1"]
    key = company_origin_key(small.crms.org.org_id, small.world.ids["A1"])
    edit(
        small.crms,
        {"crm": "hubspot", "op": "update", "object": "companies", "id": company, "values": {"accord_key": key}},
    )
    watch(small, database)
    without_keys(small)
    small.clock.advance(7200)
    edit(small.crms, {"crm": "hubspot", "op": "update", "object": "companies", "id": company, "values": {"phone": "1"}})
    watch(small, database)
    staged = database.rows("SELECT accord_key FROM staging.hubspot_companies WHERE id = %s", [company])
    assert staged == [{"accord_key": key}]


def test_a_watch_does_not_run_into_a_sync(small, database):
    lease.acquire(database, lease.CRMS, "scheduled/1")
    with pytest.raises(LeaseHeld, match=r"scheduled/1.*--no-read"):
        watch(small, database)
    assert database.rows("SELECT run_id FROM sync.runs") == []


def test_a_watch_that_fails_leaves_the_lease_free_and_says_so(small, database):
    small.crms.faults.arm([{"crm": "hubspot", "path": "objects/contacts", "do": "status", "status": 503, "times": 0}])
    with pytest.raises(ServiceUnavailable):
        watch(small, database)
    assert [row["state"] for row in database.rows("SELECT state FROM sync.runs")] == ["failed"]
    lease.acquire(database, lease.CRMS, "scheduled/1")


def test_a_warehouse_that_was_only_ever_watched_refuses_another_portal(small, database):
    origin = read_crms(wiring_for(small.url, database, OFF, small.clock))
    assert runs.latest_origin(database) == origin
    small.crms.portal.portal_id = "77"
    with pytest.raises(BadSettings, match="HubSpot portal"):
        watch(small, database)


def test_without_reading_it_compares_what_was_read_and_says_what_was_not(small, database):
    with pytest.raises(BadInput, match=r"salesforce\.accounts"):
        last_read(database, OFF)
    fresh = watch(small, database)
    assert compare(database, OFF, last_read(database, OFF)).findings.equals(fresh.findings)


def test_the_command_reports_what_staging_shows(sandbox, database, tmp_path, monkeypatch):
    twins = true_twins(sandbox)
    watch(sandbox, database)
    monkeypatch.setenv("ACCORD_DATABASE_URL", database.dsn)
    file, rules = tmp_path / "findings.csv", tmp_path / "accord.yaml"
    rules.write_text("{}", encoding="utf-8")
    always = ["watch", "--no-read", "--settings", str(rules)]
    report = CliRunner().invoke(app, [*always, "--csv", str(file)])
    assert report.exit_code == 0
    assert "What the native integration paired" in report.output
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == COLUMNS
    assert twins <= {row["company_id"] for row in rows if row["kind"] == "twin"}
    told = CliRunner().invoke(app, [*always, "--json"])
    as_json = [json.loads(line) for line in told.stdout.splitlines()]
    assert [row["why"] for row in as_json] == [row["why"] for row in rows]
    assert NONE not in {row["company_id"] for row in as_json}


def test_the_command_reads_both_crms_by_itself_and_its_output_is_json_and_nothing_else(small, database, tmp_path):
    rules = tmp_path / "accord.yaml"
    rules.write_text("{}", encoding="utf-8")
    login = {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my", "sandbox_url": small.url}
    connections = {
        "AIRFLOW_CONN_ACCORD_WAREHOUSE": database.dsn,
        "AIRFLOW_CONN_SALESFORCE_DEFAULT": json.dumps({"conn_type": "salesforce", "extra": login}),
        "AIRFLOW_CONN_HUBSPOT_DEFAULT": json.dumps(
            {"conn_type": "hubspot", "host": small.url, "password": "pat-na1-sandbox"}
        ),
    }
    command = [sys.executable, "-m", "accord.cli", "watch", "--json", "--settings", str(rules)]
    done = subprocess.run(
        command,
        env=os.environ | connections | {"PYTHONPATH": str(INCLUDE)},
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    twins = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(row["kind"], row["company_id"]) for row in twins] == [("twin", small.world.ids["K2"])]


def test_no_cell_of_the_csv_is_a_formula(tmp_path):
    nasty = ['=1+1"', "+49", "-1", "@sum", "\tx", "\rx", "a\nb;=c", "fine"]
    write_csv(tmp_path / "f.csv", COLUMNS, [dict.fromkeys(COLUMNS, text) | {"people": -1} for text in nasty])
    with (tmp_path / "f.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["account"] for row in rows] == ["'" + it for it in nasty[:6]] + nasty[6:]
