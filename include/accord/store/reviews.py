"""What a person is asked: one open question per record and reason, until it is answered, left or no longer asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.store import pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from accord.model.facts import Choice, System
    from accord.store.database import Database, Row

# A question that a person left is not asked again before the record was decided otherwise in between.
_OPEN = """
    INSERT INTO sync.reviews (system, record_id, reason, rule, candidates, run_id)
    SELECT system, record_id, reason, rule,
        to_jsonb(array_remove(ARRAY[partner_id, runner_up_id, taken_by_id, rival_id], NULL)), run_id
    FROM sync.decisions d WHERE run_id = %s AND action = 'REVIEW' AND NOT EXISTS (
        SELECT FROM sync.reviews r
        WHERE (r.system, r.record_id, r.reason) = (d.system, d.record_id, d.reason) AND r.state = 'left')
    ON CONFLICT DO NOTHING
"""
_GONE = """
    UPDATE sync.reviews r SET state = 'gone', answered_at = coalesce(answered_at, now())
    FROM sync.decisions d
    WHERE d.run_id = %s AND (d.system, d.record_id) = (r.system, r.record_id)
        AND r.state IN ('open', 'left') AND r.rule <> ''
        AND d.action <> 'SET_STAGE' AND NOT (d.action = 'REVIEW' AND d.reason = r.reason)
"""
_CONSUMED = """
    UPDATE sync.reviews r SET state = 'gone', answered_at = coalesce(answered_at, now())
    FROM sync.decisions d
    WHERE d.run_id = %s AND d.system = 'salesforce' AND d.action IN ('LINK', 'RELINK', 'UPDATE')
        AND r.system = 'hubspot' AND r.record_id = d.partner_id
        AND r.state IN ('open', 'left') AND r.rule <> ''
"""
_WRITTEN = """
    UPDATE sync.reviews r SET state = 'gone', answered_at = now()
    WHERE r.state = 'open' AND r.rule = '' AND EXISTS (
        SELECT FROM sync.outcomes held
        JOIN sync.outcomes done
            ON (done.system, done.record_id, done.action) = (held.system, held.record_id, held.action)
        JOIN sync.runs later ON later.run_id = done.run_id
        JOIN sync.runs earlier ON earlier.run_id = held.run_id
        WHERE (held.system, held.record_id, held.code) = (r.system, r.record_id, r.reason) AND held.result = 'held'
            AND held.run_id = r.run_id AND done.result IN ('created', 'linked', 'updated') AND done.field = ''
            AND later.started_at > earlier.started_at)
"""
_DEAD = (
    """
    UPDATE sync.reviews r SET state = 'gone', answered_at = now() FROM staging.salesforce_accounts a
    WHERE r.state = 'open' AND r.system = 'salesforce' AND a.id = r.record_id AND a.is_deleted
    """,
    """
    UPDATE sync.reviews r SET state = 'gone', answered_at = now() FROM staging.hubspot_companies c
    WHERE r.state = 'open' AND r.system = 'hubspot' AND c.id = r.record_id
        AND (c.is_archived OR c.merged_into IS NOT NULL)
    """,
    """
    UPDATE sync.reviews r SET state = 'gone', answered_at = now()
    FROM sync.reviews raced, jsonb_array_elements_text(raced.candidates) AS twin, staging.hubspot_companies c
    WHERE raced.id = r.id AND r.state = 'open' AND r.rule = 'R105' AND c.id = twin
        AND (c.is_archived OR c.merged_into IS NOT NULL)
    """,
)
"""A record in question is deleted; of two companies that HubSpot and Accord made at once (R105) one is."""
_RESTORED = """
    UPDATE sync.reviews r SET state = 'gone', answered_at = now() FROM sync.pairs p
    WHERE r.state = 'open' AND r.reason = 'key_on_deleted_record' AND p.is_active
        AND r.record_id IN (p.account_id, p.company_id)
"""

_READ = """
    SELECT v.*, (SELECT o.message FROM sync.outcomes o
                 WHERE (o.system, o.record_id, o.code) = (v.system, v.record_id, v.reason) AND o.result = 'held'
                 ORDER BY o.id DESC LIMIT 1) AS message
    FROM sync.reviews v
"""
_ABOUT = (
    _READ
    + """
    WHERE (system = %(system)s AND record_id = %(id)s) OR %(id)s IN (account_id, company_id) OR candidates ? %(id)s
    ORDER BY state = 'open' DESC, id DESC
"""
)

_ANSWER = """
    UPDATE sync.reviews SET state = CASE WHEN %(choice)s = 'leave' THEN 'left' ELSE 'answered' END,
        choice = nullif(%(choice)s, 'leave'), account_id = %(account)s, company_id = %(company)s,
        answered_by = %(by)s, answered_at = now()
    WHERE id = %(id)s AND state = 'open' RETURNING system, record_id
"""
_CLOSE_REQUESTS = """
    UPDATE sync.requests SET state = 'done', closed_at = now(), outcome = %(outcome)s
    WHERE state = 'open' AND record_id = ANY(%(ids)s)
"""
_PART = """
    UPDATE sync.pairs SET is_active = false, ended_at = now(), ended_reason = %(reason)s
    WHERE is_active AND account_id = %(account)s AND company_id = %(company)s
"""
_RESTORE = """
    UPDATE sync.pairs p SET is_active = true, ended_at = NULL, ended_reason = ''
    WHERE ended_reason = %(reason)s AND NOT EXISTS (
        SELECT FROM sync.pairs o WHERE o.is_active AND (o.account_id = p.account_id OR o.company_id = p.company_id))
"""
_UNDO = """
    UPDATE sync.reviews SET state = 'undone' WHERE id = %(id)s AND state IN ('answered', 'left')
    RETURNING system, record_id, reason, rule, candidates, run_id, answered_at
"""
_ASK_AGAIN = """
    INSERT INTO sync.reviews (system, record_id, reason, rule, candidates, run_id)
    SELECT system, record_id, reason, rule, candidates, run_id FROM sync.reviews r
    WHERE id = %(id)s AND NOT EXISTS (
        SELECT FROM sync.pairs p WHERE p.is_active AND p.created_at > r.answered_at
            AND r.record_id IN (p.account_id, p.company_id))
    ON CONFLICT DO NOTHING RETURNING id
"""


def of_plan(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many new questions the plan of a run asks, in the caller's transaction.

    A question of the rules is gone when its record is decided otherwise, any question when its record is deleted, and
    that about a deleted record when it was restored and is paired.
    """
    for statement in (_GONE, _CONSUMED):
        connection.execute(statement, (run_id,))
    for statement in (*_DEAD, _RESTORED):
        connection.execute(statement)
    return connection.execute(_OPEN, (run_id,)).rowcount


def close_written(database: Database) -> int:
    """Return how many questions about held writes are gone because the write was done after all."""
    with database.transaction() as connection:
        return connection.execute(_WRITTEN).rowcount


def read(database: Database, states: Sequence[str]) -> list[Row]:
    """Return the questions in these states, oldest first, each with the `message` of the write it is about."""
    return database.rows(f"{_READ} WHERE state = ANY(%s) ORDER BY id", [list(states)])


def page(database: Database, states: Sequence[str], after: int, limit: int, *, newest_first: bool = False) -> list[Row]:
    """Return some questions in these states behind one of that number (0: from the beginning)."""
    behind, order = ("<", "DESC") if newest_first else (">", "ASC")
    return database.rows(
        f"{_READ} WHERE state = ANY(%(states)s) AND (%(after)s = 0 OR id {behind} %(after)s)"
        f" ORDER BY id {order} LIMIT %(limit)s",
        {"states": list(states), "after": after, "limit": limit},
    )


def one(database: Database, review_id: int) -> Row | None:
    """Return a question, None if there is none of that number."""
    found = database.rows(f"{_READ} WHERE id = %s", [review_id])
    return found[0] if found else None


def about(database: Database, system: System, record_id: str) -> list[Row]:
    """Return the questions about a record, those that name it as a candidate, and answers that name it."""
    return database.rows(_ABOUT, {"system": system, "id": record_id})


def answers_about(database: Database, ids: Sequence[str]) -> list[Row]:
    """Return the answers in force that name one of these records."""
    return database.rows(
        f"{_READ} WHERE state = 'answered' AND (account_id = ANY(%(ids)s) OR company_id = ANY(%(ids)s)) ORDER BY id",
        {"ids": list(ids)},
    )


def answer(
    database: Database, review_id: int, *, choice: Choice, account_id: str | None, company_id: str | None, by: str
) -> bool:
    """Return whether a question was still open and is answered now.

    Requests that waited for what the answer settles are closed (R9b). A pair that Accord remembers and the answer
    contradicts is ended, so that the next run can follow the answer.
    """
    with database.transaction() as connection:
        told = {"id": review_id, "choice": choice, "account": account_id, "company": company_id, "by": by}
        asked = connection.execute(_ANSWER, told).fetchone()
        if asked is None:
            return False
        reason = _ended_by(review_id)
        settled = [asked["record_id"]]
        if choice == "apart":
            settled = []
            connection.execute(_PART, {**told, "reason": reason})
        if choice == "pair" and account_id and company_id:
            settled = [account_id, company_id]
            pairs.end(connection, [pairs.Pair(account_id, company_id)], reason)
        connection.execute(_CLOSE_REQUESTS, {"ids": settled, "outcome": f"review {review_id} answered: {choice}"})
    return True


def undo(database: Database, review_id: int) -> tuple[bool, int | None]:
    """Return whether there was an answer to take back, and the number under which the question is asked again.

    No number: it is asked again already, or what it led to is done and stays.
    """
    with database.transaction() as connection:
        if connection.execute(_UNDO, {"id": review_id}).fetchone() is None:
            return False, None
        connection.execute(_RESTORE, {"reason": _ended_by(review_id)})
        again = connection.execute(_ASK_AGAIN, {"id": review_id}).fetchone()
        return True, again["id"] if again else None


def _ended_by(review_id: int) -> str:
    """Return the reason of a pair that an answer ended."""
    return f"ended by the answer to review {review_id}"
