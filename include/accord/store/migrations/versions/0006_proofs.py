"""What the daily reconcile counted, and which assumptions about an org and a portal were found to hold."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proofs",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False, comment="live records, as the CRM counts them"),
        sa.Column("mirrored", sa.BigInteger(), nullable=False, comment="live records in staging"),
        sa.Column("missed", sa.BigInteger(), nullable=False, comment="changes older than the mark before"),
        sa.Column("gone", sa.BigInteger(), nullable=False, comment="records that are nowhere any more"),
        sa.PrimaryKeyConstraint("run_id", "source", name=op.f("pk_proofs")),
        schema="sync",
    )
    op.create_table(
        "assumptions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("by", sa.Text(), server_default="", nullable=False),
        sa.Column("org_id", sa.Text(), server_default="", nullable=False),
        sa.Column("portal_id", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", sa.Text(), server_default="", nullable=False),
        sa.Column("observed", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assumptions")),
        sa.CheckConstraint("answer IN ('holds', 'fails', 'not testable')", name=op.f("ck_assumptions_answer")),
        schema="sync",
    )
