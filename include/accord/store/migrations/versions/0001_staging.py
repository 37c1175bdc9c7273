"""Make schema `staging`: mirrors of both CRMs and the functions that compute their keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

FUNCTIONS = (
    # Keys: 63 bits of an MD5, the same as accord.model.ids computes; -1 names nobody.
    """
    CREATE FUNCTION staging.text_key(value text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    coalesce(('x' || substr(md5(nullif(value, '')), 1, 16))::bit(64)::bigint & 9223372036854775807, -1)
    """,
    """
    CREATE FUNCTION staging.salesforce_key(id text) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    staging.text_key(left(id, 15))
    """,
    """
    CREATE FUNCTION staging.email(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    lower(btrim(value, E' \\t\\r\\n'))
    """,
    """
    CREATE FUNCTION staging.folded(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    lower(btrim(regexp_replace(name, '\\s+', ' ', 'g')))
    """,
    """
    CREATE FUNCTION staging.host(address text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    substring(lower(btrim(address)) from '^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@?#]*@)?(?:www\\.)?([^/:?#]+)')
    """,
    # CRMs write times as ISO text, HubSpot also as epoch milliseconds.
    """
    CREATE FUNCTION staging.moment(value text) RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE RETURN
    CASE
        WHEN value ~ '^\\d{4}-\\d\\d-\\d\\d' THEN value::timestamptz
        WHEN value ~ '^-?\\d{1,15}$' THEN to_timestamp(value::numeric / 1000)
    END
    """,
)


def upgrade() -> None:
    op.execute("CREATE SCHEMA staging")
    for function in FUNCTIONS:
        op.get_bind().exec_driver_sql(function)
    op.create_table(
        "hubspot_companies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), sa.Computed("id::bigint", persisted=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True, comment="lifecyclestage"),
        sa.Column("source", sa.Text(), nullable=True, comment="hs_object_source"),
        sa.Column("source_label", sa.Text(), nullable=True, comment="hs_object_source_label"),
        sa.Column("stored_account_id", sa.Text(), nullable=True, comment="salesforceaccountid, read only"),
        sa.Column("accord_key", sa.Text(), nullable=True),
        sa.Column(
            "name_key",
            sa.BigInteger(),
            sa.Computed("staging.text_key(staging.folded(name))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "domain_key",
            sa.BigInteger(),
            sa.Computed("staging.text_key(staging.host(coalesce(domain, website)))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "stored_account_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(btrim(stored_account_id))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "accord_org",
            sa.Text(),
            sa.Computed("substring(accord_key from '^sf-([A-Za-z0-9]{15})-[A-Za-z0-9]{18}$')", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "accord_account_key",
            sa.BigInteger(),
            sa.Computed(
                "staging.salesforce_key(substring(accord_key from '^sf-[A-Za-z0-9]{15}-([A-Za-z0-9]{18})$'))",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column("merged_ids", sa.Text(), nullable=True, comment="hs_merged_object_ids, semicolons between"),
        sa.Column(
            "merged_into",
            sa.Text(),
            nullable=True,
            comment="survivor that lists this id among its merged ones (R77, R80)",
        ),
        sa.Column("is_archived", sa.Boolean(), nullable=False, comment="in the recycle bin"),
        sa.Column(
            "is_gone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="found by no full scan: erased, or no longer visible to us; never read as a delete (R4, R81)",
        ),
        sa.Column(
            "stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the CRM's own change time; of a link: when it was read",
        ),
        sa.Column("seen_run", sa.Text(), nullable=False, comment="run that brought this version"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="MD5 of the typed content, without the stamp"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubspot_companies")),
        schema="staging",
    )
    op.create_table(
        "hubspot_company_contacts",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("contact_key", sa.BigInteger(), sa.Computed("contact_id::bigint", persisted=True), nullable=False),
        sa.Column("company_key", sa.BigInteger(), sa.Computed("company_id::bigint", persisted=True), nullable=False),
        sa.Column(
            "type_ids", postgresql.ARRAY(sa.Integer()), nullable=False, comment="association types, sorted (R91)"
        ),
        sa.Column("is_primary", sa.Boolean(), nullable=False, comment="the company is the contact's primary one"),
        sa.Column(
            "stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the CRM's own change time; of a link: when it was read",
        ),
        sa.Column("seen_run", sa.Text(), nullable=False, comment="run that brought this version"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="MD5 of the typed content, without the stamp"),
        sa.PrimaryKeyConstraint("contact_id", "company_id", name=op.f("pk_hubspot_company_contacts")),
        schema="staging",
    )
    op.create_index(
        op.f("ix_hubspot_company_contacts_company_id"),
        "hubspot_company_contacts",
        ["company_id"],
        unique=False,
        schema="staging",
    )
    op.create_table(
        "hubspot_contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), sa.Computed("id::bigint", persisted=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True, comment="lifecyclestage"),
        sa.Column("stored_contact_id", sa.Text(), nullable=True, comment="salesforcecontactid"),
        sa.Column("stored_lead_id", sa.Text(), nullable=True, comment="salesforceleadid"),
        sa.Column("primary_company_id", sa.Text(), nullable=True, comment="associatedcompanyid"),
        sa.Column(
            "email_key",
            sa.BigInteger(),
            sa.Computed("staging.text_key(staging.email(email))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "contact_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(btrim(stored_contact_id))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "lead_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(btrim(stored_lead_id))", persisted=True),
            nullable=False,
        ),
        sa.Column("merged_ids", sa.Text(), nullable=True, comment="hs_merged_object_ids, semicolons between"),
        sa.Column(
            "merged_into",
            sa.Text(),
            nullable=True,
            comment="survivor that lists this id among its merged ones (R77, R80)",
        ),
        sa.Column("is_archived", sa.Boolean(), nullable=False, comment="in the recycle bin"),
        sa.Column(
            "is_gone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="found by no full scan: erased, or no longer visible to us; never read as a delete (R4, R81)",
        ),
        sa.Column(
            "stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the CRM's own change time; of a link: when it was read",
        ),
        sa.Column("seen_run", sa.Text(), nullable=False, comment="run that brought this version"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="MD5 of the typed content, without the stamp"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hubspot_contacts")),
        schema="staging",
    )
    op.create_table(
        "hubspot_list_members",
        sa.Column("list_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("contact_key", sa.BigInteger(), sa.Computed("contact_id::bigint", persisted=True), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the CRM's own change time; of a link: when it was read",
        ),
        sa.Column("seen_run", sa.Text(), nullable=False, comment="run that brought this version"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="MD5 of the typed content, without the stamp"),
        sa.PrimaryKeyConstraint("list_id", "contact_id", name=op.f("pk_hubspot_list_members")),
        schema="staging",
    )
    op.create_table(
        "salesforce_accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), sa.Computed("staging.salesforce_key(id)", persisted=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "modified_at", sa.DateTime(timezone=True), nullable=True, comment="LastModifiedDate: by a user (R8, R102)"
        ),
        sa.Column("modified_by", sa.Text(), nullable=True),
        sa.Column("master_id", sa.Text(), nullable=True, comment="survivor of a merge (R73)"),
        sa.Column(
            "is_person",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="IsPersonAccount, a field that only orgs with person accounts have (R11)",
        ),
        sa.Column("accord_key", sa.Text(), nullable=True, comment="Accord_Key__c"),
        sa.Column(
            "master_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(master_id)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "name_key",
            sa.BigInteger(),
            sa.Computed("staging.text_key(staging.folded(name))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "domain_key",
            sa.BigInteger(),
            sa.Computed("staging.text_key(staging.host(website))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "accord_portal",
            sa.Text(),
            sa.Computed("substring(accord_key from '^hs-(\\d{1,18})-\\d{1,18}$')", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "accord_company_key",
            sa.BigInteger(),
            sa.Computed(
                "coalesce(substring(accord_key from '^hs-\\d{1,18}-(\\d{1,18})$')::bigint, -1)", persisted=True
            ),
            nullable=False,
        ),
        sa.Column("is_deleted", sa.Boolean(), nullable=False, comment="in the recycle bin (IsDeleted)"),
        sa.Column(
            "is_gone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="found by no full scan: erased, or no longer visible to us; never read as a delete (R4, R81)",
        ),
        sa.Column(
            "stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the CRM's own change time; of a link: when it was read",
        ),
        sa.Column("seen_run", sa.Text(), nullable=False, comment="run that brought this version"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="MD5 of the typed content, without the stamp"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salesforce_accounts")),
        schema="staging",
    )
    op.create_index(op.f("ix_salesforce_accounts_key"), "salesforce_accounts", ["key"], unique=True, schema="staging")
    op.create_table(
        "salesforce_contacts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), sa.Computed("staging.salesforce_key(id)", persisted=True), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True, comment="empty: a private contact"),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("master_id", sa.Text(), nullable=True),
        sa.Column(
            "account_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(account_id)", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "email_key",
            sa.BigInteger(),
            sa.Computed("staging.text_key(staging.email(email))", persisted=True),
            nullable=False,
        ),
        sa.Column("is_deleted", sa.Boolean(), nullable=False, comment="in the recycle bin (IsDeleted)"),
        sa.Column(
            "is_gone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="found by no full scan: erased, or no longer visible to us; never read as a delete (R4, R81)",
        ),
        sa.Column(
            "stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the CRM's own change time; of a link: when it was read",
        ),
        sa.Column("seen_run", sa.Text(), nullable=False, comment="run that brought this version"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="MD5 of the typed content, without the stamp"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salesforce_contacts")),
        schema="staging",
    )
    op.create_index(op.f("ix_salesforce_contacts_key"), "salesforce_contacts", ["key"], unique=True, schema="staging")
    op.create_table(
        "salesforce_leads",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), sa.Computed("staging.salesforce_key(id)", persisted=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("is_converted", sa.Boolean(), nullable=False),
        sa.Column("converted_contact_id", sa.Text(), nullable=True),
        sa.Column("converted_account_id", sa.Text(), nullable=True),
        sa.Column("master_id", sa.Text(), nullable=True),
        sa.Column(
            "email_key",
            sa.BigInteger(),
            sa.Computed("staging.text_key(staging.email(email))", persisted=True),
            nullable=False,
        ),
        sa.Column(
            "contact_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(converted_contact_id)", persisted=True),
            nullable=False,
        ),
        sa.Column("is_deleted", sa.Boolean(), nullable=False, comment="in the recycle bin (IsDeleted)"),
        sa.Column(
            "is_gone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="found by no full scan: erased, or no longer visible to us; never read as a delete (R4, R81)",
        ),
        sa.Column(
            "stamp",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="the CRM's own change time; of a link: when it was read",
        ),
        sa.Column("seen_run", sa.Text(), nullable=False, comment="run that brought this version"),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="MD5 of the typed content, without the stamp"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_salesforce_leads")),
        schema="staging",
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA staging CASCADE")
