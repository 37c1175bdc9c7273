"""Plans as rows: what a run decided, with the ids behind the keys, and a digest of the content."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from psycopg import sql

from accord.model.columns import DECISIONS, FIELD_DECISIONS, PEOPLE
from accord.model.errors import StalePlan
from accord.store.pages import scratch_table
from accord.store.tables import STAGING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd
    import psycopg

    from accord.model.scope import Run
    from accord.model.snapshot import Plan
    from accord.store.database import Database, Row

_TYPES = {"int64": "bigint", "bool": "boolean", "str": "text", "object": "text"}

# An account may be known by its id alone: stored on a company or in a pair, but not visible to us (R4).
_ACCOUNT_IDS = """
    CREATE TEMP TABLE plan_account ON COMMIT DROP AS
    SELECT DISTINCT ON (key) key, id FROM (
        SELECT key, id FROM staging.salesforce_accounts
        UNION ALL SELECT stored_account_key, btrim(stored_account_id) FROM staging.hubspot_companies
            WHERE stored_account_key <> -1
        UNION ALL SELECT accord_account_key, split_part(accord_key, '-', 3) FROM staging.hubspot_companies
            WHERE accord_account_key <> -1
        UNION ALL SELECT account_key, account_id FROM sync.pairs
    ) known ORDER BY key, length(id) DESC
"""

_DECISIONS = sql.SQL("""
    INSERT INTO sync.decisions (run_id, system, key, action, record_id, reason, rule, partner_id, runner_up_id,
        taken_by_id, rival_id, waiting_for_id, because_id, attach_to_id, value, evidence, shared_people,
        shared_primaries, held_action, held_reason, warnings)
    SELECT {run}, d.system, d.key, d.action, CASE d.system WHEN 'salesforce' THEN own.id ELSE d.key::text END,
        d.reason, d.rule,
        CASE d.system WHEN 'salesforce' THEN {company_partner} ELSE partner.id END, {runner_up},
        taken_by.id, rival.id, waiting_for.id, {because}, attach_to.id, d.value, d.evidence, d.shared_people,
        d.shared_primaries, d.held_action, d.held_reason, d.warnings
    FROM {page} d
    LEFT JOIN plan_account own ON own.key = d.key
    LEFT JOIN plan_account partner ON partner.key = d.partner_key
    LEFT JOIN plan_account taken_by ON taken_by.key = d.taken_by_key
    LEFT JOIN plan_account rival ON rival.key = d.rival_key
    LEFT JOIN plan_account waiting_for ON waiting_for.key = d.waiting_for_key
    LEFT JOIN plan_account attach_to ON attach_to.key = d.attach_to_key
""")

_PEOPLE = sql.SQL("""
    INSERT INTO sync.decision_people
        (run_id, system, key, role, salesforce_contact_id, hubspot_contact_id, kind, is_primary)
    SELECT {run}, p.system, p.key, p.role, c.id, {hubspot_contact}, p.kind, p.is_primary
    FROM {page} p LEFT JOIN staging.salesforce_contacts c ON c.key = p.salesforce_contact_key
    ORDER BY p.system, p.key, p.role, c.id, p.hubspot_contact_key
""")

_FIELDS = sql.SQL("""
    INSERT INTO sync.field_decisions (run_id, account_id, company_id, name, side, value, before, rule, warnings, held)
    SELECT {run}, a.id, f.company_key::text, f.name, f.side, f.value, f.before, f.rule, f.warnings, f.held
    FROM {page} f JOIN plan_account a ON a.key = f.account_key
""")


def write_plan(database: Database, run: Run, plan: Plan) -> str:
    """Replace the plan of a run by this one; return its digest.

    The digest is a SHA-256 over the rows in order, without the run: the same decisions have the same digest in any
    run and any row order.
    """
    with (
        _loaded(database, plan.decisions, DECISIONS) as decisions,
        _loaded(database, plan.people, PEOPLE) as people,
        _loaded(database, plan.fields, FIELD_DECISIONS) as fields,
        database.transaction() as connection,
    ):
        for table in ("decisions", "decision_people", "field_decisions"):
            connection.execute(
                sql.SQL("DELETE FROM {} WHERE run_id = %s").format(sql.Identifier("sync", table)), [run.run_id]
            )
        connection.execute(_ACCOUNT_IDS)
        connection.execute("ANALYZE plan_account")
        _insert(connection, run, decisions, people, fields)
    return digest_of(plan)


def digest_of(plan: Plan) -> str:
    """Return the SHA-256 of a plan's rows, whatever their order."""
    digest = hashlib.sha256()
    for frame, contract in ((plan.decisions, DECISIONS), (plan.people, PEOPLE), (plan.fields, FIELD_DECISIONS)):
        ordered = frame[list(contract)].sort_values(list(contract), kind="stable", na_position="first")
        digest.update((ordered.to_json(orient="values") or "").encode())
    return digest.hexdigest()


def plan_counts(database: Database, run_id: str) -> dict[str, int]:
    """Return how many decisions of each action the plan of a run has, and how many field values it writes."""
    rows = database.rows(
        "SELECT lower(action) AS name, count(*) AS n FROM sync.decisions WHERE run_id = %(run)s GROUP BY action"
        " UNION ALL SELECT 'set_field', count(*) FROM sync.field_decisions WHERE run_id = %(run)s",
        {"run": run_id},
    )
    return {row["name"]: row["n"] for row in rows}


def held_rows(database: Database, run_id: str, limit: int) -> list[Row]:
    """Return the first held creations of a plan: record_id, name, held_action and the reason each would have had."""
    return database.rows(
        "SELECT d.record_id, coalesce(a.name, c.name, '') AS name, d.held_action, d.held_reason AS reason"
        " FROM sync.decisions d"
        " LEFT JOIN staging.salesforce_accounts a ON d.system = 'salesforce' AND a.id = d.record_id"
        " LEFT JOIN staging.hubspot_companies c ON d.system = 'hubspot' AND c.id = d.record_id"
        " WHERE d.run_id = %s AND d.action = 'HOLD' ORDER BY d.system, d.record_id LIMIT %s",
        [run_id, limit],
    )


def release_held(database: Database, run_id: str, digest: str) -> int:
    """Turn the held creations of an approved plan into what they held; return how many; none the second time.

    Raises:
        StalePlan: the plan of the run is no longer the one that was approved.
    """
    with database.transaction() as connection:
        row = connection.execute("SELECT plan_digest FROM sync.runs WHERE run_id = %s FOR UPDATE", [run_id]).fetchone()
        if row is None or row["plan_digest"] != digest:
            raise StalePlan(f"the plan of {run_id} is not the one that was approved ({digest[:12]}): it was made anew")
        connection.execute("UPDATE sync.runs SET counts = counts - 'by_decision' WHERE run_id = %s", [run_id])
        return connection.execute(
            "UPDATE sync.decisions SET action = held_action, reason = held_reason, held_action = '', held_reason = ''"
            " WHERE run_id = %s AND action = 'HOLD'",
            [run_id],
        ).rowcount


def _insert(
    connection: psycopg.Connection[Row],
    run: Run,
    decisions: sql.Identifier,
    people: sql.Identifier,
    fields: sql.Identifier,
) -> None:
    """Move the loaded frames into the tables of `sync`, with ids in place of keys."""
    literal = sql.Literal(run.run_id)
    connection.execute(
        _DECISIONS.format(
            run=literal,
            page=decisions,
            company_partner=_digits("d", "partner_key"),
            runner_up=_digits("d", "runner_up_key"),
            because=_digits("d", "because_key"),
        )
    )
    contact = _digits("p", "hubspot_contact_key")
    connection.execute(_PEOPLE.format(run=literal, page=people, hubspot_contact=contact))
    connection.execute(_FIELDS.format(run=literal, page=fields))


def _digits(table: str, column: str) -> sql.Composed:
    """Return a HubSpot key as its id, NULL where it names nobody."""
    return sql.SQL("nullif({}, -1)::text").format(sql.Identifier(table, column))


@contextmanager
def _loaded(database: Database, frame: pd.DataFrame, contract: Mapping[str, str]) -> Iterator[sql.Identifier]:
    """Yield the name of a scratch table that holds the frame."""
    columns = {column: _TYPES[dtype] for column, dtype in contract.items()}
    with scratch_table(database, "plan", columns) as name:
        database.append(STAGING, name, frame[list(contract)])
        yield sql.Identifier(STAGING, name)
