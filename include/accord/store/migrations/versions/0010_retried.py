"""Who asked that a refused write is tried again, and when."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    by = sa.Column("retried_by", sa.Text(), comment="who asked last that a refused write is tried again")
    op.add_column("intents", by, schema="sync")
    op.add_column("intents", sa.Column("retried_at", sa.DateTime(timezone=True)), schema="sync")
