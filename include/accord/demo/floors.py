"""The smallest number of API calls that could have read and written what a demo read and wrote.

Reads: the first run takes everything, each later one asks once per kind of record. Writes: full batches, per run and
kind. Logins, describes, counts and checks before a write are not in it: they are what safety costs.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.store.database import Database

HUBSPOT_PAGE = 100
MEMBER_PAGE = 250
SALESFORCE_PAGE = 2_000
BULK_QUERY = 3
BATCH = {"hubspot": 100, "salesforce": 1_000}


def floors(database: Database) -> dict[str, int]:
    """Return per CRM the smallest number of calls."""
    staged = database.rows(
        "SELECT (SELECT count(*) FROM staging.salesforce_accounts) AS accounts,"
        " (SELECT count(*) FROM staging.salesforce_contacts) AS contacts,"
        " (SELECT count(*) FROM staging.salesforce_leads) AS leads,"
        " (SELECT count(*) FROM staging.hubspot_companies) AS companies,"
        " (SELECT count(*) FROM staging.hubspot_contacts) AS people,"
        " (SELECT count(*) FROM staging.hubspot_list_members) AS members,"
        " (SELECT count(*) FROM sync.runs) AS runs"
    )[0]
    later = staged["runs"] - 1
    first = {
        "salesforce": sum(salesforce_read(staged[kind]) for kind in ("accounts", "contacts", "leads")),
        "hubspot": ceil(staged["companies"] / HUBSPOT_PAGE)
        + ceil(staged["people"] / HUBSPOT_PAGE)
        + ceil(staged["members"] / MEMBER_PAGE),
    }
    return {
        "salesforce": first["salesforce"] + 3 * later + _writes(database, "salesforce"),
        "hubspot": first["hubspot"] + 2 * later + _writes(database, "hubspot"),
    }


def salesforce_read(rows: int) -> int:
    """Return the calls of reading so many rows, by REST or in bulk, whichever needs fewer."""
    return min(max(1, ceil(rows / SALESFORCE_PAGE)), BULK_QUERY)


def _writes(database: Database, system: str) -> int:
    """Return the calls of writing everything that was written, in full batches per run and kind of write."""
    rows = database.rows(
        "SELECT count(*) AS n FROM sync.intents WHERE system = %s AND state = 'confirmed' GROUP BY run_id, op", [system]
    )
    return sum(ceil(row["n"] / BATCH[system]) for row in rows)
