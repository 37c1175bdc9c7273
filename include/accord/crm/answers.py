"""Status and body -> what to do next. The only place that knows the codes of both CRMs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


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
