"""What must be true of both CRMs before anything is written, said in words where it is not.

Without its unique key field a CRM gets no new records: without it a lost answer ends in
a duplicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.model.errors import MissingField
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accord.crm.hubspot import PropertyInfo
    from accord.crm.salesforce import FieldInfo
    from accord.model.settings import FieldRule
    from accord.steps.wiring import Wiring

KEY_LENGTH = 64
"""Characters the Salesforce key field must hold."""

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
}
_HUBSPOT_KINDS = {
    "text": {"string", "enumeration", "phone_number"},
    "number": {"number"},
    "boolean": {"bool", "enumeration"},
    "date": {"date", "datetime"},
    "datetime": {"datetime", "date"},
    "picklist": {"enumeration", "string"},
    "owner": {"enumeration", "string"},
}


@dataclass(frozen=True)
class Preflight:
    """What both CRMs allow.

    Attributes:
        problems: what is wrong, each with what to do; empty when all is well.
        has_company_key: the HubSpot key property can be written and is unique.
        has_account_key: the same of the Salesforce key field.
        account_fields: Salesforce fields by API name, as our user may use them.
        company_properties: HubSpot properties by internal name.
    """

    problems: tuple[str, ...]
    has_company_key: bool
    has_account_key: bool
    account_fields: Mapping[str, FieldInfo]
    company_properties: Mapping[str, PropertyInfo]


def preflight(wiring: Wiring) -> Preflight:
    """Return what both CRMs allow; costs one call a CRM."""
    described = wiring.salesforce.describe("Account")
    properties = wiring.hubspot.properties("companies")
    account_key = account_key_problems(described.get(ACCOUNT_KEY))
    company_key = company_key_problems(properties.get(COMPANY_KEY))
    mapped = mapping_problems(wiring.settings.fields, described, properties)
    return Preflight(
        problems=(*account_key, *company_key, *mapped),
        has_company_key=not company_key,
        has_account_key=not account_key,
        account_fields=described,
        company_properties=properties,
    )


def check_crms(wiring: Wiring) -> dict[str, int]:
    """Return how many records our logins see, once logins, key fields and mapped fields are all as they should be.

    Raises:
        BadCredentials, MissingPermission: a login is refused or lacks a right; the message says which.
        MissingField: a key field or a mapped field is not as it should be; every problem is listed.
    """
    visible = {"accounts": "SELECT COUNT() FROM Account", "contacts": "SELECT COUNT() FROM Contact"}
    seen = wiring.salesforce.count(visible)
    companies, contacts = wiring.hubspot.count("companies"), wiring.hubspot.count("contacts")
    problems = preflight(wiring).problems
    if problems:
        raise MissingField(" | ".join(problems))
    return {**seen, "companies": companies, "hubspot_contacts": contacts}


def account_key_problems(field: FieldInfo | None) -> list[str]:
    """Return what the Salesforce key field lacks: an upsert needs External ID and Unique."""
    name = f"Salesforce field Account.{ACCOUNT_KEY}"
    if field is None:
        return [
            f"{name} is missing or hidden from our user: run prepare_crms for its definition, deploy it, and grant "
            "read and edit on it; until then no account is created and no account is stamped"
        ]
    wrong = {
        f"is of type {field.type}, expected Text": field.type != "string",
        f"holds {field.length} characters, expected {KEY_LENGTH} or more": field.length < KEY_LENGTH,
        "is not an External ID": not field.external_id,
        "is not Unique, so two runs at once could make twins": not field.unique,
        "may not be set by our user on new accounts": not field.createable,
        "may not be edited by our user": not field.updateable,
    }
    return [f"{name} {what}; change the field or its permissions" for what, is_so in wrong.items() if is_so]


def company_key_problems(found: PropertyInfo | None) -> list[str]:
    """Return what the HubSpot key property lacks; uniqueness can only be set when a property is made."""
    name = f"HubSpot company property {COMPANY_KEY}"
    if found is None:
        return [f"{name} is missing: run prepare_crms to make it; until then no company is created or stamped"]
    wrong = {
        f"is of type {found.type}, expected string": found.type != "string",
        "has no unique values; archive it and let prepare_crms make it anew": not found.has_unique_value,
        "is read only": found.read_only,
    }
    return [f"{name} {what}" for what, is_so in wrong.items() if is_so]


def mapping_problems(
    rules: Iterable[FieldRule], described: Mapping[str, FieldInfo], properties: Mapping[str, PropertyInfo]
) -> list[str]:
    """Return the mapped fields that are missing or whose types do not fit the kind of their rule (R72)."""
    return [problem for rule in rules for problem in _rule_problems(rule, described, properties)]


def _rule_problems(
    rule: FieldRule, described: Mapping[str, FieldInfo], properties: Mapping[str, PropertyInfo]
) -> list[str]:
    """Return what is wrong with one mapped field."""
    field, found = described.get(rule.salesforce), properties.get(rule.hubspot)
    problems = []
    if field is None:
        problems.append(
            f"fields: Salesforce field Account.{rule.salesforce} is missing or hidden from our user; grant read on it "
            "or take the mapping out"
        )
    elif field.type not in _SALESFORCE_KINDS[rule.kind]:
        problems.append(f"fields: Account.{rule.salesforce} is of type {field.type}, which is no {rule.kind}")
    if found is None:
        problems.append(f"fields: HubSpot company property {rule.hubspot} is missing; make it or take the mapping out")
    elif found.type not in _HUBSPOT_KINDS[rule.kind]:
        problems.append(f"fields: company property {rule.hubspot} is of type {found.type}, which is no {rule.kind}")
    return problems
