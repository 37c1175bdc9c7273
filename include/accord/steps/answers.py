"""A CRM's answer about one row -> what the ledger notes and when the row is tried again. Pure but for the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.crm.answers import Answer
from accord.steps.follow import follow_ups, pair_of
from accord.steps.work import rest, soon
from accord.store.ledger import UNDO
from accord.store.settling import Settlement, Trouble

if TYPE_CHECKING:
    from accord.crm.answers import RowAnswer
    from accord.steps.work import Work
    from accord.store.ledger import Intent
    from accord.store.settling import Result

OPEN = {Answer.AMBIGUOUS, Answer.EXISTS}
"""Answers that settle nothing yet: the record must be read by its key first."""

_RESULT: dict[str, Result] = dict.fromkeys(("restamp", "update", "unparent", "parent", "unstage", "stage"), "updated")

# The families of HubSpot's sync health page, so that operators meet the words they know.
_FAMILIES = (
    ("duplicates", ("DUPLICATE", "CONFLICT", "ALREADY_EXISTS", "ALREADY_HAS_VALUE")),
    ("custom code", ("CUSTOM_VALIDATION", "CANNOT_INSERT_UPDATE_ACTIVATE", "APEX", "TRIGGER", "FLOW")),
    ("associations", ("ASSOCIATION", "LIMIT_EXCEEDED", "INVALID_IDENTIFIER")),
    ("permissions", ("INSUFFICIENT_ACCESS", "FOR_INSERT_UPDATE", "SCOPE", "PERMISSION", "NOT_FOUND", "IS_DELETED")),
    (
        "property values",
        ("INVALID", "TOO_LONG", "PICKLIST", "REQUIRED", "MISSING", "PROPERTY", "VALIDATION", "MALFORMED"),
    ),
)


def settlement(work: Work, intent: Intent, said: RowAnswer) -> Settlement | None:
    """Return what is noted about a row (R103), None where its record must be read by key before anything is known."""
    match said.answer:
        case Answer.APPLIED:
            return confirmed(work, intent, said.record_id or intent.target_id or "", is_new=said.created is not False)
        case Answer.REJECTED:
            return Settlement(
                intent=intent,
                state="rejected",
                result="rejected",
                next_try_at=rest(work.now, intent.attempt),
                trouble=_words(said),
            )
        case Answer.DUPLICATE_RULE:
            return held(work, intent, said)
        case Answer.LOCKED | Answer.NOT_APPLIED:
            return unsent(work, intent, said)
        case Answer.QUOTA | Answer.AUTH:
            return Settlement(intent=intent, state="planned", result="retry", trouble=_words(said))
        case _:
            return None


def confirmed(work: Work, intent: Intent, target_id: str, *, is_new: bool = True) -> Settlement:
    """Return that a write was done, with the pair it makes and what follows."""
    result: Result = _RESULT.get(intent.op, "linked")
    if intent.op == "create" and is_new:
        result = "created"
    elif intent.op in {"dissociate", "archive"} or intent.action == UNDO:
        result = "updated"
    elif intent.op == "restamp" and intent.follows is None:
        result = "linked"
    return Settlement(
        intent=intent,
        state="confirmed",
        result=result,
        target_id=target_id,
        pair=pair_of(intent, target_id),
        follow=follow_ups(work, intent, target_id),
    )


def held(work: Work, intent: Intent, said: RowAnswer) -> Settlement:
    """Return that a person must decide; the same write is not sent again for a while."""
    return Settlement(
        intent=intent,
        state="held",
        result="held",
        next_try_at=rest(work.now, intent.attempt),
        candidates=said.candidates,
        trouble=_words(said),
    )


def unsent(work: Work, intent: Intent, said: RowAnswer) -> Settlement:
    """Return that a write was certainly not done and is tried again: soon in a smaller batch, then by a later run."""
    return Settlement(
        intent=intent,
        state="planned",
        result="retry",
        next_try_at=soon(work.now, intent.attempt),
        trouble=_words(said),
    )


def changed(intent: Intent, code: str, message: str, *, is_skip: bool = False) -> Settlement:
    """Return that a record moved since the plan was made, so the write is not done (I9)."""
    return Settlement(
        intent=intent,
        state="superseded" if is_skip else "held",
        result="skipped" if is_skip else "held",
        trouble=Trouble(code, message, "other"),
    )


def family_of(code: str) -> str:
    """Return the family of trouble a code belongs to, in the words of HubSpot's sync health page (R103)."""
    known = code.upper()
    return next((family for family, parts in _FAMILIES if any(part in known for part in parts)), "other")


def _words(said: RowAnswer) -> Trouble:
    """Return the CRM's own words and what kind of trouble they mean."""
    code = said.code or said.answer.value
    return Trouble(code, said.message, family_of(code), said.answer.value)
