"""What Accord remembers about one contact or lead: the decisions it was part of, the writes of itself. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.store.explained import STATUS

if TYPE_CHECKING:
    from accord.model.facts import System
    from accord.store.database import Database, Row

_ROLES = f"""
    SELECT p.role, d.*, r.started_at, {STATUS}
    FROM sync.decision_people p
    JOIN sync.decisions d USING (run_id, system, key)
    JOIN sync.runs r ON r.run_id = d.run_id
    WHERE {{column}} = %(id)s AND (d.action = 'SET_STAGE') = (p.role = 'stage')
    ORDER BY started_at DESC, run_id DESC, role DESC, record_id
"""  # noqa: S608 - only texts of this module
_WRITES_ABOUT = f"""
    SELECT i.*, o.result, coalesce(o.code, i.error_code) AS code, coalesce(o.message, i.error_text) AS message,
           r.started_at, {STATUS}
    FROM sync.intents i LEFT JOIN sync.outcomes o ON o.intent_id = i.id AND o.field = ''
    JOIN sync.runs r ON r.run_id = i.run_id
    WHERE {{which}} ORDER BY i.seq DESC
"""  # noqa: S608


def roles(database: Database, system: System, record_id: str) -> list[Row]:
    """Return the decisions that a person was named in, newest first, each with `role`, `started_at`, `status`."""
    column = "p.salesforce_contact_id" if system == "salesforce" else "p.hubspot_contact_id"
    return database.rows(_ROLES.format(column=column), {"id": record_id})


def writes_about(database: Database, system: System, record_id: str) -> list[Row]:
    """Return the writes of a person itself, newest first: attached to an account, associated with a company."""
    which = (
        "i.op = 'attach' AND i.system = 'salesforce' AND i.source_id = %(id)s"
        if system == "salesforce"
        else "i.op = 'associate' AND i.fields ->> 'contact' = %(id)s"
    )
    return database.rows(_WRITES_ABOUT.format(which=which), {"id": record_id})


def companies_of(database: Database, contact_ids: list[str]) -> list[Row]:
    """Return the companies of HubSpot contacts: company_id, is_primary; the primary one first."""
    return database.rows(
        "SELECT company_id, bool_or(is_primary) AS is_primary FROM staging.hubspot_company_contacts"
        " WHERE contact_id = ANY(%s) GROUP BY company_id ORDER BY 2 DESC, 1",
        [contact_ids],
    )
