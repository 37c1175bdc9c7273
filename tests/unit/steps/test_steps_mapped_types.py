"""A field map that does not fit what the CRMs say of its fields is refused in words (R69, R70, R72)."""

from dataclasses import replace

import pytest

from accord.crm.hubspot import PropertyInfo
from accord.crm.salesforce import FieldInfo
from accord.model.settings import FieldRule
from accord.steps.mapped_types import hubspot_problems, salesforce_problems

FIELD = FieldInfo("Rating__c", "string", 64, True, True, True, False, False, False, ())
PROPERTY = PropertyInfo("rating", "string", "text", False, False, ())


def rule(**more):
    return FieldRule(**({"salesforce": "Rating__c", "hubspot": "rating"} | more))


@pytest.mark.parametrize(
    ("mapped", "described", "said"),
    [
        pytest.param({}, {}, None, id="text fits text"),
        pytest.param({"kind": "number"}, {}, "no number", id="another type"),
        pytest.param({"kind": "number"}, {"type": "currency"}, None, id="money is a number"),
        pytest.param({}, {"is_formula": True}, "always_salesforce or dont_sync", id="a formula would be written"),
        pytest.param({"rule": "always_salesforce"}, {"is_formula": True}, None, id="a formula is only read"),
        pytest.param({"rule": "dont_sync", "kind": "number"}, {"is_formula": True}, None, id="nothing moves"),
        pytest.param(
            {"kind": "owner", "rule": "two_way"},
            {"type": "reference", "refers_to": ("Account",)},
            "points to Account",
            id="no user",
        ),
        pytest.param(
            {"kind": "owner", "rule": "two_way"}, {"type": "reference", "refers_to": ("User",)}, None, id="a user"
        ),
        pytest.param({"salesforce": "rating__C"}, {}, "spelled Rating__c", id="another letter case"),
        pytest.param({"salesforce": "Gone__c"}, {}, "Account.Gone__c is missing", id="no such field"),
    ],
)
def test_the_salesforce_side_of_a_mapping(mapped, described, said):
    problems = salesforce_problems([rule(**mapped)], {"Rating__c": replace(FIELD, **described)})
    assert [said in problem for problem in problems] == [True] * (said is not None)


@pytest.mark.parametrize(
    ("mapped", "described", "said"),
    [
        pytest.param({}, {}, None, id="text fits text"),
        pytest.param({"kind": "number"}, {}, "no number", id="another type"),
        pytest.param({}, {"read_only": True}, "read only", id="nobody may write it"),
        pytest.param({"rule": "dont_sync"}, {"read_only": True, "type": "json"}, None, id="nothing moves"),
        pytest.param(
            {"kind": "owner", "rule": "two_way"},
            {"type": "enumeration", "is_user": True},
            "holds a HubSpot user",
            id="a user property of the team's own",
        ),
        pytest.param({"kind": "boolean"}, {"type": "enumeration", "options": ("true", "false")}, None, id="a checkbox"),
        pytest.param(
            {"kind": "boolean"}, {"type": "enumeration", "options": ("low", "high")}, "offers low, high", id="a list"
        ),
        pytest.param({"hubspot": "gone"}, {}, "property gone is missing", id="no such property"),
    ],
)
def test_the_hubspot_side_of_a_mapping(mapped, described, said):
    problems = hubspot_problems([rule(**mapped)], {"rating": replace(PROPERTY, **described)})
    assert [said in problem for problem in problems] == [True] * (said is not None)


def test_the_owner_property_itself_may_be_mapped():
    owner = replace(PROPERTY, name="hubspot_owner_id", type="enumeration", is_user=True)
    mapped = rule(hubspot="hubspot_owner_id", kind="owner", rule="two_way")
    assert hubspot_problems([mapped], {owner.name: owner}) == []


def test_a_parent_is_an_account_and_hubspots_side_of_it_is_read_only():
    mapped = rule(salesforce="ParentId", hubspot="hs_parent_company_id", kind="parent", rule="always_salesforce")
    above = replace(FIELD, name="ParentId", type="reference", refers_to=("Account",))
    shown = replace(PROPERTY, name="hs_parent_company_id", type="number", read_only=True)
    assert salesforce_problems([mapped], {"ParentId": above}) == []
    assert hubspot_problems([mapped], {"hs_parent_company_id": shown}) == []
    (problem,) = salesforce_problems([mapped], {"ParentId": replace(above, refers_to=("User",))})
    assert "points to User, and a parent is an Account" in problem


def test_every_problem_of_every_mapping_is_listed():
    rules = [rule(kind="number"), rule(salesforce="Gone__c", hubspot="gone")]
    assert len(salesforce_problems(rules, {"Rating__c": FIELD})) == 2
    assert len(hubspot_problems(rules, {"rating": PROPERTY})) == 2
