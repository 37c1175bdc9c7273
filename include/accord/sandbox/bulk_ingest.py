"""Bulk 2.0 ingest jobs: created, filled once, closed, processed in the background, read back as CSV."""

from __future__ import annotations

from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import orjson

from accord.sandbox.bulk_jobs import (
    DELIMITERS,
    LINE_ENDS,
    IngestJob,
    as_json,
    caller,
    csv_answer,
    listing,
    schedule,
    setting,
    shown_state,
    wrong_state,
)
from accord.sandbox.bulk_rows import process
from accord.sandbox.clock import salesforce_time
from accord.sandbox.salesforce_errors import SalesforceProblem, not_found
from accord.sandbox.salesforce_rows import key_field, sobject_named
from accord.sandbox.salesforce_wire import body_object, nothing, reply

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.wire import Answer, Call

_MAX_BYTES = 150 * 1024 * 1024
_MAX_MULTIPART_CHARACTERS = 100_000
_OPERATIONS = {"insert", "update", "upsert", "delete"}
_CLOSED_WITHOUT = {"contentUrl", "lineEnding", "columnDelimiter"}


def create(crms: Crms, call: Call) -> Answer:
    """Answer `POST jobs/ingest`; as multipart, with the CSV beside it, the job is filled and closed at once."""
    if call.headers.get("content-type", "").startswith("multipart/form-data"):
        body, data = _multipart(call)
        job = _new(crms, call, body)
        job.data = data
        _close(crms, job)
    else:
        job = _new(crms, call, body_object(call))
    return reply(as_json(crms, job, is_new=True))


def upload(crms: Crms, call: Call) -> Answer:
    """Answer `PUT jobs/ingest/<id>/batches`, possible once."""
    job = _job(crms, call)
    if job.state != "Open" or job.data is not None:
        raise wrong_state(job, "Uploading data again")
    if len(call.body) > _MAX_BYTES:
        raise SalesforceProblem("FILE_SIZE_LIMIT_EXCEEDED", "The upload is larger than 150 MB", status=413)
    job.data = call.body
    return nothing(201)


def change(crms: Crms, call: Call) -> Answer:
    """Answer `PATCH jobs/ingest/<id>`: UploadComplete or Aborted."""
    job, state = _job(crms, call), body_object(call).get("state")
    if state == "UploadComplete" and job.state == "Open":
        _close(crms, job)
    elif state == "Aborted" and shown_state(crms, job) in {"Open", "InProgress"}:
        job.move(crms, "Aborted")
    else:
        raise wrong_state(job, f"The change to {state}")
    shown = as_json(crms, job, is_new=True)
    return reply({name: value for name, value in shown.items() if name not in _CLOSED_WITHOUT})


def show(crms: Crms, call: Call) -> Answer:
    """Answer `GET jobs/ingest/<id>`; each look counts."""
    job = _job(crms, call)
    body = as_json(crms, job)
    job.polls += 1
    return reply(body)


def show_all(crms: Crms, _call: Call) -> Answer:
    """Answer `GET jobs/ingest`."""
    return listing(crms, crms.desk.ingest_jobs.values())


def delete(crms: Crms, call: Call) -> Answer:
    """Answer `DELETE jobs/ingest/<id>`."""
    job = _job(crms, call)
    if not job.has_ended:
        raise wrong_state(job, "Deleting")
    del crms.desk.ingest_jobs[job.id]
    return nothing()


def results(crms: Crms, call: Call) -> Answer:
    """Answer `successfulResults`, `failedResults` and the unprocessed rows of a job.

    The letter case of the last one's address is a switch; in the other case nothing is there.
    """
    job, kind = _job(crms, call), call.params["kind"]
    known = {"successfulResults", "failedResults", crms.switches.unprocessed_path}
    if kind not in known:
        raise not_found()
    if shown_state(crms, job) not in {"JobComplete", "Failed", "Aborted"}:
        raise wrong_state(job, "Reading results")
    body = job.results.get(kind if kind.endswith("Results") else "unprocessed", b"")
    if body.count(b"\n") <= 1 and crms.switches.empty_bulk_result == "204":
        return nothing()
    return csv_answer(crms, body)


def _new(crms: Crms, call: Call, body: dict[str, Any]) -> IngestJob:
    """Return a new open job.

    Raises:
        SalesforceProblem: the object, operation, key or format is unknown.
    """
    operation = str(body.get("operation"))
    if operation not in _OPERATIONS:
        raise SalesforceProblem("INVALIDJOB", f"operation {operation} is not supported")
    if body.get("contentType", "CSV") != "CSV":
        raise SalesforceProblem("INVALIDJOB", "contentType must be CSV")
    sobject = sobject_named(crms, str(body.get("object")))
    key = key_field(crms, sobject, str(body.get("externalIdFieldName") or "")) if operation == "upsert" else ""
    job = IngestJob(
        id=crms.desk.new_id("750"),
        operation=operation,
        sobject=sobject,
        created_by=caller(crms, call),
        created_at=salesforce_time(crms.clock.now()),
        version=call.params["version"],
        state="Open",
        delimiter=setting(body, "columnDelimiter", DELIMITERS, "COMMA"),
        line_end=setting(body, "lineEnding", LINE_ENDS, "LF"),
        duplicate_header=call.headers.get("sforce-duplicate-rule-header", ""),
        key=key,
    )
    crms.desk.ingest_jobs[job.id] = job
    return job


def _close(crms: Crms, job: IngestJob) -> None:
    """Take no more data and begin the work."""
    job.move(crms, "UploadComplete")
    schedule(crms, job, lambda: process(crms, job))


def _multipart(call: Call) -> tuple[dict[str, Any], bytes]:
    """Return the job and the CSV of a multipart request.

    Raises:
        SalesforceProblem: a part is missing, or the CSV has more than 100,000 characters.
    """
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    parts: dict[str, bytes] = {}
    for part in message_from_bytes(head + call.body).walk():
        name, content = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            parts[name] = content
    if set(parts) != {"job", "content"}:
        raise SalesforceProblem("INVALIDJOB", "A multipart request needs the parts job and content")
    if len(parts["content"].decode()) > _MAX_MULTIPART_CHARACTERS:
        raise SalesforceProblem("INVALIDJOB", f"content may have {_MAX_MULTIPART_CHARACTERS} characters")
    return orjson.loads(parts["job"]), parts["content"]


def _job(crms: Crms, call: Call) -> IngestJob:
    """Return the job that the call names."""
    job = crms.desk.ingest_jobs.get(call.params["job"])
    if job is None:
        raise not_found()
    return job
