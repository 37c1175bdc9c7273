"""Salesforce into staging: whole, then what changed, with marks and checks; real Postgres, a fake org."""

import random

import pytest
from store_fakes import USER, FakeSalesforce, iso, later, run, sf_id, wiring

from accord.model.errors import ContractBroken, ExtractShrunk, MissingField, ShortRead, StopError
from accord.steps.extract import extract_salesforce

pytestmark = pytest.mark.postgres

WAYS = pytest.mark.parametrize("way", ["query", "bulk"])
"""A full read of few records is a query, one of many a bulk job: what they bring must not differ."""


def org(count: int = 5) -> FakeSalesforce:
    fake = FakeSalesforce()
    for number in range(count):
        fake.change("Account", sf_id("001", number), Name=f"Account {number}", Website="https://www.acme.com/x")
    return fake


def bulk_from(rows: int) -> dict[str, dict[str, int]]:
    return {"wire": {"salesforce_bulk_rows": rows}}


def by(way: str) -> dict[str, dict[str, int]]:
    return bulk_from(1) if way == "bulk" else {}


def staged(database, columns="id, name", table="salesforce_accounts"):
    return database.rows(f"SELECT {columns} FROM staging.{table} ORDER BY id")


def marks(database):
    return database.rows("SELECT source, mark, row_count, full_at FROM sync.watermarks ORDER BY source")


@WAYS
def test_first_extract_takes_every_record_with_its_text_byte_for_byte(database, way):
    fake = FakeSalesforce()
    street = ' 1 "Main" St,\r\nÜber\u2028 😀 '
    fake.change("Account", sf_id("001", 1), Name="NA", BillingStreet=street, BillingPostalCode="01234")
    counts = extract_salesforce(wiring(database, fake, **by(way)), run(), "accounts")
    assert counts == {"read": 1, "changed": 1, "deleted": 0, "live": 1, "gone": 0}
    assert staged(database, "name, f_name, f_billingstreet AS s, f_billingpostalcode AS z, f_phone") == [
        {"name": "NA", "f_name": "NA", "s": street, "z": "01234", "f_phone": None}
    ]


@WAYS
def test_nul_bytes_and_lone_surrogates_are_cleaned_and_end_no_extract(database, way):
    """F45: Postgres refuses both in text."""
    fake = org(0)
    fake.change("Account", sf_id("001", 1), Name="a\0b")
    extract_salesforce(wiring(database, fake, **by(way)), run(), "accounts")
    fake.change("Account", sf_id("001", 2), Name="c\0d\ud83d")
    extract_salesforce(wiring(database, fake), run("r2"), "accounts")
    assert [row["name"] for row in staged(database)] == ["ab", "cd\ufffd"]


@pytest.mark.parametrize(("rows", "read"), [(5, "bulk"), (6, "query")])
def test_a_bulk_job_reads_as_many_records_as_pay_for_its_calls(database, rows, read):
    fake = org(5)
    fake.change("Account", sf_id("001", 5), IsDeleted=True)
    extract_salesforce(wiring(database, fake, **bulk_from(rows)), run(), "accounts")
    assert fake.calls == {"describe": 1, "count": 1, read: 1}
    assert len(staged(database)) == 6


@pytest.mark.rule("R102")
def test_a_second_extract_reads_only_what_changed_since_the_mark(database):
    fake = org()
    later(fake, minutes=30)
    extract_salesforce(wiring(database, fake), run(), "accounts")
    later(fake, hours=2)
    fake.change("Account", sf_id("001", 3), Name="Renamed")
    fake.change("Account", sf_id("001", 4), IsDeleted=True, MasterRecordId=sf_id("001", 3))
    counts = extract_salesforce(wiring(database, fake), run("r2"), "accounts")
    assert counts == {"read": 2, "changed": 2, "deleted": 1, "live": 4}
    assert fake.calls == {"describe": 2, "count": 1, "query": 2}
    assert staged(database, "name, is_deleted, master_id")[3:] == [
        {"name": "Renamed", "is_deleted": False, "master_id": None},
        {"name": "Account 4", "is_deleted": True, "master_id": sf_id("001", 3)},
    ]


def test_loading_the_same_rows_twice_changes_nothing(database):
    fake = org()
    setup = wiring(database, fake)
    extract_salesforce(setup, run(), "accounts")
    before = staged(database, "*")
    assert extract_salesforce(setup, run("r2"), "accounts")["changed"] == 0
    assert staged(database, "*") == before


@pytest.mark.rule("R102")
def test_the_mark_is_the_servers_clock_minus_the_overlap_and_never_moves_back(database):
    fake = org()
    extract_salesforce(wiring(database, fake), run(), "accounts")
    assert marks(database)[0]["mark"].isoformat() == "2026-11-01T11:45:00+00:00"
    later(fake, minutes=-10)
    extract_salesforce(wiring(database, fake), run("r2"), "accounts")
    assert marks(database)[0]["mark"].isoformat() == "2026-11-01T11:45:00+00:00"


def test_a_mark_in_the_future_stops_and_names_the_source(database):
    fake = org()
    extract_salesforce(wiring(database, fake), run(), "accounts")
    later(fake, days=-1)
    with pytest.raises(StopError, match=r"salesforce\.accounts.*sync\.watermarks"):
        extract_salesforce(wiring(database, fake), run("r2"), "accounts")


def test_a_mark_older_than_the_recycle_bin_is_read_in_full(database):
    """F28: deletes older than about 15 days are forgotten by the service."""
    fake = org()
    extract_salesforce(wiring(database, fake), run(), "accounts")
    later(fake, days=20)
    extract_salesforce(wiring(database, fake), run("r2"), "accounts")
    assert fake.calls["count"] == 2


@WAYS
def test_fewer_rows_than_the_service_counts_are_read_again_then_refused(database, way):
    fake = org()
    fake.lost_rows = 2
    with pytest.raises(ShortRead, match="3 of 5"):
        extract_salesforce(wiring(database, fake, **by(way)), run(), "accounts")
    assert fake.calls[way] == 2
    assert staged(database) == []
    assert marks(database) == []
    assert database.rows("SELECT relname FROM pg_class WHERE relname LIKE 'page_%%'") == []


@pytest.mark.parametrize("left", [0, 3])
def test_an_org_that_suddenly_shows_far_fewer_records_stops_the_run(database, left):
    fake = org(10)
    extract_salesforce(wiring(database, fake), run(), "accounts")
    with database.transaction() as connection:
        connection.execute("UPDATE sync.watermarks SET full_at = NULL")
    fake.objects["Account"] = dict(list(fake.objects["Account"].items())[:left])
    with pytest.raises(ExtractShrunk, match=rf"shows {left} records, at the last good extract it was 10"):
        extract_salesforce(wiring(database, fake), run("r2"), "accounts")
    assert len(staged(database)) == 10


def test_a_missing_mapped_or_key_field_is_named_with_its_setting(database):
    fake = org()
    fake.fields -= {"Phone", "Accord_Key__c"}
    with pytest.raises(MissingField, match=r"Accord_Key__c \(the key field.*Phone \(fields: Phone\)"):
        extract_salesforce(wiring(database, fake), run(), "accounts")


def test_a_new_mapped_field_becomes_a_column_and_fills_by_a_full_read(database):
    fake = org(2)
    fake.fields.add("Rating__c")
    fake.change("Account", sf_id("001", 0), Rating__c="Hot")
    extract_salesforce(wiring(database, fake), run(), "accounts")
    later(fake, hours=5)
    grown = wiring(database, fake, fields=[{"salesforce": "Rating__c", "hubspot": "rating"}])
    counts = extract_salesforce(grown, run("r2"), "accounts")
    assert counts["read"] == 2
    assert staged(database, "f_rating__c") == [{"f_rating__c": "Hot"}, {"f_rating__c": None}]
    columns = database.rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'salesforce_accounts'"
    )
    assert [row["column_name"] for row in columns if row["column_name"].startswith("f_")] == ["f_rating__c"]


def test_an_older_version_never_replaces_a_newer_one(database):
    fake = org(1)
    extract_salesforce(wiring(database, fake), run(), "accounts")
    fake.change("Account", sf_id("001", 0), Name="Stale", SystemModstamp=iso(fake.now.replace(hour=11, minute=50)))
    extract_salesforce(wiring(database, fake), run("r2"), "accounts")
    assert staged(database)[0]["name"] == "Account 0"


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_rows_gives_the_same_staging(database, seed):
    rows = list(org(8).objects["Account"].values())
    random.Random(seed).shuffle(rows)
    fake = FakeSalesforce()
    fake.objects["Account"] = {str(row["Id"]): row for row in rows}
    fake._select = lambda soql: (soql.removeprefix("SELECT ").split(" FROM ")[0].split(", "), rows + rows[:3])
    extract_salesforce(wiring(database, fake), run(), "accounts")
    assert [row["name"] for row in staged(database)] == [f"Account {number}" for number in range(8)]


def test_an_id_that_is_none_is_refused_before_anything_is_taken(database):
    fake = org(1)
    fake.change("Account", "https://evil.example/x", Name="Trap")
    with pytest.raises(ContractBroken, match=r"salesforce\.accounts.*https://evil"):
        extract_salesforce(wiring(database, fake), run(), "accounts")
    assert staged(database) == []


def test_keys_are_computed_when_rows_are_merged(database):
    fake = FakeSalesforce()
    fake.change("Contact", sf_id("003", 1), AccountId=sf_id("001", 7), Email=" Ann@ACME.com ")
    fake.change("Contact", sf_id("003", 2))
    extract_salesforce(wiring(database, fake), run(), "contacts")
    rows = database.rows(
        "SELECT account_key = staging.salesforce_key(%s) AS a, email_key = staging.text_key('ann@acme.com') AS e,"
        " account_key = -1 AND email_key = -1 AS nobody FROM staging.salesforce_contacts ORDER BY id",
        [sf_id("001", 7)],
    )
    assert rows == [{"a": True, "e": True, "nobody": False}, {"a": False, "e": False, "nobody": True}]


def test_a_converted_lead_is_noticed_by_its_system_stamp_alone(database):
    """R90: the conversion may not move LastModifiedDate."""
    fake = FakeSalesforce()
    fake.change("Lead", sf_id("00Q", 1), Email="x@y.z", IsConverted=False)
    extract_salesforce(wiring(database, fake), run(), "leads")
    later(fake, hours=2)
    fake.objects["Lead"][sf_id("00Q", 1)] |= {
        "SystemModstamp": iso(fake.now), "IsConverted": True, "ConvertedContactId": sf_id("003", 5)
    }  # fmt: skip
    extract_salesforce(wiring(database, fake), run("r2"), "leads")
    assert staged(database, "is_converted, converted_contact_id", "salesforce_leads") == [
        {"is_converted": True, "converted_contact_id": sf_id("003", 5)}
    ]


def test_our_user_is_not_special_to_staging(database):
    fake = org(1)
    fake.change("Account", sf_id("001", 0), LastModifiedById=USER)
    extract_salesforce(wiring(database, fake), run(), "accounts")
    assert staged(database, "modified_by") == [{"modified_by": USER}]
