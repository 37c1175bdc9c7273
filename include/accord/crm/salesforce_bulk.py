"""Bulk 2.0 queries: three calls for any size, the CSV handed on as it arrives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests

from accord.crm.answers import Lost, Said, problem
from accord.crm.csv_rows import RecordCount
from accord.crm.retry import read_again
from accord.crm.salesforce_jobs import job_id, wait_for
from accord.crm.salesforce_said import bulk_said
from accord.crm.shapes import agreed_read
from accord.model.errors import ShortRead

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.crm.salesforce_calls import SalesforceCalls

_RECORDS_A_PAGE = 100_000
_CHUNK = 2**20  # simple-salesforce reads 1 KiB at a time, which costs seven times the CPU
_NO_MORE = "null"
_TRIES = 5
_PAUSE_SECONDS = 2.0
# 100,000 records of our columns are some hundred MB; a page that goes on would fill the disk that it is copied to.
_LONGEST_PAGE = 8 * 2**30


class SalesforceBulk:
    """Runs bulk queries of one org."""

    def __init__(self, calls: SalesforceCalls) -> None:
        self._calls = calls

    @agreed_read("Salesforce bulk query")
    def pages(self, soql: str) -> Iterator[Iterator[bytes]]:
        """Yield pages of a query's rows, deleted ones too; each page is one utf-8 CSV with its header, in pieces.

        A page must be read to its end before the next is asked for. Null and empty text are both an empty cell. A page
        that breaks off (Lost) or is short is asked for again when the reader goes on; rows that it kept come twice.

        Raises:
            ShortRead: the whole, or a page however often it is read, holds other than the counted records.
            ServiceUnavailable: the job did not end in 30 minutes, failed, or an answer broke off; nothing to keep.
        """
        job, total = self._run(soql)
        rows, locator, seen = 0, "", set[str]()
        while True:
            for attempt in range(_TRIES):
                self._calls.clock.sleep(attempt * _PAUSE_SECONDS)
                answer = self._page(job, locator)
                count = RecordCount()
                if answer.status_code == 204:
                    break
                yield _pieces(answer, count)
                if _is_whole(answer, count, is_last=attempt == _TRIES - 1):
                    break
            rows += count.records
            locator = answer.headers.get("Sforce-Locator", _NO_MORE)
            if locator in {_NO_MORE, ""}:
                break
            if total is not None and (rows > total or len(seen) > total):
                raise ShortRead(f"Salesforce bulk query {job}: {rows} records and no end, {total} were processed")
            if locator in seen:
                raise ShortRead(f"Salesforce bulk query {job}: the same page came twice; the query is to be run anew")
            seen.add(locator)
        if total is not None and rows != total:
            raise ShortRead(f"Salesforce bulk query {job}: {rows} records came, {total} were processed")

    def _run(self, soql: str) -> tuple[str, int | None]:
        """Return the id of a finished query job and the records it processed."""
        body = {
            "operation": "queryAll",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        job = read_again(lambda: job_id(self._calls.json("POST", "jobs/query", body=body)), self._calls.clock)
        state = wait_for(self._calls, "query", job)
        if state["state"] != "JobComplete":
            said = bulk_said(str(state.get("errorMessage") or ""))
            call = f"Salesforce bulk query {job} {state['state']}"
            raise problem(call, Said(0, said.code, said.message, said.names))
        processed = state.get("numberRecordsProcessed")
        return job, processed if isinstance(processed, int) else None

    def _page(self, job: str, locator: str) -> requests.Response:
        """Return the answer of one page, its body still on the wire."""
        params = {"maxRecords": str(_RECORDS_A_PAGE)} | ({"locator": locator} if locator else {})
        path = f"jobs/query/{job}/results"
        return read_again(lambda: self._calls.csv(path, params, stream=True), self._calls.clock)


def _pieces(answer: requests.Response, count: RecordCount) -> Iterator[bytes]:
    """Yield the body as it arrives, counted on the way.

    Raises:
        Lost: it broke off, or does not end; what was yielded is not the whole page.
    """
    left = _LONGEST_PAGE
    try:
        for chunk in answer.iter_content(_CHUNK):
            left -= len(chunk)
            if left < 0:
                answer.close()
                count.is_broken = count.is_endless = True
                raise Lost(f"Salesforce: a page of a bulk query is longer than {_LONGEST_PAGE} bytes and was cut off")
            count.see(chunk)
            yield chunk
    except requests.RequestException as broken:
        count.is_broken = True
        raise Lost(f"Salesforce: a page of a bulk query broke off ({type(broken).__name__})") from None


def _is_whole(answer: requests.Response, count: RecordCount, *, is_last: bool) -> bool:
    """Return whether a page came to its end and holds as many records as its header counts.

    Raises:
        ShortRead: it does not even now.
    """
    said = answer.headers.get("Sforce-NumberOfRecords", "")
    if not count.is_broken and (not said.isdigit() or int(said) == count.records):
        return True
    if is_last or count.is_endless:
        raise ShortRead(f"Salesforce: a page of a bulk query holds {count.records} records, {said} were counted")
    return False
