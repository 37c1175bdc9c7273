"""How the pairs grew: noted at the end of each run, so that no page has to count them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.store.pairs import count_active

if TYPE_CHECKING:
    from accord.store.database import Database

_PAIRED = ("LINK", "RELINK", "CREATE_COMPANY", "CREATE_ACCOUNT")


def of_run(database: Database, run_id: str) -> dict[str, Any]:
    """Return how many active pairs there are, and how many records the run paired or made by each reason."""
    reasons = database.rows(
        "SELECT reason, count(*) AS n FROM sync.decisions WHERE run_id = %s AND action = ANY(%s) GROUP BY reason",
        [run_id, list(_PAIRED)],
    )
    return {"pairs": count_active(database), "by_reason": {row["reason"]: row["n"] for row in reasons}}
