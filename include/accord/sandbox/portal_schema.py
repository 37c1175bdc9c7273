"""Properties of HubSpot companies and contacts, as the properties API tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["companies", "contacts"]
TYPE_IDS: dict[Kind, str] = {"contacts": "0-1", "companies": "0-2"}
NAMES: dict[Kind, str] = {"contacts": "contact", "companies": "company"}
STAMPS: dict[Kind, str] = {"contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate"}
STAGES = (
    "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist",
    "other",
)  # fmt: skip
INDUSTRIES = (
    "ACCOUNTING", "AUTOMOTIVE", "BANKING", "BIOTECHNOLOGY", "BUILDING_MATERIALS", "CHEMICALS", "COMPUTER_SOFTWARE",
    "CONSTRUCTION", "EDUCATION_MANAGEMENT", "FINANCIAL_SERVICES", "FOOD_PRODUCTION",
    "HOSPITAL_HEALTH_CARE", "INSURANCE",
    "INFORMATION_TECHNOLOGY_AND_SERVICES", "LOGISTICS_AND_SUPPLY_CHAIN", "MACHINERY", "MANAGEMENT_CONSULTING",
    "RETAIL", "TELECOMMUNICATIONS", "UTILITIES",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of an enumeration."""

    value: str
    label: str
    order: int
    description: str = ""
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class Property:
    """One property of an object type."""

    name: str
    label: str = ""
    type: str = "string"
    field_type: str = "text"
    group: str = ""
    description: str = ""
    options: tuple[Option, ...] = ()
    has_unique_value: bool = False
    is_read_only: bool = False
    is_calculated: bool = False
    is_hidden: bool = False
    is_form_field: bool = True
    refers_to: str = ""
    is_hubspot_defined: bool = True
    created_at: str = "2020-06-30T15:57:37.277Z"
    updated_at: str = "2024-09-12T14:22:56.844Z"


def choices(values: tuple[str, ...]) -> tuple[Option, ...]:
    """Return enumeration options in the given order."""
    return tuple(Option(value, value.replace("_", " ").title(), order) for order, value in enumerate(values))


def _plain(names: str, group: str, **more: object) -> list[Property]:
    """Return properties of one kind from a list of names."""
    return [
        Property(name, name.replace("_", " ").title(), group=group, **more)  # type: ignore[arg-type]
        for name in names.split()
    ]


def _shared(group: str, stamp: str) -> list[Property]:
    """Return what both object types have: identity, source, stage and the native integration's own properties."""
    return [
        *_plain(f"createdate {stamp}", group, type="datetime", field_type="date", is_read_only=True),
        *_plain("hs_object_id", group, type="number", field_type="number", is_read_only=True),
        *_plain(
            "hs_object_source hs_object_source_label hs_object_source_id hs_merged_object_ids hs_pipeline",
            group,
            is_read_only=True,
        ),
        Property(
            "lifecyclestage",
            "Lifecycle Stage",
            "enumeration",
            "radio",
            group,
            "The stage of the record.",
            choices(STAGES),
        ),
        *_plain("hubspot_owner_id", group, type="enumeration", field_type="select", refers_to="OWNER"),
        *_plain("phone address address2 city state zip country website salesforceaccountid", group),
        *_plain("salesforcelastsynctime", group, type="datetime", field_type="date"),
        *_plain(
            "salesforcedeleted", group, type="bool", field_type="booleancheckbox", options=choices(("true", "false"))
        ),
    ]


def standard_properties(kind: Kind) -> dict[str, Property]:
    """Return the properties of an object type by name, before anybody added one."""
    group = f"{NAMES[kind]}information"
    own = (
        [
            *_plain("name domain hs_additional_domains about_us description", group),
            *_plain("hs_parent_company_id", group, type="number", field_type="number", is_read_only=True),
            *_plain("numberofemployees annualrevenue", group, type="number", field_type="number"),
            *_plain("industry", group, type="enumeration", field_type="select", options=choices(INDUSTRIES)),
        ]
        if kind == "companies"
        else [
            *_plain("firstname lastname company jobtitle mobilephone salesforcecontactid salesforceleadid", group),
            *_plain("email hs_additional_emails", group),
            *_plain("hs_email_domain", group, is_read_only=True),
            *_plain("associatedcompanyid", group, type="number", field_type="number", is_read_only=True),
        ]
    )
    return {it.name: it for it in [*own, *_shared(group, STAMPS[kind])]}


ACCORD_KEY = Property(
    "accord_key",
    "Accord key",
    group="companyinformation",
    has_unique_value=True,
    is_form_field=False,
    is_hubspot_defined=False,
)
"""The key property that `prepare_crms` creates."""
