"""Everything about an account or a company: what it is now, what each run said of it, what would change that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from accord.sentences.decided import Entry, entry
from accord.sentences.questions import asked, commands, question, told
from accord.sentences.unblock import what_would_change
from accord.sentences.words import CRM, capital, moment, named, readable, what

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord.model.facts import Decided, Mention, Pairing, Record, Review, State, Story


_BESIDE = {"SET_STAGE", "SET_FIELD", "LEDGER", "LEFT"}
"""What comes beside a record's own decision."""


@dataclass(frozen=True)
class Explanation:
    """The answer to "why": plain text, newest run first; whoever shows it escapes it for its own medium.

    Attributes:
        headline: what the record is.
        now: what is true of it now, one sentence each.
        entries: what runs said of it.
        change: what would have to happen for another outcome; empty where it is settled.
        answers: (meaning, command) of each answer to an open question about it.
    """

    record: Record
    headline: str
    now: tuple[str, ...]
    entries: tuple[Entry, ...]
    change: tuple[str, ...]
    answers: tuple[tuple[str, str], ...] = ()


def explain_record(story: Story) -> Explanation:
    """Return the explanation of an account or a company."""
    entries = repeated(_entry(decided, story) for decided in story.decisions)
    standing = _standing(story)
    now = [*_now(story), *(_mention(it, story.record) for it in story.mentions)]
    if not story.decisions:
        now += _undecided(story)
        entries = [entry(story.now, story.record)] if story.now else []
    change = what_would_change(standing, (*story.reviews, *story.blocking), story.created_at) if standing else []
    own = [it for it in story.reviews if it.state == "open" and it.record == story.record]
    return Explanation(
        record=story.record,
        headline=headline(story.record),
        now=tuple(now),
        entries=tuple(entries),
        change=(*change, *(line for it in own for line in asked(it))),
        answers=tuple(answer for it in own for answer in commands(it)),
    )


def headline(record: Record) -> str:
    """Return what the record is."""
    return capital(named(record))


def being(record: Record, state: State, heir: Record | None) -> list[str]:
    """Return what became of a record that is not simply there."""
    crm = CRM[record.system]
    match state:
        case "merged":
            return [f"It was merged into another one and lives on in {named(heir)}: ask for that one."]
        case "deleted":
            return [f"It was deleted in {crm}."]
        case "gone":
            return [f"No full scan finds it any more: erased in {crm}, or no longer visible to our login."]
        case "made":
            return [f"Accord made it; {crm} shows it to the next run."]
        case "unknown":
            return [f"Staging does not hold it: {crm} does not show it to our login, or it was erased long ago."]
        case _:
            return []


def repeated(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries, newest first, runs in a row that said the very same told once."""
    told_once: list[Entry] = []
    for it in entries:
        last = told_once[-1] if told_once else None
        if last and _says(last) == _says(it):
            told_once[-1] = replace(last, times=last.times + 1, since=it.at)
        else:
            told_once.append(it)
    return told_once


def _says(it: Entry) -> tuple[str, str, str, tuple[str, ...]]:
    """Return what an entry says, whenever it was said."""
    return it.status, it.sentence, it.rule, it.details


def _standing(story: Story) -> Decided | None:
    """Return the decision that stands for the record itself: the newest, or what the rules say now."""
    newest = next((it for it in story.decisions if it.action not in _BESIDE), None)
    if newest is not None:
        return newest if newest.record == story.record else None
    return story.now


def _now(story: Story) -> list[str]:
    """Return what is true of the record now: whether it lives, its pairs, requests and reviews."""
    lines = being(story.record, story.state, story.heir)
    lines += [_pairing(it, story.record) for it in story.pairings] or _unpaired(story)
    lines += [f"It stores the id of {named(it)}." for it in story.names]
    lines += [f"{capital(named(it))} stores its id." for it in story.named_by]
    for request in story.requests:
        asked = "asked to import it" if request.kind == "import" else "asked for it by hand"
        outcome = "still open" if request.is_open else f"done: {request.outcome or 'no outcome was kept'}"
        lines.append(f"{request.by or 'Somebody'} {asked} on {moment(request.at)}; {outcome}.")
    lines += [_reviewed(it, story.record) for it in story.reviews]
    return lines


def _reviewed(it: Review, about: Record) -> str:
    """Return a question about the record or one that names it; an open one about itself is told in full elsewhere."""
    if it.record == about and it.state == "open":
        return f"Review {it.id} is {told(it)}."
    return f"Review {it.id}, {told(it)}: {question(it)}"


def _pairing(it: Pairing, about: Record) -> str:
    """Return one pair of the record, active or ended."""
    other = it.company if about.kind == "account" else it.account
    how = "by a write of Accord" if it.is_written else "found so in the CRMs"
    if it.is_active:
        return f"Paired with {named(other)} since {moment(it.since)}, {how}."
    ended = readable(it.ended_reason) or "no reason was kept"
    return f"Was paired with {named(other)} from {moment(it.since)} until {moment(it.ended_at)} ({ended})."


def _unpaired(story: Story) -> list[str]:
    """Return that there is no pair, or one that only the CRMs know."""
    if story.partner:
        return [f"Paired with {named(story.partner)}: both CRMs know it, and no run had to write anything for it."]
    return ["Not paired."] if story.state == "live" else []


def _entry(decided: Decided, story: Story) -> Entry:
    """Return the entry of a decision; one that follows a person's answer names the person."""
    told_so = entry(decided, story.record)
    if decided.reason != "review_resolved":
        return told_so
    answered = [it for it in story.reviews if it.state == "answered" and it.choice in {"pair", "create"}]
    return replace(told_so, details=(*(f"Review {it.id}: {told(it)}" for it in answered), *told_so.details))


def _mention(it: Mention, about: Record) -> str:
    """Return where the record is named in what stands for another one."""
    said = {
        "rival": "waits, because {me} has a claim that is at least as strong",
        "waiting_for": "waits until {me} is settled",
        "taken_by": "was given a company of its own, because {me} has the company with its people",
        "partner": "is in review, and {me} is part of the question",
    }.get(it.role, "names {me}")
    if (it.role, it.action) == ("partner", "WAIT"):
        said = "waits, and {me} is what it has a claim on"
    return f"{capital(named(it.record))} {said.format(me=f'this {what(about)}')}."


def _undecided(story: Story) -> list[str]:
    """Return honestly why no run decided anything about the record."""
    start = "Nothing was decided about it"
    if story.is_on is None:
        return [f"{start}: no run was made yet."]
    if not story.is_on:
        return [f"{start}: company sync is off (sync_companies), so nothing is (R1)."]
    if story.state != "live":
        return [f"{start}: a record that is not there is decided about only through its partner."]
    if story.partner and story.now is None:
        return [
            f"{start}: the two are a pair, and nobody but Accord edited the account since the switch was turned on;"
            " a pair gets a line only when its account is edited, imported or asked for (R21)."
        ]
    if story.now is None:
        return [f"{start}, and the rules have nothing to say of it as it is now."]
    if not story.has_full_run:
        return [f"{start}: so far only imports and single records were run, and it was in the scope of none of them."]
    return [f"{start}: the last run was made before staging showed it like this. The rules say now:"]
