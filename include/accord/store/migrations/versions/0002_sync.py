"""Make the tables of schema `sync`: runs, plans, the ledger of writes, pairs, requests, limits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_budget",
        sa.Column("crm", sa.Text(), nullable=False),
        sa.Column("starts", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("blocked", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("hours", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("total", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="calls ever counted"),
        sa.Column("remaining", sa.BigInteger(), nullable=True, comment="what the service said is left of its day"),
        sa.Column("remaining_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("crm", name=op.f("pk_call_budget")),
        schema="sync",
    )
    op.create_table(
        "decision_people",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False, comment="evidence, attach, associate, stage"),
        sa.Column("salesforce_contact_id", sa.Text(), nullable=True),
        sa.Column("hubspot_contact_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("is_primary", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="sync",
    )
    op.create_index(
        op.f("ix_decision_people_run_id_system_key"),
        "decision_people",
        ["run_id", "system", "key"],
        unique=False,
        schema="sync",
    )
    op.create_table(
        "decisions",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False, comment="salesforce: an account, hubspot: a company"),
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("partner_id", sa.Text(), nullable=True),
        sa.Column("runner_up_id", sa.Text(), nullable=True),
        sa.Column("taken_by_id", sa.Text(), nullable=True),
        sa.Column("rival_id", sa.Text(), nullable=True),
        sa.Column("waiting_for_id", sa.Text(), nullable=True),
        sa.Column("because_id", sa.Text(), nullable=True),
        sa.Column("attach_to_id", sa.Text(), nullable=True),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("shared_people", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("shared_primaries", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("held_action", sa.Text(), server_default="", nullable=False),
        sa.Column("held_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("warnings", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "account_id",
            sa.Text(),
            sa.Computed("CASE WHEN system = 'salesforce' THEN record_id ELSE partner_id END", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "company_id",
            sa.Text(),
            sa.Computed("CASE WHEN system = 'hubspot' THEN record_id ELSE partner_id END", persisted=True),
            nullable=True,
        ),
        sa.PrimaryKeyConstraint("run_id", "system", "key", "action", name=op.f("pk_decisions")),
        schema="sync",
    )
    op.create_table(
        "field_base",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True, comment="what both sides had after the last run; NULL: blank"),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("account_id", "company_id", "name", name=op.f("pk_field_base")),
        schema="sync",
    )
    op.create_table(
        "field_decisions",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False, comment="the CRM that is written"),
        sa.Column("value", sa.Text(), nullable=True, comment="NULL clears"),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("warnings", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("run_id", "account_id", "company_id", "name", name=op.f("pk_field_decisions")),
        schema="sync",
    )
    op.create_table(
        "intents",
        sa.Column("id", sa.UUID(), nullable=False, comment="uuid5(system, op, source_id, plan_hash)"),
        sa.Column(
            "seq", sa.BigInteger(), sa.Identity(always=True), nullable=False, comment="order of sending within an op"
        ),
        sa.Column("system", sa.Text(), nullable=False, comment="the CRM that is written"),
        sa.Column("object", sa.Text(), nullable=False, comment="account, contact (Salesforce), company, association"),
        sa.Column("op", sa.Text(), nullable=False),
        sa.Column(
            "source_id", sa.Text(), nullable=False, comment="create: the record on the other side; else what is written"
        ),
        sa.Column(
            "target_id", sa.Text(), nullable=True, comment="the record written; NULL until a create is confirmed"
        ),
        sa.Column("key", sa.Text(), nullable=True, comment="origin key of the written record"),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("company_id", sa.Text(), nullable=True),
        sa.Column("fields", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("before", postgresql.JSONB(), nullable=True),
        sa.Column("people", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column(
            "action", sa.Text(), server_default="", nullable=False, comment="the decision that this write carries out"
        ),
        sa.Column(
            "follows", sa.UUID(), nullable=True, comment="the write that this one completes; NULL: from the plan itself"
        ),
        sa.Column("plan_hash", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("settled_run", sa.Text(), nullable=True, comment="run that settled it, where that is a later one"),
        sa.Column("state", sa.Text(), server_default="planned", nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=True, comment="of the lease under which it was claimed"),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_class", sa.Text(), server_default="", nullable=False),
        sa.Column("error_code", sa.Text(), server_default="", nullable=False),
        sa.Column("error_text", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "op IN ('create', 'restamp', 'update', 'stage', 'attach', 'associate', 'archive')",
            name=op.f("ck_intents_op"),
        ),
        sa.CheckConstraint(
            "state IN ('planned', 'sent', 'confirmed', 'rejected', 'held', 'superseded')", name=op.f("ck_intents_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intents")),
        schema="sync",
    )
    op.create_index(
        "ix_intents_next",
        "intents",
        ["state", "system", "op", "seq"],
        unique=False,
        schema="sync",
        postgresql_where=sa.text("state IN ('planned', 'sent')"),
    )
    op.create_index("ix_intents_run_id", "intents", ["run_id"], unique=False, schema="sync")
    op.create_index("ix_intents_source", "intents", ["system", "source_id"], unique=False, schema="sync")
    op.create_index(
        "uq_intents_open",
        "intents",
        ["system", "op", "source_id"],
        unique=True,
        schema="sync",
        postgresql_where=sa.text("state IN ('planned', 'sent')"),
    )
    op.create_table(
        "lease",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column(
            "epoch", sa.BigInteger(), nullable=False, comment="grows with every taking: an older holder is fenced off"
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
        schema="sync",
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.UUID(), nullable=True, comment="NULL: came of no write"),
        sa.Column("system", sa.Text(), nullable=False, comment="of the record that the outcome is about"),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "field",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="of a value that was left out (R71); empty: the whole record",
        ),
        sa.Column(
            "result", sa.Text(), nullable=False, comment="created linked updated unchanged skipped held rejected retry"
        ),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("message", sa.Text(), server_default="", nullable=False),
        sa.Column("family", sa.Text(), server_default="", nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payload", postgresql.JSONB(), nullable=True),
        sa.Column("content_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outcomes")),
        schema="sync",
    )
    op.create_index("ix_outcomes_record", "outcomes", ["system", "record_id"], unique=False, schema="sync")
    op.create_index("ix_outcomes_run_id", "outcomes", ["run_id"], unique=False, schema="sync")
    op.create_index(
        "uq_outcomes_intent",
        "outcomes",
        ["intent_id", "field"],
        unique=True,
        schema="sync",
        postgresql_where=sa.text("intent_id IS NOT NULL"),
    )
    op.create_table(
        "pairs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.Column(
            "account_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(account_id)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "company_key",
            sa.BigInteger(),
            sa.Computed("coalesce(company_id::bigint, -1)", persisted=True),
            nullable=True,
        ),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "intent_id", sa.UUID(), nullable=True, comment="the write that made the pair; NULL: found in the CRMs"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
        schema="sync",
    )
    op.create_index(
        "uq_pairs_account", "pairs", ["account_id"], unique=True, schema="sync", postgresql_where=sa.text("is_active")
    )
    op.create_index(
        "uq_pairs_company", "pairs", ["company_id"], unique=True, schema="sync", postgresql_where=sa.text("is_active")
    )
    op.create_table(
        "requests",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column(
            "record_key",
            sa.BigInteger(),
            sa.Computed(
                "CASE WHEN system = 'salesforce' THEN staging.salesforce_key(record_id) ELSE (record_id)::bigint END",
                persisted=True,
            ),
            nullable=True,
        ),
        sa.Column("requested_by", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "requested_run",
            sa.Text(),
            nullable=True,
            comment="the run that was started to make this request, if one was",
        ),
        sa.Column("requested_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("run_id", sa.Text(), nullable=True, comment="the run that closed it"),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('import', 'manual')", name=op.f("ck_requests_kind")),
        sa.CheckConstraint("state IN ('open', 'done')", name=op.f("ck_requests_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requests")),
        schema="sync",
    )
    op.create_index(
        "uq_requests_open",
        "requests",
        ["kind", "system", "record_id"],
        unique=True,
        schema="sync",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "reviews",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), server_default="", nullable=False),
        sa.Column("candidates", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state", sa.Text(), server_default="open", nullable=False, comment="open, answered, gone (no longer asked)"
        ),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("choice", sa.Text(), nullable=True, comment="pair, apart, create"),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("company_id", sa.Text(), nullable=True),
        sa.Column(
            "account_key",
            sa.BigInteger(),
            sa.Computed("staging.salesforce_key(account_id)", persisted=True),
            nullable=True,
        ),
        sa.Column(
            "company_key",
            sa.BigInteger(),
            sa.Computed("coalesce(company_id::bigint, -1)", persisted=True),
            nullable=True,
        ),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        schema="sync",
    )
    op.create_index(
        "uq_reviews_open",
        "reviews",
        ["system", "record_id", "reason"],
        unique=True,
        schema="sync",
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "runs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("dag", sa.Text(), server_default="", nullable=False),
        sa.Column("scope", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("mode", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Text(),
            server_default="running",
            nullable=False,
            comment="running, waiting (at the gate), done, declined (by a person), failed",
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settings", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("origin", postgresql.JSONB(), nullable=True),
        sa.Column("plan_digest", sa.Text(), nullable=True),
        sa.Column("counts", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
        schema="sync",
    )
    op.create_table(
        "settings_history",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("settings", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("difference", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings_history")),
        schema="sync",
    )
    op.create_table(
        "stage_baseline",
        sa.Column("contact_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="", nullable=False),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_stage_baseline")),
        schema="sync",
    )
    op.create_table(
        "watermarks",
        sa.Column("source", sa.Text(), nullable=False, comment="such as hubspot_companies"),
        sa.Column(
            "mark", sa.DateTime(timezone=True), nullable=True, comment="the CRM's clock at run start, minus the overlap"
        ),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=True, comment="records seen by the last full read"),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_watermarks")),
        schema="sync",
    )


def downgrade() -> None:
    for name in (
        "call_budget",
        "decision_people",
        "decisions",
        "field_base",
        "field_decisions",
        "intents",
        "lease",
        "outcomes",
        "pairs",
        "requests",
        "reviews",
        "runs",
        "settings_history",
        "stage_baseline",
        "watermarks",
    ):
        op.drop_table(name, schema="sync")
