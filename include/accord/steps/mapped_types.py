"""Whether the fields of the field map exist and fit, said in words where they do not (R69, R70, R72). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accord.crm.hubspot import PropertyInfo
    from accord.crm.salesforce import FieldInfo
    from accord.model.settings import FieldRule

OWNER_PROPERTY = "hubspot_owner_id"
"""The one property with users of the portal that may be mapped (R69)."""

_NUMBERS = {"int", "double", "currency", "percent"}
_TEXTS = {"string", "textarea", "phone", "url", "email", "picklist", "multipicklist", "combobox"}
_SALESFORCE_KINDS = {
    "text": _TEXTS,
    "number": _NUMBERS,
    "boolean": {"boolean"},
    "date": {"date", "datetime"},
    "datetime": {"datetime", "date"},
    "picklist": _TEXTS,
    "owner": {"reference"},
    "parent": {"reference"},
}
_HUBSPOT_KINDS = {
    "text": {"string", "enumeration", "phone_number"},
    "number": {"number"},
    "boolean": {"bool", "enumeration"},
    "date": {"date", "datetime"},
    "datetime": {"datetime", "date"},
    "picklist": {"enumeration", "string"},
    "owner": {"enumeration", "string"},
    "parent": {"number", "string"},
}
_REFERS_TO = {"owner": ("User", "an owner is a User (R69)"), "parent": ("Account", "a parent is an Account")}
_BOOLEAN_OPTIONS = {"true", "false"}


def salesforce_problems(rules: Iterable[FieldRule], described: Mapping[str, FieldInfo]) -> list[str]:
    """Return what is wrong with the Salesforce side of the field map, each with what to do."""
    spelled = {name.lower(): name for name in described}
    return [problem for rule in rules for problem in _salesforce(rule, described, spelled)]


def hubspot_problems(rules: Iterable[FieldRule], properties: Mapping[str, PropertyInfo]) -> list[str]:
    """Return what is wrong with the HubSpot side of the field map, each with what to do."""
    return [problem for rule in rules for problem in _hubspot(rule, properties.get(rule.hubspot))]


def _salesforce(rule: FieldRule, described: Mapping[str, FieldInfo], spelled: Mapping[str, str]) -> list[str]:
    """Return what is wrong with one Account field; a mapping that moves nothing may be of any type (R67)."""
    field, name = described.get(rule.salesforce), f"fields: Account.{rule.salesforce}"
    if field is None and rule.salesforce.lower() in spelled:
        return [f"{name} is spelled {spelled[rule.salesforce.lower()]} in Salesforce; write it that way"]
    if field is None:
        return [
            f"fields: Salesforce field Account.{rule.salesforce} is missing or hidden from our user; grant read on it "
            "or take the mapping out"
        ]
    if rule.rule == "dont_sync":
        return []
    wanted, meant = _REFERS_TO.get(rule.kind, ("", ""))
    wrong = {
        f"is of type {field.type}, which is no {rule.kind} (R72)": field.type not in _SALESFORCE_KINDS[rule.kind],
        "is a formula, which nobody writes: set rule always_salesforce or dont_sync (R70)": field.is_formula
        and rule.rule != "always_salesforce",
        f"points to {' or '.join(field.refers_to)}, and {meant}": bool(field.refers_to)
        and wanted not in {"", *field.refers_to},
    }
    return [f"{name} {what}" for what, is_so in wrong.items() if is_so]


def _hubspot(rule: FieldRule, found: PropertyInfo | None) -> list[str]:
    """Return what is wrong with one company property; a mapping that moves nothing may be of any type (R67)."""
    name = f"fields: company property {rule.hubspot}"
    if found is None:
        return [f"fields: HubSpot company property {rule.hubspot} is missing; make it or take the mapping out"]
    if rule.rule == "dont_sync":
        return []
    wrong = {
        f"is of type {found.type}, which is no {rule.kind} (R72)": found.type not in _HUBSPOT_KINDS[rule.kind],
        f"holds a HubSpot user, and the only such property that can be mapped is {OWNER_PROPERTY} (R69)": found.is_user
        and rule.hubspot != OWNER_PROPERTY,
        "is read only in HubSpot: set rule dont_sync or take the mapping out": found.read_only
        and rule.kind != "parent",
        f"offers {', '.join(found.options[:5])}, and a boolean has true and false (R72)": rule.kind == "boolean"
        and found.type == "enumeration"
        and set(found.options) != _BOOLEAN_OPTIONS,
    }
    return [f"{name} {what}" for what, is_so in wrong.items() if is_so]
