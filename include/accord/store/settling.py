"""The end of a write: its state, the pair it makes, its outcome row and the writes that follow, in one transaction."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from psycopg.types.json import Jsonb

from accord.model import killpoints
from accord.model.field_map import WAITING
from accord.store import ledger, pairs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import psycopg

    from accord.store.database import Database, Row
    from accord.store.ledger import Intent, State

Result = Literal["created", "linked", "updated", "unchanged", "skipped", "held", "rejected", "retry"]


@dataclass(frozen=True)
class Trouble:
    """Why a write was not done.

    Attributes:
        code: the CRM's code, or our reason.
        message: the CRM's own words, or ours.
        family: which kind of trouble, in the words of HubSpot's sync health page.
        error_class: the answer's class, empty where no answer was asked for.
    """

    code: str = ""
    message: str = ""
    family: str = ""
    error_class: str = ""


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """What came of one write.

    Attributes:
        intent: as it was claimed.
        state: what it is from now on; `planned`: certainly not done, to be sent again.
        result: the word of the outcome row.
        target_id: the record, where a create made or found one.
        pair: (account, company) that are one from now on.
        follow: the writes that this one makes possible.
        trouble: why it was not done.
        next_try_at: not to be sent again before.
        candidates: records that a person has to choose from.
    """

    intent: Intent
    state: State
    result: Result
    target_id: str | None = None
    pair: tuple[str, str] | None = None
    follow: tuple[Intent, ...] = field(default=())
    trouble: Trouble = Trouble()
    next_try_at: datetime | None = None
    candidates: tuple[str, ...] = ()


def settle(database: Database, settlements: Sequence[Settlement], run_id: str, now: datetime) -> int:
    """Return how many writes were settled; those that another executor took over meanwhile are left to it."""
    if not settlements:
        return 0
    with database.transaction() as connection:
        connection.execute("SET LOCAL synchronous_commit = on")
        done = conclude(connection, settlements, run_id, now)
        killpoints.passing("K7")
    killpoints.passing("K8")
    return done


def conclude(connection: psycopg.Connection[Row], settlements: Sequence[Settlement], run_id: str, now: datetime) -> int:
    """Settle in the caller's transaction; return how many were."""
    ours = _still_ours(connection, settlements)
    final = _paired(connection, [settlement for settlement in settlements if settlement.intent.id in ours], run_id)
    with connection.cursor() as cursor:
        cursor.executemany(_STATE, [_state_row(settlement, run_id, now) for settlement in final])
        cursor.executemany(_OUTCOME, [_outcome_row(settlement, run_id, now) for settlement in final])
    ledger.plan(connection, (intent for settlement in final for intent in settlement.follow), now)
    open_reviews(connection, [settlement for settlement in final if settlement.state == "held"], run_id)
    return len(final)


def left_out(connection: psycopg.Connection[Row], rows: Sequence[dict[str, Any]]) -> None:
    """Record the single values that do not fit the other side, in the caller's transaction (R71).

    Of a reference that waits it is said once for its pair, not with every run that finds it waiting (R69).

    Args:
        connection: in a transaction.
        rows: intent_id, run_id, system, record_id, action, field, code, message, and account and company as far as
            there is a pair; the rest of the write goes.
    """
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_LEFT_OUT, [{**row, "waiting": list(WAITING)} for row in rows])


def said_before(connection: psycopg.Connection[Row], rows: Sequence[dict[str, Any]]) -> set[Any]:
    """Return the intents all of whose left out values wait, and of which earlier runs said so.

    Args:
        connection: in a transaction.
        rows: as of `left_out`.
    """
    names = ("intent_id", "account", "company", "field", "code", "message")
    columns = {name: [row[name] for row in rows] for name in names}
    found = connection.execute(_SAID, {**columns, "waiting": list(WAITING)}).fetchall()
    return {row["intent_id"] for row in found}


def skipped(
    connection: psycopg.Connection[Row], writes: Sequence[tuple[Intent, str]], run_id: str, now: datetime
) -> None:
    """Record writes that are deliberately not done, with the reason; once per record and reason, not once per run."""
    rows = [
        {"system": system, "record": record_id, "run": run_id, "action": intent.action, "code": code, "now": now}
        for intent, code in writes
        for system, record_id in [about(intent)]
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_SKIPPED, rows)


def open_reviews(connection: psycopg.Connection[Row], held: Sequence[Settlement], run_id: str) -> None:
    """Ask a person about the writes that are held; what is asked already is not asked twice."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync.reviews (system, record_id, reason, candidates, run_id) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [(*about(s.intent), s.trouble.code, Jsonb(list(s.candidates)), run_id) for s in held],
        )


def about(intent: Intent) -> tuple[str, str]:
    """Return the record that a write is about, (system, id): of a create the one it is made from."""
    if intent.op == "create":
        return ("salesforce" if intent.system == "hubspot" else "hubspot"), intent.source_id
    return intent.system, intent.source_id


def _still_ours(connection: psycopg.Connection[Row], settlements: Sequence[Settlement]) -> set[Any]:
    """Return the ids that nobody else settled or took over since we claimed them, locked."""
    found = connection.execute(
        "SELECT i.id FROM sync.intents i JOIN unnest(%s::uuid[], %s::bigint[]) AS mine (id, epoch) ON i.id = mine.id"
        " WHERE i.state IN ('planned', 'sent') AND i.epoch IS NOT DISTINCT FROM mine.epoch FOR UPDATE OF i",
        ([s.intent.id for s in settlements], [s.intent.epoch for s in settlements]),
    )
    return {row["id"] for row in found.fetchall()}


def _paired(connection: psycopg.Connection[Row], settlements: Sequence[Settlement], run_id: str) -> list[Settlement]:
    """Return the settlements after their pairs were recorded; one whose record is another's partner by now is held."""
    made = {s.intent.id: pairs.Pair(*s.pair, s.intent.id) for s in settlements if s.pair is not None}
    moved = {s.intent.id for s in settlements if s.intent.action == "RELINK"}
    pairs.end(connection, [pair for id_, pair in made.items() if id_ in moved], "relinked")
    pairs.end_dead(connection, [pair for id_, pair in made.items() if id_ not in moved])
    standing = pairs.record(connection, list(made.values()), run_id)
    return [s if s.pair is None or s.pair in standing else _paired_meanwhile(s, *s.pair) for s in settlements]


def _paired_meanwhile(settlement: Settlement, account_id: str, company_id: str) -> Settlement:
    """Return the settlement held: a person has to say whose the record is."""
    return replace(
        settlement,
        state="held",
        result="held",
        follow=(),
        trouble=Trouble(
            "paired_meanwhile", f"account {account_id} or company {company_id} was paired with another record meanwhile"
        ),
        candidates=(account_id, company_id),
    )


def _state_row(settlement: Settlement, run_id: str, now: datetime) -> dict[str, Any]:
    """Return the parameters of the intent's UPDATE."""
    account_id, company_id = settlement.pair or (None, None)
    return {
        "id": settlement.intent.id,
        "state": settlement.state,
        "is_unsent": settlement.state == "confirmed" and not settlement.intent.attempt,
        "target": settlement.target_id,
        "account": account_id,
        "company": company_id,
        "run": run_id,
        "now": now,
        "next": settlement.next_try_at,
        "class": settlement.trouble.error_class,
        "code": settlement.trouble.code,
        "text": settlement.trouble.message,
    }


def _outcome_row(settlement: Settlement, run_id: str, now: datetime) -> dict[str, Any]:
    """Return the parameters of the outcome row; what was refused keeps its payload."""
    intent = settlement.intent
    system, record_id = about(intent)
    content = json.dumps(intent.fields, sort_keys=True, ensure_ascii=False).encode()
    is_kept = settlement.state in {"rejected", "held", "planned"}
    return {
        "run": run_id,
        "id": intent.id,
        "system": system,
        "record": record_id,
        "action": intent.action,
        "result": settlement.result,
        "code": settlement.trouble.code,
        "message": settlement.trouble.message,
        "family": settlement.trouble.family,
        "attempt": intent.attempt,
        "next": settlement.next_try_at,
        "payload": Jsonb({"fields": intent.fields, "candidates": settlement.candidates}) if is_kept else None,
        "hash": "" if is_kept else hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "now": now,
    }


_STATE = """
    UPDATE sync.intents SET state = %(state)s, target_id = coalesce(%(target)s, target_id),
        account_id = coalesce(%(account)s, account_id), company_id = coalesce(%(company)s, company_id),
        attempt = CASE WHEN %(is_unsent)s THEN 0 ELSE attempt END,
        settled_run = %(run)s, done_at = CASE WHEN %(state)s = 'planned' THEN NULL ELSE %(now)s END,
        next_try_at = %(next)s, error_class = %(class)s, error_code = %(code)s, error_text = %(text)s
    WHERE id = %(id)s
"""
_OUTCOME = """
    INSERT INTO sync.outcomes (run_id, intent_id, system, record_id, action, result, code, message, family, attempt,
        next_try_at, payload, content_hash, at)
    VALUES (%(run)s, %(id)s, %(system)s, %(record)s, %(action)s, %(result)s, %(code)s, %(message)s, %(family)s,
        %(attempt)s, %(next)s, %(payload)s, %(hash)s, %(now)s)
    ON CONFLICT (intent_id, field) WHERE intent_id IS NOT NULL DO UPDATE SET
        run_id = excluded.run_id, result = excluded.result, code = excluded.code, message = excluded.message,
        family = excluded.family, attempt = excluded.attempt, next_try_at = excluded.next_try_at,
        payload = excluded.payload, content_hash = excluded.content_hash, at = excluded.at
"""
_SKIPPED = """
    INSERT INTO sync.outcomes (run_id, system, record_id, action, result, code, at)
    SELECT %(run)s, %(system)s, %(record)s, %(action)s, 'skipped', %(code)s, %(now)s
    WHERE NOT EXISTS (SELECT FROM sync.outcomes o WHERE o.intent_id IS NULL AND o.result = 'skipped'
        AND (o.system, o.record_id, o.action, o.code) = (%(system)s, %(record)s, %(action)s, %(code)s))
"""
_LEFT_OUT = """
    INSERT INTO sync.outcomes (run_id, intent_id, system, record_id, action, field, result, code, message, family)
    SELECT %(run_id)s, %(intent_id)s, %(system)s, %(record_id)s, %(action)s, %(field)s, 'skipped', %(code)s,
        %(message)s, 'property values'
    WHERE NOT EXISTS (SELECT FROM sync.outcomes o WHERE o.code = ANY(%(waiting)s)
        AND (o.system, o.record_id) IN (('salesforce', %(account)s), ('hubspot', %(company)s))
        AND (o.field, o.code, o.message) = (%(field)s, %(code)s, %(message)s))
    ON CONFLICT DO NOTHING
"""
_SAID = """
    SELECT l.intent_id FROM unnest(%(intent_id)s::uuid[], %(account)s::text[], %(company)s::text[], %(field)s::text[],
        %(code)s::text[], %(message)s::text[]) AS l (intent_id, account, company, field, code, message)
    GROUP BY l.intent_id
    HAVING bool_and(l.code = ANY(%(waiting)s) AND EXISTS (SELECT FROM sync.outcomes o
        WHERE (o.system, o.record_id) IN (('salesforce', l.account), ('hubspot', l.company))
            AND (o.field, o.code, o.message) = (l.field, l.code, l.message)))
"""
