"""Mapped fields of pairs: what both sides had, what a run saw of them, when each changed; stages as a run saw them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _json(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)


def _text(name: str, default: str | None = "", comment: str | None = None) -> sa.Column:
    if default is None:
        return sa.Column(name, sa.Text(), nullable=True, comment=comment)
    return sa.Column(name, sa.Text(), server_default=default, nullable=False, comment=comment)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def upgrade() -> None:
    # The first form of this table, one row a field, was never written to.
    op.drop_table("field_base", schema="sync")
    op.create_table(
        "field_base",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        _json("salesforce"),
        _json("hubspot"),
        _json("repeats"),
        _text("staged", None, "versions of both staged rows and of the field map; NULL: look again"),
        *(_text(f"{side}_as_of", None) for side in ("salesforce", "hubspot")),
        *(_at(f"{side}_since") for side in ("salesforce", "hubspot")),
        _text("run_id"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_field_base")),
        schema="sync",
    )
    op.create_table(
        "field_seen",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        _text("account_id", None, "NULL: still to be created"),
        _text("company_id", None, "NULL: still to be created"),
        sa.Column("is_known", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _json("salesforce"),
        _json("hubspot"),
        _json("base_salesforce"),
        _json("base_hubspot"),
        _text("staged", None),
        *(_text(f"{side}_version", None) for side in ("salesforce", "hubspot")),
        sa.PrimaryKeyConstraint("run_id", "system", "record_id", name=op.f("pk_field_seen")),
        schema="sync",
    )
    op.add_column("field_decisions", _text("before", None, "what the written side had; NULL: blank"), schema="sync")
    op.add_column("field_decisions", _text("held", comment="why it is not written; empty: it is"), schema="sync")
    op.create_table(
        "stage_seen",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=False),
        _text("stage"),
        sa.PrimaryKeyConstraint("run_id", "contact_id", name=op.f("pk_stage_seen")),
        schema="sync",
    )
    op.create_table(
        "described_fields",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("is_formula", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("options", postgresql.JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "name", name=op.f("pk_described_fields")),
        schema="staging",
    )
    op.create_table(
        "owners",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("partner_id", sa.Text(), nullable=True, comment="the only one of the other CRM with this e-mail"),
        sa.PrimaryKeyConstraint("system", "id", name=op.f("pk_owners")),
        schema="staging",
    )
    op.create_table(
        "field_times",
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="of the field or property in its CRM"),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("system", "record_id", "name", name=op.f("pk_field_times")),
        schema="staging",
    )
