"""Bulk 2.0 jobs: what they are, in which state they show, the JSON of each state as recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord.sandbox.clock import salesforce_time
from accord.sandbox.salesforce_errors import SalesforceProblem
from accord.sandbox.salesforce_wire import reply
from accord.sandbox.wire import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accord.sandbox.core import Crms
    from accord.sandbox.wire import Call

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
_ENDED = {"JobComplete", "Failed", "Aborted"}
_RETRY_SECONDS = 60


@dataclass
class Job:
    """What both kinds of job share.

    Attributes:
        sobject: the object's name.
        state: as far as the job really is; `shown_state` is what its owner sees.
        polls: how often its owner was told InProgress.
        duplicate_header: the duplicate-rule header of the call that made the job.
    """

    id: str
    operation: str
    sobject: str
    created_by: str
    created_at: str
    version: str
    state: str
    delimiter: str = "COMMA"
    line_end: str = "LF"
    changed_at: str = ""
    polls: int = 0
    error: str = ""
    processed: int = 0
    duplicate_header: str = ""

    @property
    def has_ended(self) -> bool:
        """Return whether nothing more will happen to the job."""
        return self.state in _ENDED

    def move(self, crms: Crms, state: str) -> None:
        """Set the state."""
        self.state, self.changed_at = state, salesforce_time(crms.clock.now())


@dataclass
class QueryJob(Job):
    """A query and, once it is complete, its result as CSV lines, so that a page is a slice.

    Attributes:
        header: the first line.
        lines: one line a row.
    """

    soql: str = ""
    header: bytes = b""
    lines: list[bytes] = field(default_factory=list)


@dataclass
class IngestJob(Job):
    """An upload and, once it is processed, what came of each row.

    Attributes:
        key: external id field of an upsert.
        data: the CSV as uploaded; None before the upload.
        results: successfulResults, failedResults and the unprocessed rows, each a CSV in bytes.
    """

    key: str = ""
    data: bytes | None = None
    failed: int = 0
    results: dict[str, bytes] = field(default_factory=dict)


def schedule(crms: Crms, job: Job, work: Callable[[], None]) -> None:
    """Do a job's work once its time on the clock has passed, in the pipeline's name, unless it was aborted."""
    request_id = crms.journal.request_id

    def attempt() -> None:
        if job.has_ended:
            return
        if crms.switches.bulk_stuck:
            crms.clock.schedule(_RETRY_SECONDS, attempt)
            return
        with crms.acting("pipeline", request_id):
            work()

    crms.clock.schedule(crms.switches.bulk_seconds, attempt)


def shown_state(crms: Crms, job: Job) -> str:
    """Return the state the owner is told; a job that is done is InProgress for the first few looks."""
    is_done = job.state in {"JobComplete", "Failed"}
    is_hidden = is_done and (crms.switches.bulk_stuck or job.polls < crms.switches.bulk_polls)
    return "InProgress" if is_hidden or job.state == "UploadComplete" else job.state


def as_json(crms: Crms, job: Job, *, is_new: bool = False) -> dict[str, Any]:
    """Return a job as the recorded answers show it; a new one has no counts yet."""
    body: dict[str, Any] = {
        "id": job.id,
        "operation": job.operation,
        "object": job.sobject,
        "createdById": job.created_by,
        "createdDate": job.created_at,
        "systemModstamp": job.changed_at or job.created_at,
        "state": job.state if is_new else shown_state(crms, job),
    }
    if isinstance(job, IngestJob) and job.key:
        body["externalIdFieldName"] = job.key
    body |= {"concurrencyMode": "Parallel", "contentType": "CSV", "apiVersion": float(job.version)}
    if isinstance(job, IngestJob) and job.state == "Open":
        body["contentUrl"] = f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"
    if not is_new:
        body["jobType"] = "V2Ingest" if isinstance(job, IngestJob) else "V2Query"
    body |= {"lineEnding": job.line_end, "columnDelimiter": job.delimiter}
    return body if is_new else body | _counts(job, body["state"])


def setting(body: dict[str, Any], key: str, options: dict[str, str], default: str) -> str:
    """Return the name of a delimiter or line ending in the body of a new job.

    Raises:
        SalesforceProblem: there is no such one.
    """
    name = str(body.get(key) or default)
    if name not in options:
        raise SalesforceProblem("INVALIDJOB", f"{key} {name} is not supported")
    return name


def csv_line(values: Iterable[str], delimiter: str, line_end: str) -> str:
    """Return one CSV line with everything quoted, quotes doubled, newlines kept (RFC 4180), as Bulk 2.0 writes it."""
    return '"' + f'"{delimiter}"'.join([value.replace('"', '""') for value in values]) + '"' + line_end


def csv_answer(crms: Crms, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    """Return a CSV answer; real ones name no charset."""
    media = "text/csv; charset=UTF-8" if crms.switches.bulk_charset else "text/csv"
    return Answer(200, body, {"content-type": media} | (headers or {}))


def listing(crms: Crms, jobs: Iterable[Job]) -> Answer:
    """Return the answer to a request for all jobs."""
    return reply({"done": True, "nextRecordsUrl": None, "records": [as_json(crms, job) for job in jobs]})


def wrong_state(job: Job, wish: str) -> SalesforceProblem:
    """Return the refusal of something that the job's state does not allow."""
    return SalesforceProblem("INVALIDJOBSTATE", f"{wish} is not possible while the job {job.id} is {job.state}")


def caller(crms: Crms, call: Call) -> str:
    """Return the id of the user whose session made the call."""
    session = crms.desk.sessions.get(call.headers.get("authorization", "").partition(" ")[2])
    return session.user if session else crms.org.pipeline_user


def _counts(job: Job, state: str) -> dict[str, Any]:
    """Return the figures of a job that was looked at."""
    is_done = state in _ENDED
    body: dict[str, Any] = {"numberRecordsProcessed": job.processed if is_done else 0}
    if isinstance(job, IngestJob):
        body["numberRecordsFailed"] = job.failed if is_done else 0
    body |= {"retries": 0, "totalProcessingTime": job.processed}
    if isinstance(job, IngestJob):
        body |= {"apiActiveProcessingTime": job.processed, "apexProcessingTime": 0}
    return body | ({"errorMessage": job.error} if is_done and job.error else {})
