"""What is read of each kind of record, and the staging column it goes to. Names only: no SQL, no network here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from accord.model.settings import Settings

Kind = Literal["text", "moment", "flag"]
SalesforceName = Literal["accounts", "contacts", "leads"]
HubSpotName = Literal["companies", "contacts"]

COMPANY_KEY = "accord_key"
"""HubSpot company property that holds our origin key."""
ACCOUNT_KEY = "Accord_Key__c"
"""Salesforce account field that holds our origin key."""


@dataclass(frozen=True)
class Read:
    """One field that is read.

    Attributes:
        name: its name in the CRM.
        kind: how its text becomes the staging column; blank text is NULL whatever the kind.
        setting: why it is read, for the message when it is missing; empty: it may be missing (an org without person
            accounts, a portal without the native integration).
    """

    name: str
    kind: Kind = "text"
    setting: str = ""


@dataclass(frozen=True)
class Source:
    """One kind of record of one CRM.

    Attributes:
        name: of its watermark.
        table: in schema `staging`.
        object_name: what the CRM calls it.
        stamp: field with the CRM's own change time.
        columns: staging column -> the field it holds.
    """

    name: str
    table: str
    object_name: str
    stamp: str
    columns: Mapping[str, Read] = field(default_factory=dict)

    @property
    def deleted_column(self) -> str:
        """Return the column that says that a record is in the recycle bin."""
        return "is_archived" if "is_archived" in self.columns else "is_deleted"

    def fields(self) -> list[str]:
        """Return the names to ask the CRM for, each once, sorted."""
        return sorted({read.name for read in self.columns.values()} | {self.stamp})

    def required(self) -> dict[str, str]:
        """Return the fields that must exist, each with the setting that wants it."""
        return {read.name: read.setting for read in self.columns.values() if read.setting}

    def mapped(self) -> set[str]:
        """Return the columns that follow the field map."""
        return {name for name in self.columns if name.startswith("f_")}

    def without(self, names: Collection[str]) -> Source:
        """Return the source without the fields of these names; their columns are left as they are in staging."""
        return replace(self, columns={column: it for column, it in self.columns.items() if it.name not in names})

    def spelled(self, names: Collection[str]) -> Source:
        """Return the source with the names in the CRM's own letter case, without optional fields it does not have."""
        known = {name.lower(): name for name in names}
        return replace(
            self,
            columns={
                column: replace(read, name=known.get(read.name.lower(), read.name))
                for column, read in self.columns.items()
                if read.setting or read.name.lower() in known
            },
        )


def field_column(name: str) -> str:
    """Return the staging column of a mapped field or property.

    Postgres cuts identifiers at 63 bytes, so a long name keeps its first 50 characters and gets a digest.
    """
    column = f"f_{name.lower()}"
    if len(column) <= 63:
        return column
    digest = hashlib.md5(name.lower().encode(), usedforsecurity=False).hexdigest()[:10]
    return f"{column[:52]}_{digest}"


def salesforce_source(name: SalesforceName, settings: Settings) -> Source:
    """Return what is read of Salesforce accounts, contacts or leads."""
    source = _SALESFORCE[name]
    if name != "accounts":
        return source
    mapped = {
        field_column(rule.salesforce): Read(rule.salesforce, setting=f"fields: {rule.salesforce}")
        for rule in settings.fields
    }
    return replace(source, columns={**source.columns, **mapped})


def hubspot_source(name: HubSpotName, settings: Settings) -> Source:
    """Return what is read of HubSpot companies or contacts; `id` and `archived` are no properties."""
    source = _HUBSPOT[name]
    if name != "companies":
        return source
    mapped = {
        field_column(rule.hubspot): Read(rule.hubspot, setting=f"fields: {rule.hubspot}") for rule in settings.fields
    }
    return replace(source, columns={**source.columns, **mapped})


def properties(source: Source) -> list[str]:
    """Return the HubSpot properties to ask for."""
    return [name for name in source.fields() if name not in {"id", "archived"}]


_ALWAYS = "needed for every run"

_SALESFORCE: Mapping[SalesforceName, Source] = {
    "accounts": Source(
        "salesforce.accounts",
        "salesforce_accounts",
        "Account",
        "SystemModstamp",
        {
            "id": Read("Id", setting=_ALWAYS),
            "name": Read("Name", setting=_ALWAYS),
            "website": Read("Website"),
            "created_at": Read("CreatedDate", "moment", _ALWAYS),
            "modified_at": Read("LastModifiedDate", "moment", _ALWAYS),
            "modified_by": Read("LastModifiedById", setting=_ALWAYS),
            "master_id": Read("MasterRecordId", setting=_ALWAYS),
            "is_person": Read("IsPersonAccount", "flag"),
            "is_deleted": Read("IsDeleted", "flag", _ALWAYS),
            "accord_key": Read(ACCOUNT_KEY, setting="the key field; prepare_crms prints how to make it"),
        },
    ),
    "contacts": Source(
        "salesforce.contacts",
        "salesforce_contacts",
        "Contact",
        "SystemModstamp",
        {
            "id": Read("Id", setting=_ALWAYS),
            "account_id": Read("AccountId", setting=_ALWAYS),
            "email": Read("Email", setting=_ALWAYS),
            "master_id": Read("MasterRecordId", setting=_ALWAYS),
            "is_deleted": Read("IsDeleted", "flag", _ALWAYS),
        },
    ),
    "leads": Source(
        "salesforce.leads",
        "salesforce_leads",
        "Lead",
        # A conversion may move no LastModifiedDate, so SystemModstamp it is (R90, R102).
        "SystemModstamp",
        {
            "id": Read("Id", setting=_ALWAYS),
            "email": Read("Email", setting=_ALWAYS),
            "is_converted": Read("IsConverted", "flag", _ALWAYS),
            "converted_contact_id": Read("ConvertedContactId", setting=_ALWAYS),
            "converted_account_id": Read("ConvertedAccountId", setting=_ALWAYS),
            "master_id": Read("MasterRecordId", setting=_ALWAYS),
            "is_deleted": Read("IsDeleted", "flag", _ALWAYS),
        },
    ),
}

_HUBSPOT: Mapping[HubSpotName, Source] = {
    "companies": Source(
        "hubspot.companies",
        "hubspot_companies",
        "companies",
        "hs_lastmodifieddate",
        {
            "id": Read("id", setting=_ALWAYS),
            "name": Read("name", setting=_ALWAYS),
            "domain": Read("domain"),
            "website": Read("website"),
            "created_at": Read("createdate", "moment", _ALWAYS),
            "stage": Read("lifecyclestage", setting=_ALWAYS),
            "source": Read("hs_object_source"),
            "source_label": Read("hs_object_source_label"),
            "stored_account_id": Read("salesforceaccountid"),
            "accord_key": Read(COMPANY_KEY, setting="the key property; prepare_crms makes it"),
            "merged_ids": Read("hs_merged_object_ids"),
            "is_archived": Read("archived", "flag", _ALWAYS),
        },
    ),
    "contacts": Source(
        "hubspot.contacts",
        "hubspot_contacts",
        "contacts",
        "lastmodifieddate",
        {
            "id": Read("id", setting=_ALWAYS),
            "email": Read("email", setting=_ALWAYS),
            "stage": Read("lifecyclestage", setting=_ALWAYS),
            "stored_contact_id": Read("salesforcecontactid"),
            "stored_lead_id": Read("salesforceleadid"),
            "primary_company_id": Read("associatedcompanyid"),
            "merged_ids": Read("hs_merged_object_ids"),
            "is_archived": Read("archived", "flag", _ALWAYS),
        },
    ),
}
