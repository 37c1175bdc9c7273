"""What people were told: each alert when it begins and when it is over, and who has not heard it yet."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("is_over", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("run_id", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "pending",
            postgresql.ARRAY(sa.Text()),
            server_default=sa.text("'{}'::text[]"),
            nullable=False,
            comment="notifiers that have not taken it yet",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alerts")),
        schema="sync",
    )
    op.create_index("ix_alerts_latest", "alerts", ["kind", "subject", "id"], schema="sync")
    op.create_index(
        "ix_alerts_pending", "alerts", ["id"], schema="sync", postgresql_where=sa.text("pending <> '{}'::text[]")
    )
