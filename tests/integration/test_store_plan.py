"""Plans as rows: replaced per run, ids behind keys, one digest for one content."""

import pandas as pd
import pytest
from store_fakes import FakeHubSpot, FakeSalesforce, run, sf_id, wiring

from accord.model.columns import DECISIONS, FIELD_DECISIONS, PEOPLE, conform, empty
from accord.model.errors import StalePlan
from accord.model.ids import NONE, salesforce_key
from accord.model.snapshot import Plan
from accord.steps.extract import extract_hubspot, extract_salesforce
from accord.store.plan_table import digest_of, held_rows, plan_counts, release_held, write_plan

pytestmark = pytest.mark.postgres

A1, A2, UNSEEN, P1 = sf_id("001", 1), sf_id("001", 2), sf_id("001", 9), sf_id("003", 1)


def decision(system, key, action, **values):
    blank = {name: NONE if dtype == "int64" else "" for name, dtype in DECISIONS.items()}
    return blank | {"shared_people": 0, "shared_primaries": 0, "system": system, "key": key, "action": action} | values


def plan(*decisions, people=None, fields=None) -> Plan:
    return Plan(
        decisions=conform(pd.DataFrame(decisions), DECISIONS, "decisions"),
        people=people if people is not None else empty(PEOPLE),
        fields=fields if fields is not None else empty(FIELD_DECISIONS),
    )


@pytest.fixture
def loaded(database):
    salesforce, hubspot = FakeSalesforce(), FakeHubSpot()
    for one in (A1, A2):
        salesforce.change("Account", one, Name=f"Account {one[14]}")
    salesforce.change("Contact", P1, AccountId=A1)
    hubspot.change("companies", "5", name="Five", salesforceaccountid=UNSEEN)
    setup = wiring(database, salesforce, hubspot)
    for name in ("accounts", "contacts"):
        extract_salesforce(setup, run(), name)
    extract_hubspot(setup, run(), "companies")
    return database


def rows(database, table, columns):
    return [tuple(row.values()) for row in database.rows(f"SELECT {columns} FROM sync.{table} ORDER BY run_id, 1, 2")]


def test_keys_become_the_ids_of_both_sides(loaded):
    people = pd.DataFrame(
        [("salesforce", salesforce_key(A1), "evidence", salesforce_key(P1), 101, "id", True)], columns=list(PEOPLE)
    )
    fields = pd.DataFrame(
        [(salesforce_key(A1), 5, "phone", "hubspot", None, "1", "R64", "", "")], columns=list(FIELD_DECISIONS)
    )
    write_plan(
        loaded,
        run(),
        plan(
            decision("salesforce", salesforce_key(A1), "LINK", partner_key=5, runner_up_key=6, because_key=101),
            decision("hubspot", 5, "SKIP", partner_key=salesforce_key(UNSEEN), taken_by_key=salesforce_key(A2)),
            people=people,
            fields=fields,
        ),
    )
    assert rows(loaded, "decisions", "record_id, partner_id, runner_up_id, because_id, taken_by_id, account_id") == [
        (A1, "5", "6", "101", None, A1),
        ("5", UNSEEN, None, None, A2, UNSEEN),
    ]
    assert rows(loaded, "decision_people", "salesforce_contact_id, hubspot_contact_id, is_primary") == [
        (P1, "101", True)
    ]
    assert rows(loaded, "field_decisions", "account_id, company_id, value") == [(A1, "5", None)]


def test_a_run_that_decides_again_replaces_its_own_plan_only(loaded):
    first = plan(decision("salesforce", salesforce_key(A1), "CREATE_COMPANY"))
    write_plan(loaded, run("r1"), first)
    write_plan(loaded, run("r2"), first)
    write_plan(loaded, run("r2"), plan(decision("salesforce", salesforce_key(A2), "SKIP")))
    assert rows(loaded, "decisions", "run_id, record_id, action") == [("r1", A1, "CREATE_COMPANY"), ("r2", A2, "SKIP")]
    assert plan_counts(loaded, "r1") == {"create_company": 1, "set_field": 0}
    assert loaded.rows("SELECT relname FROM pg_class WHERE relname LIKE 'page_%%'") == []


def test_the_digest_is_of_the_content_not_of_run_or_row_order(loaded):
    one, two = decision("hubspot", 5, "SKIP"), decision("salesforce", salesforce_key(A1), "LINK", partner_key=5)
    digest = write_plan(loaded, run("r1"), plan(one, two))
    assert write_plan(loaded, run("r2"), plan(two, one)) == digest
    assert digest_of(plan(one, two | {"reason": "same_contacts"})) != digest


def test_clearing_a_field_and_writing_nothing_are_two_plans(loaded):
    def with_value(value):
        fields = pd.DataFrame([(1, 5, "phone", "hubspot", value, "1", "R64", "", "")], columns=list(FIELD_DECISIONS))
        return digest_of(plan(decision("hubspot", 5, "SKIP"), fields=fields))

    assert with_value(None) != with_value("")


def test_an_approval_releases_exactly_the_plan_that_was_shown(loaded):
    held = plan(
        decision("salesforce", salesforce_key(A1), "HOLD", held_action="CREATE_COMPANY", held_reason="no_match"),
        decision("hubspot", 5, "HOLD", held_action="CREATE_ACCOUNT", held_reason="private_contact"),
    )
    digest = write_plan(loaded, run(), held)
    with loaded.transaction() as connection:
        connection.execute("INSERT INTO sync.runs (run_id, plan_digest) VALUES ('r1', %s)", [digest])
    assert [(row["record_id"], row["name"], row["reason"]) for row in held_rows(loaded, "r1", 5)] == [
        ("5", "Five", "private_contact"),
        (A1, "Account 1", "no_match"),
    ]
    with pytest.raises(StalePlan):
        release_held(loaded, "r1", "another")
    assert release_held(loaded, "r1", digest) == 2
    assert release_held(loaded, "r1", digest) == 0
    assert rows(loaded, "decisions", "action, reason") == [
        ("CREATE_ACCOUNT", "private_contact"),
        ("CREATE_COMPANY", "no_match"),
    ]
