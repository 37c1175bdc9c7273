"""Runs migrations on the connection that `accord.store.schema.migrate` hands over."""

from alembic import context

from accord.store import schema
from accord.store.tables import SYNC, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=schema.VERSION_TABLE,
    version_table_schema=SYNC,
    include_schemas=True,
)
context.run_migrations()
