"""What was really written, refused, held or left out, one line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sentences.questions import HELD, held_because
from accord.sentences.why import warning
from accord.sentences.words import CRM, capital, moment, named, readable, value

if TYPE_CHECKING:
    from accord.model.facts import LeftOut, Value, Write

_FIELD_RULES = {
    "R62": "Salesforce has a value, and it is preferred",
    "R63": "Salesforce never had a value, so HubSpot fills it",
    "R64": "the value was deleted in Salesforce",
    "R65": "this field is always Salesforce's",
    "R66": "the later change wins",
    "R69": "the owner is the same person on both sides",
}

_LEFT_OUT = {
    "stage_without_rank": "a stage has no place in the order of stages",
    "rewritten_again": "something puts the other value back each time, so it is not sent once more",
    "not_writable": "our login may not write the field",
    "required": "the field cannot be empty",
    "too_long": "the value is too long",
    "invalid_option": "the other side's list does not have the value",
    "not_a_number": "the value is not a number",
    "not_exact": "the number has more digits than can be sent",
    "not_a_boolean": "the value is neither true nor false",
    "not_a_date": "the value is not a date",
    "not_a_time": "the value is not a time",
    "owner_not_matched": "no owner on the other side has the same e-mail",
    "parent_not_paired": "the parent account is paired with no company yet",
    "parent_cycle": "the company would come to stand above itself",
}


def write_lines(write: Write) -> list[str]:
    """Return what came of one write, then what was left out of it."""
    sent = [] if write.op in {"update", "parent"} and not write.fields else [_line(write)]
    return [*sent, *(left_out_line(left) for left in write.left_out)]


def left_out_line(left: LeftOut) -> str:
    """Return what was left as it is, and why."""
    because = _unfit(left.code, left.message)
    return f"{left.field} was left out: {because}" if left.field else f"Left as it is: {because}"


def value_line(decided: Value) -> str:
    """Return what was decided about one mapped field: before, after, and why it is written or not."""
    change = f"{decided.name} in {CRM[decided.side]}: {value(decided.before)} -> {value(decided.value)}"
    said = [_FIELD_RULES.get(decided.rule, decided.rule), *(warning(code) for code in decided.warnings)]
    because = "; ".join(part for part in said if part)
    if decided.held:
        return f"{change} is not written: {_unfit(decided.held, decided.message)}"
    return f"{change} ({because})" if because else change


def _unfit(code: str, message: str) -> str:
    """Return why a value is left out: in plain words where they are known, with what was said."""
    plain = _LEFT_OUT.get(code) or (HELD[code][0] if code in HELD else "" if message else readable(code))
    return f"{plain} ({message})" if plain and message else plain or message


def _line(write: Write) -> str:
    """Return what came of a write as a whole."""
    match write.state:
        case "confirmed":
            doubt = f". But afterwards: {write.message}" if _is_doubtful(write) else ""
            return f"{_done(write)} at {moment(write.at)}{doubt}"
        case "rejected":
            again = f"; tried again after {moment(write.next_try_at)}" if write.next_try_at else ""
            return f"{capital(_wish(write))} was refused by {CRM[write.system]}: {_said(write)}{again}"
        case "held":
            return f"{capital(_wish(write))} is held, because {held_because(write.code, write.message)}"
        case "planned":
            said = f", last answer: {_said(write)}" if write.code or write.message else ""
            return f"{capital(_wish(write))} was not done yet{said}; the next run does it"
        case "sent":
            return f"{capital(_wish(write))} was sent, and the answer is not known yet; the next run looks for it"
        case "superseded" if write.result == "skipped":
            return f"{capital(_wish(write))} was not needed any more: {_said(write)}"
        case _:
            return f"{capital(_wish(write))} was given up: a later plan took its place"


def _is_doubtful(write: Write) -> bool:
    """Return whether the check after the run found something else than was written."""
    return write.code in {"not_moved", "differs_from_written"}


def _said(write: Write) -> str:
    """Return the CRM's own words, with its code."""
    return f"{write.message} ({write.code})" if write.message and write.code else write.message or write.code


def _done(write: Write) -> str:
    """Return that a write was done."""
    target = named(write.target)
    match write.op:
        case "create" if write.result == "created":
            return f"Created {target}"
        case "create":
            return f"Found {target} by its key, made before"
        case "restamp" | "attach" if write.fields and all(after is None for _, _, after in write.fields):
            what = "Emptied the key field of" if write.op == "restamp" else "Took out of this account again"
            return f"{what} {target}"
        case "dissociate":
            return f"Took {named(write.person)} out of {target} again"
        case "archive":
            return f"Archived {target}, which the undone run had made"
        case "restamp" if not write.attempts:
            return f"{capital(target)} noted the pair in its key field already"
        case "restamp":
            return f"Noted the pair in the key field of {target}"
        case "attach":
            return f"Gave {target} this account"
        case "associate":
            return f"Associated {named(write.person)} with {target}"
        case _:
            return f"Wrote {_changes(write)} on {target}"


def _wish(write: Write) -> str:
    """Return what a write is for."""
    target = named(write.target)
    return {
        "create": f"making the {write.object} in {CRM[write.system]}",
        "restamp": f"noting the pair in the key field of {target}",
        "attach": f"giving {target} this account",
        "dissociate": f"taking {named(write.person)} out of {target} again",
        "archive": f"archiving {target}",
        "associate": f"associating {named(write.person)} with {target}",
    }.get(write.op, f"writing {_changes(write)} on {target}")


def _changes(write: Write) -> str:
    """Return the fields of a write, each before and after."""
    return ", ".join(f"{name}: {value(before)} -> {value(after)}" for name, before, after in write.fields) or "nothing"
