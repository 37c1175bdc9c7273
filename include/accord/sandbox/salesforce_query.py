"""Queries over the org's records and the pages in which REST hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.sandbox.salesforce_columns import QueryColumns, organization, sobject_of
from accord.sandbox.salesforce_errors import SalesforceProblem
from accord.sandbox.salesforce_wire import option, reply, root
from accord.sandbox.soql import parse
from accord.sandbox.soql_filter import predicate, sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.sandbox.core import Crms
    from accord.sandbox.org import Record
    from accord.sandbox.soql import Query
    from accord.sandbox.soql_filter import Column, Predicate
    from accord.sandbox.wire import Answer, Call

_PAGE = 2000
_SMALLEST_PAGE = 200


@dataclass(frozen=True)
class Selection:
    """A query that was checked against the schema but not run."""

    query: Query
    sobject: str
    column: QueryColumns
    columns: tuple[Column, ...]
    is_match: Predicate


@dataclass(frozen=True)
class Result:
    """The rows of a query, each still a whole record; `columns` say what was selected."""

    sobject: str
    columns: tuple[Column, ...]
    rows: list[Record]
    is_count: bool = False


def check(crms: Crms, soql: str) -> Selection:
    """Return what a query selects.

    Raises:
        SalesforceProblem: MALFORMED_QUERY, INVALID_TYPE or INVALID_FIELD, as recorded.
    """
    query = parse(soql)
    sobject = sobject_of(query)
    column = QueryColumns(crms, query, sobject)
    columns = tuple(column(path) for path in query.fields)
    for order in query.order:
        column(order.path)
    return Selection(query, sobject, column, columns, predicate(query, column))


def run(crms: Crms, soql: str, *, deleted: bool) -> Result:
    """Return the rows of a query, in the order in which the records were made unless it says another.

    Args:
        crms: both CRMs.
        soql: the query.
        deleted: records in the bin are part of it (queryAll).

    Raises:
        SalesforceProblem: as `check`.
    """
    found = check(crms, soql)
    query, is_match = found.query, found.is_match
    is_org = found.sobject == "Organization"
    records = [organization(crms)] if is_org else crms.org.rows(found.sobject, deleted=deleted)
    rows = sort(query, found.column, [row for row in records if is_match(row)])
    end = None if query.limit is None else query.offset + query.limit
    return Result(found.sobject, found.columns, rows[query.offset : end], query.is_count)


def query(crms: Crms, call: Call) -> Answer:
    """Answer `query?q=` and, with deleted records, `queryAll?q=`: the first page."""
    result = run(crms, call.arg("q"), deleted=call.template.endswith("queryAll"))
    if result.is_count:
        return reply({"totalSize": len(result.rows), "done": True, "records": []})
    locator = crms.desk.open_cursor(result) if len(result.rows) > _page_size(call) else ""
    return _page(crms, call, result, locator, 0)


def query_more(crms: Crms, call: Call) -> Answer:
    """Answer `query/<locator>-<offset>`: a later page.

    Raises:
        SalesforceProblem: INVALID_QUERY_LOCATOR, the cursor was lost.
    """
    locator, _, offset = call.params["locator"].partition("-")
    result = crms.desk.cursors.get(locator)
    if result is None or not offset.isdigit() or crms.switches.query_locators_lost:
        raise SalesforceProblem("INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(crms, call, result, locator, int(offset))


def as_json(
    crms: Crms, version_root: str, sobject: str, columns: tuple[Column, ...]
) -> Callable[[Record], dict[str, Any]]:
    """Return how a record becomes JSON: `attributes` first, empty fields as null, parents as objects or null."""
    plain = [(column.name, column.get) for column in columns if not column.hops]
    nested = [column for column in columns if column.hops]

    def build(row: Record) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": _attributes(version_root, sobject, row["Id"])}
        for name, get in plain:
            record[name] = get(row)
        for column in nested:
            _nest(crms, version_root, record, row, column)
        return record

    return build


def _nest(crms: Crms, version_root: str, record: dict[str, Any], row: Record, column: Column) -> None:
    """Put a parent's field into the object of its relationship, which is null without a parent."""
    for hop in column.hops:
        parent = crms.org.tables[hop.sobject].get(row.get(hop.field, ""))
        if parent is None:
            record[hop.relationship] = None
            return
        empty = {"attributes": _attributes(version_root, hop.sobject, parent["Id"])}
        record, row = record.setdefault(hop.relationship, empty), parent
    name = column.name.rpartition(".")[2]
    record[name] = row.get(name)


def _attributes(version_root: str, sobject: str, rid: str) -> dict[str, str]:
    """Return what every record of an answer begins with."""
    return {"type": sobject, "url": f"{version_root}/sobjects/{sobject}/{rid}"}


def _page(crms: Crms, call: Call, result: Result, locator: str, offset: int) -> Answer:
    """Return one page and the address of the next."""
    size = _page_size(call)
    build = as_json(crms, root(call), result.sobject, result.columns)
    page: dict[str, Any] = {"totalSize": len(result.rows), "done": offset + size >= len(result.rows)}
    if not page["done"]:
        page["nextRecordsUrl"] = f"{root(call)}/query/{locator}-{offset + size}"
    return reply(page | {"records": [build(row) for row in result.rows[offset : offset + size]]})


def _page_size(call: Call) -> int:
    """Return the rows of a page: 2,000, or what Sforce-Query-Options asks for, at least 200."""
    asked = option(call, "sforce-query-options", "batchSize")
    return min(max(int(asked), _SMALLEST_PAGE), _PAGE) if asked.isdigit() else _PAGE
