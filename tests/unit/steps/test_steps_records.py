"""HubSpot's answers as page rows, and times as SOQL. No network, no database."""

from datetime import UTC, datetime, timedelta, timezone

from accord.model.settings import Settings
from accord.steps.extract_salesforce import soql, soql_moment
from accord.steps.hubspot_records import flat, inline_links
from accord.store.sources import hubspot_source


def contact(record_id="101", companies=(), paging=None):
    found = {"results": [{"id": one, "type": kind} for one, kind in companies]} | ({"paging": paging} if paging else {})
    return {"id": record_id, "properties": {}, "associations": {"companies": found}}


def test_a_company_that_comes_once_a_label_gives_one_row_a_label():
    """R91."""
    rows, cut_off = inline_links(
        [contact(companies=[("1", "contact_to_company"), ("1", "contact_to_company_unlabeled")])]
    )
    assert rows == [("101", "1", (1,)), ("101", "1", (279,))]
    assert cut_off == []


def test_a_teams_own_label_says_nothing_of_a_primary_company():
    assert inline_links([contact(companies=[("1", "decision_maker")])])[0] == [("101", "1", ())]


def test_a_contact_whose_companies_were_cut_off_gives_no_half_list():
    rows, cut_off = inline_links([contact(companies=[("1", "contact_to_company")], paging={"next": {"after": "1"}})])
    assert (rows, cut_off) == ([], ["101"])


def test_a_contact_without_companies_gives_nothing():
    assert inline_links([{"id": "101", "properties": {}}]) == ([], [])


def test_a_record_without_its_own_stamp_takes_that_of_the_answer():
    source = hubspot_source("companies", Settings())
    row = flat({"id": 5, "properties": {"name": "A"}, "updatedAt": "2026-01-01T00:00:00Z", "archived": True}, source)
    assert (row["id"], row["hs_lastmodifieddate"], row["archived"]) == ("5", "2026-01-01T00:00:00Z", True)


def test_times_in_a_query_are_utc_with_milliseconds():
    moment = datetime(2026, 1, 1, 1, 2, 3, 4567, tzinfo=timezone(timedelta(hours=1)))
    assert soql_moment(moment) == "2026-01-01T00:02:03.004Z"
    assert soql_moment(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"


def test_a_query_names_its_columns():
    assert soql("Lead", ["Id", "Email"]) == "SELECT Id, Email FROM Lead"
