"""What is read of each record, and how association rows become links. No database."""

from datetime import UTC, datetime, timedelta

import pytest

from accord.model.errors import StopError
from accord.model.settings import Settings
from accord.store.links import link_records
from accord.store.sources import field_column, hubspot_source, properties, salesforce_source
from accord.store.watermarks import HORIZON, Mark, begin

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def mark(age: timedelta, *, full_at: datetime | None = NOW) -> Mark:
    return Mark(NOW - age, 10, full_at)


@pytest.mark.parametrize("name", ["Rating__c", "RATING__C", "rating__c"])
def test_a_mapped_field_has_one_column_whatever_its_letter_case(name):
    assert field_column(name) == "f_rating__c"


def test_names_beyond_the_identifier_limit_stay_apart():
    """Postgres cuts identifiers at 63 bytes without a word."""
    one, two = field_column("x" * 90 + "1"), field_column("x" * 90 + "2")
    assert one != two
    assert max(len(one), len(two)) <= 63


def test_fields_take_the_orgs_own_spelling_and_optional_ones_may_be_missing():
    settings = Settings(fields=[{"salesforce": "ratING__c", "hubspot": "rating"}])
    names = ["Id", "Name", "Rating__c", "CreatedDate", "LastModifiedDate", "LastModifiedById", "MasterRecordId"]
    source = salesforce_source("accounts", settings).spelled([*names, "IsDeleted", "Accord_Key__c"])
    assert source.columns["f_rating__c"].name == "Rating__c"
    assert {"is_person", "website"}.isdisjoint(source.columns)


def test_a_field_that_is_mapped_and_always_read_is_asked_for_once():
    source = salesforce_source("accounts", Settings())
    assert source.fields().count("Name") == 1
    assert {"name", "f_name"} <= source.columns.keys()


@pytest.mark.rule("R28", "R29")
def test_relations_and_hierarchies_are_not_even_read():
    """What is not in staging is nobody's evidence."""
    sources = [salesforce_source(name, Settings()) for name in ("accounts", "contacts", "leads")]
    sources += [hubspot_source(name, Settings()) for name in ("companies", "contacts")]
    assert {source.object_name for source in sources} == {"Account", "Contact", "Lead", "companies", "contacts"}
    related = {"ParentId", "ReportsToId", "hs_parent_company_id", "hs_num_child_companies"}
    assert not related & {name for source in sources for name in source.fields()}


def test_only_properties_are_asked_of_hubspot():
    assert {"id", "archived"}.isdisjoint(properties(hubspot_source("contacts", Settings())))


def test_both_directions_of_an_association_become_the_same_link():
    from_contact = list(link_records([("101", "1", (1, 279))], from_companies=False))
    from_company = list(link_records([("1", "101", (2, 280))], from_companies=True))
    assert from_contact == from_company == [{"contact_id": "101", "company_id": "1", "type_ids": "1,279"}]


def test_a_custom_label_is_kept_as_it_is():
    assert next(link_records([("1", "101", (280, 77))], from_companies=True))["type_ids"] == "77,279"


@pytest.mark.parametrize(
    ("known", "since"),
    [
        pytest.param(None, None, id="never read"),
        pytest.param(mark(timedelta(hours=1), full_at=None), None, id="a full read was asked for"),
        pytest.param(mark(HORIZON), None, id="older than the recycle bin"),
        pytest.param(mark(timedelta(hours=1)), NOW - timedelta(hours=1), id="from the mark on"),
    ],
)
def test_an_extract_begins_at_the_mark_or_is_full(known, since):
    assert begin(known, "salesforce.leads", NOW) == since


def test_a_mark_in_the_future_is_refused():
    with pytest.raises(StopError, match=r"salesforce\.leads"):
        begin(mark(timedelta(hours=-1)), "salesforce.leads", NOW)
