"""Values on their way to the other CRM: what goes, in which form, and what is left out."""

from __future__ import annotations

import pytest

from accord.crm.hubspot import PropertyInfo
from accord.crm.salesforce import FieldInfo
from accord.model.settings import FieldRule
from accord.steps.fit import Target, Unfit, to_hubspot, to_salesforce
from accord.steps.payload import account_values, changed_values, company_values, host, plain


def property_(name="phone", kind="string", options=(), **more):
    return PropertyInfo(
        **{"name": name, "type": kind, "field_type": "text", "has_unique_value": False, "read_only": False}
        | {"options": options}
        | more
    )


def field(name="Phone", kind="string", length=40, picklist=(), **more):
    known = {"createable": True, "updateable": True, "nillable": True, "external_id": False, "unique": False}
    return FieldInfo(name=name, type=kind, length=length, case_sensitive=False, picklist=picklist, **known | more)


def portal(*properties):
    return Target({}, {it.name: it for it in properties or (property_(),)})


def org(*fields, **users):
    return Target({it.name: it for it in fields or (field(),)}, {}, users)


def rule(kind="text", **more):
    return FieldRule(**({"salesforce": "Phone", "hubspot": "phone", "kind": kind, "rule": "two_way"} | more))


@pytest.mark.parametrize(
    ("kind", "text", "sent"),
    [
        ("text", "01234", "01234"),
        ("text", "NA", "NA"),
        ("text", "Zoë\r\n\u2028Café", "Zoë\r\n\u2028Café"),
        ("number", "250", "250"),
        ("number", "1000000.50", "1000000.50"),
        ("boolean", "true", "true"),
        ("date", "2026-03-29", "2026-03-29"),
        ("datetime", "2026-03-29T01:30:00.000Z", "2026-03-29T01:30:00.000Z"),
        ("owner", "42", "42"),
        ("text", None, None),
    ],
)
def test_hubspot_gets_the_text_as_it_is(kind, text, sent):
    assert to_hubspot(rule(kind), text, portal()) == sent


@pytest.mark.parametrize(
    ("kind", "text", "sent"),
    [
        ("text", "01234", "01234"),
        ("number", "250", 250),
        ("number", "0.1", 0.1),
        ("boolean", "false", False),
        ("date", "2026-03-29", "2026-03-29"),
        ("datetime", "2026-03-29T00:00:00.000Z", "2026-03-29T00:00:00.000Z"),
        ("owner", "42", "005000000000001AAA"),
        ("number", None, None),
    ],
)
def test_salesforce_gets_json_of_the_fields_type(kind, text, sent):
    value = to_salesforce(rule(kind), text, org(**{"42": "005000000000001AAA"}))
    assert (value, type(value)) == (sent, type(sent))


@pytest.mark.rule("R71")
@pytest.mark.parametrize(
    ("kind", "text", "code"),
    [
        ("text", "x" * 41, "too_long"),
        ("number", "NaN", "not_a_number"),
        ("number", "12 people", "not_a_number"),
        ("number", "0.12345678901234567890", "not_exact"),
        ("boolean", "perhaps", "not_a_boolean"),
        ("date", "yesterday", "not_a_date"),
        ("datetime", "soon", "not_a_time"),
        ("owner", "42", "owner_not_matched"),
    ],
)
def test_what_does_not_fit_is_named_and_never_changed(kind, text, code):
    with pytest.raises(Unfit) as raised:
        to_salesforce(rule(kind), text, org())
    assert raised.value.code == code


def test_a_field_that_may_not_be_written_is_left_out():
    with pytest.raises(Unfit, match="may not be written"):
        to_salesforce(rule(), "1", org(field(createable=False)))
    assert to_salesforce(rule(), "1", org(field(createable=False)), is_new=False) == "1"
    with pytest.raises(Unfit, match="read only"):
        to_hubspot(rule(), "1", portal(property_(read_only=True)))


def test_a_salesforce_user_who_is_no_hubspot_owner_is_not_written():
    """R69: only an exact match of owners is; the user's own id stands for one that has none."""
    with pytest.raises(Unfit, match="no HubSpot owner") as raised:
        to_hubspot(rule("owner"), "005000000000001AAA", portal())
    assert raised.value.code == "owner_not_matched"


def test_a_field_that_salesforce_requires_is_not_cleared():
    with pytest.raises(Unfit, match="cannot be empty"):
        to_salesforce(rule(), None, org(field(nillable=False)), is_new=False)


def test_one_value_that_does_not_fit_does_not_hold_back_the_others():
    """R71"""
    city = FieldRule(salesforce="City", hubspot="city")
    values, unfit = changed_values("salesforce", [(rule(), "1" * 41), (city, "Ulm")], org(field(), field("City")))
    assert (values.fields, unfit) == ({"City": "Ulm"}, {"phone": "too_long"})


def test_picklists_are_translated_back_and_unknown_values_refused():
    industry = rule("picklist", values={"Banking": "BANKING"})
    options = property_(kind="enumeration", options=("BANKING", "OTHER"))
    banking = org(field(kind="multipicklist", picklist=("Banking", "OTHER")))
    assert to_hubspot(industry, "BANKING;OTHER", portal(options)) == "BANKING;OTHER"
    assert to_salesforce(industry, "BANKING;OTHER", banking) == "Banking;OTHER"
    with pytest.raises(Unfit, match="'Mining' is no value of phone"):
        to_hubspot(industry, "Mining", portal(options))


def test_company_gets_its_domain_from_the_website_unless_a_rule_maps_it():
    account = {"website": "https://www.Acme.com/about"}
    common = {"website": "https://www.Acme.com/about", "domain": "acme.de"}
    website = FieldRule(salesforce="Website", hubspot="website")
    own = FieldRule(salesforce="Domain__c", hubspot="domain")
    known = portal(property_("website"), property_("domain"))
    assert company_values([website], account, common, known).fields == {
        "website": "https://www.Acme.com/about",
        "domain": "acme.com",
    }
    assert company_values([website, own], account, common, known).fields["domain"] == "acme.de"


NAME = FieldRule(salesforce="Name", hubspot="name")


def test_account_is_named_after_the_domain_where_the_company_has_no_name():
    known = org(field("Name", length=10))
    nameless, named = {"name": None, "domain": "acme.com"}, {"name": "Acme", "domain": "acme.com"}
    assert account_values([NAME], nameless, {"name": None}, known).fields == {"Name": "acme.com"}
    assert account_values([NAME], named, {"name": "Acme"}, known).fields == {"Name": "Acme"}


def test_a_name_that_is_too_long_is_not_replaced_by_the_domain():
    company = {"name": "x" * 11, "domain": "a.de"}
    values = account_values([NAME], company, {"name": "x" * 11}, org(field("Name", length=10)))
    assert values.fields == {}
    assert [left.code for left in values.left_out] == ["too_long"]


@pytest.mark.parametrize(
    ("mode", "names"), [("dont_sync", set()), ("always_salesforce", set()), ("two_way", {"Phone"})]
)
def test_fields_that_are_always_salesforces_are_not_filled_from_hubspot(mode, names):
    values = account_values([rule(rule=mode)], {}, {"phone": "1"}, org())
    assert values.fields.keys() == names


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://www.acme.com/a?b#c", "acme.com"),
        ("ACME.co.uk", "acme.co.uk"),
        ("localhost", None),
        ("", None),
        (None, None),
    ],
)
def test_host_of_an_address(address, found):
    assert host(address) == found


@pytest.mark.parametrize(
    ("one", "other"), [(250, "250"), (250.0, "250"), (True, "true"), (None, ""), ("a\r\nb", "a\nb")]
)
def test_forms_of_one_value_compare_equal(one, other):
    assert plain(one) == plain(other)


@pytest.mark.parametrize(("one", "other"), [("01234", "1234"), ("1e3", "1000"), ("a", "A")])
def test_texts_that_look_like_numbers_stay_texts(one, other):
    assert plain(one) != plain(other)
