"""A Postgres of a command's own, gone with it: nothing that is tried there has to survive the machine."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from accord.local.postgres import Postgres
from accord.store.database import Database
from accord.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def scratch_warehouse(name: str) -> Iterator[Database]:
    """Yield an empty migrated database on a server that is stopped and deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix=f"accord-{name}-", ignore_cleanup_errors=True) as scratch:
        # Postgres gives up root, and must be able to pass through.
        Path(scratch).chmod(0o755)
        server = Postgres(Path(scratch) / "postgres", {"fsync": "off", "full_page_writes": "off"})
        server.start()
        try:
            database = Database(server.create_database(name))
            migrate(database)
            yield database
        finally:
            server.stop()
