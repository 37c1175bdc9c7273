"""What a run wrote, and the plan that undoes it: one row per write that undoes another, or that is left with a reason.

A run's family are the run, the runs that undid it, those that undid them, and so on: what any of them wrote last is no
change by somebody else (R104).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.types.json import Jsonb

from accord.store.ledger import from_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

    from accord.model.scope import Run
    from accord.store.database import Database, Row
    from accord.store.ledger import Intent, System

_CHUNK = 2_000


class Written(NamedTuple):
    """A write of a run's family: as it was settled, the word of its outcome, and whether the run itself did it."""

    intent: Intent
    result: str
    is_own: bool


@dataclass(frozen=True, kw_only=True)
class Reversal:
    """One write that undoes others, or that is not done.

    Attributes:
        system, object, op, source_id, target_id, key, account_id, company_id: as of an intent; op may be (un)pair, too.
        about: the account or company that it is told of.
        fields: what is put back, as it is sent.
        before: what is there now.
        reason: why it is left as it is, "" where it is undone.
        message: the same with names.
    """

    system: System
    object: str
    op: str
    source_id: str
    about: tuple[System, str]
    target_id: str | None = None
    account_id: str | None = None
    company_id: str | None = None
    key: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    message: str = ""


_FAMILY = """
    WITH RECURSIVE family (run_id) AS (
        SELECT %(run)s::text
        UNION SELECT r.run_id FROM sync.runs r JOIN family f ON r.scope ->> 'undone_run' = f.run_id
    )
"""
# Held although it was made: somebody deleted the record before its creation was known to have happened.
_MADE = "i.state = 'held' AND i.op = 'create' AND i.target_id IS NOT NULL"
_WRITTEN = f"""
    {_FAMILY}
    SELECT i.*, coalesce(o.result, '') AS result, i.run_id = %(run)s AS is_own
    FROM sync.intents i JOIN family USING (run_id) LEFT JOIN sync.outcomes o ON o.intent_id = i.id AND o.field = ''
    WHERE i.state = 'confirmed' OR i.state = 'sent' AND i.run_id = %(run)s OR {_MADE}
    ORDER BY i.seq
"""  # noqa: S608 - only texts of this module
_STRANGERS = f"""
    {_FAMILY}
    SELECT DISTINCT i.target_id FROM sync.intents i
    WHERE i.system = %(system)s AND i.target_id = ANY(%(ids)s) AND i.state = 'confirmed' AND i.attempt > 0
        AND i.run_id NOT IN (SELECT run_id FROM family)
"""  # noqa: S608
_SENT = f"""
    SELECT target_id, op, key, fields FROM sync.intents i
    WHERE system = %(system)s AND target_id = ANY(%(ids)s) AND object IN ('account', 'company')
        AND (state = 'confirmed' OR {_MADE})
    ORDER BY seq
"""  # noqa: S608 - a text of this module
_FIELDS = "SELECT account_id, company_id, name, side FROM sync.field_decisions WHERE run_id = %s AND held = ''"
_INSERT = """
    INSERT INTO sync.reversals (run_id, place, system, object, op, source_id, target_id, account_id, company_id,
        about_system, about_id, key, fields, before, reason, message)
    VALUES (%(run)s, %(place)s, %(system)s, %(object)s, %(op)s, %(source_id)s, %(target_id)s, %(account_id)s,
        %(company_id)s, %(about_system)s, %(about_id)s, %(key)s, %(fields)s, %(before)s, %(reason)s, %(message)s)
"""
_DECISIONS = """
    INSERT INTO sync.decisions (run_id, system, key, action, record_id, reason, rule, partner_id, value)
    SELECT run_id, about_system, CASE about_system WHEN 'salesforce' THEN staging.salesforce_key(about_id)
            ELSE about_id::bigint END,
        CASE WHEN bool_or(reason = '') THEN 'REVERT' ELSE 'KEEP' END, about_id,
        CASE WHEN bool_or(reason = '') THEN 'run_reverted' ELSE min(reason) END, 'R104',
        min(CASE about_system WHEN 'salesforce' THEN company_id ELSE account_id END), %(undone)s
    FROM sync.reversals WHERE run_id = %(run)s GROUP BY run_id, about_system, about_id
"""
# What the undone run decided of a field, the other way round: so the memory of fields learns what came of it as it does
# of any other run's plan.
_FIELDS_BACK = """
    INSERT INTO sync.field_decisions (run_id, account_id, company_id, name, side, value, before, rule)
    SELECT %(run)s, f.account_id, f.company_id, f.name, f.side, f.before, f.value, 'R104'
    FROM sync.field_decisions f JOIN unnest(%(accounts)s::text[], %(names)s::text[], %(sides)s::text[])
        AS back (account_id, name, side) USING (account_id, name, side)
    WHERE f.run_id = %(undone)s AND f.held = ''
"""
_SEEN = """
    INSERT INTO sync.field_seen (run_id, system, record_id, account_id, company_id, is_known, salesforce, hubspot,
        base_salesforce, base_hubspot, salesforce_version, hubspot_version)
    SELECT %(run)s, 'salesforce', b.account_id, b.account_id, b.company_id, true, b.salesforce, b.hubspot, b.salesforce,
        b.hubspot, a.stamp || ' ' || a.content_hash, c.stamp || ' ' || c.content_hash
    FROM sync.field_base b
    LEFT JOIN staging.salesforce_accounts a ON a.id = b.account_id
    LEFT JOIN staging.hubspot_companies c ON c.id = b.company_id
    WHERE (b.account_id, b.company_id) IN (
        SELECT account_id, company_id FROM sync.field_decisions WHERE run_id = %(run)s)
"""
# A rejected write that follows another one is tried again by any later run.
_GIVE_UP = """
    UPDATE sync.intents i SET state = 'superseded', done_at = now()
    WHERE i.state IN ('planned', 'rejected') AND (i.run_id = %(undone)s OR (i.account_id, i.company_id) IN (
        SELECT v.account_id, v.company_id FROM sync.reversals v
        WHERE v.run_id = %(run)s AND v.op = 'unpair' AND v.reason = ''))
"""
_NOTE_LEFT = """
    INSERT INTO sync.outcomes (run_id, system, record_id, action, result, code, message)
    SELECT v.run_id, v.about_system, v.about_id, d.action, 'skipped', v.reason, v.message
    FROM sync.reversals v JOIN sync.decisions d ON (d.run_id, d.system, d.record_id)
        = (v.run_id, v.about_system, v.about_id)
    WHERE v.run_id = %(run)s AND v.reason <> '' AND NOT EXISTS (
        SELECT FROM sync.outcomes o WHERE o.intent_id IS NULL
            AND (o.run_id, o.system, o.record_id, o.message) = (v.run_id, v.about_system, v.about_id, v.message))
    ORDER BY v.place
"""


def written_by(database: Database, run_id: str) -> list[Written]:
    """Return what a run and its family wrote, in order, and what the run sent without knowing yet what came of it."""
    found = database.rows(_WRITTEN, {"run": run_id})
    return [Written(from_row(row), row["result"], row["is_own"]) for row in found]


def written_by_others(database: Database, run_id: str, system: System, ids: Sequence[str]) -> set[str]:
    """Return which of these records any run outside the family wrote to."""
    rows = database.rows(_STRANGERS, {"run": run_id, "system": system, "ids": list(ids)})
    return {row["target_id"] for row in rows}


def last_sent(database: Database, system: System, ids: Sequence[str], key_field: str) -> dict[str, dict[str, Any]]:
    """Return the values that Accord last gave these records, by id; the key field among them."""
    sent: dict[str, dict[str, Any]] = {record_id: {} for record_id in ids}
    for row in database.rows(_SENT, {"system": system, "ids": list(ids)}):
        key = {key_field: row["key"]} if row["op"] == "create" else {}
        sent[row["target_id"]] |= {**key, **row["fields"]}
    return sent


def decided_fields(database: Database, run_id: str) -> set[tuple[str, str, str]]:
    """Return (side, id of the written record, rule name) of each mapped field that a run's plan still knows of."""
    return {
        (row["side"], row["account_id"] if row["side"] == "salesforce" else row["company_id"], row["name"])
        for row in database.rows(_FIELDS, [run_id])
    }


def keep_plan(database: Database, run: Run, rows: Sequence[Reversal], fields: Sequence[tuple[str, str, str]]) -> None:
    """Replace the plan of a revert by this one.

    Args:
        database: the warehouse.
        run: the revert.
        rows: in the order in which they are done.
        fields: (account id, rule name, side) of the mapped fields that are put back while their pair stands.
    """
    names = {"run": run.run_id, "undone": run.scope.undone_run}
    accounts, rules, sides = (list(column) for column in zip(*fields, strict=True)) if fields else ([], [], [])
    with database.transaction() as connection:
        for table in ("reversals", "decisions", "field_decisions", "field_seen"):
            connection.execute(f"DELETE FROM sync.{table} WHERE run_id = %(run)s", names)  # noqa: S608 - names above
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [_row(run.run_id, place, row) for place, row in enumerate(rows)])
        connection.execute(_DECISIONS, names)
        connection.execute(_FIELDS_BACK, {**names, "accounts": accounts, "names": rules, "sides": sides})
        connection.execute(_SEEN, names)


def to_write(connection: psycopg.Connection[Row], run_id: str) -> Iterator[list[Row]]:
    """Yield the rows of a plan that ask for a write, newest write first, a few thousand at a time."""
    with connection.cursor(name="reversals_to_write") as cursor:
        cursor.execute(
            "SELECT * FROM sync.reversals WHERE run_id = %s AND reason = '' AND op NOT IN ('pair', 'unpair')"
            " ORDER BY place",
            [run_id],
        )
        while rows := cursor.fetchmany(_CHUNK):
            yield rows


def give_up(connection: psycopg.Connection[Row], run: Run) -> int:
    """Return how many unsent writes of the undone run, or about pairs that end, were given up.

    Its plan has no digest any more, so that a task of it that is tried again does none of it over.
    """
    names = {"run": run.run_id, "undone": run.scope.undone_run, "digest": f"undone by {run.run_id}"}
    connection.execute("UPDATE sync.runs SET plan_digest = %(digest)s WHERE run_id = %(undone)s", names)
    return connection.execute(_GIVE_UP, names).rowcount


def note_left(connection: psycopg.Connection[Row], run_id: str) -> int:
    """Return how many things were noted on their records as left as they are, each once."""
    return connection.execute(_NOTE_LEFT, {"run": run_id}).rowcount


def _row(run_id: str, place: int, row: Reversal) -> dict[str, Any]:
    """Return the parameters of the INSERT of one row."""
    known = asdict(row)
    about_system, about_id = known.pop("about")
    json = {name: Jsonb(known.pop(name)) for name in ("fields", "before")}
    return {**known, **json, "run": run_id, "place": place, "about_system": about_system, "about_id": about_id}
