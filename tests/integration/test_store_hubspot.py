"""HubSpot into staging: list, search, bin, associations and list members; real Postgres, a fake portal."""

import pytest
from store_fakes import FakeHubSpot, later, run, wiring

from accord.model.errors import ExtractShrunk, MissingField, ServiceUnavailable, ShortRead
from accord.steps import hubspot_list
from accord.steps.extract import extract_hubspot

pytestmark = pytest.mark.postgres


def portal(companies: int = 3, contacts: int = 3) -> FakeHubSpot:
    fake = FakeHubSpot()
    for number in range(1, companies + 1):
        fake.change("companies", str(number), name=f"Company {number}", domain=f"c{number}.com")
    for number in range(101, 101 + contacts):
        fake.change("contacts", str(number), email=f"p{number}@x.com")
    later(fake, hours=2)
    return fake


def staged(database, columns, table="hubspot_companies"):
    return database.rows(f"SELECT {columns} FROM staging.{table} ORDER BY 1, 2")


def links(database):
    rows = staged(database, "contact_id, company_id, type_ids, is_primary", "hubspot_company_contacts")
    return [(r["contact_id"], r["company_id"], tuple(r["type_ids"]), r["is_primary"]) for r in rows]


def both(database, fake, name, **settings):
    setup = wiring(database, hubspot=fake, **settings)
    return extract_hubspot(setup, run(name), "companies"), extract_hubspot(setup, run(name), "contacts")


def test_a_full_read_costs_one_call_a_hundred_records_the_bin_one_count_and_the_properties(database):
    fake = portal(companies=250)
    counts = extract_hubspot(wiring(database, hubspot=fake), run(), "companies")
    assert counts == {"read": 250, "changed": 250, "deleted": 0, "live": 250, "gone": 0}
    assert fake.calls == {"properties": 1, "list": 3, "bin": 1, "count": 1}


def test_a_quiet_portal_costs_two_calls_a_kind_and_the_properties_of_companies(database):
    fake = portal()
    both(database, fake, "r1")
    fake.calls.clear()
    later(fake, hours=3)
    companies, contacts = both(database, fake, "r2")
    assert companies["read"] == contacts["read"] == 0
    assert fake.calls == {"properties": 1, "search": 2, "bin": 2}


def test_only_changed_records_are_read_again_and_their_links_from_their_side(database):
    fake = portal()
    fake.links = {("101", "1"): (1, 279), ("102", "1"): (279,)}
    both(database, fake, "r1")
    later(fake, hours=3)
    fake.change("companies", "2", name="Renamed")
    fake.links = {("101", "2"): (1, 279), ("102", "1"): (279,)}
    companies, contacts = both(database, fake, "r2")
    assert (companies["changed"], contacts["changed"]) == (1, 0)
    # Contact 101 was not read, so its old link stays until it changes or the daily reconcile.
    assert links(database) == [
        ("101", "1", (1, 279), True),
        ("101", "2", (1, 279), True),
        ("102", "1", (279,), False),
    ]
    fake.change("contacts", "101")
    both(database, fake, "r3")
    assert links(database) == [("101", "2", (1, 279), True), ("102", "1", (279,), False)]


def test_inline_links_of_a_company_that_comes_once_a_label_are_one_row(database):
    """R91."""
    fake = portal()
    fake.links = {("101", "1"): (1, 279), ("101", "2"): (279,)}
    both(database, fake, "r1")
    assert links(database) == [("101", "1", (1, 279), True), ("101", "2", (279,), False)]
    assert fake.calls["associations"] == 0


def test_a_contact_with_more_companies_than_fit_inline_is_read_apart(database):
    fake = portal()
    fake.links = {("101", "1"): (1, 279), ("101", "2"): (279,), ("102", "3"): (279,)}
    fake.inline_cut = {"101"}
    both(database, fake, "r1")
    assert [link[:2] for link in links(database)] == [("101", "1"), ("101", "2"), ("102", "3")]
    assert fake.calls["associations"] == 1


def test_the_primary_company_falls_back_to_the_contacts_own_property(database):
    fake = portal()
    fake.change("contacts", "101", associatedcompanyid="2")
    fake.links = {("101", "1"): (279,), ("101", "2"): (279,)}
    both(database, fake, "r1")
    assert links(database) == [("101", "1", (279,), False), ("101", "2", (279,), True)]


def test_an_archived_record_is_known_by_the_bin_never_by_its_absence(database):
    """R81."""
    fake = portal()
    both(database, fake, "r1")
    later(fake, hours=3)
    fake.archive("companies", "2")
    del fake.objects["companies"]["3"]
    counts, _ = both(database, fake, "r2")
    assert counts["deleted"] == 1
    assert [row["is_archived"] for row in staged(database, "id, is_archived")] == [False, True, False]


def test_a_restored_record_is_live_again_though_its_stamp_did_not_move(database):
    fake = portal()
    both(database, fake, "r1")
    fake.archive("companies", "2")
    both(database, fake, "r2")
    later(fake, hours=3)
    fake.restore("companies", "2")
    both(database, fake, "r3")
    assert [row["is_archived"] for row in staged(database, "id, is_archived")] == [False, False, False]


def test_a_record_erased_from_the_bin_is_gone_not_deleted(database):
    fake = portal()
    fake.archive("contacts", "102")
    both(database, fake, "r1")
    fake.bin["contacts"].clear()
    _, contacts = both(database, fake, "r2")
    assert contacts["gone"] == 1
    assert staged(database, "id, is_gone", "hubspot_contacts")[1] == {"id": "102", "is_gone": True}


def test_a_merged_away_company_points_to_its_survivor(database):
    """R77: since January 2025 the survivor has a new id; the old ones are in no list and no bin."""
    fake = portal()
    both(database, fake, "r1")
    later(fake, hours=3)
    del fake.objects["companies"]["1"], fake.objects["companies"]["2"]
    fake.change("companies", "9", name="Merged", hs_merged_object_ids="1;2")
    counts, _ = both(database, fake, "r2")
    assert counts["live"] == 2
    assert [row["merged_into"] for row in staged(database, "id, merged_into")] == ["9", "9", None, None]


def test_blank_values_are_null_and_text_is_kept_byte_for_byte(database):
    fake = portal(companies=1)
    fake.change("companies", "1", name=" é\u2028\n", address="", zip="01234")
    both(database, fake, "r1")
    assert staged(database, "name, f_address, f_zip") == [{"name": " é\u2028\n", "f_address": None, "f_zip": "01234"}]


def test_half_a_portal_is_refused_after_a_second_try(database):
    fake = portal(companies=10)
    fake.lost_rows = 5
    with pytest.raises(ShortRead, match=r"hubspot\.companies: 5 of 10"):
        extract_hubspot(wiring(database, hubspot=fake), run(), "companies")
    assert staged(database, "id, name") == []


@pytest.fixture
def broken_off(database, monkeypatch):
    """A portal of five pages whose list broke off at the fourth; how far it was read was noted after two."""
    monkeypatch.setattr(hubspot_list, "PAGES_A_NOTE", 2)
    fake = portal(companies=450, contacts=450)
    fake.links = {(str(number), str(number - 100)): (1,) for number in range(101, 551)}
    fake.broken_page = 4
    for part in ("companies", "contacts"):
        with pytest.raises(ServiceUnavailable):
            extract_hubspot(wiring(database, hubspot=fake), run(), part)
    fake.broken_page = 0
    fake.calls.clear()
    return fake


@pytest.mark.parametrize("part", ["companies", "contacts"])
def test_f69_a_list_that_broke_off_goes_on_behind_the_last_note_with_its_links(database, broken_off, part):
    counts = extract_hubspot(wiring(database, hubspot=broken_off), run(), part)
    assert (counts["read"], broken_off.calls["list"]) == (450, 3)
    assert len(staged(database, "id, name" if part == "companies" else "id, email", f"hubspot_{part}")) == 450
    assert len(links(database)) == (450 if part == "contacts" else 0)
    assert page_tables(database, part) == []


def test_a_list_that_broke_off_in_another_run_or_before_a_crash_of_postgres_is_read_anew(database, broken_off):
    """A crash empties unlogged tables, and leaves what is noted of them."""
    extract_hubspot(wiring(database, hubspot=broken_off), run("r2"), "contacts")
    assert broken_off.calls["list"] == 5
    with database.transaction() as connection:
        for name in page_tables(database, "companies"):
            connection.execute(f'TRUNCATE staging."{name}"')
    broken_off.calls.clear()
    counts = extract_hubspot(wiring(database, hubspot=broken_off), run(), "companies")
    assert (counts["live"], broken_off.calls["list"]) == (450, 5)


def test_a_list_that_was_short_is_not_gone_on_with(database):
    fake = portal(companies=10)
    fake.lost_rows = 5
    with pytest.raises(ShortRead):
        extract_hubspot(wiring(database, hubspot=fake), run(), "companies")
    fake.lost_rows = 0
    assert extract_hubspot(wiring(database, hubspot=fake), run(), "companies")["live"] == 10


def page_tables(database, part):
    found = database.rows(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'staging'"
        " AND (tablename LIKE %s OR tablename LIKE %s)",
        [f"page_hubspot_{part}_%", f"page_{part}_links_%"],
    )
    return [row["name"] for row in found]


def test_an_empty_portal_where_there_was_one_stops_the_run(database):
    fake = portal(companies=10)
    both(database, fake, "r1")
    with database.transaction() as connection:
        connection.execute("UPDATE sync.watermarks SET full_at = NULL")
    fake.objects["companies"].clear()
    with pytest.raises(ExtractShrunk, match="shows 0 records"):
        extract_hubspot(wiring(database, hubspot=fake), run("r2"), "companies")


@pytest.mark.parametrize(("name", "setting"), [("phone", "fields: phone"), ("accord_key", "the key property")])
def test_a_property_that_does_not_exist_is_named_with_its_setting(database, name, setting):
    """HubSpot leaves unknown names out of its answer without a word."""
    fake = portal()
    fake.unknown = {name}
    with pytest.raises(MissingField, match=rf"{name} \({setting}"):
        extract_hubspot(wiring(database, hubspot=fake), run(), "companies")


def test_the_native_property_may_be_missing(database):
    fake = portal()
    fake.unknown = {"salesforceaccountid"}
    assert extract_hubspot(wiring(database, hubspot=fake), run(), "companies")["read"] == 3


def test_members_who_left_the_list_are_gone_by_the_next_run(database):
    fake = portal()
    fake.members = {"101": "2026-01-01T00:00:00Z", "102": "2026-01-01T00:00:00Z"}
    setup = wiring(database, hubspot=fake, inclusion_list="Sync me")
    assert extract_hubspot(setup, run(), "list_members") == {"read": 2, "changed": 2}
    fake.members = {"102": "2026-01-01T00:00:00Z", "103": "2026-01-01T00:00:00Z"}
    assert extract_hubspot(setup, run("r2"), "list_members") == {"read": 2, "changed": 2}
    assert [r["contact_id"] for r in staged(database, "list_id, contact_id", "hubspot_list_members")] == ["102", "103"]
    assert extract_hubspot(wiring(database, hubspot=fake), run("r3"), "list_members") == {"read": 0, "changed": 2}


@pytest.mark.parametrize("part", ["companies", "contacts"])
def test_a_repeated_extract_leaves_every_row_as_it_is(database, part):
    fake = portal()
    fake.links = {("101", "1"): (1, 279), ("102", "2"): (279,)}
    both(database, fake, "r1")
    tables = (f"hubspot_{part}", "hubspot_company_contacts")
    before = [staged(database, "*", table) for table in tables]
    extract_hubspot(wiring(database, hubspot=fake), run("r2"), part)
    assert [staged(database, "*", table) for table in tables] == before
