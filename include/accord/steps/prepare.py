"""Makes the HubSpot key property, and says how an admin makes the Salesforce key field."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.steps.preflight import KEY_LENGTH, preflight
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from accord.steps.wiring import Wiring

COMPANY_PROPERTY = {
    "name": COMPANY_KEY,
    "label": "Accord key",
    "description": "Written by Accord: the Salesforce org and account this company stands for. Do not edit.",
    "groupName": "companyinformation",
    "type": "string",
    "fieldType": "text",
    "hasUniqueValue": True,
    "formField": False,
}

ACCOUNT_FIELD_XML = f"""\
<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>{ACCOUNT_KEY}</fullName>
    <label>Accord key</label>
    <description>Written by Accord: the HubSpot portal and company this account stands for. Do not edit.</description>
    <type>Text</type>
    <length>{KEY_LENGTH}</length>
    <externalId>true</externalId>
    <unique>true</unique>
    <caseSensitive>true</caseSensitive>
    <required>false</required>
</CustomField>
"""

ACCOUNT_FIELD_STEPS = f"""\
Salesforce still needs the field Account.{ACCOUNT_KEY}. Either
(a) Setup > Object Manager > Account > Fields & Relationships > New > Text: length {KEY_LENGTH}, tick "External ID" and
    "Unique" with "case sensitive", name it so that its API name is {ACCOUNT_KEY}; or
(b) save the text below as force-app/main/default/objects/Account/fields/{ACCOUNT_KEY}.field-meta.xml
    and run: sf project deploy start --source-dir force-app
Then give the integration user read and edit on the field (a permission set will do).

{ACCOUNT_FIELD_XML}"""


def prepare(wiring: Wiring, *, create_property: bool = True) -> dict[str, list[str]]:
    """Return what is `done` and what is left `to_do`, a paragraph each; running it again changes nothing.

    Args:
        wiring: ready clients.
        create_property: make the HubSpot key property where it is missing; False only says so.

    Raises:
        MissingPermission: the HubSpot key lacks the scope crm.schemas.companies.write.
    """
    done = []
    if create_property and wiring.hubspot.properties("companies").get(COMPANY_KEY) is None:
        wiring.hubspot.create_property("companies", COMPANY_PROPERTY)
        done.append(f"HubSpot company property {COMPANY_KEY} was made, with unique values")
    found = preflight(wiring)
    if found.has_company_key:
        done.append(f"HubSpot company property {COMPANY_KEY} is ready")
    if found.has_account_key:
        done.append(f"Salesforce field Account.{ACCOUNT_KEY} is ready")
    steps = [] if ACCOUNT_KEY in found.account_fields else [ACCOUNT_FIELD_STEPS]
    return {"done": done, "to_do": [*steps, *found.problems]}
