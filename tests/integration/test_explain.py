"""`accord explain` answers for every id of a world, also for one that nothing happened to, and harmlessly."""

from __future__ import annotations

import json
import uuid

import pytest
from typer.testing import CliRunner

from accord.cli import app
from accord.model.errors import BadInput
from accord.model.ids import salesforce_id
from accord.model.settings import FieldRule
from accord.steps.explain import explain, which_record
from accord.store.database import Database
from small_runs import SmallRuns

pytestmark = pytest.mark.postgres

HOSTILE = "[red]x[/]\n\x1b[31m = HYPERLINK"
NEW, OLD = "2026-01-11", "2024-01-11"
WORLD = {
    "settings": {"inclusion_list": ["h5"], "enabled_at": "2026-01-10"},
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": HOSTILE, "Created": NEW, "Modified": NEW},
            {"Id": "A2", "Name": "Old One", "Created": OLD, "Modified": OLD},
            {"Id": "A3", "Name": "Lonely", "Created": NEW, "Modified": NEW},
            {"Id": "A4", "Name": "Merged away", "Created": OLD, "Deleted": True, "Master": "A5"},
            {"Id": "A5", "Name": "Survivor", "Created": OLD, "Modified": OLD},
            {"Id": "A6", "Name": "Deleted", "Created": OLD, "Deleted": True},
            {"Id": "A8", "Name": "Silent", "Created": OLD, "Modified": OLD},
            {"Id": "A9", "Name": "Torn", "Created": NEW, "Modified": NEW},
        ],
        "contacts": [
            {"Id": "P1", "AccountId": "A1", "Email": "ann@acme.test"},
            {"Id": "P2", "AccountId": "A1", "Email": "bob@acme.test"},
            {"Id": "P3", "AccountId": None, "Email": "priv@x.test"},
            {"Id": "P4", "AccountId": "A2", "Email": "old@one.test"},
            {"Id": "P5", "AccountId": "A1", "Email": "dup@acme.test"},
            {"Id": "P6", "AccountId": "A2", "Email": "dup@acme.test"},
            {"Id": "P7", "AccountId": "A2"},
            {"Id": "P8", "AccountId": "A9", "Email": "t1@torn.test"},
            {"Id": "P9", "AccountId": "A9", "Email": "t2@torn.test"},
            {"Id": "P10", "AccountId": "A2", "Email": "ann@acme.test"},
        ],
        "leads": [
            {"Id": "L1", "Email": "lead@l.test"},
            {"Id": "L2", "Email": "conv@l.test", "ConvertedContactId": "P1", "ConvertedAccountId": "A1"},
            {"Id": "L3", "Email": "priv@x.test"},
        ],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "ACME", "created": OLD, "stage": "lead"},
            {"id": "K2", "name": "Acme West", "created": OLD},
            {"id": "K4", "name": "Leads only", "created": NEW},
            {"id": "K5", "name": "Nobody", "created": NEW},
            {"id": "K6", "name": "Of old", "created": NEW},
            {"id": "K7", "name": "Listed", "created": NEW},
            {"id": "K8", "name": "Silent", "created": OLD, "sfa": "A8"},
            {"id": "K9", "name": "Unseen", "created": NEW, "sfa": "A99"},
            {"id": "K10", "name": "Left behind", "created": NEW, "sfa": "A6"},
            {"id": "K11", "name": "Torn North", "created": OLD},
            {"id": "K12", "name": "Torn South", "created": OLD},
            {"id": "777", "name": "Seven", "created": OLD, "merged": ["778"]},
        ],
        "contacts": [
            {"id": "h1", "email": "ann@acme.test", "sfc": "P1", "was": "lead", "stage": "customer"},
            {"id": "h2", "email": "bob@acme.test", "was": "lead", "stage": "opportunity"},
            {"id": "h3", "email": "priv@x.test"},
            {"id": "h4", "email": "lead@l.test", "sfl": "L1"},
            {"id": "h5", "email": "listed@y.test"},
            {"id": "h6", "email": "old@one.test", "was": "lead", "stage": "other"},
            {"id": "h7", "email": "dup@acme.test"},
            {"id": "h8", "email": "t1@torn.test", "sfc": "P8"},
            {"id": "h9", "email": "t2@torn.test", "sfc": "P9"},
            {"id": "h10", "email": "joins@acme.test", "sfl": "L2"},
            {"id": "h11", "archived": True, "email": "gone@x.test"},
            {"id": "h12", "email": "lost@x.test", "sfc": "P99"},
            {"id": "777", "email": "seven@x.test"},
        ],
        "assoc": [
            ["h1", "K1", "primary"], ["h2", "K1", "primary"], ["h2", "K2"], ["h4", "K4", "primary"],
            ["h5", "K7", "primary"], ["h6", "K6", "primary"], ["h8", "K11", "primary"], ["h9", "K12", "primary"],
        ],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def runs(postgres_server, migrated_template):
    """The world above, planned once and then applied."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    database = Database(postgres_server.create_database(name, template=migrated_template))
    with SmallRuns.start(WORLD) as sandbox:
        small = SmallRuns(sandbox, database)
        small.run(mode="plan")
        small.run()
        yield small
    postgres_server.drop_database(name)


def text(runs, short) -> str:
    """Everything that is said about a record."""
    [found] = explain(runs.database, runs.ids.get(short, short))
    entries = [line for it in found.entries for line in (it.status, it.sentence, *it.details)]
    return "\n".join([found.headline, *found.now, *entries, *found.change, *(command for _, command in found.answers)])


SAYS = {
    "A1": ["Would be paired with company ACME", "Paired with company ACME", "Evidence:",
           "ann@acme.test", "by e-mail", "Runner-up: company Acme West", "Noted the pair in the key field of account"],
    "A2": ["Left alone: the account is older than the switch", "a backfill of import_accounts over the day it was created (2024-01-11)",
           "Company Of old", "waits until this account is settled"],
    "A3": ["A company was made for it", "Created company"],
    "A4": ["lives on in account Survivor"],
    "A6": ["It was deleted in Salesforce", "Company Left behind", "stores its id"],
    "A8": ["Paired with company Silent", "Nothing was decided about it: the two are a pair"],
    "A9": ["several companies hold equally many of its people", "Candidate: company Torn North", "Candidate: company Torn South",
           "1 person in common", "accord review resolve 1 --create"],
    "A99": ["Staging does not hold it", "Company Unseen"],
    "K1": ["Paired with account [red]x[/]", 'Lifecycle stage moved, "lead" -> "customer"', "HubSpot contact ann@acme.test",
           "Moved: Salesforce contact bob@acme.test"],
    "K4": ["all of its people are leads in Salesforce", "Convert one of the leads"],
    "K5": ["the company has no people"],
    "K6": ["Waiting: account Old One", "Import or edit account Old One", "has no place in the order of stages"],
    "K7": ["An account was made for it", "on the inclusion list", "listed@y.test"],
    "K9": ["our Salesforce user does not see", "It stores the id of account"],
    "K10": ["its account was deleted in Salesforce", "stores the id of account Deleted"],
    "K11": ["waiting for a person's answer: account Torn", "review 1 of account Torn"],
    "P1": ["The same person as HubSpot contact ann@acme.test", "by the Salesforce id", "Belongs to account", "Evidence for account"],
    "P2": ["by e-mail", "company ACME"],
    "h2": ["Moved, too, when the stage of company ACME (29100000001) did", "Lifecycle stage \"opportunity\""],
    "P3": ["A private contact", "The same person as HubSpot contact priv@x.test", "No decision rests on it"],
    "P5": ["several Salesforce contacts have this e-mail"],
    "P7": ["it has no e-mail"],
    "P10": ["is paired by id with another Salesforce contact"],
    "L1": ["The same person as HubSpot contact lead@l.test"],
    "L2": ["It was converted: the person is Salesforce contact ann@acme.test"],
    "L3": ["contacts come before leads"],
    "h1": ["Moved the stage of company ACME", 'Lifecycle stage "customer"', "Not on the inclusion list"],
    "h3": ["The same person as Salesforce contact priv@x.test", "at no company"],
    "h4": ["The same person as lead lead@l.test"],
    "h5": ["On the inclusion list", "nobody on the other side has its e-mail", "Evidence for company Listed"],
    "h7": ["cannot tell which of them is meant"],
    "h10": ["To join the company of account", "Associated HubSpot contact joins@acme.test"],
    "h11": ["It was deleted in HubSpot"],
    "h12": ["deleted record or to one that we cannot see"],
    "778": ["lives on in company Seven"],
}  # fmt: skip


@pytest.mark.parametrize(("short", "lines"), SAYS.items(), ids=SAYS.keys())
def test_a_record_is_explained(runs, short, lines):
    told = text(runs, short)
    for line in lines:
        assert line in told


def test_every_id_of_the_world_is_answered(runs):
    tables = ("salesforce_accounts", "salesforce_contacts", "salesforce_leads", "hubspot_companies", "hubspot_contacts")
    for table in tables:
        for row in runs.database.rows(f"SELECT id FROM staging.{table}"):
            assert which_record(row["id"][:15] if table.startswith("salesforce") else row["id"])[2] == row["id"]
            assert all(it.headline and (it.now or it.entries) for it in explain(runs.database, row["id"]))


def test_a_number_that_is_a_company_and_a_contact_is_told_as_both(runs):
    assert [it.headline for it in explain(runs.database, "777")] == [
        "Company Seven (777)",
        "HubSpot contact seven@x.test (777)",
    ]


def test_a_record_that_accord_made_is_known_before_it_is_read_back(runs):
    made = runs.database.rows("SELECT company_id FROM sync.pairs WHERE account_id = %s", [runs.ids["A3"]])[0]
    told = text(runs, made["company_id"])
    assert told.startswith(f"Company Lonely ({made['company_id']})\nAccord made it")
    assert "Made for account Lonely" in told


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("4711", "no HubSpot company or HubSpot contact of this id is in staging"),
        ("001000000000009", "no Salesforce account of this id is in staging"),
        ("005000000000001AAA", "neither an account"),
        ("001000000000001AAB", "do not fit"),
        ("Acme", "Give the id of a Salesforce account"),
        ("", "Give the id of a Salesforce account"),
    ],
)
def test_an_id_that_nobody_knows_says_what_was_looked_for(runs, asked, says):
    with pytest.raises(BadInput, match=says):
        explain(runs.database, asked)


def test_what_was_not_found_says_how_old_staging_may_be(runs, database):
    with pytest.raises(BadInput, match=r"HubSpot was last read up to 20\d\d-"):
        explain(runs.database, "4711")
    with pytest.raises(BadInput, match="HubSpot was never read"):
        explain(database, "4711")


@pytest.mark.parametrize(
    ("asked", "system", "full"),
    [
        ("0015e00000ABCDE", "salesforce", salesforce_id("0015e00000ABCDE")),
        (" 0035e00000ABCDE ", "salesforce", salesforce_id("0035e00000ABCDE")),
        ("001000000000001", "salesforce", "001000000000001AAA"),
        ("123456789012345", "hubspot", "123456789012345"),
        ("123456789012345678", "hubspot", "123456789012345678"),
    ],
)
def test_fifteen_digits_are_hubspots_unless_they_begin_as_salesforce_ids_do(asked, system, full):
    assert (which_record(asked)[0], which_record(asked)[2]) == (system, full)


def test_nothing_is_decided_while_the_switch_is_off(database):
    with SmallRuns.start(WORLD) as sandbox:
        small = SmallRuns(sandbox, database)
        small.run(mode="plan")
        small.run(sync_companies=False)
        with database.transaction() as connection:
            connection.execute("DELETE FROM sync.decisions")
        assert "company sync is off" in text(small, "A3")


def test_a_write_outlives_the_plan_that_wished_for_it(database):
    with SmallRuns.start(WORLD) as sandbox:
        small = SmallRuns(sandbox, database)
        small.run()
        with database.transaction() as connection:
            connection.execute("DELETE FROM sync.decisions")
        told = text(small, "A1")
        assert "Written in a run whose decision is no longer kept" in told
        assert "Noted the pair in the key field of company ACME" in told


@pytest.fixture
def shell(runs, monkeypatch):
    monkeypatch.setenv("ACCORD_DATABASE_URL", runs.database.dsn)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_a_hostile_name_is_printed_harmlessly(runs, shell):
    for short in ("A1", "K1", "P1"):
        shown = shell("explain", runs.ids[short]).output
        assert "[red]x[/]" in shown
        assert "\x1b" not in shown
    asked = shell("review", "list").output
    assert "Torn" in asked
    assert "\x1b" not in asked


def test_a_program_reads_one_object_a_line(runs, shell):
    lines = shell("explain", "777", "--json").output.splitlines()
    assert [json.loads(line)["record"]["kind"] for line in lines] == ["company", "contact"]
    [asked] = [json.loads(line) for line in shell("review", "list", "--json").output.splitlines()]
    assert asked["record"]["id"] == runs.ids["A9"]
    assert [it["people"] for it in asked["candidates"]] == [1, 1]
    assert "\x1b" not in shell("explain", runs.ids["A1"], "--json").output


def test_exactly_one_answer_is_given_at_a_time(runs, shell):
    for arguments in ([], ["--create", "--leave"], ["--create", "--pair", runs.ids["A9"], runs.ids["K11"]]):
        result = shell("review", "resolve", "1", *arguments)
        assert isinstance(result.exception, BadInput)
    assert runs.database.rows("SELECT count(*) AS n FROM sync.reviews WHERE state = 'open'")[0]["n"] == 1


def test_the_user_of_the_machine_answers_unless_somebody_else_is_named(runs, shell, monkeypatch):
    monkeypatch.setenv("LOGNAME", "carla")
    assert "carla" in shell("review", "resolve", "1", "--leave").output
    assert "asked again as review 2" in shell("review", "undo", "1").output
    assert "dora" in shell("review", "resolve", "2", "--create", "--by", "dora").output
    assert "asked again as review 3" in shell("review", "undo", "2").output
    assert "undone" not in shell("review", "list").output
    assert "taken back" in shell("review", "list", "--all").output


def test_a_value_is_told_before_and_after_and_one_that_does_not_fit_with_the_reason(database):
    rules = (
        FieldRule(salesforce="Phone", hubspot="phone"),
        FieldRule(salesforce="Fax__c", hubspot="fax_line", rule="two_way"),
    )
    world = {
        "sf": {"accounts": [{"Id": "A1", "Name": "Acme", "Created": OLD, "Modified": OLD, "Phone": "1"}]},
        "hs": {"companies": [{"id": "K1", "name": "Acme", "created": OLD, "sfa": "A1", "phone": "1"}]},
        "links": [{"account": "A1", "company": "K1"}],
    }
    with SmallRuns.start(world) as sandbox:
        small = SmallRuns(sandbox, database)
        account, company = small.ids["A1"], small.ids["K1"]
        small.person(crm="salesforce", op="add_field", object="Account", name="Fax__c", spec={"length": 3})
        small.person(crm="hubspot", op="add_property", object="companies", name="fax_line")
        small.run(fields=rules)
        small.person(crm="salesforce", op="update", object="Account", id=account, values={"Phone": "2"})
        small.person(crm="hubspot", op="update", object="companies", id=company, values={"fax_line": "0731"})
        small.run(fields=rules)
        for short in ("A1", "K1"):
            told = text(small, short)
            assert 'fax_line in Salesforce: blank -> "0731" is not written: the value is too long' in told
            assert "4 characters, Account.Fax__c holds 3" in told
            assert 'phone in HubSpot: "1" -> "2" (Salesforce has a value, and it is preferred)' in told
            assert 'Wrote phone: "1" -> "2" on company Acme' in told
