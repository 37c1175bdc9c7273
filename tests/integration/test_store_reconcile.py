"""The daily proof: what incremental reading missed is found, what is nowhere is gone, what is old is dropped."""

import pytest
from store_fakes import FakeHubSpot, FakeSalesforce, iso, later, run, sf_id, wiring

from accord.model.errors import ExtractShrunk
from accord.steps.extract import extract_hubspot, extract_salesforce
from accord.steps.reconcile import reconcile_hubspot, reconcile_salesforce, retire_old_runs

pytestmark = pytest.mark.postgres


def crms(accounts: int = 5, companies: int = 5):
    salesforce, hubspot = FakeSalesforce(), FakeHubSpot()
    for number in range(accounts):
        salesforce.change("Account", sf_id("001", number), Name=f"Account {number}")
    for number in range(1, companies + 1):
        hubspot.change("companies", str(number), name=f"Company {number}")
        hubspot.change("contacts", str(100 + number), email=f"p{number}@x.com")
    return salesforce, hubspot


def everything(database, salesforce, hubspot):
    setup = wiring(database, salesforce, hubspot)
    for name in ("accounts", "contacts", "leads"):
        extract_salesforce(setup, run(), name)
    for name in ("companies", "contacts"):
        extract_hubspot(setup, run(), name)
    for crm in (salesforce, hubspot):
        later(crm, hours=5)
    return setup


def gone(database, table):
    return [row["id"] for row in database.rows(f"SELECT id FROM staging.{table} WHERE is_gone ORDER BY key")]


def test_a_row_committed_late_with_an_old_stamp_is_found(database):
    """F27: no overlap is long enough for every transaction."""
    salesforce, hubspot = crms()
    setup = everything(database, salesforce, hubspot)
    late = sf_id("001", 77)
    salesforce.change("Account", late, Name="Late", SystemModstamp=iso(salesforce.now.replace(hour=3)))
    assert extract_salesforce(setup, run("r2"), "accounts")["changed"] == 0
    assert reconcile_salesforce(setup, run("daily"))["accounts_changed"] == 1
    assert database.rows("SELECT name FROM staging.salesforce_accounts WHERE id = %s", [late]) == [{"name": "Late"}]


def test_erased_records_are_gone_on_both_sides_and_no_delete(database):
    salesforce, hubspot = crms()
    setup = everything(database, salesforce, hubspot)
    del salesforce.objects["Account"][sf_id("001", 2)]
    del hubspot.objects["companies"]["3"]
    assert reconcile_salesforce(setup, run("daily"))["accounts_gone"] == 1
    counts = reconcile_hubspot(setup, run("daily"))
    assert (counts["companies_gone"], counts["companies_deleted"], counts["companies_live"]) == (1, 0, 4)
    assert gone(database, "salesforce_accounts") == [sf_id("001", 2)]
    assert gone(database, "hubspot_companies") == ["3"]


def test_a_gone_record_that_is_seen_again_is_live_again(database):
    salesforce, hubspot = crms()
    setup = everything(database, salesforce, hubspot)
    hidden = salesforce.objects["Account"].pop(sf_id("001", 2))
    reconcile_salesforce(setup, run("daily"))
    salesforce.objects["Account"][sf_id("001", 2)] = hidden
    reconcile_salesforce(setup, run("next"))
    assert gone(database, "salesforce_accounts") == []


def test_a_merged_away_record_is_not_gone(database):
    salesforce, hubspot = crms()
    setup = everything(database, salesforce, hubspot)
    del hubspot.objects["companies"]["1"]
    hubspot.merged["1"] = "9"
    hubspot.change("companies", "9", name="Survivor", hs_merged_object_ids="1")
    reconcile_hubspot(setup, run("daily"))
    reconcile_hubspot(setup, run("next"))
    rows = database.rows(
        "SELECT id, merged_into, is_gone FROM staging.hubspot_companies WHERE id IN ('1', '9') ORDER BY id"
    )
    assert [tuple(row.values()) for row in rows] == [("1", "9", False), ("9", None, False)]


def test_associations_that_moved_no_timestamp_are_read_anew(database):
    salesforce, hubspot = crms()
    hubspot.links = {("101", "1"): (1, 279)}
    setup = everything(database, salesforce, hubspot)
    hubspot.links = {("101", "2"): (279,), ("102", "1"): (1, 279)}
    assert reconcile_hubspot(setup, run("daily"))["contacts_links"] == 3
    rows = database.rows("SELECT contact_id, company_id FROM staging.hubspot_company_contacts ORDER BY 1")
    assert [tuple(row.values()) for row in rows] == [("101", "2"), ("102", "1")]


def test_a_crm_that_shows_a_third_of_its_records_marks_nothing_as_gone(database):
    salesforce, hubspot = crms(accounts=9)
    setup = everything(database, salesforce, hubspot)
    salesforce.objects["Account"] = dict(list(salesforce.objects["Account"].items())[:3])
    with pytest.raises(ExtractShrunk):
        reconcile_salesforce(setup, run("daily"))
    assert gone(database, "salesforce_accounts") == []


def test_old_plans_go_but_the_last_word_on_each_record_stays(database):
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.runs (run_id, started_at) VALUES ('old', now() - interval '200 days'),"
            " ('older', now() - interval '300 days'), ('empty', now() - interval '300 days'), ('new', now())"
        )
        connection.execute(
            "INSERT INTO sync.decisions (run_id, system, key, action, record_id) VALUES"
            " ('older', 'hubspot', 1, 'SKIP', '1'), ('old', 'hubspot', 1, 'SKIP', '1'),"
            " ('older', 'hubspot', 2, 'SKIP', '2'), ('new', 'hubspot', 2, 'LINK', '2')"
        )
        connection.execute("CREATE UNLOGGED TABLE staging.page_forgotten (id text)")
        connection.execute("COMMENT ON TABLE staging.page_forgotten IS '2026-01-01 00:00:00+00'")
    counts = retire_old_runs(wiring(database), run("daily"))
    rows = {
        "decisions": 2,
        "stages": 0,
        "people": 0,
        "fields": 0,
        "stages_seen": 0,
        "runs": 2,
        "proofs": 0,
        "alerts": 0,
        "reversals": 0,
    }
    assert counts == rows | {"page_tables": 1}
    left = database.rows("SELECT run_id, key FROM sync.decisions ORDER BY key")
    assert [tuple(row.values()) for row in left] == [("old", 1), ("new", 2)]
