"""Status and code -> what to do next. The only place that decides it, for both CRMs.

`salesforce_said` and `hubspot_said` bring what a service said into one shape (`Said`); here a whole call becomes an
error (`problem`) and a row of a write becomes a `RowAnswer` (`row`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from accord.model.errors import (
    AccordError,
    BadCredentials,
    ContractBroken,
    MissingField,
    MissingPermission,
    QuotaExhausted,
    RateLimited,
    ServiceUnavailable,
)

_LONGEST_MESSAGE = 500
_LONGEST_NAME = 100
_MOST_NAMES = 50


class Answer(StrEnum):
    """What became of one row of a write, by what happens next (the write protocol of the ledger)."""

    APPLIED = "applied"
    """Done: the record id is known."""
    NOT_APPLIED = "not_applied"
    """Certainly not done, through no fault of the row: send it again."""
    AMBIGUOUS = "ambiguous"
    """Nobody knows: find it by key before anything else."""
    REJECTED = "rejected"
    """Refused for what it holds: keep it with its code."""
    LOCKED = "locked"
    """Somebody else holds the record: send again later, in smaller batches."""
    EXISTS = "exists"
    """The unique value is taken: read by key; `candidates` where the service names them."""
    DUPLICATE_RULE = "duplicate_rule"
    """The org's own duplicate rule refused it: a person decides; `candidates` are the look-alikes."""
    QUOTA = "quota"
    """The day's calls ran out before this row: next window."""
    AUTH = "auth"
    """The session ended before this row and could not be renewed."""


@dataclass(frozen=True)
class RowAnswer:
    """What one input of a write came to.

    Attributes:
        key: what the caller knows the row by: key value, record id, or `contact:company`.
        answer: what to do next.
        record_id: the id of the record, where the service said it.
        created: whether an upsert made the record; None where the service does not say.
        code: the service's own code, such as FIELD_CUSTOM_VALIDATION_EXCEPTION.
        message: the service's own words without secrets, at most 500 characters.
        candidates: ids of the records that stand in the way.
    """

    key: str
    answer: Answer
    record_id: str | None = None
    created: bool | None = None
    code: str = ""
    message: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Said:
    """What a service said about a call, or about one row of it.

    Attributes:
        status: HTTP status; 0 for a row within an answer of 200 or 207.
        code: the service's code; empty where the body could not be read (HTML, nothing at all).
        message: its own words, already free of secrets.
        names: fields, properties or scopes it names.
        candidates: ids of records it names as being in the way.
        retry_after: seconds it wants to be left alone; None where it does not say.
        reference: its correlation id, for the vendor's support.
    """

    status: int
    code: str = ""
    message: str = ""
    names: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    retry_after: float | None = None
    reference: str = ""

    def __str__(self) -> str:
        words = [str(self.status) if self.status else "", self.code, self.message]
        if self.reference:
            words.append(f"(correlation id {self.reference})")
        return " ".join(word for word in words if word)


class NotSent(ServiceUnavailable):
    """No connection was made: certainly nothing was applied."""


class Lost(ServiceUnavailable):
    """Sent, and no usable answer came back: a read is tried again, a write is ambiguous."""


class NoSession(ServiceUnavailable):
    """The login was tried often enough: certainly nothing was applied, and the call is not worth another login."""


class Locked(ServiceUnavailable):
    """The service holds the record or the account for itself: certainly nothing was applied."""


class Refused(ContractBroken):
    """The service understood the call and refused the whole of it: certainly nothing was applied."""

    def __init__(self, message: str, said: Said) -> None:
        super().__init__(message)
        self.said = said


_REFUSALS = frozenset({300, 400, 404, 405, 409, 410, 411, 413, 414, 415, 422})
_QUOTA_CODES = frozenset({"REQUEST_LIMIT_EXCEEDED", "DAILY"})
_AUTH_CODES = frozenset({"INVALID_SESSION_ID", "invalid_grant", "invalid_client", "invalid_client_id"})
_FIELD_CODES = frozenset({"INVALID_FIELD", "PROPERTY_DOESNT_EXIST"})
_PERMISSION_CODES = frozenset({"INVALID_TYPE", "API_DISABLED_FOR_ORG", "MISSING_SCOPES", "INSUFFICIENT_ACCESS"})
_RESTART_CODES = frozenset({"INVALID_QUERY_LOCATOR", "QUERY_TIMEOUT", "SERVER_UNAVAILABLE", "UNKNOWN_EXCEPTION"})
# HubSpot names the bucket in `policyName` and rarely says Retry-After: the longest a full bucket takes to drain.
_DEFAULT_WAIT = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
_MIGRATION_WAIT = 3600.0

_ROW_ANSWERS = {
    "UNABLE_TO_LOCK_ROW": Answer.LOCKED,
    "LOCKED": Answer.LOCKED,
    "DUPLICATE_VALUE": Answer.EXISTS,
    "CONFLICT": Answer.EXISTS,
    "CONFLICTING_UNIQUE_VALUE": Answer.EXISTS,
    "DUPLICATES_DETECTED": Answer.DUPLICATE_RULE,
    "ALL_OR_NONE_OPERATION_ROLLED_BACK": Answer.NOT_APPLIED,
    "PROCESSING_HALTED": Answer.NOT_APPLIED,
    "RATE_LIMITS": Answer.NOT_APPLIED,
    "REQUEST_LIMIT_EXCEEDED": Answer.QUOTA,
    "INVALID_SESSION_ID": Answer.AUTH,
    "SERVER_UNAVAILABLE": Answer.AMBIGUOUS,
    "UNKNOWN_EXCEPTION": Answer.AMBIGUOUS,
    "INTERNAL_ERROR": Answer.AMBIGUOUS,
}


def problem(call: str, said: Said) -> AccordError:
    """Return the error that a refused call is.

    Args:
        call: what was called, as system, method and path template.
        said: what the service said.
    """
    said = _printable(said)
    if said.code in _QUOTA_CODES and "Concurrent" not in said.message:
        return QuotaExhausted(f"{call}: the calls of the day are used up ({said}); go on in the next window")
    if said.status in {429, 477} or said.code == "REQUEST_LIMIT_EXCEEDED":
        return RateLimited(f"{call}: slowed down ({said})", _wait(said))
    if said.status == 401 or said.code in _AUTH_CODES:
        return BadCredentials(f"{call}: the login was refused ({said}); check the credentials in the connection")
    return _setup_problem(call, said) or _service_problem(call, said)


def _setup_problem(call: str, said: Said) -> AccordError | None:
    """Return the error of a field or a right that somebody must add, or None."""
    named = ", ".join(said.names)
    if said.code in _FIELD_CODES and said.status < 500:
        return MissingField(
            f"{call}: no such field: {named or said.message}; create it or take it out of the field map"
        )
    if said.status == 403 or said.code in _PERMISSION_CODES:
        return MissingPermission(f"{call}: not allowed ({said}); grant {named or 'the right'} to the integration user")
    return None


def _service_problem(call: str, said: Said) -> AccordError:
    """Return the error of a call that neither limits nor rights explain."""
    if said.status == 423 or said.code == "UNABLE_TO_LOCK_ROW":
        return Locked(f"{call}: locked ({said})")
    if said.status in _REFUSALS and said.code not in _RESTART_CODES:
        return Refused(f"{call}: refused ({said})", said)
    return Lost(f"{call}: no usable answer ({said})")


def _wait(said: Said) -> float:
    """Return the seconds to leave the service alone."""
    if said.retry_after is not None:
        return said.retry_after
    return _MIGRATION_WAIT if said.status == 477 else _DEFAULT_WAIT.get(said.code, 10.0)


def row(key: str, said: Said) -> RowAnswer:
    """Return the answer of one row that the service refused within a batch, or alone."""
    said = _printable(said)
    answer = _ROW_ANSWERS.get(said.code, Answer.EXISTS if said.status in {300, 409} else Answer.REJECTED)
    return RowAnswer(key, answer, code=said.code, message=said.message, candidates=said.candidates)


def row_of(key: str, error: AccordError) -> RowAnswer:
    """Return the answer of one row whose whole call, or part of a call, met an error."""
    if isinstance(error, Refused):
        return row(key, error.said)
    answer = next((answer for kind, answer in _ERROR_ANSWERS if isinstance(error, kind)), Answer.REJECTED)
    return RowAnswer(key, answer, code=type(error).__name__, message=_one_line(str(error)))


_ERROR_ANSWERS: tuple[tuple[type[AccordError], Answer], ...] = (
    (NotSent, Answer.NOT_APPLIED),
    (NoSession, Answer.NOT_APPLIED),
    (RateLimited, Answer.NOT_APPLIED),
    (Locked, Answer.LOCKED),
    (Lost, Answer.AMBIGUOUS),
    (QuotaExhausted, Answer.QUOTA),
    (BadCredentials, Answer.AUTH),
)


def lost(key: str, why: str) -> RowAnswer:
    """Return the answer of a row that may or may not have been applied."""
    return RowAnswer(key, Answer.AMBIGUOUS, message=_one_line(why))


def _printable(said: Said) -> Said:
    """Return the same, fit for a log and a table: every part is the service's text, and may hold a record's."""
    return replace(
        said,
        code=_one_line(said.code)[:_LONGEST_NAME],
        message=_one_line(said.message),
        names=tuple(_one_line(name)[:_LONGEST_NAME] for name in said.names[:_MOST_NAMES]),
        candidates=tuple(_one_line(one)[:_LONGEST_NAME] for one in said.candidates[:_MOST_NAMES]),
        reference=_one_line(said.reference)[:_LONGEST_NAME],
    )


def _one_line(words: str) -> str:
    """Return the words on one line without control characters: they may hold a record's text, and go into logs."""
    begun = words[: 10 * _LONGEST_MESSAGE]
    return "".join(c if c.isprintable() else " " for c in " ".join(begun.split()))[:_LONGEST_MESSAGE]
