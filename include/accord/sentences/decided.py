"""One decision as an entry of an explanation: one sentence of what and why, then the people and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from accord.sentences.why import warning, why
from accord.sentences.words import capital, named, value
from accord.sentences.written import left_out_line, value_line, write_lines

if TYPE_CHECKING:
    from datetime import datetime

    from accord.model.facts import Decided, Person, Record

_SHOWN_PEOPLE = 10

STATUS = {"applied": "applied", "planned": "only planned", "unfinished": "not finished"}


@dataclass(frozen=True)
class Entry:
    """What one run said of a record.

    Attributes:
        at: when the run began; None: as the records are now, no run said it.
        status: applied, only planned, or not finished.
        sentence: what was decided and why.
        rule: the deciding rule, "" where there is none.
        details: people, runner-up, writes, values, warnings, one line each.
        times: in how many runs in a row the very same was said.
        since: when the first of those began.
    """

    at: datetime | None
    run_id: str
    status: str
    sentence: str
    rule: str
    details: tuple[str, ...]
    times: int = 1
    since: datetime | None = None


def entry(decided: Decided, about: Record) -> Entry:
    """Return the entry of a decision, told to somebody who asked about a record: its own or its partner's."""
    run = decided.run
    return Entry(
        at=run.at if run else None,
        run_id=run.id if run else "",
        status=STATUS[run.status] if run else "as it stands now",
        sentence=sentence(decided, about),
        rule=decided.rule,
        details=tuple(_details(decided)),
        since=run.at if run else None,
    )


def sentence(decided: Decided, about: Record) -> str:
    """Return what was decided and why, in one sentence."""
    if decided.action == "SET_FIELD":
        return "Mapped fields differed between the two sides."
    if decided.action == "LEFT":
        return "Something about it was left as it is."
    if decided.action == "LEDGER":
        return "Written in a run whose decision is no longer kept."
    return f"{_lead(decided, about)}: {why(decided)}."


def _lead(decided: Decided, about: Record) -> str:
    """Return what was decided."""
    other = named(decided.record if about != decided.record else decided.partner)
    match decided.action:
        case "LINK" | "RELINK":
            word = "paired" if decided.action == "LINK" else "paired anew"
            return f"{capital(_tense(decided, word, f'to be {word}', f'would be {word}'))} with {other}"
        case "UPDATE":
            return f"Paired already with {other}"
        case "CREATE_COMPANY" | "CREATE_ACCOUNT":
            return _created(decided, about)
        case "SKIP":
            return "Left alone"
        case "WAIT":
            return "Waiting"
        case "REVIEW":
            return "For a person to decide"
        case "HOLD":
            return f"Held, {_thing(decided.held_action)} would be made for it"
        case "SET_STAGE":
            before = next(
                (was for it in decided.writes for name, was, _ in it.fields if name == "lifecyclestage"), None
            )
            change = f"{value(before)} -> {value(decided.value)}" if decided.writes else value(decided.value)
            return f"Lifecycle stage {_tense(decided, 'moved', 'to be moved', 'would move')}, {change}"
        case "REVERT" | "KEEP":
            return _undone(decided)
        case action:
            return capital(action.replace("_", " ").lower())


def _undone(decided: Decided) -> str:
    """Return that a record was put back, or left, when a run was undone (R104)."""
    if decided.action == "KEEP":
        return f"Left as it is when run {decided.value} was undone"
    return _tense(decided, *(f"{it} as it was before run {decided.value}" for it in _PUT_BACK))


_PUT_BACK = ("Put back", "To be put back", "Would be put back")


def _created(decided: Decided, about: Record) -> str:
    """Return that a record was made, from its own point of view or from that of the record it was made for."""
    if about != decided.record:
        return f"Made for {named(decided.record)}"
    made = next((it.target for it in decided.writes if it.op == "create" and it.target), None)
    done = f"was made for it, {named(made)}" if made else "was made for it"
    planned = "would be made for it"
    return f"{capital(_thing(decided.action))} {_tense(decided, done, 'was to be made for it', planned)}"


def _thing(action: str) -> str:
    """Return what a creation makes."""
    return "an account" if action == "CREATE_ACCOUNT" else "a company"


def _tense(decided: Decided, done: str, wanted: str, planned: str) -> str:
    """Return the words for what was done, for what was to be done and was not (yet), or for what a plan showed.

    The first write of a decision is the one that makes the pair or the record; the others follow it.
    """
    run = decided.run
    if run is None or run.status == "planned":
        return planned
    main = decided.writes[0].state if decided.writes else ""
    is_done = main == "confirmed" or (not main and run.status == "applied")
    return done if is_done else wanted


def _details(decided: Decided) -> list[str]:
    """Return everything beside the sentence."""
    lines = _people_lines(decided)
    if decided.held_reason:
        lines.append(f"Behind it: {why(replace(decided, reason=decided.held_reason, rule=''))}")
    if decided.runner_up and decided.action == "LINK":
        lines.append(f"Runner-up: {named(decided.runner_up)}")
    lines += [f"Note: {warning(code)}" for code in decided.warnings]
    lines += [value_line(it) for it in decided.values]
    lines += [line for it in decided.writes for line in write_lines(it)]
    return lines + [left_out_line(it) for it in decided.left_out]


def _people_lines(decided: Decided) -> list[str]:
    """Return the people behind a decision, by what they are for."""
    lines = []
    for role, title in _ROLES.items():
        group = [it for it in decided.people if it.role == role]
        lines += [f"{title}: {person_line(it)}" for it in group[:_SHOWN_PEOPLE]]
        if len(group) > _SHOWN_PEOPLE:
            lines.append(f"{title}: and {len(group) - _SHOWN_PEOPLE:,} more")
    return lines


_ROLES = {
    "evidence": "Evidence",
    "attach": "Gets the new account",
    "associate": "Joins the company",
    "stage": "Moved",
}


def person_line(person: Person) -> str:
    """Return a person on both sides and how the two are paired."""
    if person.salesforce is None or person.hubspot is None:
        return named(person.salesforce or person.hubspot)
    how = "by e-mail" if person.kind == "email" else "by stored id"
    primary = ", it is their primary company" if person.is_primary and person.role == "evidence" else ""
    return f"{named(person.salesforce)} = {named(person.hubspot)}, {how}{primary}"
