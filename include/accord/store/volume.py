"""How many records staging shows alive: what a share of the base is measured against. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.store.database import Database

_LIVE = """
    SELECT (SELECT count(*) FROM staging.salesforce_accounts WHERE NOT is_deleted AND NOT is_gone) AS salesforce,
        (SELECT count(*) FROM staging.hubspot_companies
            WHERE NOT is_archived AND NOT is_gone AND merged_into IS NULL) AS hubspot
"""


def live_records(database: Database) -> dict[str, int]:
    """Return the number of live accounts (`salesforce`) and companies (`hubspot`)."""
    return dict(database.rows(_LIVE)[0])
