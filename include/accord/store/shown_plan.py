"""The plan of a run a page at a time, by its indexes: counts, rows behind filters, fields before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.store.database import Database, Row

PAGE = 50
LOOK_ALIKES = ("same_domain_exists", "same_name_exists")
"""Warnings that say a creation may make a twin (R27)."""

# A plan that was released is not as it was counted when it was decided.
_KEPT = """
    SELECT action, reason, rule, sum(records)::bigint AS records, sum(warned)::bigint AS warned
    FROM sync.runs, jsonb_to_recordset(counts -> 'by_decision')
        AS planned (action text, reason text, rule text, records bigint, warned bigint)
    WHERE run_id = %s GROUP BY action, reason, rule ORDER BY action, records DESC, reason
"""
_COUNTS = """
    SELECT action, reason, rule, count(*) AS records, count(*) FILTER (WHERE warnings <> '') AS warned
    FROM sync.decisions WHERE run_id = %s GROUP BY action, reason, rule ORDER BY action, records DESC, reason
"""
_WRITES = """
    SELECT seq, system, op, state, source_id, fields, before, people FROM sync.intents
    WHERE run_id = %s AND source_id = ANY(%s) AND op IN ('create', 'update') ORDER BY seq
"""
_FIELDS = """
    SELECT account_id, company_id, name, side, before, value, rule, warnings, held FROM sync.field_decisions
    WHERE run_id = %(run)s AND {which} ORDER BY account_id, company_id, name LIMIT {limit}
"""
_PEOPLE = """
    SELECT system, key, role, count(*) AS n FROM sync.decision_people
    JOIN unnest(%(systems)s::text[], %(keys)s::bigint[]) AS d (system, key) USING (system, key)
    WHERE run_id = %(run)s GROUP BY system, key, role
"""


_EVERYTHING = """
    SELECT d.*, a.name AS account_name, c.name AS company_name
    FROM (SELECT * FROM sync.decisions WHERE {condition}) d
    LEFT JOIN staging.salesforce_accounts a ON a.id = d.account_id
    LEFT JOIN staging.hubspot_companies c ON c.id = d.company_id
    ORDER BY d.system, d.key, d.action
"""


@dataclass(frozen=True)
class Filters:
    """What of a plan is shown; "" everywhere: all of it. `warning`: a code, or `any`."""

    action: str = ""
    reason: str = ""
    rule: str = ""
    warning: str = ""

    def condition(self) -> tuple[str, dict[str, str]]:
        """Return the condition and its values."""
        named = {name: getattr(self, name) for name in ("action", "reason", "rule") if getattr(self, name)}
        parts = [f"{name} = %({name})s" for name in named]
        if self.warning:
            parts.append("warnings <> ''")
        if self.warning not in {"", "any"}:
            parts.append("%(warning)s = ANY(string_to_array(warnings, ' '))")
        return " AND ".join(["run_id = %(run)s", *parts]), {**named, "warning": self.warning}


def counts(database: Database, run_id: str) -> list[Row]:
    """Return how many records the plan has at each action and reason, and how many of them with a warning."""
    return database.rows(_KEPT, [run_id]) or database.rows(_COUNTS, [run_id])


def page(database: Database, run_id: str, filters: Filters, after: tuple[str, int, str] | None) -> list[Row]:
    """Return one row more than a page of decisions behind a place, in the order of system, key, action.

    Args:
        database: the warehouse.
        run_id: the run.
        filters: what is wanted.
        after: system, key and action of the last row that was shown; None: from the beginning.
    """
    condition, values = filters.condition()
    place = ""
    if after:
        place = " AND (system, key, action) > (%(system)s, %(key)s, %(last)s)"
        values |= {"system": after[0], "key": str(after[1]), "last": after[2]}
    which = f"{condition}{place} ORDER BY system, key, action LIMIT {PAGE + 1}"
    select = f"SELECT * FROM sync.decisions WHERE {which}"  # noqa: S608 - texts of this module
    return database.rows(select, {"run": run_id, **values})


def everything(database: Database, run_id: str, filters: Filters) -> Iterator[Row]:
    """Yield all decisions behind the filters with both names, a few thousand at a time."""
    condition, values = filters.condition()
    select = _EVERYTHING.format(condition=condition)
    with database.transaction() as connection, connection.cursor(name="plan_export") as cursor:
        cursor.itersize = 2_000
        cursor.execute(select, {"run": run_id, **values})
        yield from cursor


def fields_of(database: Database, run_id: str, account_ids: Sequence[str], company_ids: Sequence[str]) -> list[Row]:
    """Return what the plan does to the mapped fields of these pairs."""
    which = "account_id = ANY(%(accounts)s) AND company_id = ANY(%(companies)s)"
    values: dict[str, object] = {"run": run_id, "accounts": list(account_ids), "companies": list(company_ids)}
    return database.rows(_FIELDS.format(which=which, limit=PAGE * 50), values)


def fields_page(database: Database, run_id: str, after: tuple[str, str, str] | None) -> list[Row]:
    """Return one row more than a page of field decisions behind a place: account, company, name."""
    which = "(account_id, company_id, name) > (%(account)s, %(company)s, %(name)s)" if after else "true"
    place = dict(zip(("account", "company", "name"), after or (), strict=False))
    return database.rows(_FIELDS.format(which=which, limit=PAGE + 1), {"run": run_id, **place})


def field_count(database: Database, run_id: str) -> int:
    """Return how many values of mapped fields the plan decides."""
    return int(database.rows("SELECT count(*) AS n FROM sync.field_decisions WHERE run_id = %s", [run_id])[0]["n"])


def made(database: Database, run_id: str, source_ids: Sequence[str]) -> dict[str, Row]:
    """Return per record the creation that was planned for it, with the fields as they are sent."""
    rows = database.rows(_WRITES, [run_id, list(source_ids)])
    return {row["source_id"]: row for row in rows if row["op"] == "create"}


def people_counts(database: Database, run_id: str, rows: Sequence[Row]) -> dict[tuple[str, int, str], int]:
    """Return per decision and role how many people stand behind it."""
    systems, keys = [it["system"] for it in rows], [it["key"] for it in rows]
    asked: dict[str, object] = {"run": run_id, "systems": systems, "keys": keys}
    return {(it["system"], it["key"], it["role"]): it["n"] for it in database.rows(_PEOPLE, asked)}
