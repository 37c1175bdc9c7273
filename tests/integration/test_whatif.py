"""What if other settings were in force: both decide on the same staging, and nothing is left behind by asking."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from accord.cli import app
from accord.model.errors import BadInput, StalePlan
from accord.model.scope import Run, Scope
from accord.model.settings import FieldRule
from accord.model.settings_table import settings_yaml
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps import whatif
from accord.steps.extract import extract_salesforce
from accord.steps.sequence import run_all
from accord.steps.whatif import what_if
from accord.store import lease
from accord.store.database import Database
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.settings import settings_of

pytestmark = pytest.mark.postgres

RUN = Run("r/1", Scope("changed"), "plan")
NOW = datetime(2026, 1, 12, tzinfo=UTC)
WORLD = {
    "id": "WHATIF",
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": "Born new", "Created": "2026-01-11", "Modified": "2026-01-11"},
            {"Id": "A2", "Name": "Torn", "Created": "2026-01-11", "Modified": "2026-01-11"},
            {"Id": "A3", "Name": "Thin", "Created": "2026-01-11", "Modified": "2026-01-11"},
            {"Id": "A4", "Name": "Known", "Phone": "1", "Created": "2024-01-01", "Modified": "2024-01-01"},
        ],
        "contacts": [
            {"Id": "P1", "AccountId": "A2", "Email": "ann@torn.test"},
            {"Id": "P2", "AccountId": "A2", "Email": "bob@torn.test"},
            {"Id": "P3", "AccountId": "A3", "Email": "cid@thin.test"},
            {"Id": "P4", "AccountId": None, "Email": "dan@private.test"},
        ],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "Torn one", "created": "2024-01-01"},
            {"id": "K2", "name": "Torn two", "created": "2025-01-01"},
            {"id": "K3", "name": "=Thin [red]", "created": "2025-01-01"},
            {"id": "K4", "name": "Old private", "created": "2024-01-01"},
            {"id": "K5", "name": "Known", "phone": "2", "created": "2024-01-01", "sfa": "A4"},
        ],
        "contacts": [
            {"id": "h1", "email": "ann@torn.test"},
            {"id": "h2", "email": "bob@torn.test"},
            {"id": "h3", "email": "cid@thin.test", "was": "lead", "stage": "customer"},
            {"id": "h4", "email": "dan@private.test"},
        ],
        "assoc": [
            ["h1", "K1", "primary"],
            ["h2", "K2", "primary"],
            ["h3", "K3", "primary"],
            ["h4", "K4", "primary"],
        ],
    },
}
PHONE = FieldRule(salesforce="Phone", hubspot="phone")
TABLES = (
    "sync.decisions", "sync.decision_people", "sync.field_decisions", "sync.field_seen", "sync.field_base",
    "sync.intents", "sync.outcomes", "sync.pairs", "sync.requests", "sync.reviews", "sync.runs", "sync.lease",
    "sync.settings_history", "sync.stage_baseline", "sync.watermarks", "sync.call_budget", "staging.salesforce_accounts",
    "staging.hubspot_companies", "staging.hubspot_contacts", "staging.hubspot_company_contacts",
    "staging.described_fields",
)  # fmt: skip


class Case:
    """A small world that a run read once and only planned."""

    def __init__(self, sandbox, database):
        self.sandbox, self.database = sandbox, database
        self.settings = settings_of(sandbox.world.world, sandbox.world).model_copy(update={"fields": (PHONE,)})
        remember(database, sandbox.world, self.settings)
        run_all(self.wiring(), RUN)
        self.agreed_on_phone("A4", "K5", "2")

    def wiring(self):
        return wiring_for(self.sandbox.url, self.database, self.settings, self.sandbox.clock)

    def agreed_on_phone(self, account, company, value):
        """Let both sides of a pair have had this number after the last run."""
        both, ids = json.dumps({"phone": value}), self.sandbox.world.ids
        with self.database.transaction() as connection:
            connection.execute(
                "INSERT INTO sync.field_base (account_id, company_id, salesforce, hubspot) VALUES (%s, %s, %s, %s)",
                [ids[account], ids[company], both, both],
            )

    def changed(self, **changed):
        return self.settings.model_copy(update=changed)

    def caps(self, **changed):
        return self.settings.model_copy(update={"caps": self.settings.caps.model_copy(update=changed)})

    def ask(self, other, current=None):
        return what_if(self.database, current or self.settings, other, NOW)

    def changes(self, other, current=None):
        """What is decided differently, by the short names of the world."""
        short = {real: name for name, real in self.sandbox.world.ids.items()}
        rows = self.ask(other, current).changes.to_dict("records")
        return {(short[row["record"]], row["what"]): (row["was"], row["would_be"]) for row in rows}

    def stored(self):
        return {
            table: self.database.rows(f"SELECT count(*), md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t")
            for table in TABLES
        }


@pytest.fixture(scope="module")
def case(postgres_server, migrated_template):
    """One world for all questions: asking leaves nothing behind."""
    database = Database(postgres_server.create_database("whatif", template=migrated_template))
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        yield Case(sandbox, database)
    postgres_server.drop_database("whatif")


def test_equal_settings_decide_the_same(case):
    found = case.ask(case.settings)
    assert found.changes.empty
    assert found.settings == []
    assert (found.counts["before"] == found.counts["after"]).all()


def test_older_companies_that_would_be_backfilled_are_named(case):
    [(record, (was, would_be))] = case.changes(case.changed(backfill_companies=True)).items()
    assert record == ("K4", "")
    assert was == "SKIP preexisting_company"
    assert would_be.startswith("CREATE_ACCOUNT private_contact, attach 1")


def test_another_rule_for_ties_is_shown_for_the_account_and_its_companies(case):
    found = case.changes(case.changed(on_tie="oldest"))
    ids = case.sandbox.world.ids
    assert found["A2", ""][0] == "REVIEW tie_between_companies"
    assert found["A2", ""][1] == f"LINK oldest_of_tie with {ids['K1']}"
    assert ("K1", "") in found


def test_more_people_for_a_match_lose_the_thin_one(case):
    found = case.changes(case.changed(min_shared_contacts=2))
    assert found["A3", ""][0] == f"LINK shared_contacts with {case.sandbox.world.ids['K3']}"
    assert found["A3", ""][1].startswith("CREATE_COMPANY")


def test_a_lower_cap_holds_what_would_be_created(case):
    found = case.ask(case.caps(max_creates=0))
    by = {(row["action"], row["reason"]): (row["before"], row["after"]) for row in found.counts.to_dict("records")}
    assert by["HOLD", "creation_cap"] == (0, 1)
    [row] = found.changes.to_dict("records")
    assert (row["name"], row["would_be"]) == ("Born new", "HOLD creation_cap (CREATE_COMPANY no_matching_company)")
    assert row["why"].startswith("held:")
    assert found.settings == ["caps.max_creates: 25 -> 0"]


def test_people_who_would_no_longer_be_moved_are_a_difference(case):
    current = case.changed(backfill_companies=True)
    [(was, would_be)] = case.changes(
        case.changed(backfill_companies=True, attach_private_contacts=False), current
    ).values()
    assert (was, would_be) == ("CREATE_ACCOUNT private_contact, attach 1", "CREATE_ACCOUNT private_contact")


def test_a_field_that_would_be_written_is_a_difference(case):
    parked = case.changed(fields=(PHONE.model_copy(update={"rule": "dont_sync"}),))
    found = case.changes(case.settings, parked)
    assert found == {("A4", "phone"): ("", f"SET_FIELD in hubspot: 1 with {case.sandbox.world.ids['K5']}")}


def test_a_stage_that_would_no_longer_move_is_a_difference(case):
    found = case.changes(case.changed(stage_order=("subscriber", "lead")))
    assert found == {("K3", "stage"): ("SET_STAGE customer", "")}


def test_a_switch_that_would_be_off_decides_nothing(case):
    found = case.ask(case.changed(sync_companies=False))
    assert set(found.changes["would_be"]) == {""}
    assert "company sync is off in one of the two: it decides nothing (R1)" in found.notes


def test_what_staging_cannot_answer_is_said_and_left_out(case):
    site = FieldRule(salesforce="Site", hubspot="site")
    found = case.ask(case.changed(inclusion_list="VIPs", fields=(*case.settings.fields, site)))
    assert found.changes.empty
    assert [note.partition(":")[0] for note in found.notes] == ["inclusion_list", "fields"]
    assert "Site with site" in found.notes[1]


def test_asking_leaves_nothing_behind_and_calls_no_crm(case):
    lease.acquire(case.database, lease.CRMS, "another/run")
    before, calls, journal = case.stored(), dict(case.sandbox.crms.calls), len(case.sandbox.journal.entries)
    for other in (case.changed(on_tie="create", fields=()), case.caps(max_creates=0)):
        case.ask(other)
    assert case.stored() == before
    assert dict(case.sandbox.crms.calls) == calls
    assert len(case.sandbox.journal.entries) == journal
    left = case.database.rows("SELECT relname FROM pg_class WHERE relname LIKE %s", ["page%"])
    assert left == []


def test_without_any_run_it_says_what_to_do(database):
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        settings = settings_of(sandbox.world.world, sandbox.world)
        with pytest.raises(BadInput, match="accord plan"):
            what_if(database, settings, settings, NOW)


def test_a_run_that_reads_meanwhile_is_noticed(case, monkeypatch):
    decide = whatif.decide_on_staging

    def decide_beside_a_run(*arguments):
        extract_salesforce(case.wiring(), Run("r/2", Scope("changed"), "plan"), "leads")
        return decide(*arguments)

    monkeypatch.setattr(whatif, "decide_on_staging", decide_beside_a_run)
    with pytest.raises(StalePlan, match="a run changed"):
        case.ask(case.settings)


def test_the_command_compares_with_what_is_in_force(case, tmp_path):
    other, csv_file = tmp_path / "other.yaml", tmp_path / "changes.csv"
    other.write_text(settings_yaml(case.changed(min_shared_contacts=2, inclusion_list=None)))
    words = ["plan", "--settings", str(other), "--against", "current"]
    environment = {"ACCORD_DATABASE_URL": case.database.dsn, "COLUMNS": "200"}
    shown = CliRunner().invoke(app, [*words, "--csv", str(csv_file)], env=environment)
    assert shown.exit_code == 0, shown.output
    assert "=Thin [red]" in shown.stdout
    rows = list(csv.DictReader(csv_file.open(encoding="utf-8-sig")))
    assert "'=Thin [red]" in {row["name"] for row in rows}
    lines = CliRunner().invoke(app, [*words, "--json"], env=environment).stdout.splitlines()
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds.count("change") == len(rows)
    assert {"settings", "count"} < set(kinds)


def test_json_and_csv_are_for_comparing():
    found = CliRunner().invoke(app, ["plan", "--json"])
    assert found.exit_code == 2
    assert "--against" in found.output
