"""What pages ask for, found without reading whole tables; the switch of the console."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "switches",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False, comment="what the settings file said when it was turned"),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_switches")),
        schema="sync",
    )
    op.create_index(
        "uq_switches_in_force",
        "switches",
        [sa.text("(ended_at IS NULL)")],
        unique=True,
        schema="sync",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    for schema, table, name, columns, where in INDEXES:
        op.create_index(
            name,
            table,
            [sa.text(column) if "(" in column else column for column in columns],
            schema=schema,
            postgresql_where=sa.text(where) if where else None,
            postgresql_using="gin" if "tsvector" in columns[0] else "btree",
        )


_NAME = "to_tsvector('simple'::regconfig, left(coalesce(name, ''::text), 400))"
INDEXES = (
    ("sync", "runs", "ix_runs_started_at", ["started_at", "run_id"], None),
    ("sync", "decisions", "ix_decisions_shown", ["run_id", "action", "reason", "system", "key"], None),
    ("sync", "decisions", "ix_decisions_warned", ["run_id", "system", "key"], "warnings <> ''"),
    ("sync", "decisions", "ix_decisions_record_id", ["record_id"], None),
    *(
        ("sync", "decisions", f"ix_decisions_{it}_id", [f"{it}_id"], f"{it}_id IS NOT NULL")
        for it in ("partner", "rival", "waiting_for", "taken_by")
    ),
    *(
        ("sync", "decision_people", f"ix_decision_people_{it}", [f"{it}_contact_id"], None)
        for it in ("salesforce", "hubspot")
    ),
    *(
        ("sync", table, f"ix_{table}_{side}_id", [f"{side}_id"], None)
        for table in ("field_decisions", "pairs", "intents")
        for side in ("account", "company")
    ),
    ("sync", "intents", "ix_intents_target_id", ["target_id"], None),
    ("sync", "intents", "ix_intents_shown", ["run_id", "seq"], None),
    ("sync", "intents", "ix_intents_rejected", ["error_code", "seq"], "state = 'rejected'"),
    ("sync", "outcomes", "ix_outcomes_record_id", ["record_id"], None),
    ("sync", "outcomes", "ix_outcomes_trouble", ["at", "family"], "result = 'rejected'"),
    ("sync", "requests", "ix_requests_record_id", ["record_id"], None),
    ("staging", "salesforce_accounts", "ix_salesforce_accounts_words", [_NAME], None),
    ("staging", "salesforce_accounts", "ix_salesforce_accounts_domain_key", ["domain_key"], None),
    (
        "staging",
        "salesforce_accounts",
        "ix_salesforce_accounts_accord_company_key",
        ["accord_company_key"],
        "accord_company_key <> -1",
    ),
    ("staging", "salesforce_contacts", "ix_salesforce_contacts_email_key", ["email_key"], None),
    ("staging", "salesforce_leads", "ix_salesforce_leads_email_key", ["email_key"], None),
    ("staging", "salesforce_leads", "ix_salesforce_leads_key", ["key"], None),
    ("staging", "hubspot_companies", "ix_hubspot_companies_words", [_NAME], None),
    ("staging", "hubspot_companies", "ix_hubspot_companies_domain_key", ["domain_key"], None),
    *(
        ("staging", "hubspot_companies", f"ix_hubspot_companies_{it}_account_key", [f"{it}_account_key"], None)
        for it in ("stored", "accord")
    ),
    ("staging", "hubspot_contacts", "ix_hubspot_contacts_email_key", ["email_key"], None),
)
