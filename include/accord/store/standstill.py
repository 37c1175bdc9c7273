"""What a comparison of two plans needs of the warehouse: names of records, and proof that nothing moved meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.store.sources import field_column
from accord.store.tables import STAGING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from accord.model.settings import FieldRule
    from accord.store.database import Database

_STATE = """
    SELECT md5(concat_ws('|',
        (SELECT string_agg(w::text, '|' ORDER BY source) FROM sync.watermarks w),
        (SELECT string_agg(r.run_id || r.state || coalesce(r.plan_digest, '') || r.counts::text, '|' ORDER BY run_id)
         FROM (SELECT * FROM sync.runs ORDER BY started_at DESC LIMIT 5) r),
        (SELECT max(id) FROM sync.pairs), (SELECT count(*) FROM sync.pairs WHERE is_active),
        (SELECT string_agg(id || state, '|' ORDER BY id) FROM sync.requests WHERE state = 'open'),
        (SELECT string_agg(id::text, '|' ORDER BY id) FROM sync.reviews WHERE state = 'answered'))) AS state
"""
_NAMES = """
    SELECT 'salesforce' AS system, key, id, coalesce(name, '') AS name FROM staging.salesforce_accounts
    UNION ALL SELECT 'hubspot', key, id, coalesce(name, '') FROM staging.hubspot_companies
"""


def state_of(database: Database) -> str:
    """Return a digest that changes when a run reads, decides or writes anything."""
    return str(database.rows(_STATE)[0]["state"])


def record_names(database: Database) -> pd.DataFrame:
    """Return one row per account and company in staging: system, key, id, name."""
    return database.frame(_NAMES)


def staged_rules(database: Database, rules: Sequence[FieldRule]) -> list[FieldRule]:
    """Return the mappings whose two fields staging holds."""
    found = database.rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND starts_with(column_name, 'f_')",
        [STAGING],
    )
    there = {(row["table_name"], row["column_name"]) for row in found}
    return [
        rule
        for rule in rules
        if ("salesforce_accounts", field_column(rule.salesforce)) in there
        and ("hubspot_companies", field_column(rule.hubspot)) in there
    ]
