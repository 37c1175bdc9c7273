"""The background work of an ingest job: each CSV row written by itself, its fate kept in one of three CSVs."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from accord.sandbox.bulk_jobs import DELIMITERS, LINE_ENDS, IngestJob, csv_line
from accord.sandbox.salesforce_errors import SalesforceProblem
from accord.sandbox.salesforce_rows import DuplicateOptions, Writer, folded_key, repeated, same_key_twice, take_out

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.org import Record

_NULL = "#N/A"


def process(crms: Crms, job: IngestJob) -> None:
    """Write the rows of a job; refused rows do not make it Failed, an unknown column does before the first row."""
    text = (job.data or b"").decode("utf-8-sig")
    header, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter])) or [[]]
    rows = [row for row in rows if row]
    if problem := _bad_header(crms, job, header, rows):
        job.error = f"InvalidBatch : {problem}"
        job.move(crms, "Failed")
        return
    stop = crms.switches.bulk_fails_after_rows
    done = rows if stop is None else rows[:stop]
    _write_rows(crms, job, header, done)
    _keep(job, "unprocessed", ("",), header, rows[len(done) :])
    per_batch = crms.switches.bulk_chunk_rows
    if len(rows) >= per_batch or crms.switches.tiny_jobs_count_as_batch:
        crms.desk.bulk_batches += max(1, -(-len(rows) // per_batch))
    if len(done) < len(rows):
        job.error = "InternalServerError : Unable to process the rest of the batch"
    job.move(crms, "Failed" if job.error else "JobComplete")


def _write_rows(crms: Crms, job: IngestJob, header: list[str], rows: list[list[str]]) -> None:
    """Write rows one by one and keep what came of each."""
    writer = Writer(crms, job.sobject, _options(crms, job))
    records = [_record(header, row) for row in rows]
    twice = repeated(crms, job.sobject, job.key, records) if job.key else set()
    good: list[list[str]] = []
    bad: list[list[str]] = []
    for row, record in zip(rows, records, strict=True):
        try:
            rid, created = _write(writer, job, record, twice)
            good.append([rid, "true" if created else "false", *row])
        except SalesforceProblem as problem:
            bad.append(["", f"{problem.code}:{problem.message}:{','.join(problem.fields or ())} --", *row])
        writer.undo.clear()
    _keep(job, "successfulResults", ("sf__Id", "sf__Created"), header, good)
    _keep(job, "failedResults", ("sf__Id", "sf__Error"), header, bad)
    job.processed, job.failed = len(rows), len(bad)


def _write(writer: Writer, job: IngestJob, record: Record, twice: set[str]) -> tuple[str, bool]:
    """Return the id of the written record and whether it is new."""
    if job.operation == "insert":
        return writer.create(record), True
    if job.operation == "upsert":
        value = folded_key(writer.crms, job.sobject, job.key, record)
        if value in twice:
            raise same_key_twice(writer.crms, job.key, value)
        return writer.upsert(job.key, record)
    rid, rest = take_out(record, "Id")
    if not rid:
        raise SalesforceProblem("MISSING_ARGUMENT", f"Id not specified in an {job.operation} call", fields=[])
    if job.operation == "delete":
        return writer.delete(rid), False
    return writer.update(rid, rest), False


def _record(header: list[str], row: list[str]) -> Record:
    """Return the fields of a row: an empty cell changes nothing, #N/A clears."""
    cells = zip(header, row, strict=False)
    return {name: None if value == _NULL else value for name, value in cells if value}


def _bad_header(crms: Crms, job: IngestJob, header: list[str], rows: list[list[str]]) -> str:
    """Return what is wrong with the CSV as a whole, "" if nothing."""
    names = {name.lower() for name in crms.org.visible_fields(job.sobject)}
    unknown = [name for name in header if name.lower() not in names]
    if unknown:
        return f"Field name not found : {unknown[0]}"
    if any(len(row) > len(header) for row in rows):
        return "Failed to parse CSV: a row has more columns than the header"
    return ""


def _keep(job: IngestJob, kind: str, own: tuple[str, ...], header: list[str], rows: list[list[str]]) -> None:
    """Keep one result CSV: own columns quoted, the uploaded ones as they were, every value quoted (recorded)."""
    delimiter, line_end = DELIMITERS[job.delimiter], LINE_ENDS[job.line_end]
    first = [*(f'"{name}"' for name in own if name), *header]
    lines = [delimiter.join(first) + line_end, *(csv_line(row, delimiter, line_end) for row in rows)]
    job.results[kind] = "".join(lines).encode()


def _options(crms: Crms, job: IngestJob) -> DuplicateOptions:
    """Return what the duplicate-rule header of the job asks for, if bulk jobs listen to it."""
    listens = crms.switches.bulk_obeys_duplicate_header
    return DuplicateOptions(allow_save=listens and "allowsave=true" in job.duplicate_header.replace(" ", "").lower())
