"""What preflight says of key fields and mappings, and whose key may give way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accord.crm.hubspot import PropertyInfo
from accord.crm.salesforce import FieldInfo
from accord.steps.keys import Stamp, why_not_account, why_not_company
from accord.steps.preflight import account_key_problems, company_key_problems
from accord.steps.prepare import ACCOUNT_FIELD_XML, COMPANY_PROPERTY

KEY = FieldInfo("Accord_Key__c", "string", 64, True, True, True, True, True, True, ())
PROPERTY = PropertyInfo("accord_key", "string", "text", True, False, ())
ORG = "00D000000000001EAA"
OURS = f"sf-{ORG[:15]}-001000000000001AAA"


def test_good_key_fields_have_no_problems():
    assert account_key_problems(KEY) == []
    assert company_key_problems(PROPERTY) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"length": 40}, "64 or more"),
        ({"type": "textarea"}, "expected Text"),
        ({"external_id": False}, "External ID"),
        ({"unique": False}, "not Unique"),
        ({"createable": False}, "new accounts"),
        ({"updateable": False}, "edited by our user"),
    ],
)
def test_each_lack_of_the_salesforce_key_field_is_said(change, words):
    [problem] = account_key_problems(replace(KEY, **change))
    assert words in problem


def test_missing_key_fields_say_what_to_run():
    assert "prepare_crms" in account_key_problems(None)[0]
    assert "prepare_crms" in company_key_problems(None)[0]


def test_a_property_that_is_not_unique_is_no_key():
    assert "unique" in company_key_problems(replace(PROPERTY, has_unique_value=False))[0]


def test_what_prepare_makes_passes_preflight():
    assert COMPANY_PROPERTY["hasUniqueValue"] is True
    for text in ("<externalId>true", "<unique>true", "<length>64", "<caseSensitive>true"):
        assert text in ACCOUNT_FIELD_XML


@pytest.mark.parametrize(
    ("stamp", "is_relink", "reason"),
    [
        (Stamp("", False), False, ""),
        (Stamp("wanted", False), False, ""),
        (Stamp("scribble", False), False, "foreign_key"),
        (Stamp("sf-00D999999999999-001000000000001AAA", False), True, "foreign_key"),
        (Stamp(OURS, False), False, "key_of_another_record"),
        (Stamp(OURS, True), False, ""),
        (Stamp(OURS, False), True, ""),
    ],
)
def test_only_a_blank_or_dead_key_of_ours_gives_way(stamp, is_relink, reason):
    assert why_not_company(stamp, "wanted", ORG, is_relink=is_relink) == reason


def test_an_account_key_of_another_portal_is_foreign():
    assert why_not_account(Stamp("hs-1-7", True), "hs-2-7", "2", is_relink=True) == "foreign_key"
    assert why_not_account(Stamp("hs-2-9", True), "hs-2-7", "2", is_relink=False) == ""
