"""What `accord conformance` found about an org and a portal; the newest answer to a question counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from accord.store.database import Database

Answer = Literal["holds", "fails", "not testable"]


@dataclass(frozen=True)
class Assumption:
    """One assumption and what was seen of it.

    Attributes:
        name: A1 to A10.
        answer: whether it holds; `not testable`: nobody knows.
        observed: what was seen, or why nothing could be.
    """

    name: str
    answer: Answer
    observed: str


def keep(
    database: Database, found: Sequence[Assumption], *, org_id: str, portal_id: str, by: str, at: datetime
) -> None:
    """Keep what was found about an org and a portal; what was found before stays below it."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync.assumptions (at, by, org_id, portal_id, name, answer, observed)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [(at, by, org_id, portal_id, it.name, it.answer, it.observed) for it in found],
        )


def latest(database: Database, org_id: str, portal_id: str) -> dict[str, Assumption]:
    """Return the newest answer to each question about an org and a portal, by name.

    An answer of `not testable` does not take an older one back.
    """
    rows = database.rows(
        "SELECT DISTINCT ON (name) name, answer, observed FROM sync.assumptions"
        " WHERE org_id = %s AND portal_id = %s ORDER BY name, answer = 'not testable', id DESC",
        [org_id, portal_id],
    )
    return {row["name"]: Assumption(**row) for row in rows}
