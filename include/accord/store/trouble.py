"""Writes that a CRM refused and that nothing has mended since, by family and code; and their retry."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from accord.store.database import Database, Row

PAGE = 50

# The last word on a record and a kind of write counts: a later write of the same kind has mended it or failed itself.
_STANDS = """
    FROM sync.intents i JOIN sync.outcomes o ON o.intent_id = i.id AND o.field = ''
    WHERE i.state = 'rejected' AND NOT EXISTS (
        SELECT FROM sync.intents n WHERE (n.system, n.source_id, n.op) = (i.system, i.source_id, i.op)
            AND n.seq > i.seq AND n.state <> 'superseded')
"""
_GROUPS = f"""
    SELECT o.family, i.error_code AS code, i.system, count(*) AS records, min(i.error_text) AS example,
        min(i.next_try_at) AS next_try_at
    {_STANDS} GROUP BY o.family, i.error_code, i.system ORDER BY o.family, records DESC, code
"""
_ROWS = f"""
    SELECT i.id, i.seq, i.system, i.object, i.op, i.source_id, i.target_id, i.account_id, i.company_id, i.fields,
        i.run_id, i.error_code AS code, i.error_text AS message, i.next_try_at, i.attempt, i.retried_by,
        i.retried_at, o.family, o.record_id
    {_STANDS} {{which}} ORDER BY i.seq LIMIT {PAGE + 1}
"""
_TREND = """
    SELECT (at AT TIME ZONE 'UTC')::date AS day, family, count(*) AS refused
    FROM sync.outcomes WHERE result = 'rejected' AND at >= %s GROUP BY 1, 2 ORDER BY 1, 2
"""
# What follows another write is tried a dozen times by itself; whoever asks for more gets one more try. The moment it
# was planned is past by the clock that runs go by, whichever that is.
_RETRY = f"""
    UPDATE sync.intents SET next_try_at = planned_at, attempt = least(attempt, 11), retried_by = %(by)s,
        retried_at = now()
    WHERE id IN (SELECT i.id {_STANDS} {{which}})
"""  # noqa: S608


def groups(database: Database) -> list[Row]:
    """Return the refused writes by family, code and CRM: records, one message as an example, the next try."""
    return database.rows(_GROUPS)


def page(database: Database, family: str, code: str, after: int) -> list[Row]:
    """Return one row more than a page of refused writes; "" for any family or code."""
    parts, values = _which(family, code)
    return database.rows(_ROWS.format(which=f"{parts} AND i.seq > %(after)s"), {**values, "after": after})


def trend(database: Database, since: datetime) -> list[Row]:
    """Return how many writes were refused per day and family."""
    return database.rows(_TREND, [since])


def retry(database: Database, *, by: str, intent_id: UUID | None = None, family: str = "", code: str = "") -> int:
    """Return how many refused writes the next run tries again at once, instead of when their time of rest is over.

    Args:
        database: the warehouse.
        by: who asks; remembered with each of the writes.
        intent_id: the only one that is meant.
        family: only those of this family, "" for any.
        code: only those of this code, "" for any.
    """
    parts, values = _which(family, code)
    if intent_id is not None:
        parts, values = "AND i.id = %(id)s", {"id": str(intent_id)}
    with database.transaction() as connection:
        return connection.execute(_RETRY.format(which=parts), {**values, "by": by}).rowcount


def _which(family: str, code: str) -> tuple[str, dict[str, str]]:
    """Return the condition on family and code, and its values."""
    named = {"family": family, "code": code}
    columns = {"family": "o.family", "code": "i.error_code"}
    asked = {name: value for name, value in named.items() if value}
    return " ".join(f"AND {columns[name]} = %({name})s" for name in asked), asked
