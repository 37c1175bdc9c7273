"""A stored plan as the frames it was made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from accord.model.columns import DECISIONS, FIELD_DECISIONS, PEOPLE, conform
from accord.model.snapshot import Plan

if TYPE_CHECKING:
    from accord.store.database import Database

_DECISIONS = """
    SELECT system, key, action, reason, rule,
           CASE WHEN system = 'salesforce' THEN coalesce(partner_id::bigint, -1)
                ELSE staging.salesforce_key(partner_id) END AS partner_key,
           coalesce(runner_up_id::bigint, -1) AS runner_up_key, staging.salesforce_key(taken_by_id) AS taken_by_key,
           staging.salesforce_key(rival_id) AS rival_key, staging.salesforce_key(waiting_for_id) AS waiting_for_key,
           coalesce(because_id::bigint, -1) AS because_key, staging.salesforce_key(attach_to_id) AS attach_to_key,
           value, evidence, shared_people, shared_primaries, held_action, held_reason, warnings
    FROM sync.decisions WHERE run_id = {run} ORDER BY system, key, action
"""
_PEOPLE = """
    SELECT system, key, role, staging.salesforce_key(salesforce_contact_id) AS salesforce_contact_key,
           coalesce(hubspot_contact_id::bigint, -1) AS hubspot_contact_key, kind, is_primary
    FROM sync.decision_people WHERE run_id = {run} ORDER BY 1, 2, 3, 4, 5, 6, 7
"""
_FIELDS = """
    SELECT staging.salesforce_key(account_id) AS account_key, company_id::bigint AS company_key,
           name, side, value, before, rule, warnings, held
    FROM sync.field_decisions WHERE run_id = {run} ORDER BY 1, 2, 3
"""


def read_plan(database: Database, run_id: str) -> Plan:
    """Return the plan of a run, held creations as they stand now; empty frames where nothing was planned."""
    run = sql.Literal(run_id)
    decisions, people, fields = (
        database.frame(sql.SQL(query).format(run=run).as_string(None)) for query in (_DECISIONS, _PEOPLE, _FIELDS)
    )
    return Plan(
        decisions=conform(decisions, DECISIONS, "stored decisions"),
        people=conform(people, PEOPLE, "stored people"),
        fields=conform(fields, FIELD_DECISIONS, "stored field decisions"),
    )
