"""What the native integration left in HubSpot, as staging shows it, and the names of the records it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from accord.model.columns import conform
from accord.model.findings import NATIVE

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from accord.store.database import Database, Row

INTEGRATIONS = ("INTEGRATION", "INTEGRATIONS_SYNC", "SALESFORCE")
"""Values of hs_object_source or its label that mean: an integration created the record."""

_NATIVE = """
    SELECT key AS company_key, stored_account_key AS account_key,
           accord_key IS NULL AND (coalesce(source = ANY({made}), false) OR coalesce(source_label = ANY({made}), false))
               AS is_made
    FROM staging.hubspot_companies WHERE stored_account_key <> -1 AND (NOT is_gone OR is_archived)
"""
_ACCOUNTS = "SELECT key, id, coalesce(name, '') AS name FROM staging.salesforce_accounts WHERE key = ANY(%s)"
_COMPANIES = """
    SELECT key, id, coalesce(name, domain, '') AS name, coalesce(btrim(stored_account_id), '') AS stored_account_id
    FROM staging.hubspot_companies WHERE key = ANY(%s)
"""


def native_claims(database: Database) -> pd.DataFrame:
    """Return NATIVE: every company that stores an account id."""
    statement = sql.SQL(_NATIVE).format(made=sql.Literal(list(INTEGRATIONS))).as_string(None)
    return conform(database.frame(statement), NATIVE, "native claims")


def named_accounts(database: Database, keys: Iterable[int]) -> dict[int, Row]:
    """Return id and name of the accounts that staging knows, by key."""
    return {row["key"]: row for row in database.rows(_ACCOUNTS, [list(keys)])}


def named_companies(database: Database, keys: Iterable[int]) -> dict[int, Row]:
    """Return id, name (else domain) and stored account id of companies, by key."""
    return {row["key"]: row for row in database.rows(_COMPANIES, [list(keys)])}
