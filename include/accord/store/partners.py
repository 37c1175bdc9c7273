"""Which company stands for which account, kept for the fields that refer to other accounts (a parent account)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from accord.store.pages import scratch_table
from accord.store.tables import STAGING

if TYPE_CHECKING:
    import pandas as pd

    from accord.store.database import Database

_PAIR = {"account_key": "bigint", "company_key": "bigint"}
_REPLACE = sql.SQL("""
    INSERT INTO staging.partners (account_key, company_id)
    SELECT p.account_key, c.id FROM {pairs} p JOIN staging.hubspot_companies c ON c.key = p.company_key
""")


def replace_partners(database: Database, pairs: pd.DataFrame) -> int:
    """Return how many accounts have a company, once all of them are kept anew.

    Args:
        database: the warehouse.
        pairs: account_key and company_key of every pair that stood before the run.
    """
    with scratch_table(database, "partners", _PAIR) as name:
        if len(pairs):
            database.append(STAGING, name, pairs[list(_PAIR)])
        with database.transaction() as connection:
            connection.execute("DELETE FROM staging.partners")
            return connection.execute(_REPLACE.format(pairs=sql.Identifier(STAGING, name))).rowcount
