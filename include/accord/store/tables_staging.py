"""Schema `staging`: one table per kind of record of each CRM, with the int8 keys the core joins on.

Mapped fields are not listed here: each becomes a text column `f_...` when the settings first name it
(`staging.fit_columns`). Every row carries the stamp its CRM gave it, the run that brought this version, and a hash of
its content, by which an identical row is left alone.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Computed, DateTime, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from accord.store.tables import STAGING, metadata


def _key(name: str, expression: str) -> Column[Any]:
    """Return an int8 column that Postgres computes when a row is merged."""
    return Column(name, BigInteger, Computed(expression, persisted=True), nullable=False)


def _salesforce(name: str, *columns: Column[Any]) -> Table:
    """Return a table of Salesforce records: `id` has 18 characters."""
    return Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        _key("key", "staging.salesforce_key(id)"),
        *columns,
        Column("is_deleted", Boolean, nullable=False, comment="in the recycle bin (IsDeleted)"),
        *_trace(),
        schema=STAGING,
    )


def _hubspot(name: str, *columns: Column[Any]) -> Table:
    """Return a table of HubSpot records: `id` is digits, and the key is its number."""
    return Table(
        name,
        metadata,
        Column("id", Text, primary_key=True),
        _key("key", "id::bigint"),
        *columns,
        Column("merged_ids", Text, comment="hs_merged_object_ids, semicolons between"),
        Column("merged_into", Text, comment="survivor that lists this id among its merged ones (R77, R80)"),
        Column("is_archived", Boolean, nullable=False, comment="in the recycle bin"),
        *_trace(),
        schema=STAGING,
    )


def _trace() -> tuple[Column[Any], ...]:
    """Return the columns that say where a record's row comes from."""
    return (
        Column(
            "is_gone",
            Boolean,
            nullable=False,
            server_default=text("false"),
            comment="found by no full scan: erased, or no longer visible to us; never read as a delete (R4, R81)",
        ),
        *_origin(),
    )


def _origin() -> tuple[Column[Any], ...]:
    """Return stamp, run and hash of a row."""
    return (
        Column("stamp", DateTime(timezone=True), comment="the CRM's own change time; of a link: when it was read"),
        Column("seen_run", Text, nullable=False, comment="run that brought this version"),
        Column("content_hash", Text, nullable=False, comment="MD5 of the typed content, without the stamp"),
    )


salesforce_accounts = _salesforce(
    "salesforce_accounts",
    Column("name", Text),
    Column("website", Text),
    Column("created_at", DateTime(timezone=True)),
    Column("modified_at", DateTime(timezone=True), comment="LastModifiedDate: by a user (R8, R102)"),
    Column("modified_by", Text),
    Column("master_id", Text, comment="survivor of a merge (R73)"),
    Column(
        "is_person",
        Boolean,
        nullable=False,
        server_default=text("false"),
        comment="IsPersonAccount, a field that only orgs with person accounts have (R11)",
    ),
    Column("accord_key", Text, comment="Accord_Key__c"),
    _key("master_key", "staging.salesforce_key(master_id)"),
    _key("name_key", "staging.text_key(staging.folded(name))"),
    _key("domain_key", "staging.text_key(staging.host(website))"),
    Column("accord_portal", Text, Computed("substring(accord_key from '^hs-(\\d{1,18})-\\d{1,18}$')", persisted=True)),
    _key("accord_company_key", "coalesce(substring(accord_key from '^hs-\\d{1,18}-(\\d{1,18})$')::bigint, -1)"),
)

salesforce_contacts = _salesforce(
    "salesforce_contacts",
    Column("account_id", Text, comment="empty: a private contact"),
    Column("email", Text),
    Column("master_id", Text),
    _key("account_key", "staging.salesforce_key(account_id)"),
    _key("email_key", "staging.text_key(staging.email(email))"),
)

salesforce_leads = _salesforce(
    "salesforce_leads",
    Column("email", Text),
    Column("is_converted", Boolean, nullable=False),
    Column("converted_contact_id", Text),
    Column("converted_account_id", Text),
    Column("master_id", Text),
    _key("email_key", "staging.text_key(staging.email(email))"),
    _key("contact_key", "staging.salesforce_key(converted_contact_id)"),
)

hubspot_companies = _hubspot(
    "hubspot_companies",
    Column("name", Text),
    Column("domain", Text),
    Column("website", Text),
    Column("created_at", DateTime(timezone=True)),
    Column("stage", Text, comment="lifecyclestage"),
    Column("source", Text, comment="hs_object_source"),
    Column("source_label", Text, comment="hs_object_source_label"),
    Column("stored_account_id", Text, comment="salesforceaccountid, read only"),
    Column("accord_key", Text),
    _key("name_key", "staging.text_key(staging.folded(name))"),
    _key("domain_key", "staging.text_key(staging.host(coalesce(domain, website)))"),
    _key("stored_account_key", "staging.salesforce_key(btrim(stored_account_id))"),
    Column(
        "accord_org",
        Text,
        Computed("substring(accord_key from '^sf-([A-Za-z0-9]{15})-[A-Za-z0-9]{18}$')", persisted=True),
    ),
    _key(
        "accord_account_key",
        "staging.salesforce_key(substring(accord_key from '^sf-[A-Za-z0-9]{15}-([A-Za-z0-9]{18})$'))",
    ),
)

hubspot_contacts = _hubspot(
    "hubspot_contacts",
    Column("email", Text),
    Column("stage", Text, comment="lifecyclestage"),
    Column("stored_contact_id", Text, comment="salesforcecontactid"),
    Column("stored_lead_id", Text, comment="salesforceleadid"),
    Column("primary_company_id", Text, comment="associatedcompanyid"),
    _key("email_key", "staging.text_key(staging.email(email))"),
    _key("contact_key", "staging.salesforce_key(btrim(stored_contact_id))"),
    _key("lead_key", "staging.salesforce_key(btrim(stored_lead_id))"),
)

hubspot_company_contacts = Table(
    "hubspot_company_contacts",
    metadata,
    Column("contact_id", Text, primary_key=True),
    Column("company_id", Text, primary_key=True),
    _key("contact_key", "contact_id::bigint"),
    _key("company_key", "company_id::bigint"),
    Column("type_ids", ARRAY(Integer), nullable=False, comment="association types, sorted (R91)"),
    Column("is_primary", Boolean, nullable=False, comment="the company is the contact's primary one"),
    *_origin(),
    schema=STAGING,
)

hubspot_list_members = Table(
    "hubspot_list_members",
    metadata,
    Column("list_id", Text, primary_key=True),
    Column("contact_id", Text, primary_key=True),
    _key("contact_key", "contact_id::bigint"),
    Column("added_at", DateTime(timezone=True)),
    *_origin(),
    schema=STAGING,
)

described_fields = Table(
    "described_fields",
    metadata,
    Column("system", Text, primary_key=True),
    Column("object", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("type", Text, nullable=False),
    Column("is_formula", Boolean, nullable=False, server_default=text("false")),
    Column("options", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    schema=STAGING,
)
"""One row per field that Accord maps or ranks by, as its CRM describes it: type, formula (R70), options (R61)."""

owners = Table(
    "owners",
    metadata,
    Column("system", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("email", Text),
    Column("partner_id", Text, comment="the only one of the other CRM with this e-mail"),
    schema=STAGING,
)
"""One row per Salesforce user and HubSpot owner, read only where an owner field is mapped (R69)."""

partners = Table(
    "partners",
    metadata,
    Column("account_key", BigInteger, primary_key=True, autoincrement=False),
    Column("company_id", Text, nullable=False),
    schema=STAGING,
)
"""One row per account with a company, as the latest run found them; kept only where parents are mapped (R65)."""

field_times = Table(
    "field_times",
    metadata,
    Column("system", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("name", Text, primary_key=True, comment="of the field or property in its CRM"),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    schema=STAGING,
)
"""When a single field changed, asked only where both sides of a two-way field did (R66)."""

Index(None, salesforce_accounts.c.key, unique=True)
Index(None, salesforce_contacts.c.key, unique=True)
Index(None, hubspot_company_contacts.c.company_id)

_WORDS = "to_tsvector('simple'::regconfig, left(coalesce(name, ''::text), 400))"
"""The words of a name, by which a page finds it; `store.search` writes the very same expression."""

for _table in (salesforce_accounts, hubspot_companies):
    Index(f"ix_{_table.name}_words", text(_WORDS), postgresql_using="gin", _table=_table)
    Index(None, _table.c.domain_key)
Index(
    None,
    salesforce_accounts.c.accord_company_key,
    postgresql_where=text("accord_company_key <> -1"),
)
for _column in (
    salesforce_contacts.c.email_key,
    salesforce_leads.c.email_key,
    salesforce_leads.c.key,
    hubspot_companies.c.stored_account_key,
    hubspot_companies.c.accord_account_key,
    hubspot_contacts.c.email_key,
):
    Index(None, _column)
