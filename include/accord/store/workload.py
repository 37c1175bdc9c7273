"""What is planned and not sent yet, counted, and how many calls the day has left for it (R95)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.store.ledger import ASKED
from accord.store.limiter import RESERVE_MEMORY_SECONDS, calls_today

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.settings import Budget
    from accord.store.database import Database
    from accord.store.ledger import Op, System


@dataclass(frozen=True)
class Load:
    """Planned writes of one system and op.

    Attributes:
        rows: how many.
        kinds: how many different sets of fields they write; a Bulk 2.0 job takes one.
        pairs: how many of them make a pair, so that the other record gets its key next.
        attach: Salesforce contacts to attach once the pairs exist (R41).
        associate: HubSpot contacts to associate then (R13b).
        is_read: the records are read once more before they are written.
    """

    system: System
    op: Op
    rows: int
    kinds: int = 1
    pairs: int = 0
    attach: int = 0
    associate: int = 0
    is_read: bool = True


def planned(database: Database, now: datetime, *, asked_only: bool) -> list[Load]:
    """Return the planned writes that are due, those that wait for a pair included.

    Args:
        database: the ledger.
        now: the time; what is to be tried again later is not counted.
        asked_only: only what somebody asked for by hand.
    """
    return [Load(**row) for row in database.rows(_PLANNED, {"now": now, "asked": asked_only})]


def calls_left(database: Database, budget: Budget, now: datetime) -> dict[System, int]:
    """Return how many calls each CRM may still be made today: of our budget, and of what the service said is left.

    What it said is believed for some minutes; its reserve is for others.
    """
    made = calls_today(database, now)
    said = {
        row["crm"]: row["remaining"] for row in database.rows(_SAID, {"now": now, "seconds": RESERVE_MEMORY_SECONDS})
    }
    ours: dict[System, tuple[int, int]] = {
        "salesforce": (budget.salesforce_calls_a_day, budget.salesforce_reserve),
        "hubspot": (budget.hubspot_calls_a_day, budget.hubspot_reserve),
    }
    return {
        crm: max(0, min(a_day - made[crm], said[crm] - reserve if crm in said else a_day))
        for crm, (a_day, reserve) in ours.items()
    }


_PLANNED = f"""
    SELECT system, op, count(*)::int AS rows,
        CASE WHEN system = 'salesforce' THEN count(DISTINCT
            (SELECT string_agg(name, ',' ORDER BY name) FROM jsonb_object_keys(fields) AS name))::int ELSE 1 END
            AS kinds,
        (count(*) FILTER (WHERE op = 'create' OR op = 'restamp' AND follows IS NULL))::int AS pairs,
        coalesce(sum(jsonb_array_length(jsonb_path_query_array(people, '$[*] ? (@[0] == "attach")'))), 0)::int
            AS attach,
        coalesce(sum(jsonb_array_length(jsonb_path_query_array(people, '$[*] ? (@[0] == "associate")'))), 0)::int
            AS associate
    FROM sync.intents i
    WHERE state = 'planned' AND (next_try_at IS NULL OR next_try_at <= %(now)s) AND (NOT %(asked)s OR {ASKED})
    GROUP BY system, op
"""  # noqa: S608 - only texts of this program
_SAID = """
    SELECT crm, remaining FROM sync.call_budget
    WHERE remaining IS NOT NULL AND remaining_at > %(now)s - make_interval(secs => %(seconds)s)
"""
