"""Bulk 2.0 upserts and updates: seven calls for any number of rows (open, upload, close, state, three results).

None clears a field (`#N/A`), an empty text and an absent field leave it alone.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from accord.crm.answers import Answer, Lost, Refused, RowAnswer, lost, problem, row, row_of
from accord.crm.csv_rows import CLEAR, decode, encode
from accord.crm.retry import read_again, write_again
from accord.crm.salesforce_jobs import abort, job_id, wait_for
from accord.crm.salesforce_said import bulk_said
from accord.crm.shapes import agreed
from accord.crm.values import batch_keys, identifier, org_record_id, refuse_unsendable
from accord.model.errors import AccordError, ContractBroken, MissingField, ServiceUnavailable
from accord.model.ids import salesforce_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from accord.crm.salesforce_calls import SalesforceCalls
    from accord.crm.values import Record

# Salesforce takes 100 MB; the results repeat every column, and an answer is held in memory.
_LONGEST_JOB = 32 * 2**20
_MOST_RECORDS = 1_000_000


class SalesforceIngest:
    """Writes through bulk jobs and says of every row what became of it."""

    def __init__(self, calls: SalesforceCalls) -> None:
        self._calls = calls

    def upsert(self, sobject: str, key_field: str | None, records: Sequence[Record]) -> list[RowAnswer]:
        """Return one answer a record, in order, keyed by the value of the key field.

        A key field of None or `Id` updates by id, any other is the unique external id to upsert by.

        Raises:
            ContractBroken: one key twice.
            RateLimited, ServiceUnavailable, QuotaExhausted, BadCredentials, MissingPermission, MissingField: nothing
                was applied. After a first job was closed they become the answers of the rows instead.
        """
        field = key_field or "Id"
        identifier(sobject)
        keys = [_key(field, record) for record in records]
        batch_keys(keys, _MOST_RECORDS)
        answers = refuse_unsendable(keys, records) | _refuse_clear_text(keys, records)
        rows = {key: record for key, record in zip(keys, records, strict=True) if key not in answers}
        settled = False
        for names, some in _jobs(rows):
            try:
                answers |= self._job(sobject, field, names, some)
            except AccordError as trouble:
                if not settled:
                    raise
                answers |= {key: row_of(key, trouble) for key in some}
            settled = True
        return [answers[key] for key in keys]

    def _job(self, sobject: str, field: str, names: Sequence[str], rows: Mapping[str, Record]) -> dict[str, RowAnswer]:
        """Return the answers of one job by key.

        Raises:
            AccordError: the job was never closed, or was refused as a whole; nothing was applied.
        """
        job = self._open(sobject, field)
        try:
            self._upload(job, b"".join(encode(names, rows.values())))
        except ServiceUnavailable:
            abort(self._calls, "ingest", job)
            raise
        try:
            self._close(job)
            state = wait_for(self._calls, "ingest", job)
            answers = self._results(job, field, rows)
        # From the close on the job runs, whatever keeps us from watching it: a limit, a lost session, a strange answer.
        except AccordError as trouble:
            return {key: lost(key, f"Salesforce bulk job {job}: {trouble}") for key in rows}
        _raise_if_refused(job, state, answers)
        return {key: answers.get(key) or lost(key, f"Salesforce bulk job {job}: no result for it") for key in rows}

    def _open(self, sobject: str, field: str) -> str:
        """Return the id of a new job; one that is opened and forgotten changes nothing, so a lost answer is no harm."""
        body = {"object": sobject, "contentType": "CSV", "lineEnding": "LF", "columnDelimiter": "COMMA"}
        if field == "Id":
            body["operation"] = "update"
        else:
            body |= {"operation": "upsert", "externalIdFieldName": identifier(field)}
        return read_again(lambda: job_id(self._calls.json("POST", "jobs/ingest", body=body)), self._calls.clock)

    def _upload(self, job: str, body: bytes) -> None:
        """Fill a job. A second upload is refused where the first arrived and only its answer was lost."""
        try:
            write_again(lambda: self._calls.upload(f"jobs/ingest/{job}/batches", body), self._calls.clock)
        except (Lost, Refused) as trouble:
            raise ServiceUnavailable(f"Salesforce bulk job {job}: the upload failed ({trouble})") from None

    def _close(self, job: str) -> None:
        """Let a job begin. Closing twice is refused the second time, which says that the first time worked."""
        body = {"state": "UploadComplete"}
        try:
            read_again(lambda: self._calls.json("PATCH", f"jobs/ingest/{job}", body=body), self._calls.clock)
        except Refused:
            return

    def _results(self, job: str, field: str, rows: Mapping[str, Record]) -> dict[str, RowAnswer]:
        """Return the answers of the rows that the three result files name, by key."""
        with agreed(f"Salesforce bulk job {job}"):
            return self._by_key(job, field, rows)

    def _by_key(self, job: str, field: str, rows: Mapping[str, Record]) -> dict[str, RowAnswer]:
        """Return what `_results` does, from files that nobody has vouched for."""
        done = {
            _result_key(field, line): _applied(_result_key(field, line), line, is_upsert=field != "Id")
            for line in self._result(job, "successfulResults")
        }
        failed = {
            key: row(key, bulk_said(line["sf__Error"]))
            for line in self._result(job, "failedResults")
            if (key := _result_key(field, line))
        }
        left = {
            key: RowAnswer(key, Answer.NOT_APPLIED, code="UNPROCESSED")
            for line in self._result(job, "unprocessedrecords")
            if (key := _result_key(field, line))
        }
        return {key: answer for key, answer in (left | failed | done).items() if key in rows}

    def _result(self, job: str, name: str) -> list[dict[str, str]]:
        """Return the lines of one result file."""
        answer = read_again(lambda: self._calls.csv(f"jobs/ingest/{job}/{name}"), self._calls.clock)
        return [] if answer.status_code == 204 else decode(answer.content)


def _key(field: str, record: Record) -> str:
    """Return what the caller knows a record by."""
    return org_record_id(record["Id"]) if field == "Id" else str(record[field])


def _result_key(field: str, line: Mapping[str, str]) -> str:
    """Return the key in a line of a result file; an update that worked may name the record in sf__Id alone."""
    value = line.get(field) or (line.get("sf__Id") if field == "Id" else "") or ""
    try:
        return salesforce_id(value) if field == "Id" else value
    except ValueError:
        return ""


def _applied(key: str, line: Mapping[str, str], *, is_upsert: bool) -> RowAnswer:
    """Return the answer of a line of successfulResults."""
    created = (line.get("sf__Created") or "").lower() == "true" if is_upsert else None
    try:
        record_id = org_record_id(line.get("sf__Id"))
    except ContractBroken:
        return lost(key, "Salesforce: a result of a bulk job has no record id")
    return RowAnswer(key, Answer.APPLIED, record_id=record_id, created=created)


def _refuse_clear_text(keys: Sequence[str], records: Sequence[Record]) -> dict[str, RowAnswer]:
    """Return the rejections of records that hold the very text on which Bulk 2.0 clears a field."""
    message = f"the text {CLEAR} would clear the field in a bulk job"
    return {
        key: RowAnswer(key, Answer.REJECTED, code="BAD_VALUE", message=message)
        for key, record in zip(keys, records, strict=True)
        if CLEAR in record.values()
    }


def _jobs(rows: Mapping[str, Record]) -> Iterator[tuple[list[str], dict[str, Record]]]:
    """Yield the columns and rows of each job: records of one set of columns, up to a size."""

    def columns(item: tuple[str, Record]) -> list[str]:
        return sorted(map(identifier, item[1]))

    for names, same in groupby(sorted(rows.items(), key=columns), key=columns):
        some, size = dict[str, Any](), 0
        for key, record in same:
            length = sum(len(str(value)) for value in record.values()) * 2
            if some and size + length > _LONGEST_JOB:
                yield names, some
                some, size = {}, 0
            some[key] = record
            size += length
        yield names, some


def _raise_if_refused(job: str, state: Mapping[str, Any], answers: Mapping[str, RowAnswer]) -> None:
    """Raise what a failed job says, if nothing of it was applied and the reason is one for all rows.

    Raises:
        MissingField: a column of the CSV does not exist.
    """
    if state["state"] != "Failed" or any(answer.answer is Answer.APPLIED for answer in answers.values()):
        return
    trouble = problem(f"Salesforce bulk job {job}", bulk_said(str(state.get("errorMessage") or "")))
    if isinstance(trouble, MissingField):
        raise trouble
