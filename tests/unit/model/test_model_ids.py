from __future__ import annotations

import pytest

from accord.model import ids


@pytest.mark.rule("R22")
def test_the_suffix_of_a_fifteen_character_id_is_computed():
    assert ids.salesforce_id("0012800000CXn0k") == "0012800000CXn0kAAD"
    assert ids.salesforce_id("0012800000CXn0kAAD") == "0012800000CXn0kAAD"


@pytest.mark.parametrize(
    "text",
    [
        "http://127.0.0.1/steal",
        "../Account",
        "0012800000CXn0",
        "0012800000CXn0kAAE",  # a suffix of another id
        "0012800000cxn0kAAD",  # lower-cased: another record
        "0012800000CXn0k ",
        "",
    ],
)
def test_what_is_no_id_never_becomes_part_of_an_address(text):
    with pytest.raises(ValueError, match="not a Salesforce id"):
        ids.salesforce_id(text)


@pytest.mark.parametrize("text", ["", "12a", "-1", "1" * 19, "1/../2", " 1"])
def test_a_hubspot_id_is_digits(text):
    with pytest.raises(ValueError, match="digits"):
        ids.hubspot_id(text)


def test_origin_keys_say_where_they_come_from_and_come_back():
    company = ids.company_origin_key("00D000000000001AAA", "0012800000CXn0k")
    account = ids.account_origin_key("442", 29100000001)
    assert company == "sf-00D000000000001-0012800000CXn0kAAD"
    assert ids.parse_company_origin_key(company) == ("00D000000000001", "0012800000CXn0kAAD")
    assert ids.parse_account_origin_key(account) == ("442", "29100000001")


@pytest.mark.parametrize("text", ["", "sf-1-2", "hs-1-2x", "sf-00D000000000001-0012800000CXn0kAAD-more"])
def test_foreign_text_in_a_key_field_is_no_key(text):
    assert ids.parse_company_origin_key(text) is None
    assert ids.parse_account_origin_key(text) is None


@pytest.mark.rule("R22")
def test_both_forms_of_a_salesforce_id_have_one_key():
    assert ids.salesforce_key("0012800000CXn0k") == ids.salesforce_key("0012800000CXn0kAAD") >= 0


@pytest.mark.rule("R22")
def test_ids_that_differ_by_letter_case_are_two_records():
    assert ids.salesforce_key("0012800000CXn0k") != ids.salesforce_key("0012800000CXn0K")
