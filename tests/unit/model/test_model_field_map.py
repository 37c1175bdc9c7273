"""Mappings that could only do harm are refused when the settings load (R69, R71, R72)."""

import pytest

from accord.model.errors import BadSettings
from accord.model.field_map import NEVER_HUBSPOT, NEVER_SALESFORCE
from accord.model.settings import parse_settings

PARENT = {
    "salesforce": "ParentId",
    "hubspot": "hs_parent_company_id",
    "kind": "parent",
    "rule": "always_salesforce",
}


def loaded(*rules):
    whole = [{"salesforce": "Rating", "hubspot": "rating"} | rule for rule in rules]
    return parse_settings({"fields": whole}, "accord.yaml").fields


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        pytest.param({"kind": "owner"}, "set rule two_way or dont_sync, not prefer_salesforce", id="one-way owner"),
        pytest.param({"kind": "owner", "rule": "always_salesforce"}, "not always_salesforce (R69)", id="owner always"),
        pytest.param({"salesforce": "ownerid"}, "ownerid holds a user of its CRM; set kind owner", id="owner as text"),
        pytest.param({"hubspot": "hubspot_owner_id", "rule": "two_way"}, "set kind owner", id="owner property as text"),
        pytest.param({"hubspot": "hs_parent_company_id"}, "which kind parent alone can follow", id="parent as text"),
        pytest.param({"kind": "parent"}, "maps ParentId with hs_parent_company_id", id="parent of another name"),
        pytest.param(PARENT | {"salesforce": "parentid"}, "write those names (R72)", id="parent spelled otherwise"),
        pytest.param(PARENT | {"rule": "two_way"}, "dont_sync, not two_way (R65)", id="parent both ways"),
        pytest.param({"kind": "number", "values": {"1": "2"}}, "values are for kind text or picklist", id="no words"),
        pytest.param({"values": {"Hot": "high", "Warm": "high"}}, "Hot, Warm all become 'high'", id="no way back"),
        pytest.param(
            {"rule": "two_way", "kind": "picklist", "values": {"A": "x", "B": "y", "C": "x"}},
            "A, C all become 'x'",
            id="no way back of two-way",
        ),
    ],
)
def test_a_mapping_that_makes_no_sense_is_refused(rule, said):
    with pytest.raises(BadSettings) as caught:
        loaded(rule)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "rule",
    [
        {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id", "kind": "owner", "rule": "two_way"},
        {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id", "kind": "owner", "rule": "dont_sync"},
        {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id", "rule": "dont_sync"},
        PARENT,
        PARENT | {"rule": "dont_sync"},
        {"rule": "always_salesforce", "values": {"Hot": "high", "Warm": "high"}},
        {"rule": "dont_sync", "values": {"Hot": "high", "Warm": "high"}},
        {"kind": "picklist", "values": {"Hot": "high", "Cold": "low"}},
    ],
)
def test_a_mapping_that_makes_sense_is_kept(rule):
    assert loaded(rule)[0].rule == rule.get("rule", "prefer_salesforce")


@pytest.mark.parametrize("name", [*NEVER_SALESFORCE, "id", "ACCORD_KEY__C"])
def test_what_salesforce_or_accord_alone_writes_is_never_mapped(name):
    with pytest.raises(BadSettings, match=f"{name} cannot be mapped, for "):
        loaded({"salesforce": name, "rule": "dont_sync"})


@pytest.mark.parametrize("name", NEVER_HUBSPOT)
def test_what_hubspot_or_accord_alone_writes_is_never_mapped(name):
    with pytest.raises(BadSettings, match=f"{name} cannot be mapped, for "):
        loaded({"hubspot": name})


@pytest.mark.parametrize(
    "other", [{"salesforce": "RATING", "hubspot": "b"}, {"salesforce": "Other", "hubspot": "rating"}]
)
def test_a_field_or_property_is_mapped_once_in_whatever_letter_case(other):
    with pytest.raises(BadSettings, match="rating mapped twice"):
        loaded({}, other)


@pytest.mark.rule("R72")
@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"salesforce": "phone", "hubspot": "fax"}, "phone mapped twice on the salesforce side"),
        ({"salesforce": "Fax", "hubspot": "phone"}, "phone mapped twice on the hubspot side"),
    ],
)
def test_a_field_or_property_is_mapped_once(second, said):
    with pytest.raises(BadSettings) as caught:
        parse_settings({"fields": [{"salesforce": "Phone", "hubspot": "phone"}, second]}, "f")
    assert said in str(caught.value)
