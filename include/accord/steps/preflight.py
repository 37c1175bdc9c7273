"""What must be true of both CRMs before anything is written, said in words where it is not.

Without its unique key field a CRM gets no new records: without it a lost answer ends in
a duplicate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.model.errors import MissingField
from accord.steps.describe import read_properties
from accord.steps.mapped_types import hubspot_problems, salesforce_problems
from accord.store import assumptions
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.crm.hubspot import PropertyInfo
    from accord.crm.salesforce import FieldInfo
    from accord.steps.wiring import Wiring
    from accord.store.assumptions import Assumption
    from accord.store.ledger import System

KEY_LENGTH = 64
"""Characters the Salesforce key field must hold."""


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

    @property
    def key_fields(self) -> frozenset[System]:
        """Return the CRMs whose key field can be written and is unique."""
        both: dict[System, bool] = {"salesforce": self.has_account_key, "hubspot": self.has_company_key}
        return frozenset(system for system, has_key in both.items() if has_key)


def preflight(wiring: Wiring) -> Preflight:
    """Return what both CRMs allow; costs one call a CRM."""
    described = wiring.salesforce.describe("Account")
    properties = read_properties(wiring, {COMPANY_KEY, *(rule.hubspot for rule in wiring.settings.fields)})
    known = assumptions.latest(wiring.database, wiring.org_id, wiring.portal_id)
    account_key = [*account_key_problems(described.get(ACCOUNT_KEY)), *_not_unique(known.get("A1"), "account")]
    company_key = [*company_key_problems(properties.get(COMPANY_KEY)), *_not_unique(known.get("A2"), "company")]
    rules = wiring.settings.fields
    mapped = [*salesforce_problems(rules, described), *hubspot_problems(rules, properties)]
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


def _not_unique(found: Assumption | None, what: str) -> list[str]:
    """Return why no record is made where two upserts at once were seen to make two of them."""
    if found is None or found.answer != "fails":
        return []
    return [
        f"accord conformance saw that one key does not keep to one {what} ({found.name}: {found.observed}), so a lost "
        f"answer could end in a duplicate: no {what} is created; check that the key field is unique, and ask again"
    ]


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
