"""A run compares the field map with what both CRMs say of its fields before it decides, and keeps what they said."""

from __future__ import annotations

import pytest

from accord.model.errors import BadSettings, MissingField
from accord.model.scope import Run, Scope
from accord.model.settings import FieldRule
from accord.sandbox.edits import edit
from accord.sandbox.portal_schema import Option
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.extract import extract_hubspot, extract_salesforce
from accord.steps.open_run import open_run
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.settings import settings_of

pytestmark = pytest.mark.postgres

WORLD = {
    "id": "DESCRIBED",
    "sf": {"accounts": [{"Id": "A1", "Name": "Acme", "Created": "2026-01-11", "Modified": "2026-01-11"}]},
    "hs": {"companies": [{"id": "K1", "name": "Acme", "created": "2026-01-11"}]},
}
INDUSTRY = FieldRule(salesforce="Industry", hubspot="industry", kind="picklist")


class Stage:
    def __init__(self, sandbox, database):
        self.sandbox, self.database = sandbox, database
        self.settings = settings_of(sandbox.world.world, sandbox.world)
        remember(database, sandbox.world, self.settings)

    def read(self, *fields):
        """Open a run and read accounts and companies, as its tasks do before `decide`."""
        settings, run = self.settings.model_copy(update={"fields": fields}), Run("r/1", Scope("changed"), "apply")
        wiring = wiring_for(self.sandbox.url, self.database, settings, self.sandbox.clock)
        open_run(wiring, run)
        extract_salesforce(wiring, run, "accounts")
        extract_hubspot(wiring, run, "companies")

    def person(self, **wish):
        with self.sandbox.crms.lock:
            edit(self.sandbox.crms, wish)

    def kept(self):
        rows = self.database.rows("SELECT * FROM staging.described_fields ORDER BY system DESC, name")
        return {(row["system"], row["object"], row["name"]): row for row in rows}

    def staged(self):
        return self.database.rows(
            "SELECT id FROM staging.salesforce_accounts UNION SELECT id FROM staging.hubspot_companies"
        )


@pytest.fixture
def stage(database):
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        yield Stage(sandbox, database)


def formula(stage):
    spec = {"createable": False, "updateable": False, "is_formula": True}
    stage.person(crm="salesforce", op="add_field", object="Account", name="Tier__c", spec=spec)
    stage.person(crm="hubspot", op="add_property", object="companies", name="tier")


def test_what_the_crms_say_of_mapped_fields_and_stages_is_kept(stage):
    formula(stage)
    tier = FieldRule(salesforce="Tier__c", hubspot="tier", rule="always_salesforce")
    stage.read(INDUSTRY, tier)
    kept = stage.kept()
    assert list(kept) == [
        ("salesforce", "Account", "Industry"),
        ("salesforce", "Account", "Tier__c"),
        ("hubspot", "companies", "industry"),
        ("hubspot", "companies", "lifecyclestage"),
        ("hubspot", "companies", "tier"),
    ]
    assert [row["is_formula"] for row in kept.values()] == [False, True, False, False, False]
    assert kept["salesforce", "Account", "Industry"]["options"][:2] == ["Agriculture", "Apparel"]
    assert kept["hubspot", "companies", "industry"]["type"] == "enumeration"


def test_stages_are_kept_in_the_order_of_the_portal_without_those_it_hides(stage):
    properties = stage.sandbox.crms.portal.properties["companies"]
    options = (Option("late", "Late", 2), Option("old", "Old", 1, is_hidden=True), Option("early", "Early", 0))
    object.__setattr__(properties["lifecyclestage"], "options", (*options, Option("last", "Last", -1)))
    stage.read(INDUSTRY)
    assert stage.kept()["hubspot", "companies", "lifecyclestage"]["options"] == ["early", "late", "last"]


def test_a_mapping_that_was_taken_out_is_described_no_more(stage):
    stage.read(INDUSTRY)
    stage.read(FieldRule(salesforce="Name", hubspot="name"))
    assert {name for _, _, name in stage.kept()} == {"Name", "name", "lifecyclestage"}


def test_types_that_do_not_fit_stop_the_run_before_it_reads_with_every_problem(stage):
    formula(stage)
    wrong = [
        FieldRule(salesforce="Tier__c", hubspot="tier"),
        FieldRule(salesforce="Industry", hubspot="industry", kind="number"),
    ]
    with pytest.raises(BadSettings, match=r"Tier__c is a formula.*Account\.Industry is of type picklist"):
        stage.read(*wrong)
    assert not stage.kept()
    assert not stage.staged()


def test_a_hubspot_user_property_stops_the_run_before_it_reads(stage):
    spec = {"type": "enumeration", "field_type": "select", "refers_to": "OWNER"}
    stage.person(crm="hubspot", op="add_property", object="companies", name="csm", spec=spec)
    with pytest.raises(BadSettings, match="csm holds a HubSpot user"):
        stage.read(FieldRule(salesforce="Site", hubspot="csm"))
    assert {system for system, *_ in stage.kept()} == {"salesforce"}


def test_a_property_that_is_gone_is_missed_before_anything_is_read(stage):
    stage.read(INDUSTRY)
    stage.person(crm="hubspot", op="remove_property", object="companies", name="industry")
    with pytest.raises(MissingField, match="industry"):
        stage.read(INDUSTRY)
