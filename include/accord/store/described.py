"""Fields that are mapped or ranked by, as each CRM describes them: `staging.described_fields`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.store.database import Database


@dataclass(frozen=True)
class Described:
    """One field or property.

    Attributes:
        name: as its CRM spells it, which is also how the field map does.
        type: the CRM's own word, such as currency or enumeration.
        is_formula: Salesforce works its value out (R70).
        options: values of a list, in the CRM's order: active ones of Salesforce; of HubSpot all, but of
            `lifecyclestage` only those that are not hidden, for they are ranked by (R61).
    """

    name: str
    type: str
    is_formula: bool
    options: tuple[str, ...]


def replace_described(
    database: Database, system: Literal["salesforce", "hubspot"], object_name: str, fields: Sequence[Described]
) -> None:
    """Keep the fields of one kind of record, in place of those that were kept."""
    rows = [(system, object_name, it.name, it.type, it.is_formula, Jsonb(it.options)) for it in fields]
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("DELETE FROM staging.described_fields WHERE system = %s AND object = %s", (system, object_name))
        cursor.executemany(
            "INSERT INTO staging.described_fields (system, object, name, type, is_formula, options)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            rows,
        )
