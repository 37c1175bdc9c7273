"""What the rules are given: staging and memory as int64 keys, flags and times."""

from datetime import UTC, datetime

import pytest
from store_fakes import ORG, PORTAL, START, USER, FakeHubSpot, FakeSalesforce, run, sf_id, wiring

from accord.model.ids import NONE, account_origin_key, company_origin_key, salesforce_key, text_key
from accord.model.settings import Settings
from accord.steps.extract import extract_hubspot, extract_salesforce
from accord.store.snapshot import read_snapshot

pytestmark = pytest.mark.postgres

A1, A2, A3 = (sf_id("001", number) for number in (1, 2, 3))
P1 = sf_id("003", 1)


def snapshot(database, salesforce=None, hubspot=None, this=None, **settings):
    setup = wiring(database, salesforce, hubspot, **settings)
    for name in ("accounts", "contacts", "leads"):
        extract_salesforce(setup, run(), name)
    for name in ("companies", "contacts", "list_members"):
        extract_hubspot(setup, run(), name)
    return read(database, this=this, **settings)


def read(database, this=None, **settings):
    return read_snapshot(
        database, Settings(**settings), org_id=ORG, portal_id=PORTAL, pipeline_user=USER[:15], run=this or run()
    )


def test_an_empty_database_gives_empty_frames(database):
    found = read(database)
    assert found.accounts.empty
    assert found.field_values.empty


@pytest.mark.rule("R10")
def test_accounts_carry_their_keys_and_who_changed_them(database):
    fake = FakeSalesforce()
    fake.change("Account", A1, Name=" Acme  Inc ", Website="http://www.acme.com/", LastModifiedById=USER)
    fake.change(
        "Account", A2, Name="x", Accord_Key__c=account_origin_key(PORTAL, 77), IsDeleted=True, MasterRecordId=A1
    )
    fake.change("Account", A3, Name="y", Accord_Key__c=account_origin_key("99", 77))
    rows = snapshot(database, fake).accounts.set_index("key")
    first, second, third = (rows.loc[salesforce_key(one)] for one in (A1, A2, A3))
    assert (first.modified_by_us, first.created_at, first.company_key) == (True, START, NONE)
    assert (first.domain_key, first.name_key) == (text_key("acme.com"), text_key("acme inc"))
    assert (second.is_deleted, second.master_key, second.company_key) == (True, salesforce_key(A1), 77)
    assert (second.modified_by_us, third.company_key) == (False, NONE)


def test_a_company_is_known_by_the_stored_account_before_our_own_key(database):
    fake = FakeHubSpot()
    key = company_origin_key(ORG, A1)
    fake.change("companies", "1", salesforceaccountid=A2[:15], accord_key=key)
    fake.change("companies", "2", accord_key=key)
    fake.change("companies", "3", accord_key=company_origin_key("00D000000000009AAA", A1))
    fake.change("companies", "4", hs_object_source_label="CRM_SETTING", lifecyclestage="lead")
    rows = snapshot(database, hubspot=fake).companies.set_index("key")
    assert rows.account_key.tolist() == [salesforce_key(A2), salesforce_key(A1), NONE, NONE]
    assert rows.is_auto_created.tolist() == [False, False, False, True]
    assert rows.stage.tolist() == ["", "", "", "lead"]


def test_people_carry_stored_ids_list_and_stage_memory(database):
    fake = FakeHubSpot()
    fake.change("contacts", "101", email="Ann@x.com", salesforcecontactid=P1, lifecyclestage="customer")
    fake.change("contacts", "102", salesforceleadid="00Q000000000001")
    fake.members = {"101": "2026-01-01T00:00:00Z"}
    fake.links = {("101", "1"): (1, 279)}
    with database.transaction() as connection:
        connection.execute("INSERT INTO sync.stage_baseline (contact_id, stage) VALUES ('101', 'lead')")
    found = snapshot(database, hubspot=fake, inclusion_list="Sync me")
    first, second = found.hubspot_contacts.to_dict("records")
    assert (first["email_key"], first["contact_key"]) == (text_key("ann@x.com"), salesforce_key(P1))
    assert (first["is_listed"], first["stage_before"], first["stage"], first["has_baseline"]) == (
        True, "lead", "customer", True
    )  # fmt: skip
    assert (second["lead_key"], second["is_listed"], second["has_baseline"]) == (
        salesforce_key("00Q000000000001"), False, False
    )  # fmt: skip
    assert found.associations.to_dict("records") == [{"contact_key": 101, "company_key": 1, "is_primary": True}]


def test_merged_away_records_are_archived_and_listed_with_their_survivor(database):
    fake = FakeHubSpot()
    fake.change("companies", "1", name="Loser")
    setup = wiring(database, hubspot=fake)
    extract_hubspot(setup, run(), "companies")
    del fake.objects["companies"]["1"]
    fake.change("companies", "9", name="Survivor", hs_merged_object_ids="1; 9;2")
    found = snapshot(database, hubspot=fake)
    assert found.companies.set_index("key").is_archived.to_dict() == {1: True, 9: False}
    assert found.company_merges.sort_values("merged_key").to_numpy().tolist() == [[9, 1], [9, 2]]


@pytest.mark.rule("R4", "R81")
def test_live_records_that_no_scan_finds_are_as_if_never_seen_and_deleted_ones_stay_deleted(database):
    fake = FakeSalesforce()
    fake.change("Account", A1, Name="x")
    fake.change("Account", A2, Name="y", IsDeleted=True)
    snapshot(database, fake)
    with database.transaction() as connection:
        connection.execute("UPDATE staging.salesforce_accounts SET is_gone = true")
    assert read(database).accounts[["key", "is_deleted"]].to_numpy().tolist() == [[salesforce_key(A2), True]]


@pytest.mark.rule("R9")
def test_an_interval_or_an_open_request_makes_an_account_imported(database):
    fake = FakeSalesforce()
    for number, one in enumerate((A1, A2, A3)):
        fake.change("Account", one, Name="x", CreatedDate=f"202{number}-05-01T00:00:00.000+0000")
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.requests (kind, system, record_id) VALUES ('import', 'salesforce', %s),"
            " ('manual', 'salesforce', %s), ('manual', 'hubspot', '5')",
            [A3, A1],
        )
    may = run(kind="interval", since=datetime(2021, 5, 1, tzinfo=UTC), until=datetime(2021, 6, 1, tzinfo=UTC))
    rows = snapshot(database, fake, this=may).accounts.set_index("key").loc[[salesforce_key(a) for a in (A1, A2, A3)]]
    assert rows.is_imported.tolist() == [False, True, True]
    assert rows.is_requested.tolist() == [True, False, False]


def test_pairs_and_answers_come_from_memory(database):
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.pairs (account_id, company_id, is_active) VALUES (%(a)s, '5', false), (%(a)s, '6', true)",
            {"a": A1},
        )
        connection.execute(
            "INSERT INTO sync.reviews (system, record_id, reason, state, choice, account_id)"
            " VALUES ('salesforce', %(a)s, 'tie_between_companies', 'answered', 'create', %(a)s)",
            {"a": A1},
        )
    found = read(database)
    assert found.pairs.drop(columns="company_made_at").sort_values("company_key").to_numpy().tolist() == [
        [salesforce_key(A1), 5, False],
        [salesforce_key(A1), 6, True],
    ]
    assert found.resolutions.to_numpy().tolist() == [[salesforce_key(A1), NONE, "create"]]
