"""What each rule mapped when its values were remembered: the memory of another field is none."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("field_base", "field_seen"):
        op.add_column(table, sa.Column("mapped", postgresql.JSONB()), schema="sync")
