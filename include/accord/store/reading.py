"""A long list on its way into page tables, and how far it was read: a run that died goes on there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg import sql

if TYPE_CHECKING:
    import psycopg

    from accord.store.database import Row
    from accord.store.pages import PageTable

END = "end"
"""What is noted in the place of a cursor after the last page."""


@dataclass(frozen=True)
class Reading:
    """A list and its associations, in two page tables that outlive a death.

    How far it came stands in the comment of the first one, below the time at which it was made.
    """

    page: PageTable
    link_page: PageTable

    def noted(self) -> str | None:
        """Return the cursor with which the list goes on, or END; None: nothing is known, and both tables are empty.

        Unlogged tables are empty after a crash of Postgres, and what is noted of them is not: rows are counted.
        """
        with self.page.database.transaction() as connection:
            _, *noted = self._comment(connection)
            if noted and all(is_now >= int(was) for is_now, was in zip(self._rows(connection), noted[:2], strict=True)):
                return noted[2]
        self.begin_anew()
        return None

    def note(self, after: str) -> None:
        """Keep how far the list was read; what was read until then stands in the tables."""
        with self.page.database.transaction() as connection:
            made, *_ = self._comment(connection)
            self._say(connection, [made, *map(str, self._rows(connection)), after])

    def begin_anew(self) -> None:
        """Empty both tables and forget how far they were filled."""
        with self.page.database.transaction() as connection:
            made, *_ = self._comment(connection)
            self._say(connection, [made])
        self.page.clear()
        self.link_page.clear()

    def _comment(self, connection: psycopg.Connection[Row]) -> list[str]:
        """Return the lines of the comment: when the table was made, rows of both tables, cursor."""
        statement = sql.SQL("SELECT obj_description({}::regclass, 'pg_class') AS said")
        name = sql.Literal(self.page.identifier.as_string(connection))
        row = connection.execute(statement.format(name)).fetchone() or {}
        return str(row["said"]).split("\n")

    def _say(self, connection: psycopg.Connection[Row], lines: list[str]) -> None:
        """Set the comment."""
        statement = sql.SQL("COMMENT ON TABLE {} IS {}")
        connection.execute(statement.format(self.page.identifier, sql.Literal("\n".join(lines))))

    def _rows(self, connection: psycopg.Connection[Row]) -> list[int]:
        """Return how many rows each table holds."""
        statement = sql.SQL("SELECT (SELECT count(*) FROM {}) AS records, (SELECT count(*) FROM {}) AS links")
        row = connection.execute(statement.format(self.page.identifier, self.link_page.identifier)).fetchone() or {}
        return [int(row["records"]), int(row["links"])]
