"""The plan of a revert, and the writes that only a revert makes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def _text(name: str, **more: object) -> sa.Column:
    return sa.Column(name, sa.Text(), nullable=False, **more)


def _json(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "reversals",
        _text("run_id"),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False, comment="newest write first"),
        *(_text(name) for name in ("system", "object")),
        _text("op", comment="what undoes it: an op of intents, or pair and unpair"),
        _text("source_id"),
        *(sa.Column(name, sa.Text(), nullable=True) for name in ("target_id", "account_id", "company_id")),
        _text("about_system", comment="of the account or company that it is told of"),
        _text("about_id"),
        sa.Column("key", sa.Text(), nullable=True),
        _json("fields"),
        _json("before"),
        _text("reason", server_default="", comment="why it is left as it is; empty: it is undone"),
        _text("message", server_default=""),
        sa.PrimaryKeyConstraint("run_id", "place", name=op.f("pk_reversals")),
        schema="sync",
    )
    op.drop_constraint(op.f("ck_intents_op"), "intents", schema="sync")
    op.create_check_constraint(
        op.f("ck_intents_op"),
        "intents",
        "op IN ('create', 'restamp', 'update', 'unparent', 'parent', 'unstage', 'stage', 'attach', 'associate',"
        " 'dissociate', 'archive')",
        schema="sync",
    )
