"""From page tables into staging: one statement an extract, identical rows left alone, a newer version never lost.

Everything here works within the caller's transaction, so that rows and watermark are committed together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg import sql

from accord.model.errors import ContractBroken
from accord.store.tables import STAGING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import psycopg

    from accord.store.database import Row
    from accord.store.pages import PageTable
    from accord.store.sources import Kind, Source

ANALYZE_FROM = 10_000
"""Changed rows after which the planner is told; expression joins over stale statistics turn into nested loops."""

_TYPED: dict[Kind, sql.SQL] = {
    "text": sql.SQL("nullif({}, '')"),
    "moment": sql.SQL("staging.moment(nullif({}, ''))"),
    "flag": sql.SQL("coalesce(nullif({}, '')::boolean, false)"),
}

# Of several versions of a record in one extract the newest counts; between equal stamps the deleted one, as the bin is
# read after the list. What is left is decided by content, so that the order of pages never is.
_MERGE = sql.SQL(
    "INSERT INTO {table} AS kept ({columns}, stamp, seen_run, content_hash)"
    " SELECT DISTINCT ON (id) {columns}, stamp, {run}, content_hash FROM"
    " (SELECT typed.*, md5(({columns})::text) AS content_hash FROM"
    "  (SELECT {expressions}, {stamp} AS stamp FROM {page}) typed) hashed"
    " ORDER BY id, stamp DESC NULLS LAST, {flag} DESC, content_hash"
    " ON CONFLICT (id) DO UPDATE SET {assignments}, stamp = excluded.stamp, seen_run = excluded.seen_run,"
    " content_hash = excluded.content_hash, is_gone = false"
    " WHERE coalesce(excluded.stamp >= kept.stamp, true) AND (kept.is_gone"
    " OR (kept.content_hash, kept.stamp) IS DISTINCT FROM (excluded.content_hash, excluded.stamp))"
)


def fit_columns(connection: psycopg.Connection[Row], source: Source) -> bool:
    """Make the mapped columns of a table those of the settings; return whether one was added.

    The rows of a new column are empty until the source is read in full, and empty is not blank: the caller must ask
    for that. Their hashes go, or a row whose values are the same as when the column was last there would stay empty.
    A column that is no longer mapped goes, so that it cannot come back with old values.
    """
    found = connection.execute(
        "SELECT column_name AS name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s AND starts_with(column_name, 'f_')",
        [STAGING, source.table],
    ).fetchall()
    there = {row["name"] for row in found}
    for verb, names in (("ADD", source.mapped() - there), ("DROP", there - source.mapped())):
        for name in sorted(names):
            column = sql.Identifier(name) + (sql.SQL(" text") if verb == "ADD" else sql.SQL(""))
            connection.execute(sql.SQL("ALTER TABLE {} {} COLUMN {}").format(_table(source), sql.SQL(verb), column))
    is_wider = not source.mapped() <= there
    if is_wider:
        connection.execute(sql.SQL("UPDATE {} SET content_hash = ''").format(_table(source)))
    return is_wider


def merge(connection: psycopg.Connection[Row], source: Source, page: PageTable, run_id: str) -> int:
    """Merge the records of a page table into staging; return how many rows are new or different.

    Raises:
        ContractBroken: a record has no id of its CRM's kind.
    """
    connection.execute("SET LOCAL timezone = 'UTC'")
    _refuse_odd_ids(connection, source, page)
    changed = connection.execute(_merge_statement(source, page, run_id)).rowcount
    if source.table.startswith("hubspot"):
        _follow_merges(connection, source)
    if changed >= ANALYZE_FROM:
        connection.execute(sql.SQL("ANALYZE {}").format(_table(source)))
    return changed


def _merge_statement(source: Source, page: PageTable, run_id: str) -> sql.Composed:
    """Return the one statement that moves a page table into its staging table."""
    names = [sql.Identifier(name) for name in source.columns]
    return _MERGE.format(
        table=_table(source),
        columns=sql.SQL(", ").join(names),
        run=sql.Literal(run_id),
        expressions=sql.SQL(", ").join(
            _TYPED[read.kind].format(sql.Identifier(read.name)) + sql.SQL(" AS ") + sql.Identifier(column)
            for column, read in source.columns.items()
        ),
        stamp=_TYPED["moment"].format(sql.Identifier(source.stamp)),
        page=page.identifier,
        flag=sql.Identifier(source.deleted_column),
        assignments=sql.SQL(", ").join(
            sql.SQL("{0} = excluded.{0}").format(name) for name in names if name != names[0]
        ),
    )


def _refuse_odd_ids(connection: psycopg.Connection[Row], source: Source, page: PageTable) -> None:
    """Stop before an id that is none reaches a key, a query or a URL."""
    column = sql.Identifier(source.columns["id"].name)
    shape = "^[0-9]{1,18}$" if source.table.startswith("hubspot") else "^[A-Za-z0-9]{18}$"
    odd = connection.execute(
        sql.SQL("SELECT {0} AS id FROM {1} WHERE {0} IS NULL OR {0} !~ {2} LIMIT 1").format(
            column, page.identifier, sql.Literal(shape)
        )
    ).fetchone()
    if odd:
        raise ContractBroken(f"{source.name}: a record has the id {str(odd['id'])[:40]!r}, which is none of this CRM")


def _follow_merges(connection: psycopg.Connection[Row], source: Source) -> None:
    """Note on each merged-away record which survivor lists it (R77, R80); a survivor may list its own old id."""
    connection.execute(
        sql.SQL(
            "UPDATE {0} AS loser SET merged_into = merged.survivor FROM"
            " (SELECT id AS survivor, btrim(unnest(string_to_array(merged_ids, ';'))) AS loser FROM {0}"
            "  WHERE merged_ids IS NOT NULL) merged"
            " WHERE loser.id = merged.loser AND merged.survivor <> merged.loser"
            " AND loser.merged_into IS DISTINCT FROM merged.survivor"
        ).format(_table(source))
    )


def count_rows(connection: psycopg.Connection[Row], source: Source) -> tuple[int, int]:
    """Return how many records of a source are live in staging, and how many in the recycle bin."""
    flag, table = sql.Identifier(source.deleted_column), _table(source)
    statement = sql.SQL(
        "SELECT count(*) FILTER (WHERE NOT {flag}) AS live, count(*) FILTER (WHERE {flag}) AS deleted FROM {table}"
        " WHERE NOT is_gone AND {present}"
    )
    row = connection.execute(statement.format(flag=flag, table=table, present=_unmerged(source))).fetchone() or {}
    return row["live"], row["deleted"]


def deleted_ids(connection: psycopg.Connection[Row], source: Source) -> list[str]:
    """Return the ids that staging believes to be in the recycle bin."""
    statement = sql.SQL("SELECT id FROM {} WHERE {} AND NOT is_gone AND {} ORDER BY key").format(
        _table(source), sql.Identifier(source.deleted_column), _unmerged(source)
    )
    return [row["id"] for row in connection.execute(statement)]


def absent_ids(connection: psycopg.Connection[Row], source: Source, page: PageTable, before: datetime) -> list[str]:
    """Return the ids that staging holds and a full extract did not bring.

    Args:
        connection: within whose transaction this happens.
        source: what was read.
        page: everything that was read.
        before: only records last changed before then; a later one may have come after its page was read.
    """
    statement = sql.SQL(
        "SELECT id FROM {} kept WHERE NOT is_gone AND {} AND coalesce(stamp < %s, true)"
        " AND NOT EXISTS (SELECT FROM {} page WHERE page.{} = kept.id) ORDER BY key"
    ).format(_table(source), _unmerged(source), page.identifier, sql.Identifier(source.columns["id"].name))
    return [row["id"] for row in connection.execute(statement, [before])]


def mark_gone(connection: psycopg.Connection[Row], source: Source, ids: Sequence[str], run_id: str) -> int:
    """Mark records that are nowhere any more; return how many were not yet marked.

    That is no delete (R4, R81): only what was deleted or archived before stays so.
    """
    statement = sql.SQL("UPDATE {} SET is_gone = true, seen_run = %s WHERE id = ANY(%s) AND NOT is_gone")
    return connection.execute(statement.format(_table(source)), [run_id, list(ids)]).rowcount


def _unmerged(source: Source) -> sql.SQL:
    """Return the condition that leaves out records merged away, which no list and no bin shows."""
    return sql.SQL("merged_into IS NULL" if source.table.startswith("hubspot") else "true")


def _table(source: Source) -> sql.Identifier:
    """Return the quoted name of a source's staging table."""
    return sql.Identifier(STAGING, source.table)
