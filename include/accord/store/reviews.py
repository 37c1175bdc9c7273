"""What a person is asked: one open question per record and reason, gone when the record is decided otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

    from accord.store.database import Row

_OPEN = """
    INSERT INTO sync.reviews (system, record_id, reason, rule, candidates, run_id)
    SELECT system, record_id, reason, rule,
        to_jsonb(array_remove(ARRAY[partner_id, runner_up_id, taken_by_id, rival_id], NULL)), run_id
    FROM sync.decisions WHERE run_id = %s AND action = 'REVIEW'
    ON CONFLICT DO NOTHING
"""
_GONE = """
    UPDATE sync.reviews r SET state = 'gone', answered_at = now()
    FROM sync.decisions d
    WHERE d.run_id = %s AND (d.system, d.record_id) = (r.system, r.record_id)
        AND r.state = 'open' AND r.rule NOT IN ('', 'R105')
        AND d.action <> 'SET_STAGE' AND NOT (d.action = 'REVIEW' AND d.reason = r.reason)
"""


def of_plan(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many new questions the plan of a run asks, in the caller's transaction.

    An open question of the rules whose record is now decided otherwise is gone; those about held writes, and about
    twins that HubSpot made (R105), wait for a person.
    """
    connection.execute(_GONE, (run_id,))
    return connection.execute(_OPEN, (run_id,)).rowcount
