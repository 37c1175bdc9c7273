"""The field map of the settings: which Account field goes with which company property, and who wins (R62-R72)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from accord.model.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FieldRuleName = Literal["prefer_salesforce", "always_salesforce", "two_way", "dont_sync"]
FieldKind = Literal["text", "number", "boolean", "date", "datetime", "picklist", "owner", "parent"]

PARENT_FIELD = "ParentId"
"""Account field with the parent account."""
PARENT_PROPERTY = "hs_parent_company_id"
"""Company property that shows the parent company, which is an association (types 13 and 14) and read only here."""

_OURS = "Accord's own key: it says which record on the other side this one stands for"
_STAMP = "Salesforce alone writes it"
_HUBSPOT_STAMP = "HubSpot alone writes it"
NEVER_SALESFORCE: Mapping[str, str] = {
    "Id": "it is the record itself",
    "Accord_Key__c": _OURS,
    "IsDeleted": "deletes are followed by rules of their own (R75)",
    "MasterRecordId": "merges are followed by rules of their own (R73, R74)",
    "SystemModstamp": _STAMP,
    "CreatedDate": _STAMP,
    "LastModifiedDate": _STAMP,
    "LastModifiedById": _STAMP,
    "IsPersonAccount": "person accounts take no part (R11)",
}
"""Account fields that are never mapped, each with the reason."""
NEVER_HUBSPOT: Mapping[str, str] = {
    "accord_key": _OURS,
    "salesforceaccountid": "it belongs to HubSpot's own integration and is only read (R21)",
    "hs_object_id": "it is the record itself",
    "hs_merged_object_ids": "merges are followed by rules of their own (R77)",
    "lifecyclestage": "stages follow the people of the company (R52)",
    "hs_lastmodifieddate": _HUBSPOT_STAMP,
    "createdate": _HUBSPOT_STAMP,
    PARENT_PROPERTY: "a parent company is an association, which kind parent alone can follow",
}
"""Company properties that are never mapped, each with the reason."""
OWNERS = {"ownerid", "hubspot_owner_id"}
"""Names that hold an owner in either CRM, in lower case."""
WRITES_SALESFORCE = ("prefer_salesforce", "two_way")
"""Rules under which a value may go from HubSpot to Salesforce."""

WAITING = ("owner_not_matched", "parent_not_paired", "parent_cycle")
"""Why a reference is not written for now: it is decided again, and said once, until nothing stands in its way."""


class FieldRule(Strict):
    """One mapped field (R62-R72)."""

    salesforce: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")
    """API name of the Account field, spelled as Salesforce spells it."""
    hubspot: str = Field(pattern=r"^[a-z][a-z0-9_]{0,99}$")
    """Internal name of the company property."""
    rule: FieldRuleName = "prefer_salesforce"
    """Who wins: prefer_salesforce, always_salesforce, two_way, dont_sync (R62-R67)."""
    kind: FieldKind = "text"
    """What it holds: text, number, boolean, date, datetime, picklist, owner, parent (R69-R72)."""
    values: dict[str, str] = Field(default_factory=dict)
    """Of text and picklist: Salesforce value to HubSpot value; others go over as they are (R71)."""

    @property
    def name(self) -> str:
        """Return the name this rule has in plans and reports."""
        return self.hubspot

    @model_validator(mode="after")
    def _makes_sense(self) -> FieldRule:
        """Refuse a mapping that could only do harm."""
        problems = [*_never(self), *_owner(self), *_parent(self), *_values(self)]
        if problems:
            raise ValueError(f"{self.salesforce} with {self.hubspot}: {'; '.join(problems)}")
        return self


def mapped_twice(rules: Iterable[FieldRule]) -> list[str]:
    """Return what is wrong where a field or a property is mapped twice; Salesforce knows no letter case (R72)."""
    problems, listed = [], list(rules)
    for side in ("salesforce", "hubspot"):
        names = [getattr(rule, side).lower() for rule in listed]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            problems.append(f"fields: {', '.join(twice)} mapped twice on the {side} side; keep one mapping (R72)")
    return problems


def moving(rules: Iterable[FieldRule], kind: FieldKind) -> list[FieldRule]:
    """Return the rules of a kind under which anything moves at all (R67)."""
    return [rule for rule in rules if rule.kind == kind and rule.rule != "dont_sync"]


def _never(rule: FieldRule) -> Iterator[str]:
    """Yield why a field or property of the rule is never mapped."""
    salesforce = {name.lower(): why for name, why in NEVER_SALESFORCE.items()}
    hubspot = {name: why for name, why in NEVER_HUBSPOT.items() if (name, rule.kind) != (PARENT_PROPERTY, "parent")}
    for name, why in ((rule.salesforce, salesforce), (rule.hubspot, hubspot)):
        if name.lower() in why:
            yield f"{name} cannot be mapped, for {why[name.lower()]}; take the mapping out (R72)"


def _owner(rule: FieldRule) -> Iterator[str]:
    """Yield what is wrong with a mapping of owners: they go both ways, and by user alone (R69)."""
    if rule.rule == "dont_sync":
        return
    if rule.kind == "owner" and rule.rule != "two_way":
        yield f"an owner goes both ways or not at all; set rule two_way or dont_sync, not {rule.rule} (R69)"
    holds_owner = [name for name in (rule.salesforce, rule.hubspot) if name.lower() in OWNERS]
    if holds_owner and rule.kind != "owner":
        yield f"{holds_owner[0]} holds a user of its CRM; set kind owner and rule two_way (R69)"


def _parent(rule: FieldRule) -> Iterator[str]:
    """Yield what is wrong with a mapping of parents: HubSpot follows Salesforce, and no other two names hold them."""
    if rule.kind != "parent":
        return
    if (rule.salesforce, rule.hubspot) != (PARENT_FIELD, PARENT_PROPERTY):
        yield f"kind parent maps {PARENT_FIELD} with {PARENT_PROPERTY} and nothing else; write those names (R72)"
    if rule.rule not in {"always_salesforce", "dont_sync"}:
        yield f"a parent follows Salesforce or nobody; set rule always_salesforce or dont_sync, not {rule.rule} (R65)"


def _values(rule: FieldRule) -> Iterator[str]:
    """Yield what is wrong with the value map: on the way back each HubSpot value must mean one Salesforce value."""
    if rule.values and rule.kind not in {"text", "picklist"}:
        yield f"values are for kind text or picklist, not {rule.kind}; take values out (R72)"
    if rule.rule in WRITES_SALESFORCE:
        theirs = list(rule.values.values())
        for shared in sorted({value for value in theirs if theirs.count(value) > 1}):
            ours = ", ".join(value for value, its in rule.values.items() if its == shared)
            yield (
                f"values: {ours} all become {shared!r}, so the way back to Salesforce is anybody's guess; "
                "keep one of them, or set rule always_salesforce (R71)"
            )


DEFAULT_FIELDS = (
    FieldRule(salesforce="Name", hubspot="name"),
    FieldRule(salesforce="Website", hubspot="website"),
    FieldRule(salesforce="Phone", hubspot="phone"),
    FieldRule(salesforce="BillingStreet", hubspot="address"),
    FieldRule(salesforce="BillingCity", hubspot="city"),
    FieldRule(salesforce="BillingState", hubspot="state"),
    FieldRule(salesforce="BillingPostalCode", hubspot="zip"),
    FieldRule(salesforce="BillingCountry", hubspot="country"),
    FieldRule(salesforce="NumberOfEmployees", hubspot="numberofemployees", kind="number"),
    FieldRule(salesforce="AnnualRevenue", hubspot="annualrevenue", kind="number"),
    FieldRule(salesforce="Description", hubspot="description"),
)
OFFERED_FIELDS = (
    FieldRule(salesforce="OwnerId", hubspot="hubspot_owner_id", rule="two_way", kind="owner"),
    FieldRule(salesforce=PARENT_FIELD, hubspot=PARENT_PROPERTY, rule="always_salesforce", kind="parent"),
)
"""Fields that refer to other records, which a team maps if it wants to; off in a new installation (R65, R69)."""
