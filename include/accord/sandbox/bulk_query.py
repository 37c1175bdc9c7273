"""Bulk 2.0 query jobs: a query becomes CSV lines once, pages are slices of them."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from accord.sandbox.bulk_jobs import (
    DELIMITERS,
    LINE_ENDS,
    QueryJob,
    as_json,
    caller,
    csv_answer,
    csv_line,
    listing,
    schedule,
    setting,
    shown_state,
    wrong_state,
)
from accord.sandbox.clock import salesforce_time
from accord.sandbox.salesforce_errors import SalesforceProblem, not_found
from accord.sandbox.salesforce_query import Result, check, run
from accord.sandbox.salesforce_wire import body_object, nothing, reply, root

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.sandbox.core import Crms
    from accord.sandbox.org import Record
    from accord.sandbox.soql_filter import Column
    from accord.sandbox.switches import Switches
    from accord.sandbox.wire import Answer, Call

_DEFAULT_PAGE = 50_000
_RESULT_URLS = 5
_JAVA_SCIENTIFIC = 10_000_000.0


def create(crms: Crms, call: Call) -> Answer:
    """Answer `POST jobs/query`.

    Raises:
        SalesforceProblem: the query is wrong, or it counts, which bulk cannot.
    """
    body = body_object(call)
    operation, soql = body.get("operation"), str(body.get("query") or "")
    if operation not in {"query", "queryAll"}:
        raise SalesforceProblem("INVALIDJOB", f"operation {operation} is not supported")
    probe = check(crms, soql)
    if probe.query.is_count:
        raise SalesforceProblem("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    job = QueryJob(
        id=crms.desk.new_id("750"),
        operation=operation,
        sobject=probe.sobject,
        created_by=caller(crms, call),
        created_at=salesforce_time(crms.clock.now()),
        version=call.params["version"],
        state="UploadComplete",
        delimiter=setting(body, "columnDelimiter", DELIMITERS, "COMMA"),
        line_end=setting(body, "lineEnding", LINE_ENDS, "LF"),
        soql=soql,
    )
    crms.desk.query_jobs[job.id] = job
    schedule(crms, job, lambda: _work(crms, job))
    return reply(as_json(crms, job, is_new=True))


def show(crms: Crms, call: Call) -> Answer:
    """Answer `GET jobs/query/<id>`; each look counts."""
    job = _job(crms, call)
    body = as_json(crms, job)
    job.polls += 1
    return reply(body)


def show_all(crms: Crms, _call: Call) -> Answer:
    """Answer `GET jobs/query`."""
    return listing(crms, crms.desk.query_jobs.values())


def abort(crms: Crms, call: Call) -> Answer:
    """Answer `PATCH jobs/query/<id>` with state Aborted."""
    job = _job(crms, call)
    if body_object(call).get("state") != "Aborted" or shown_state(crms, job) != "InProgress":
        raise wrong_state(job, "This change of state")
    job.move(crms, "Aborted")
    job.lines.clear()
    return reply(as_json(crms, job, is_new=True))


def delete(crms: Crms, call: Call) -> Answer:
    """Answer `DELETE jobs/query/<id>`."""
    job = _job(crms, call)
    if not job.has_ended:
        raise wrong_state(job, "Deleting")
    del crms.desk.query_jobs[job.id]
    return nothing()


def results(crms: Crms, call: Call) -> Answer:
    """Answer `GET jobs/query/<id>/results?maxRecords=&locator=`: header line and one slice of the lines."""
    job = _complete(crms, call)
    start = _offset(call.arg("locator"))
    lines = job.lines[start : start + _page_size(call)]
    end = start + len(lines)
    locator = _locator(end) if end < len(job.lines) else "null"
    headers = {"Sforce-NumberOfRecords": str(len(lines)), "Sforce-Locator": locator}
    if not job.lines and crms.switches.empty_bulk_result == "204":
        answer = nothing()
        answer.headers.update(headers)
        return answer
    return csv_answer(crms, job.header + b"".join(lines), headers)


def result_pages(crms: Crms, call: Call) -> Answer:
    """Answer `GET jobs/query/<id>/resultPages`: up to five addresses of pages to read side by side."""
    job = _complete(crms, call)
    start, size = _offset(call.arg("locator")), _page_size(call)
    base = f"{root(call)}/jobs/query/{job.id}"
    offsets = list(range(start, len(job.lines), size))
    pages = [{"resultUrl": f"{base}/results?locator={_locator(at)}&maxRecords={size}"} for at in offsets[:_RESULT_URLS]]
    body: dict[str, Any] = {"resultPages": pages, "done": len(offsets) <= _RESULT_URLS}
    if not body["done"]:
        url = f"{base}/resultPages?locator={_locator(offsets[_RESULT_URLS])}&maxRecords={size}"
        body[crms.switches.result_pages_next] = url
    return reply(body)


def _work(crms: Crms, job: QueryJob) -> None:
    """Run the query and keep its lines: what happens to the records later is not seen any more."""
    result = run(crms, job.soql, deleted=job.operation == "queryAll")
    delimiter, line_end = DELIMITERS[job.delimiter], LINE_ENDS[job.line_end]
    texts = _texts(crms.switches, result)
    job.header = csv_line([column.name for column in result.columns], delimiter, line_end).encode()
    job.lines = [csv_line([text(row) for text in texts], delimiter, line_end).encode() for row in result.rows]
    job.processed = len(job.lines)
    job.move(crms, "JobComplete")


def _texts(switches: Switches, result: Result) -> list[Callable[[Record], str]]:
    """Return for each column how its value is written; an empty field is an empty text."""
    return [_text(switches, column) for column in result.columns]


def _text(switches: Switches, column: Column) -> Callable[[Record], str]:
    """Return how a column's values are written."""
    get = column.get
    if column.type == "boolean":
        return lambda row: "true" if get(row) else "false"
    if column.type == "datetime":
        return lambda row: (get(row) or "").replace("+0000", switches.bulk_time_suffix)
    if column.type in {"int", "double", "currency", "percent"}:
        return lambda row: _number(switches, get(row))
    return lambda row: get(row) or ""


def _number(switches: Switches, value: float | None) -> str:
    """Return a number as text, large decimals as Java writes them where the switch says so."""
    if value is None:
        return ""
    if switches.bulk_scientific_numbers and isinstance(value, float) and abs(value) >= _JAVA_SCIENTIFIC:
        mantissa, _, exponent = f"{value:.15e}".partition("e")
        digits = mantissa.rstrip("0")
        return f"{digits}{'0' if digits.endswith('.') else ''}E{int(exponent)}"
    return str(value)


def _job(crms: Crms, call: Call) -> QueryJob:
    """Return the job that the call names."""
    job = crms.desk.query_jobs.get(call.params["job"])
    if job is None:
        raise not_found()
    return job


def _complete(crms: Crms, call: Call) -> QueryJob:
    """Return the job that the call names if its results can be read."""
    job = _job(crms, call)
    if shown_state(crms, job) != "JobComplete":
        raise wrong_state(job, "Reading results")
    return job


def _page_size(call: Call) -> int:
    """Return the rows of a page."""
    asked = call.arg("maxRecords")
    return int(asked) if asked.isdigit() and int(asked) else _DEFAULT_PAGE


def _locator(offset: int) -> str:
    """Return the opaque name of a place in the result."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str) -> int:
    """Return the place that a locator names, the beginning for none.

    Raises:
        SalesforceProblem: it is no locator.
    """
    if not locator:
        return 0
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (binascii.Error, ValueError):
        raise SalesforceProblem("INVALID_QUERY_LOCATOR", f"invalid query locator: {locator}") from None
