"""What a run wrote, and the plan that undoes it: one row per write that undoes another, or that is left with a reason.

A run's family are the run, the runs that undid it, those that undid them, and so on: what any of them wrote last is no
change by somebody else (R104).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg import sql
from psycopg.types.json import Jsonb

from accord.store.common_form import kept
from accord.store.ledger import from_row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import psycopg

    from accord.model.scope import Run
    from accord.model.settings import FieldRule
    from accord.store.database import Database, Row
    from accord.store.ledger import Intent, System

_CHUNK = 2_000


class Written(NamedTuple):
    """A write of a run's family: as it was settled, the word of its outcome, and whether the run itself did it."""

    intent: Intent
    result: str
    is_own: bool


class PutBack(NamedTuple):
    """A field of a record on its way back: values are texts as staging keeps them, None is blank.

    Attributes:
        side: the CRM of the record.
        record_id: of the account or company.
        name: of the rule that maps the field, "" where none does at present.
        value: what it gets.
        before: what it has now.
    """

    side: System
    record_id: str
    name: str
    value: str | None
    before: str | None


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
# What a field is put back to, as the decision of a run that writes it: so the memory of fields learns what came of it
# as it does of any other plan. It belongs to the pair that the record is in now, which need not be the one it was in.
# Of pairs that end or come back, what both sides had when they ended is remembered as it is.
_FIELDS_BACK = """
    CREATE TEMPORARY TABLE put_back ON COMMIT DROP AS
    SELECT pair.*, back.side, back.name, back.value, back.before
    FROM unnest(%(sides)s::text[], %(records)s::text[], %(names)s::text[], %(values)s::text[], %(befores)s::text[])
        AS back (side, record_id, name, value, before)
    CROSS JOIN LATERAL (
        SELECT account_id, company_id FROM sync.pairs
            WHERE is_active AND back.side = 'salesforce' AND account_id = back.record_id
        UNION ALL SELECT account_id, company_id FROM sync.pairs
            WHERE is_active AND back.side = 'hubspot' AND company_id = back.record_id
    ) pair
    WHERE NOT EXISTS (SELECT FROM sync.reversals v WHERE v.run_id = %(run)s AND v.op = 'unpair'
        AND (v.source_id, v.target_id) = (pair.account_id, pair.company_id))
"""
_DECIDED_BACK = sql.SQL("""
    INSERT INTO sync.field_decisions (run_id, account_id, company_id, name, side, value, before, rule)
    SELECT {run}, account_id, company_id, name, side, CASE side WHEN 'salesforce' THEN {salesforce} ELSE {hubspot} END,
        before, 'R104'
    FROM put_back WHERE name = ANY({known})
""")
# A field that is put back and that no rule maps now leaves the memory: should it be mapped again, it begins anew.
_SEEN = sql.SQL("""
    INSERT INTO sync.field_seen (run_id, system, record_id, account_id, company_id, is_known, salesforce, hubspot,
        base_salesforce, base_hubspot, salesforce_version, hubspot_version, mapped)
    SELECT {run}, 'salesforce', b.account_id, b.account_id, b.company_id, true, kept.salesforce, kept.hubspot,
        kept.salesforce, kept.hubspot, a.stamp || ' ' || a.content_hash, c.stamp || ' ' || c.content_hash, b.mapped
    FROM sync.field_base b
    LEFT JOIN staging.salesforce_accounts a ON a.id = b.account_id
    LEFT JOIN staging.hubspot_companies c ON c.id = b.company_id
    CROSS JOIN LATERAL (SELECT
        (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(b.salesforce) WHERE key = ANY({known}))
            AS salesforce,
        (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(b.hubspot) WHERE key = ANY({known}))
            AS hubspot) kept
    WHERE (b.account_id, b.company_id) IN (SELECT account_id, company_id FROM put_back)
""")
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


def keep_plan(
    database: Database, run: Run, rows: Sequence[Reversal], fields: Sequence[PutBack], rules: Sequence[FieldRule]
) -> None:
    """Replace the plan of a revert by this one.

    Args:
        database: the warehouse.
        run: the revert.
        rows: in the order in which they are done.
        fields: what is put back; those whose record is in a pair that stands change what is remembered of it.
        rules: the field map.
    """
    names = {"run": run.run_id, "undone": run.scope.undone_run}
    with database.transaction() as connection:
        for table in ("reversals", "decisions", "field_decisions", "field_seen"):
            connection.execute(f"DELETE FROM sync.{table} WHERE run_id = %(run)s", names)  # noqa: S608 - names above
        with connection.cursor() as cursor:
            cursor.executemany(_INSERT, [_row(run.run_id, place, row) for place, row in enumerate(rows)])
        connection.execute(_DECISIONS, names)
        _keep_fields(connection, run.run_id, fields, rules)


def _keep_fields(
    connection: psycopg.Connection[Row], run_id: str, fields: Sequence[PutBack], rules: Sequence[FieldRule]
) -> None:
    """Keep what the memory of fields learns once they are put back."""
    columns = ("sides", "records", "names", "values", "befores")
    rows = zip(*fields, strict=True) if fields else [[]] * len(columns)
    connection.execute(_FIELDS_BACK, {"run": run_id, **dict(zip(columns, map(list, rows), strict=True))})
    parts = {"run": sql.Literal(run_id), "known": sql.Literal([rule.name for rule in rules])}
    forms = {
        side: kept(side, rules, sql.Identifier("name"), sql.Identifier("value")) for side in ("salesforce", "hubspot")
    }
    connection.execute(_DECIDED_BACK.format(**parts, **forms))
    connection.execute(_SEEN.format(**parts))


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
