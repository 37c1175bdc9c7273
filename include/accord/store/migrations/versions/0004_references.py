"""Fields that refer to other records: whose company stands for an account, and the writes that set and end a parent."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "partners",
        sa.Column("account_key", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("company_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("account_key", name=op.f("pk_partners")),
        schema="staging",
    )
    op.drop_constraint(op.f("ck_intents_op"), "intents", schema="sync")
    op.create_check_constraint(
        op.f("ck_intents_op"),
        "intents",
        "op IN ('create', 'restamp', 'update', 'unparent', 'parent', 'stage', 'attach', 'associate', 'archive')",
        schema="sync",
    )
