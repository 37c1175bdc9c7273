"""The write-ahead ledger: what is to be written, what was sent, what came of it.

Nothing is sent that is not committed here as `sent` before, so a crash leaves a list of the writes that may have
happened. The other half of the promise is the unique key field in each CRM, which makes a second try an update.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID, uuid5

from psycopg.types.json import Jsonb

from accord.model import killpoints
from accord.store.lease import CRMS, TTL_SECONDS, held_by

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    import psycopg

    from accord.store.database import Database, Row

System = Literal["salesforce", "hubspot"]
Op = Literal[
    "create",
    "restamp",
    "update",
    "unparent",
    "parent",
    "unstage",
    "stage",
    "attach",
    "associate",
    "dissociate",
    "archive",
]
State = Literal["planned", "sent", "confirmed", "rejected", "held", "superseded"]

UNDO = "REVERT"
"""Action of the writes that undo others (R104): they make no pair, and nobody is asked when one is not sent."""
ASKED = """EXISTS (SELECT FROM sync.requests asked WHERE asked.state = 'open' AND asked.kind = 'manual'
    AND asked.record_id IN (i.source_id, i.account_id, i.company_id))"""
"""Of an intent `i`: it is about a record that somebody asked for by hand (R46-R49)."""

_NAMESPACE = UUID("5b0c2c5e-6a3d-5f0e-9d53-0c0a3f6b7d11")


@dataclass(frozen=True, kw_only=True)
class Intent:
    """One wished-for write.

    Attributes:
        system: the CRM that is written.
        object: account, contact (Salesforce), company, or association of a HubSpot contact with a company.
        op: create (upsert by key), restamp (our key field), update (mapped fields), unparent and parent (end and make
            the association with a parent company), stage, attach (AccountId of a Salesforce contact), associate. Only
            to undo: unstage (empty the stage, which HubSpot moves forward only), dissociate, archive.
        source_id: what the write is about: for a create the record on the other side, else what is written.
        plan_hash: digest of the plan, and the run that applies it.
        run_id: the run that planned it.
        action: the decision it carries out.
        target_id: the record written; None until a create is confirmed.
        key: the origin key that the written record carries.
        account_id: of the pair that the decision is about, as far as it exists.
        company_id: the other half of it.
        fields: field -> value as it is sent, None clears; the key field only where it is what is written.
        before: the same fields before the write, None for a record that does not exist yet; what is made of it by the
            write that follows this one stands there, too.
        people: (role, contact id) to attach or associate once both records of the pair exist.
        follows: the write that this one completes.
    """

    system: System
    object: str
    op: Op
    source_id: str
    plan_hash: str
    run_id: str
    action: str
    target_id: str | None = None
    key: str | None = None
    account_id: str | None = None
    company_id: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] | None = None
    people: tuple[tuple[str, str], ...] = ()
    follows: UUID | None = None
    state: State = "planned"
    attempt: int = 0
    epoch: int | None = None
    planned_at: datetime | None = None
    sent_at: datetime | None = None
    error_code: str = ""

    @property
    def id(self) -> UUID:
        """Return the id: the same plan wishes for the same write only once."""
        return uuid5(_NAMESPACE, "|".join((self.system, self.op, self.source_id, self.plan_hash)))


# A run that is repeated wishes for what another run's plan had made it give up.
_REVIVE = """
    UPDATE sync.intents i SET state = 'planned', done_at = NULL
    WHERE id = ANY(%s) AND state = 'superseded'
    AND NOT EXISTS (SELECT FROM sync.intents o WHERE (o.system, o.op, o.source_id) = (i.system, i.op, i.source_id)
                    AND o.state IN ('planned', 'sent'))
"""


def plan(connection: psycopg.Connection[Row], intents: Iterable[Intent], now: datetime) -> None:
    """Write intents in the caller's transaction; one that is there, or open for the same record and op, stays."""
    intents = list(intents)
    if intents:
        with connection.cursor() as cursor:
            cursor.executemany(_PLAN, [_row(intent, now) for intent in intents])
        connection.execute(_REVIVE, ([intent.id for intent in intents],))


def supersede_older(connection: psycopg.Connection[Row], plan_hash: str) -> int:
    """Return how many unsent writes of other plans were given up, in the caller's transaction.

    What follows a write that was done is no plan's to give up, and stays.
    """
    return connection.execute(
        "UPDATE sync.intents SET state = 'superseded', done_at = now()"
        " WHERE state = 'planned' AND follows IS NULL AND plan_hash <> %s",
        (plan_hash,),
    ).rowcount


def wake_rejected(connection: psycopg.Connection[Row], now: datetime) -> int:
    """Return how many rejected writes that no plan will wish for again are due for another try."""
    return connection.execute(
        """
        UPDATE sync.intents i SET state = 'planned', next_try_at = NULL
        WHERE state = 'rejected' AND follows IS NOT NULL AND next_try_at <= %s AND attempt < 12
        AND NOT EXISTS (SELECT FROM sync.intents o WHERE (o.system, o.op, o.source_id) = (i.system, i.op, i.source_id)
                        AND (o.state IN ('planned', 'sent') OR o.seq > i.seq))
        """,
        (now,),
    ).rowcount


def claim(
    database: Database, epoch: int, system: System, op: Op, limit: int, now: datetime, *, asked_only: bool = False
) -> list[Intent]:
    """Return up to `limit` planned writes, now `sent`, in the order they were planned; nothing else may be sent.

    With `asked_only` these are writes about records that somebody asked for by hand (R95).

    The lease is checked, and held on to, in the statement that claims.

    Raises:
        LeaseHeld: the lease ran out or somebody took it; nothing was claimed.
    """
    parameters = {"epoch": epoch, "system": system, "op": op, "limit": limit, "now": now, "asked": asked_only}
    return _claim(database, _NEXT, parameters)


def reclaim(
    database: Database, epoch: int, now: datetime, ids: Sequence[UUID] | None = None, *, is_resend: bool = False
) -> list[Intent]:
    """Return the writes that were sent and never settled, now ours: whoever sent them can settle them no longer.

    Args:
        database: where the ledger lives.
        epoch: of our lease.
        now: the time.
        ids: only these; None: all there are.
        is_resend: they are about to be sent once more, which counts as an attempt.

    Raises:
        LeaseHeld: the lease ran out or somebody took it.
    """
    parameters = {"epoch": epoch, "now": now, "ids": None if ids is None else list(ids), "tries": int(is_resend)}
    return _claim(database, _UNSETTLED, parameters)


def waiting(
    database: Database,
    system: System,
    op: Op,
    now: datetime,
    patience: timedelta,
    *,
    enough: int,
    asked_only: bool = False,
) -> tuple[int, float | None]:
    """Return how many planned writes are due, and if none is, in how many seconds all within `patience` are.

    Asked before every batch, so no more than `enough` are counted.
    """
    row = database.rows(
        _WAITING,
        {"now": now, "until": now + patience, "system": system, "op": op, "asked": asked_only, "enough": enough},
    )[0]
    return row["due"], row["seconds"]


def resting(connection: psycopg.Connection[Row], system: System, op: Op, source_ids: Sequence[str]) -> dict[str, Row]:
    """Return per source the last write that was rejected or held and nothing came after: state, fields, next_try_at."""
    found = connection.execute(
        """
        SELECT DISTINCT ON (source_id) source_id, state, fields, attempt, next_try_at, error_code
        FROM sync.intents WHERE system = %s AND op = %s AND source_id = ANY(%s) AND state <> 'superseded'
        ORDER BY source_id, seq DESC
        """,
        (system, op, list(source_ids)),
    ).fetchall()
    return {row["source_id"]: row for row in found if row["state"] in {"rejected", "held"}}


def intents_of_run(
    database: Database,
    run_id: str,
    state: State,
    ops: Sequence[Op],
    *,
    system: System | None = None,
    limit: int | None = None,
) -> list[Intent]:
    """Return the writes that a run planned or settled, in order; those of an import are too many to hold at once.

    Args:
        database: the ledger.
        run_id: the run.
        state: in which they are.
        ops: of these kinds only.
        system: written to this CRM only.
        limit: the first so many.
    """
    found = database.rows(
        "SELECT * FROM sync.intents WHERE coalesce(settled_run, run_id) = %(run)s AND state = %(state)s"
        " AND op = ANY(%(ops)s) AND (%(system)s::text IS NULL OR system = %(system)s) ORDER BY seq LIMIT %(limit)s",
        {"run": run_id, "state": state, "ops": list(ops), "system": system, "limit": limit},
    )
    return [from_row(row) for row in found]


def planned_creates(database: Database, run_id: str) -> list[Row]:
    """Return id, system and source_id of the creations of a run that are still to be sent."""
    return database.rows(
        "SELECT id, system, source_id FROM sync.intents WHERE run_id = %s AND state = 'planned' AND op = 'create'",
        [run_id],
    )


def intents_named(database: Database, ids: Sequence[UUID]) -> list[Intent]:
    """Return the writes with these ids, in order."""
    return list(map(from_row, database.rows("SELECT * FROM sync.intents WHERE id = ANY(%s) ORDER BY seq", [list(ids)])))


def counts(database: Database, run_id: str) -> dict[str, int]:
    """Return what a run's writes came to; names without any are left out."""
    row = database.rows(_COUNTS, {"run": run_id})[0]
    return {name: number for name, number in row.items() if number}


def from_row(row: Row) -> Intent:
    """Return the intent in a row of the ledger."""
    known = {name: row[name] for name in Intent.__dataclass_fields__ if name in row}
    intent = Intent(**known)
    return replace(intent, people=tuple((role, contact) for role, contact in row["people"]))


def _claim(database: Database, which: str, parameters: dict[str, Any]) -> list[Intent]:
    """Run the claiming statement and commit it to disk."""
    with database.transaction() as connection:
        connection.execute("SET LOCAL synchronous_commit = on")
        claimed = connection.execute(
            _CLAIM.format(which=which), {**parameters, "lease": CRMS, "ttl": TTL_SECONDS}
        ).fetchall()
        if not claimed:
            _refuse_fenced(connection, parameters["epoch"])
        killpoints.passing("K2")
    return [from_row(row) for row in sorted(claimed, key=itemgetter("seq"))]


def _refuse_fenced(connection: psycopg.Connection[Row], epoch: int) -> None:
    """Raise unless the lease is still held under this epoch."""
    alive = connection.execute(
        "SELECT FROM sync.lease WHERE name = %s AND epoch = %s AND expires_at > clock_timestamp()", (CRMS, epoch)
    ).fetchone()
    if alive is None:
        raise held_by(connection, CRMS)


def _row(intent: Intent, now: datetime) -> dict[str, Any]:
    """Return an intent as the parameters of its INSERT."""
    names = ("system", "object", "op", "source_id", "target_id", "key", "account_id", "company_id", "action", "follows")
    return {
        **{name: getattr(intent, name) for name in names},
        "id": intent.id,
        "fields": Jsonb(intent.fields),
        "before": Jsonb(intent.before) if intent.before is not None else None,
        "people": Jsonb(intent.people),
        "plan_hash": intent.plan_hash,
        "run_id": intent.run_id,
        "attempt": intent.attempt,
        "now": now,
    }


_PLAN = """
    INSERT INTO sync.intents (id, system, object, op, source_id, target_id, key, account_id, company_id, action,
        follows, fields, before, people, plan_hash, run_id, attempt, planned_at)
    VALUES (%(id)s, %(system)s, %(object)s, %(op)s, %(source_id)s, %(target_id)s, %(key)s, %(account_id)s,
        %(company_id)s, %(action)s, %(follows)s, %(fields)s, %(before)s, %(people)s, %(plan_hash)s, %(run_id)s,
        %(attempt)s, %(now)s)
    ON CONFLICT DO NOTHING
"""
_CLAIM = """
    WITH held AS (
        UPDATE sync.lease SET expires_at = clock_timestamp() + make_interval(secs => %(ttl)s)
        WHERE name = %(lease)s AND epoch = %(epoch)s AND expires_at > clock_timestamp()
        RETURNING epoch
    ), wanted AS ({which})
    UPDATE sync.intents i SET state = 'sent', epoch = held.epoch, attempt = i.attempt + wanted.tries,
        sent_at = coalesce(wanted.since, %(now)s), error_class = '', error_code = '', error_text = ''
    FROM held, wanted WHERE i.id = wanted.id
    RETURNING i.*
"""
_WAITING = f"""
    WITH planned AS NOT MATERIALIZED (
        SELECT next_try_at FROM sync.intents i
        WHERE state = 'planned' AND system = %(system)s AND op = %(op)s AND (NOT %(asked)s OR {ASKED})
    ), due AS (
        SELECT FROM planned WHERE next_try_at IS NULL OR next_try_at <= %(now)s LIMIT %(enough)s
    )
    SELECT count(*) AS due, CASE WHEN count(*) = 0 THEN (
        SELECT extract(epoch FROM max(next_try_at) - %(now)s)::float FROM planned WHERE next_try_at <= %(until)s
    ) END AS seconds
    FROM due
"""  # noqa: S608 - a text of this module
_NEXT = f"""
        SELECT id, 1 AS tries, NULL::timestamptz AS since FROM sync.intents i
        WHERE state = 'planned' AND system = %(system)s AND op = %(op)s
            AND (next_try_at IS NULL OR next_try_at <= %(now)s) AND (NOT %(asked)s OR {ASKED})
        ORDER BY seq LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""  # noqa: S608 - a text of this module
_UNSETTLED = """
        SELECT id, %(tries)s AS tries, sent_at AS since FROM sync.intents
        WHERE state = 'sent' AND (%(ids)s::uuid[] IS NULL OR id = ANY(%(ids)s))
        FOR UPDATE"""
_COUNTS = """
    SELECT count(*) FILTER (WHERE own AND done AND action IN ('LINK', 'RELINK')) AS linked,
        count(*) FILTER (WHERE op = 'create' AND done AND system = 'hubspot') AS created_companies,
        count(*) FILTER (WHERE op = 'create' AND done AND system = 'salesforce') AS created_accounts,
        count(*) FILTER (WHERE op = 'restamp' AND done AND attempt > 0) AS stamped,
        count(*) FILTER (WHERE op = 'update' AND done AND fields <> '{}') AS updated,
        count(DISTINCT source_id) FILTER (WHERE op IN ('unparent', 'parent') AND done AND fields <> '{}')
            AS parents_changed,
        count(*) FILTER (WHERE op = 'stage' AND done) AS stages_set,
        count(*) FILTER (WHERE op = 'attach' AND done AND fields ->> 'AccountId' IS NOT NULL) AS attached,
        count(*) FILTER (WHERE op = 'attach' AND done AND fields ->> 'AccountId' IS NULL) AS detached,
        count(*) FILTER (WHERE op = 'associate' AND done) AS associated,
        count(*) FILTER (WHERE op = 'dissociate' AND done) AS dissociated,
        count(*) FILTER (WHERE op = 'archive' AND done) AS archived,
        count(*) FILTER (WHERE state = 'rejected') AS rejected,
        count(*) FILTER (WHERE state = 'held') AS held_writes,
        count(*) FILTER (WHERE state = 'planned') AS unsent,
        count(*) FILTER (WHERE state = 'sent') AS unresolved
    FROM (SELECT *, follows IS NULL AS own, state = 'confirmed' AS done
          FROM sync.intents WHERE coalesce(settled_run, run_id) = %(run)s) i
"""
