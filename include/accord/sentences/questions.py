"""What a person is asked, which answers make sense, and how each is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sentences.words import CRM, listed, moment, named, people, readable

if TYPE_CHECKING:
    from accord.model.facts import Candidate, Choice, Record, Review

_TIE: tuple[Choice, ...] = ("pair", "apart", "create", "leave")
_IDENTITY: tuple[Choice, ...] = ("pair", "apart", "leave")

CHOICES: dict[str, tuple[Choice, ...]] = {
    "tie_between_companies": _TIE,
    "tie_between_accounts": _TIE,
    "account_id_on_two_companies": _IDENTITY,
    "orphan_after_account_merge": _IDENTITY,
    "two_accounts_on_one_company": _IDENTITY,
    "contacts_already_represented": ("create", "apart", "pair", "leave"),
    "race_with_auto_create": ("create", "leave"),
    "DUPLICATES_DETECTED": ("pair", "leave"),
    "several_twins": ("pair", "leave"),
    "key_on_another_record": ("pair", "leave"),
}
"""The answers that have an effect, by reason; a write that is held for any other reason can only be left."""

_OFFERED = 5
"""Candidates whose answers are written out."""

_QUESTIONS = {
    "tie_between_companies/salesforce": "Which company is {record}? Several hold equally many of its people.",
    "tie_between_companies/hubspot": (
        "Several companies were asked for by hand whose people belong to one account. Is that account {record}?"
    ),
    "tie_between_accounts/salesforce": "Which company is {record}? Another account has an equal claim on it.",
    "tie_between_accounts/hubspot": (
        "{record} was asked for by hand, and its people belong to several accounts. Which of them is it?"
    ),
    "account_id_on_two_companies": "More than one company stores the id of {record}. Which of them is it?",
    "orphan_after_account_merge": (
        "The account of {record} was merged into one that has another company. Does it stand on its own from now on?"
    ),
    "two_accounts_on_one_company": "Companies of several accounts were merged into {record}. Whose is it now?",
    "contacts_already_represented": (
        "The people of {record} belong to an account that has another company. Does it need an account of its own?"
    ),
    "race_with_auto_create": (
        "HubSpot made {record} by itself for people of an account, while Accord made a company for that account. "
        "Does it need an account of its own?"
    ),
}

HELD: dict[str, tuple[str, str]] = {
    "foreign_key": (
        "the key field holds a key that is not ours",
        "Clear the key field of the record if this pair is right; the next run writes it.",
    ),
    "key_of_another_record": (
        "the key field names another record",
        "Clear the key field of the record if this pair is right; the next run writes it.",
    ),
    "key_on_another_record": (
        "another record already carries the key that the new one would get",
        "Clear the key there, or pair the two.",
    ),
    "key_on_deleted_record": (
        "a deleted record carries the key that the new one would get",
        "Restore that record, or run sync_record with this one to make a new one on purpose.",
    ),
    "paired_meanwhile": (
        "one of the two was paired with another record while this was under way",
        "Look at both records; the next run plans anew from what stands.",
    ),
    "several_twins": (
        "the record was made, its key was cleared, and several records look like it",
        "Set the key on the right one, or pair it; no further one is made unless you sync the record by hand.",
    ),
    "changed_since_plan": (
        "a person changed the record between the plan and the write",
        "Nothing: the next run plans anew from the values of now.",
    ),
    "record_deleted": (
        "the record was deleted or merged between the plan and the write",
        "Nothing: the next run plans anew from what is there.",
    ),
    "DUPLICATES_DETECTED": (
        "a duplicate rule of the org sees a look-alike",
        "Pair the company with the account that is there, or change the duplicate rule; the next run tries again.",
    ),
}
"""Why a write is held, and what a person can do about it."""

AFTER: dict[Choice, str] = {
    "pair": "The next run pairs them.",
    "apart": "The next run decides without this pair, and asks again if it is still undecided.",
    "create": "The next run makes it.",
    "leave": "Nothing is written, and nothing is asked until the record changes.",
}
"""What follows from an answer."""

_PLAIN = {"foreign_key", "key_of_another_record", "key_on_another_record", "key_on_deleted_record"}
"""Reasons of our own, whose message says nothing more."""


def question(review: Review) -> str:
    """Return what a person is asked, in one sentence or two."""
    by_side = f"{review.reason}/{review.record.system}"
    line = _QUESTIONS.get(by_side) or _QUESTIONS.get(review.reason)
    if line:
        return line.format(record=named(review.record))
    return f"A write for {named(review.record)} is held, because {held_because(review.reason, review.message)}"


def held_because(code: str, message: str) -> str:
    """Return why a write is held, with the CRM's own words where it spoke, and what a person can do; two sentences."""
    what, advice = HELD.get(code, (readable(code), "Look at the record in both CRMs."))
    return f"{what}{f' ({message})' if message and code not in _PLAIN else ''}. {advice}"


def choices(review: Review) -> tuple[Choice, ...]:
    """Return the answers that have an effect on a question."""
    return CHOICES.get(review.reason, ("leave",))


def asked(review: Review) -> list[str]:
    """Return the question, its candidates with who speaks for them, and what else could be done."""
    lines = [f"Review {review.id}: {question(review)}"]
    lines += [f"Candidate: {candidate_line(it)}" for it in review.candidates]
    if review.reason == "race_with_auto_create":
        lines.append("Merge the two in HubSpot, or delete the one that HubSpot made; Accord follows a merge by itself.")
    return lines


def candidate_line(candidate: Candidate) -> str:
    """Return a candidate, how many people speak for it, and who else wants it."""
    return ": ".join(filter(None, (named(candidate.record), candidate_claim(candidate))))


def candidate_claim(candidate: Candidate) -> str:
    """Return how many people speak for a candidate and who else wants it, "" where that is not looked at."""
    if candidate.people is None:
        return ""
    primary = f", for {candidate.primaries:,} of them the primary company" if candidate.primaries else ""
    shared = f"{people(candidate.people)} in common{primary}" if candidate.people else "nobody in common"
    stated = ", named by a stored id or an earlier pair" if candidate.is_stated else ""
    others = [f"{named(record)} has {people(number)} in common with it" for record, number in candidate.rivals]
    return f"{shared}{stated}" + (f"; {listed(others)}" if others else "")


def commands(review: Review) -> list[tuple[str, str]]:
    """Return for each answer that has an effect what it means and the command that gives it."""
    possible, start, record = choices(review), f"accord review resolve {review.id}", review.record
    others = [it.record for it in review.candidates if it.record.kind != record.kind]
    lines = []
    if "pair" in possible:
        lines += [(f"It is {named(other)}", f"{start} --pair {_sides(record, other)}") for other in others[:_OFFERED]]
    if "pair" in possible and not others:
        lines.append(("It is a record that you name", f"{start} --pair ACCOUNT COMPANY"))
    if "apart" in possible:
        lines += [
            (f"It is not {named(other)}", f"{start} --apart {_sides(record, other)}") for other in others[:_OFFERED]
        ]
    if "create" in possible:
        made = "a company" if record.kind == "account" else "an account"
        lines.append((f"It gets {made} of its own", f"{start} --create"))
    return [*lines, ("Leave it as it is and ask no more", f"{start} --leave")]


def told(review: Review) -> str:
    """Return the state of a question in one sentence."""
    when, by = moment(review.answered_at), review.answered_by or "somebody"
    if review.state in {"answered", "undone"}:
        taken_back = ", which was taken back" if review.state == "undone" else ""
        return f"{by} answered on {when}: {_answer(review)}{taken_back}"
    return {
        "open": f"open since {moment(review.opened_at)}",
        "left": f"{by} left it as it is on {when}",
        "gone": f"no longer asked since {when}",
    }.get(review.state, review.state)


def _answer(review: Review) -> str:
    """Return what was answered."""
    other = review.account or review.company or review.record
    if review.choice == "create":
        crm = "hubspot" if other.system == "salesforce" else "salesforce"
        return f"{named(other)} gets a record of its own in {CRM[crm]}"
    both = f"{named(review.account)} and {named(review.company)}"
    return f"{both} are one" if review.choice == "pair" else f"{both} are not one"


def _sides(record: Record, other: Record) -> str:
    """Return the ids of a pair, the account first."""
    return f"{record.id} {other.id}" if record.kind == "account" else f"{other.id} {record.id}"
