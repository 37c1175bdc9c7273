"""The mapped fields of pairs where the two sides, or the memory of them, differ (R62-R72)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from accord.store.sources import field_column
from accord.store.tables import STAGING

if TYPE_CHECKING:
    import pandas as pd

    from accord.model.settings import FieldRule, Settings
    from accord.store.database import Database

# A field whose base was never recorded is a new mapping: what stands is not filled in by it, only what changes (R68).
_FIELDS = sql.SQL("""
    WITH known AS (
        SELECT account_id, company_id FROM sync.pairs WHERE is_active
    ), sides AS (
        SELECT a.id AS account_id, c.id AS company_id, a.key AS account_key, c.key AS company_key,
               a.modified_at AS salesforce_at, c.stamp AS hubspot_at, v.*
        FROM known
        JOIN staging.salesforce_accounts a ON a.id = known.account_id AND NOT a.is_deleted AND NOT a.is_gone
        JOIN staging.hubspot_companies c ON c.id = known.company_id AND NOT c.is_archived AND NOT c.is_gone
        CROSS JOIN LATERAL (VALUES {values}) AS v(name, rule, salesforce, hubspot)
    )
    SELECT s.account_key, s.company_key, s.name, s.rule, b.value AS base, s.salesforce, s.hubspot,
           s.salesforce_at, s.hubspot_at
    FROM sides s JOIN sync.field_base b USING (account_id, company_id, name)
    WHERE b.value IS DISTINCT FROM s.salesforce OR b.value IS DISTINCT FROM s.hubspot
""")

# 250 and 250.0 are one number, whichever API wrote it.
_NUMBER = sql.SQL(
    "CASE WHEN {0} ~ '^-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]{{1,2}})?$' THEN trim_scale({0}::numeric)::text ELSE {0} END"
)


def fields_query(database: Database, settings: Settings) -> str | None:
    """Return the query for one row per mapped field of a living pair whose values differ, or None without any field.

    Values differ from each other or from the base. They are text as the CRMs gave it, numbers without trailing zeros;
    NULL is blank.
    """
    there = _columns(database)
    rules = [
        rule
        for rule in settings.fields
        if ("salesforce_accounts", field_column(rule.salesforce)) in there
        and ("hubspot_companies", field_column(rule.hubspot)) in there
    ]
    return _FIELDS.format(values=sql.SQL(", ").join(map(_row, rules))).as_string(None) if rules else None


def with_none(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with None for blank: Arrow text comes as pandas `str`, whose missing value is NaN."""
    sides = frame[["base", "salesforce", "hubspot"]].astype(object)
    return frame.assign(**sides.where(sides.notna(), None))


def _row(rule: FieldRule) -> sql.Composed:
    """Return a field rule as a row of VALUES."""
    return sql.SQL("({}, {}, {}, {})").format(
        sql.Literal(rule.name),
        sql.Literal(rule.rule),
        _value("a", field_column(rule.salesforce), rule),
        _value("c", field_column(rule.hubspot), rule),
    )


def _value(side: str, column: str, rule: FieldRule) -> sql.Composed:
    """Return the column of one side in the form in which values are compared."""
    name = sql.Identifier(side, column)
    return _NUMBER.format(name) if rule.kind == "number" else sql.SQL("{}").format(name)


def _columns(database: Database) -> set[tuple[str, str]]:
    """Return the (table, column) of every mapped field that staging holds."""
    rows = database.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND starts_with(column_name, 'f_')",
        [STAGING],
    )
    return {(row["table_name"], row["column_name"]) for row in rows}
