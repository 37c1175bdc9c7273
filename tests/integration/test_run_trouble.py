"""Trouble of every kind ends in one clear message, nothing lost and nothing half-decided; running again goes on."""

from __future__ import annotations

import pytest

from accord.crm.connect import HubSpotLogin, connect_hubspot
from accord.model.errors import (
    BadCredentials,
    BadSettings,
    ExtractShrunk,
    MissingField,
    MissingPermission,
    QuotaExhausted,
    ServiceUnavailable,
    ShortRead,
)
from accord.model.field_map import FieldRule
from accord.model.scope import Run, Scope
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.sequence import run_all
from accord.store.database import Database
from accord.store.limiter import PostgresLimiter
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.process import run_in_processes
from accord.worlds.settings import settings_of

pytestmark = pytest.mark.postgres

WORLD = {
    "id": "TROUBLE",
    "settings": {"max_creates": 100},
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": "Acme", "Created": "2026-01-11", "Modified": "2026-01-11"},
            {"Id": "A2", "Name": "Born new", "Created": "2026-01-11", "Modified": "2026-01-11"},
        ],
        "contacts": [
            {"Id": "P1", "AccountId": "A1", "Email": "ann@acme.test"},
            {"Id": "P2", "AccountId": None, "Email": "bob@k2.test"},
        ],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "ACME", "created": "2025-01-01"},
            {"id": "K2", "name": "Kilo Two", "created": "2026-01-11"},
        ],
        "contacts": [{"id": "h1", "email": "ann@acme.test"}, {"id": "h2", "email": "bob@k2.test"}],
        "assoc": [["h1", "K1", "primary"], ["h2", "K2", "primary"]],
    },
}
PAIRED, CREATED_COMPANIES, CREATED_ACCOUNTS = 3, 1, 1


class Stage:
    """A small world, its sandbox, and runs of the pipeline on it."""

    def __init__(self, sandbox: Sandbox, database: Database) -> None:
        self.sandbox, self.database = sandbox, database
        self.settings = settings_of(sandbox.world.world, sandbox.world)
        remember(database, sandbox.world, self.settings)
        self.runs = 0

    def run(self, **changed):
        self.runs += 1
        settings = self.settings.model_copy(update=changed)
        wiring = wiring_for(self.sandbox.url, self.database, settings, self.sandbox.clock)
        return run_all(wiring, Run(f"trouble/{self.runs}", Scope("changed"), settings.mode))

    def person(self, **edit):
        from accord.sandbox.edits import edit as act

        with self.sandbox.crms.lock:
            act(self.sandbox.crms, edit)

    @property
    def written(self) -> int:
        return sum(1 for _ in self.sandbox.journal.by("pipeline"))

    def is_in_accord(self) -> bool:
        from accord.sandbox.judge import made_pairs, violations

        created = [e.object for e in self.sandbox.journal.by("pipeline") if e.op == "create"]
        return (
            not violations(self.sandbox.crms)
            and len(made_pairs(self.sandbox.crms)) == PAIRED
            and created.count("companies") == CREATED_COMPANIES
            and created.count("Account") == CREATED_ACCOUNTS
        )


@pytest.fixture
def stage(database):
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        yield Stage(sandbox, database)


def finishes(stage: Stage) -> None:
    """The next run brings both CRMs in accord, and the one after it finds nothing to do."""
    stage.run()
    assert stage.is_in_accord()
    before = stage.written
    stage.run()
    assert stage.written == before


@pytest.mark.rule("R99")
def test_an_undisturbed_run_pairs_creates_and_then_rests(stage):
    finishes(stage)


@pytest.mark.rule("R94")
def test_plan_mode_writes_nothing(stage):
    stage.run(mode="plan")
    assert stage.written == 0
    finishes(stage)


def test_a_missing_key_field_is_named_before_anything_is_decided(stage):
    stage.person(crm="salesforce", op="remove_field", object="Account", name="Accord_Key__c")
    with pytest.raises(MissingField, match="Accord_Key__c"):
        stage.run()
    assert stage.written == 0


def test_a_missing_key_property_is_named_before_anything_is_decided(stage):
    stage.person(crm="hubspot", op="remove_property", object="companies", name="accord_key")
    with pytest.raises(MissingField, match="accord_key"):
        stage.run()
    assert stage.written == 0


def test_a_revoked_key_ends_in_one_refusal(stage):
    stage.person(crm="hubspot", op="revoke_key")
    with pytest.raises(BadCredentials, match="HubSpot"):
        stage.run()
    assert stage.written == 0


def test_wrong_salesforce_credentials_end_in_one_refusal(stage):
    stage.sandbox.crms.switches.patch({"consumer_secret": "another"})
    with pytest.raises(BadCredentials, match="Salesforce"):
        stage.run()
    stage.sandbox.crms.switches.patch({"consumer_secret": ""})
    finishes(stage)


def test_a_missing_scope_is_named(stage):
    stage.sandbox.crms.switches.patch({"missing_scopes": ("crm.objects.contacts.read",)})
    with pytest.raises(MissingPermission, match=r"crm\.objects\.contacts\.read"):
        stage.run()
    stage.sandbox.crms.switches.patch({"missing_scopes": ()})
    finishes(stage)


@pytest.mark.parametrize("verb", ["empty_page", "half_page"])
@pytest.mark.parametrize(
    ("crm", "path"),
    [
        ("hubspot", "objects/companies"),
        ("hubspot", "objects/contacts"),
        ("salesforce", "queryAll"),
        ("salesforce", "results"),
    ],
)
def test_a_crm_that_hides_rows_once_is_read_again(stage, crm, path, verb):
    stage.sandbox.crms.faults.arm([{"crm": crm, "method": "GET", "path": path, "do": verb}])
    finishes(stage)


@pytest.mark.parametrize("verb", ["empty_page", "half_page"])
def test_a_crm_that_goes_on_hiding_rows_stops_the_run(stage, verb):
    stage.sandbox.crms.faults.arm(
        [{"crm": "hubspot", "method": "GET", "path": "objects/companies", "do": verb, "times": 0}]
    )
    with pytest.raises((ShortRead, ExtractShrunk), match="companies"):
        stage.run()
    assert stage.written == 0
    stage.sandbox.crms.faults.clear()
    finishes(stage)


@pytest.mark.parametrize(("nth", "times"), [(1, 3), (2, 2), (2, 5)])
def test_properties_that_are_hidden_are_asked_for_again_before_any_write(stage, nth, times):
    """Else their values, and the keys, would be left out of all that is made."""
    stage.settings = stage.settings.model_copy(update={"fields": (FieldRule(salesforce="Phone", hubspot="phone"),)})
    born = stage.sandbox.world.ids["A2"]
    stage.person(crm="salesforce", op="update", object="Account", id=born, values={"Phone": "22"})
    half = {"crm": "hubspot", "method": "GET", "path": "properties/companies", "do": "half_page"}
    stage.sandbox.crms.faults.arm([half | {"nth": nth, "times": times}])
    finishes(stage)
    companies = stage.sandbox.crms.portal.tables["companies"].live.values()
    assert [it["phone"] for it in companies if it["name"] == "Born new"] == ["22"]


@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_html_instead_of_json_says_so(stage, crm):
    stage.sandbox.crms.faults.arm([{"crm": crm, "method": "GET", "do": "html", "times": 0}])
    with pytest.raises(ServiceUnavailable, match="expected"):
        stage.run()
    assert stage.written == 0
    stage.sandbox.crms.faults.clear()
    finishes(stage)


@pytest.mark.rule("R98", "R101")
@pytest.mark.parametrize("verb", ["drop_after_commit", "truncate", "html", "drop_before", "reset", "late_commit"])
@pytest.mark.parametrize(
    ("crm", "path"), [("hubspot", "batch/upsert"), ("hubspot", "batch/update"), ("salesforce", "composite")]
)
def test_a_lost_answer_never_makes_a_twin(stage, crm, path, verb):
    stage.sandbox.crms.faults.arm([{"crm": crm, "path": path, "do": verb, "seconds": 20}])
    stage.run()
    finishes(stage)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_status_after_the_commit_never_makes_a_twin(stage, status):
    stage.sandbox.crms.faults.arm(
        [
            {"crm": "hubspot", "path": "batch/upsert", "do": "status_after_commit", "status": status},
            {"crm": "salesforce", "path": "composite", "do": "status_after_commit", "status": status},
        ]
    )
    stage.run()
    finishes(stage)


@pytest.mark.rule("R98")
@pytest.mark.parametrize("point", ["K1", "K2", "K3", "K5", "K6", "K7", "K8", "K10", "K11"])
def test_a_task_killed_anywhere_is_gone_on_with(stage, point):
    run_in_processes(stage.sandbox.url, stage.database.dsn, stage.settings, "trouble/killed", [f"{point}:1"])
    finishes(stage)


def test_a_used_up_day_stops_cleanly_and_the_next_one_goes_on(stage):
    stage.sandbox.crms.faults.arm(
        [{"crm": "salesforce", "path": "composite", "do": "status", "status": 403, "times": 1}]
    )
    with pytest.raises((MissingPermission, QuotaExhausted)):
        stage.run()
    stage.sandbox.clock.sleep(700)
    finishes(stage)


def test_a_stopped_postgres_is_said_and_nothing_is_sent():
    database = Database("postgresql://nobody:none@127.0.0.1:9/none")
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        settings = settings_of(sandbox.world.world, sandbox.world)
        wiring = wiring_for(sandbox.url, database, settings, sandbox.clock)
        with pytest.raises(ServiceUnavailable, match="Postgres"):
            run_all(wiring, Run("trouble/no-postgres", Scope("changed"), "apply"))
        assert not list(sandbox.journal.by("pipeline"))


def test_a_warehouse_of_another_portal_is_refused(stage, database):
    stage.run()
    written = stage.written
    with stage.database.transaction() as connection:
        connection.execute("""UPDATE sync.runs SET origin = origin || '{"portal_id": "1"}'""")
    with pytest.raises(BadSettings, match="a database of its own"):
        stage.run()
    assert stage.written == written


def test_a_host_that_is_not_hubspot_gets_no_token(stage):
    limiter = PostgresLimiter(stage.database, stage.settings.budget, stage.sandbox.clock)
    login = HubSpotLogin(token="pat-na1-sandbox", base_url="https://api.hubapi.com.evil.test")
    with pytest.raises(BadSettings, match=r"evil\.test"):
        connect_hubspot(login, stage.settings.wire, limiter, stage.sandbox.clock)
