"""Which Salesforce user is which HubSpot owner: one e-mail, one of them on each side (R69)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

    from accord.store.database import Database, Row

_PARTNERS = """
    UPDATE staging.owners o SET partner_id = other.id
    FROM (SELECT system, lower(btrim(email)) AS email, min(id) AS id FROM staging.owners WHERE btrim(email) <> ''
        GROUP BY 1, 2 HAVING count(*) = 1) other
    WHERE other.system <> o.system AND other.email = lower(btrim(o.email))
        AND (SELECT count(*) FROM staging.owners twin
             WHERE twin.system = o.system AND lower(btrim(twin.email)) = lower(btrim(o.email))) = 1
"""


def replace_owners(database: Database, users: Iterable[tuple[str, str]], owners: Iterable[tuple[str, str]]) -> int:
    """Return how many Salesforce users are exactly one HubSpot owner, once all of both are staged anew.

    Args:
        database: the warehouse.
        users: id and e-mail of each active Salesforce user.
        owners: id and e-mail of each HubSpot owner that is not archived.
    """
    rows = [("salesforce", *user) for user in users] + [("hubspot", *owner) for owner in owners]
    with database.transaction() as connection:
        connection.execute("DELETE FROM staging.owners")
        with connection.cursor() as cursor:
            cursor.executemany("INSERT INTO staging.owners (system, id, email) VALUES (%s, %s, %s)", rows)
        return connection.execute(_PARTNERS).rowcount // 2


def users_of_owners(connection: psycopg.Connection[Row]) -> dict[str, str]:
    """Return the Salesforce user of each HubSpot owner that has one."""
    found = connection.execute("SELECT id, partner_id FROM staging.owners WHERE system = 'hubspot'").fetchall()
    return {row["id"]: row["partner_id"] for row in found if row["partner_id"]}
