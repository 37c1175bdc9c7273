"""What Accord remembers about one account or company: decisions, writes, pairs, reviews, requests. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from accord.model.facts import System
    from accord.store.database import Database, Row

STATUS = """CASE WHEN r.mode = 'plan' THEN 'planned' WHEN r.counts ->> 'is_applied' = 'true' THEN 'applied'
                 ELSE 'unfinished' END AS status"""
"""Of a run: whether what it decided was carried out."""

# A pair has one row, under its account; a created record is found by the write that made it.
_DECISIONS = f"""
    SELECT d.*, r.started_at, {STATUS}
    FROM sync.decisions d JOIN sync.runs r USING (run_id)
    WHERE (d.system = %(system)s AND d.record_id = %(id)s)
        OR (d.partner_id = %(id)s AND d.system <> %(system)s AND d.action IN ('LINK', 'RELINK', 'UPDATE'))
        OR (d.action IN ('CREATE_COMPANY', 'CREATE_ACCOUNT') AND (d.run_id, d.record_id) IN (
            SELECT i.run_id, i.source_id FROM sync.intents i
            WHERE i.op = 'create' AND i.system = %(system)s AND i.target_id = %(id)s))
    ORDER BY r.started_at DESC, r.run_id DESC, d.action
"""  # noqa: S608 - only texts of this module
_PEOPLE = """
    SELECT p.* FROM sync.decision_people p
    JOIN unnest(%(runs)s::text[], %(systems)s::text[], %(keys)s::bigint[]) AS d (run_id, system, key)
        USING (run_id, system, key)
    ORDER BY p.role, NOT p.is_primary, p.salesforce_contact_id, p.hubspot_contact_id
"""
_FIELDS = f"""
    SELECT f.*, r.started_at, {STATUS}, coalesce((SELECT min(o.message) FROM sync.outcomes o WHERE o.intent_id IS NULL
        AND (o.run_id, o.code) = (f.run_id, f.held) AND o.record_id IN (f.account_id, f.company_id)), '') AS message
    FROM sync.field_decisions f JOIN sync.runs r USING (run_id)
    WHERE {{side}} = %(id)s ORDER BY r.started_at DESC, r.run_id DESC, f.name
"""  # noqa: S608
_WRITES = f"""
    SELECT i.*, o.result, coalesce(o.code, i.error_code) AS code, coalesce(o.message, i.error_text) AS message,
           r.started_at, {STATUS}
    FROM sync.intents i LEFT JOIN sync.outcomes o ON o.intent_id = i.id AND o.field = ''
    JOIN sync.runs r ON r.run_id = i.run_id
    WHERE {{which}} ORDER BY i.seq
"""  # noqa: S608
_LEFT_OUT = "SELECT * FROM sync.outcomes WHERE intent_id = ANY(%(ids)s) AND field <> '' ORDER BY id"
_NOTES = f"""
    SELECT o.*, r.started_at, {STATUS} FROM sync.outcomes o JOIN sync.runs r USING (run_id)
    WHERE o.intent_id IS NULL AND o.field = '' AND o.record_id = ANY(%(ids)s) ORDER BY o.id
"""  # noqa: S608
_PAIRS = "SELECT * FROM sync.pairs WHERE {side} = %(id)s ORDER BY is_active DESC, created_at DESC, id DESC"
_REQUESTS = "SELECT * FROM sync.requests WHERE system = %(system)s AND record_id = %(id)s ORDER BY id DESC"

_NAMES_IT = (
    "%(id)s IN (rival_id, waiting_for_id, taken_by_id) OR (partner_id = %(id)s AND action IN ('REVIEW', 'WAIT'))"
)
_MENTIONS = f"""
    SELECT * FROM (
        SELECT DISTINCT ON (d.system, d.key) d.*
        FROM sync.decisions d JOIN sync.runs r USING (run_id)
        WHERE d.action <> 'SET_STAGE'
            AND (d.system, d.key) IN (SELECT system, key FROM sync.decisions WHERE {_NAMES_IT})
        ORDER BY d.system, d.key, r.started_at DESC, r.run_id DESC
    ) latest
    WHERE record_id <> %(id)s AND ({_NAMES_IT}) AND NOT EXISTS (
        SELECT FROM sync.pairs p WHERE p.is_active
            AND (p.account_id, p.company_id) IN ((%(id)s, record_id), (record_id, %(id)s)))
    ORDER BY record_id LIMIT 20
"""  # noqa: S608 - what a partner waited for is past once the two are a pair


def decisions(database: Database, system: System, record_id: str) -> list[Row]:
    """Return the decisions about a record and its pair, newest run first, each with `started_at` and `status`."""
    return database.rows(_DECISIONS, {"system": system, "id": record_id})


def people(database: Database, decided: Sequence[Row]) -> list[Row]:
    """Return the people behind these decisions."""
    keys = {(row["run_id"], row["system"], row["key"]) for row in decided}
    runs, systems, ids = zip(*sorted(keys), strict=True) if keys else ((), (), ())
    return database.rows(_PEOPLE, {"runs": list(runs), "systems": list(systems), "keys": list(ids)})


def field_decisions(database: Database, system: System, record_id: str) -> list[Row]:
    """Return what was decided about the mapped fields of the record's pairs, newest run first."""
    return database.rows(_FIELDS.format(side=f"f.{_side(system)}"), {"id": record_id})


def writes(database: Database, system: System, record_id: str) -> list[Row]:
    """Return the writes about an account or company, in order, with what came of each."""
    which = f"i.{_side(system)} = %(id)s OR i.target_id = %(id)s AND i.system = %(system)s"
    return database.rows(_WRITES.format(which=which), {"system": system, "id": record_id})


def left_out(database: Database, intent_ids: Sequence[UUID]) -> list[Row]:
    """Return the single values that writes left out (R71)."""
    return database.rows(_LEFT_OUT, {"ids": list(intent_ids)})


def notes(database: Database, record_ids: Sequence[str]) -> list[Row]:
    """Return what was left as it is without any write of these records, such as a stage without a rank (R58)."""
    return database.rows(_NOTES, {"ids": list(record_ids)})


def pairs_of(database: Database, system: System, record_id: str) -> list[Row]:
    """Return the pairs of a record, the active one first, then the ended ones."""
    return database.rows(_PAIRS.format(side=_side(system)), {"id": record_id})


def requests_of(database: Database, system: System, record_id: str) -> list[Row]:
    """Return what was asked for about a record, newest first."""
    return database.rows(_REQUESTS, {"system": system, "id": record_id})


def mentions(database: Database, record_id: str) -> list[Row]:
    """Return the decisions that stand for other records and name this one in their reason, at most twenty."""
    return database.rows(_MENTIONS, {"id": record_id})


def _side(system: System) -> Literal["account_id", "company_id"]:
    """Return the column of a pair that holds the record's id."""
    return "account_id" if system == "salesforce" else "company_id"
