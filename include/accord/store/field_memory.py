"""The memory of mapped fields: what both sides of a pair had after the last run (R62-R68, R99).

A run looks at the pairs that stand (`look`), keeps what it saw with its plan (`Seen.keep`), and the next one makes
that the memory once it is known what came of each write (`promote`). So a change that arrives while a run is at work
is never taken for an old one, and a run that is killed anywhere loses none.
"""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from psycopg import sql
from psycopg.types.json import Jsonb

from accord.model.columns import FIELD_VALUES, conform, empty
from accord.store.common_form import kept_json, referred, resolved
from accord.store.pages import scratch_table
from accord.store.tables import STAGING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    import pandas as pd
    import psycopg

    from accord.model.settings import FieldRule
    from accord.store.database import Database, Row

_STANDING = {"account_key": "bigint", "company_key": "bigint", "origin": "text", "is_asked": "boolean"}
_SEEN = {
    **{"account_key": "bigint", "company_key": "bigint", "account_id": "text", "company_id": "text"},
    **{"is_known": "boolean", "is_asked": "boolean", "salesforce": "jsonb", "hubspot": "jsonb"},
    **{"base_salesforce": "jsonb", "base_hubspot": "jsonb", "repeats": "jsonb", "staged": "text"},
    **{"salesforce_at": "timestamptz", "hubspot_at": "timestamptz"},
    **{"salesforce_version": "text", "hubspot_version": "text"},
}
REPEATS_WITHIN = timedelta(days=1)
"""A write that was undone longer ago than this is no part of a loop."""

# Of a pair that was known before, a field without memory is a new mapping: what stands is where it begins (R68). What
# was looked at in the same versions of both records is not looked at again. A staged record that is older than our
# last write to it shows what we replaced: it counts as what we wrote, and is looked at again (R99, R101). A rule that
# maps another field than before has no memory of it: it begins anew, too.
_LOOK = sql.SQL("""
    INSERT INTO {seen} ({columns})
    SELECT p.account_key, p.company_key, a.id, c.id, p.origin = 'known', p.is_asked, now.salesforce, now.hubspot,
        CASE WHEN p.origin = 'linked' THEN '{{}}'
            WHEN p.is_asked THEN kept.salesforce
            ELSE now.salesforce || kept.salesforce END,
        CASE WHEN p.origin = 'linked' THEN '{{}}'
            WHEN p.is_asked THEN kept.hubspot
            ELSE now.hubspot || kept.hubspot END,
        coalesce(b.repeats, '{{}}'), CASE WHEN NOT old.account AND NOT old.company THEN v.staged END,
        a.modified_at, c.stamp, v.account, v.company
    FROM {standing} p
    JOIN staging.salesforce_accounts a ON a.key = p.account_key
    JOIN staging.hubspot_companies c ON c.key = p.company_key
    LEFT JOIN sync.field_base b ON b.account_id = a.id AND p.origin <> 'linked'
        AND (b.company_id = c.id OR p.origin = 'moved')
    CROSS JOIN LATERAL (SELECT md5(a.content_hash || c.content_hash || {version} || {referred}) AS staged,
        a.stamp || ' ' || a.content_hash AS account, c.stamp || ' ' || c.content_hash AS company OFFSET 0) v
    CROSS JOIN LATERAL (SELECT
        coalesce(v.account = b.salesforce_as_of OR a.stamp < b.salesforce_since, false) AS account,
        coalesce(v.company = b.hubspot_as_of OR c.stamp < b.hubspot_since, false) AS company OFFSET 0) old
    CROSS JOIN LATERAL (SELECT {kept_salesforce} AS salesforce, {kept_hubspot} AS hubspot OFFSET 0) kept
    CROSS JOIN LATERAL (SELECT
        CASE WHEN old.account THEN {salesforce} || kept.salesforce ELSE {salesforce} END AS salesforce,
        CASE WHEN old.company THEN {hubspot} || kept.hubspot ELSE {hubspot} END AS hubspot OFFSET 0) now
    WHERE p.is_asked OR p.origin <> 'known' OR b.staged IS DISTINCT FROM v.staged
""")

_STILL_MAPPED = sql.SQL("""
    CASE WHEN b.mapped IS NULL OR b.mapped = {mapped} THEN coalesce(b.{side}, '{{}}')
        ELSE (SELECT coalesce(jsonb_object_agg(key, value), '{{}}') FROM jsonb_each(b.{side})
            WHERE b.mapped -> key = {mapped} -> key) END
""")

# Sides that agree need no write; they matter only where a formula asks whether anything else changed (R70).
_VALUES = sql.SQL("""
    SELECT s.account_key, s.company_key, r.name, r.rule, v.*,
        coalesce(ours.changed_at, s.salesforce_at) AS salesforce_at,
        coalesce(theirs.changed_at, s.hubspot_at) AS hubspot_at, s.is_asked, r.is_formula,
        {to_hubspot} AS repeats_to_hubspot, {to_salesforce} AS repeats_to_salesforce
    FROM {seen} s CROSS JOIN ({rules}) r {sides}
    LEFT JOIN staging.field_times ours
        ON (ours.system, ours.record_id, ours.name) = ('salesforce', s.account_id, r.salesforce_name)
    LEFT JOIN staging.field_times theirs
        ON (theirs.system, theirs.record_id, theirs.name) = ('hubspot', s.company_id, r.name)
    WHERE v.salesforce IS DISTINCT FROM v.hubspot
        OR r.has_formulas AND v.salesforce IS DISTINCT FROM v.base_salesforce
""")
_SIDES = sql.SQL("""
    CROSS JOIN LATERAL (SELECT {salesforce} AS salesforce, s.hubspot ->> r.name AS hubspot,
        {base_salesforce} AS base_salesforce, s.base_hubspot ->> r.name AS base_hubspot) v
""")
_RULES = sql.SQL("""
    SELECT rules.*, coalesce(d.is_formula, false) AS is_formula, bool_or(coalesce(d.is_formula, false)) OVER () AS
        has_formulas
    FROM (VALUES {rows}) AS rules (name, rule, salesforce_name)
    LEFT JOIN staging.described_fields d ON (d.system, d.object) = ('salesforce', 'Account')
        AND lower(d.name) = lower(rules.salesforce_name)
""")
_REPEATS = sql.SQL("""
    CASE WHEN (s.repeats #>> ARRAY[r.name, {side}, '3'])::timestamptz > {since}
        AND s.repeats #>> ARRAY[r.name, {side}, '0'] IS NOT DISTINCT FROM v.{source}
        AND s.repeats #>> ARRAY[r.name, {side}, '1'] IS NOT DISTINCT FROM v.{target}
        THEN coalesce((s.repeats #>> ARRAY[r.name, {side}, '2'])::bigint, 0) ELSE 0 END
""")
_KEEP = sql.SQL("""
    INSERT INTO sync.field_seen (run_id, system, record_id, account_id, company_id, is_known, salesforce, hubspot,
        base_salesforce, base_hubspot, staged, salesforce_version, hubspot_version, mapped)
    SELECT %s, 'salesforce', account_id, account_id, company_id, is_known, salesforce, hubspot, base_salesforce,
        base_hubspot, staged, salesforce_version, hubspot_version, {mapped}
    FROM {seen}
""")


_CONFLICTS = sql.SQL("""
    SELECT DISTINCT s.account_id, s.company_id, r.name
    FROM {seen} s CROSS JOIN unnest({names}::text[]) AS r (name) {sides}
    WHERE v.salesforce IS DISTINCT FROM v.hubspot AND v.salesforce IS DISTINCT FROM v.base_salesforce
        AND v.hubspot IS DISTINCT FROM v.base_hubspot
    ORDER BY 1, 2, 3
""")
_STAGE_TIMES = """
    INSERT INTO staging.field_times (system, record_id, name, changed_at)
    SELECT system, record_id, name, max(changed_at) FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[])
        AS said (system, record_id, name, changed_at) GROUP BY 1, 2, 3
    ON CONFLICT (system, record_id, name) DO UPDATE SET changed_at = excluded.changed_at
"""


class Conflict(NamedTuple):
    """A two-way field that changed on both sides."""

    account_id: str
    company_id: str
    name: str


@dataclass(frozen=True)
class Seen:
    """What was seen of the mapped fields of standing pairs, in a scratch table of its own."""

    database: Database
    table: sql.Identifier
    rules: Sequence[FieldRule]
    now: datetime

    def values(self) -> pd.DataFrame:
        """Return FIELD_VALUES: one row per field whose sides differ, in common form."""
        if not self.rules:
            return empty(FIELD_VALUES)
        since = self.now - REPEATS_WITHIN
        query = _VALUES.format(
            seen=self.table,
            sides=_sides(self.rules),
            rules=_RULES.format(rows=sql.SQL(", ").join(map(_rule_row, self.rules))),
            to_hubspot=_repeats("hubspot", "salesforce", since),
            to_salesforce=_repeats("salesforce", "hubspot", since),
        )
        return conform(self.database.frame(query.as_string(None)), FIELD_VALUES, "field values")

    def conflicts(self) -> list[Conflict]:
        """Return the two-way fields that both sides changed, so that it matters which did last."""
        names = [rule.name for rule in self.rules if rule.rule == "two_way"]
        if not names:
            return []
        query = _CONFLICTS.format(seen=self.table, names=sql.Literal(names), sides=_sides(self.rules))
        with self.database.transaction() as connection:
            return [Conflict(**row) for row in connection.execute(query)]

    def stage_times(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Stage when fields changed.

        Args:
            rows: salesforce or hubspot, record id, field or property, time; the latest time of a field counts.
        """
        with self.database.transaction() as connection:
            connection.execute(_STAGE_TIMES, [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []])

    def keep(self, run_id: str) -> int:
        """Keep what was seen with the plan of a run, in place of what it saw before; return how many pairs.

        A plan that the run had is none any more: what was seen counts only with the plan that is made of it.
        """
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM sync.field_seen WHERE run_id = %s", [run_id])
            connection.execute("UPDATE sync.runs SET plan_digest = NULL WHERE run_id = %s", [run_id])
            return connection.execute(_KEEP.format(seen=self.table, mapped=_mapped_json(self.rules)), [run_id]).rowcount


@contextmanager
def look(database: Database, rules: Sequence[FieldRule], standing: pd.DataFrame, now: datetime) -> Iterator[Seen]:
    """Yield what staging and memory say of the mapped fields of standing pairs.

    Args:
        database: the warehouse.
        rules: the field map; staging has a column for each of its fields.
        standing: STANDING rows, of the pairs in scope.
        now: the time, UTC.
    """
    with (
        scratch_table(database, "standing", _STANDING) as pairs,
        scratch_table(database, "fields", _SEEN) as name,
    ):
        seen = sql.Identifier(STAGING, name)
        if len(standing) and rules:
            database.append(STAGING, pairs, standing[list(_STANDING)])
            with database.transaction() as connection:
                connection.execute(_look(seen, sql.Identifier(STAGING, pairs), rules))
        yield Seen(database, seen, rules, now)


def _look(seen: sql.Identifier, standing: sql.Identifier, rules: Sequence[FieldRule]) -> sql.Composed:
    """Return the statement that fills the scratch table."""
    version = "|".join(sorted(rule.model_dump_json() for rule in rules))
    return _LOOK.format(
        seen=seen,
        standing=standing,
        columns=sql.SQL(", ").join(map(sql.Identifier, _SEEN)),
        version=sql.Literal(version),
        referred=referred(rules, "a", "c"),
        salesforce=kept_json("salesforce", rules, "a"),
        hubspot=kept_json("hubspot", rules, "c"),
        kept_salesforce=_STILL_MAPPED.format(side=sql.Identifier("salesforce"), mapped=_mapped_json(rules)),
        kept_hubspot=_STILL_MAPPED.format(side=sql.Identifier("hubspot"), mapped=_mapped_json(rules)),
    )


def _mapped_json(rules: Sequence[FieldRule]) -> sql.Composed:
    """Return a literal of what the rules map."""
    return sql.SQL("{}::jsonb").format(sql.Literal(json.dumps(_mapped(rules))))


def _mapped(rules: Sequence[FieldRule]) -> dict[str, str]:
    """Return `{rule name: what it maps and as what}`, which is kept beside the memory of its values."""
    return {rule.name: f"{rule.salesforce.lower()} {rule.kind}" for rule in rules}


def _sides(rules: Sequence[FieldRule]) -> sql.Composed:
    """Return what both sides of a field have and had, in common form."""
    now, base = (sql.SQL("s.{} ->> r.name").format(sql.Identifier(it)) for it in ("salesforce", "base_salesforce"))
    name = sql.Identifier("r", "name")
    return _SIDES.format(salesforce=resolved(rules, name, now), base_salesforce=resolved(rules, name, base))


def _rule_row(rule: FieldRule) -> sql.Composed:
    """Return a field rule as a row of VALUES."""
    return sql.SQL("({}, {}, {})").format(sql.Literal(rule.name), sql.Literal(rule.rule), sql.Literal(rule.salesforce))


def _repeats(side: str, source: str, since: datetime) -> sql.Composed:
    """Return how often the source's value was lately written to a side over the value that it has now (I11)."""
    return _REPEATS.format(
        side=sql.Literal(side), source=sql.Identifier(source), target=sql.Identifier(side), since=sql.Literal(since)
    )


def remember_creations(
    connection: psycopg.Connection[Row],
    run_id: str,
    made: Sequence[tuple[str, str, Mapping[str, str | None], Mapping[str, str | None]]],
    rules: Sequence[FieldRule],
) -> None:
    """Keep what both sides of a pair have once a record is created, in the caller's transaction.

    Args:
        connection: in a transaction.
        run_id: the run that plans the creations.
        made: of each the system and id of the record it is made from, and the values of Salesforce and of HubSpot.
        rules: the field map.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            """
            INSERT INTO sync.field_seen (run_id, system, record_id, account_id, company_id, salesforce, hubspot, mapped)
            VALUES (%(run)s, %(system)s, %(id)s, %(account)s, %(company)s, %(salesforce)s, %(hubspot)s, %(mapped)s)
            ON CONFLICT (run_id, system, record_id) DO UPDATE SET salesforce = excluded.salesforce,
                hubspot = excluded.hubspot
            """,
            [
                {
                    "run": run_id,
                    "system": system,
                    "id": record_id,
                    "account": record_id if system == "salesforce" else None,
                    "company": record_id if system == "hubspot" else None,
                    "salesforce": Jsonb(dict(salesforce)),
                    "hubspot": Jsonb(dict(hubspot)),
                    "mapped": Jsonb(_mapped(rules)),
                }
                for system, record_id, salesforce, hubspot in made
            ],
        )


def leave_out(connection: psycopg.Connection[Row], run_id: str, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Note why decided fields are not written, in the caller's transaction (R71).

    Args:
        connection: in a transaction.
        run_id: whose plan it is.
        rows: account, company, rule name, and the code of what is wrong with the value.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE sync.field_decisions SET held = %s WHERE run_id = %s AND account_id = %s AND company_id = %s"
            " AND name = %s",
            [(code, run_id, account, company, name) for account, company, name, code in rows],
        )
