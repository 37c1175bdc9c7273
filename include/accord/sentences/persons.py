"""Everything about a contact or a lead: whom it is paired with and how, where it belongs, what it was evidence for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sentences.decided import STATUS, Entry, sentence
from accord.sentences.record import Explanation, being, headline, repeated
from accord.sentences.words import listed, named, value
from accord.sentences.written import write_lines

if TYPE_CHECKING:
    from accord.model.facts import PersonStory, Role, RunOf, Write

UNPAIRED: dict[str, tuple[str, str]] = {
    "no_email": (
        "it has no e-mail, and nobody stores its id (R87)",
        "Give both sides the same e-mail, or let the HubSpot contact store the Salesforce id.",
    ),
    "stored_id_leads_nowhere": (
        "the Salesforce id that it stores belongs to a deleted record or to one that we cannot see; then the e-mail"
        " is not tried (R24)",
        "Restore that record, or clear the stored id so that the e-mail decides.",
    ),
    "ambiguous": (
        "several Salesforce contacts have this e-mail, so it cannot tell which of them is meant (R86)",
        "Let the HubSpot contact store the right id, or leave the e-mail on one Salesforce contact only.",
    ),
    "shadow": (
        "a HubSpot contact with its e-mail is paired by id with another Salesforce contact, and the id wins (R25)",
        "Merge the two Salesforce contacts, or let the HubSpot contact store the id of this one.",
    ),
    "nobody_has_the_email": (
        "nobody on the other side has its e-mail or its id",
        "Give both sides the same e-mail, or let the HubSpot contact store the Salesforce id.",
    ),
    "taken": (
        "the Salesforce record with its e-mail is paired with another HubSpot contact by id (R25)",
        "Merge the two HubSpot contacts; one person in Salesforce has one in HubSpot.",
    ),
    "contact_first": (
        "a Salesforce contact has the same e-mail, and contacts come before leads (R86)",
        "Merge or convert the lead; the contact stands for the person.",
    ),
    "converted_to_nobody": (
        "it was converted, and the contact that it became is gone (R88)",
        "Nothing while that contact is gone.",
    ),
    "not_live": ("a record that is deleted or merged is paired with nobody (R26)", "Restore it."),
    "not_asked": (
        "staging could not be read under the settings of the last run",
        "Run sync_accounts once, then ask again.",
    ),
}
"""Why a person is paired with nobody, and what would change that."""


def explain_person(story: PersonStory) -> Explanation:
    """Return the explanation of a contact or a lead."""
    now = [*being(story.record, story.state, story.heir), *_pairing(story), *_belonging(story)]
    entries = repeated([*(_entry(it) for it in story.roles), *(_written(*it) for it in story.writes)])
    if not entries:
        now.append("No decision rests on it so far.")
    change = [UNPAIRED[story.unpaired][1]] if story.unpaired in UNPAIRED and story.state == "live" else []
    return Explanation(story.record, headline(story.record), tuple(now), tuple(entries), tuple(change))


def _pairing(story: PersonStory) -> list[str]:
    """Return whom the person is paired with, or why with nobody."""
    lines = []
    if story.converted:
        lines.append(f"It was converted: the person is {named(story.converted)} now (R88).")
    for other, kind in story.counterparts:
        how = "by e-mail" if kind == "email" else "by the Salesforce id that HubSpot stores"
        lines.append(f"The same person as {named(other)}, {how}.")
    if story.unpaired in UNPAIRED:
        lines.append(f"Paired with nobody: {UNPAIRED[story.unpaired][0]}.")
    return lines


def _belonging(story: PersonStory) -> list[str]:
    """Return account, companies, list and stage."""
    lines = []
    if story.account:
        lines.append(f"Belongs to {named(story.account)}.")
    if story.is_private:
        lines.append("A private contact: it belongs to no account.")
    if story.companies:
        named_ones = [named(it) + (" (primary)" if is_primary else "") for it, is_primary in story.companies]
        lines.append(f"In HubSpot at {listed(named_ones)}.")
    elif story.record.system == "hubspot" and story.state == "live":
        lines.append("In HubSpot at no company.")
    if story.is_listed is not None:
        lines.append("On the inclusion list." if story.is_listed else "Not on the inclusion list.")
    if story.stage:
        lines.append(f"Lifecycle stage {value(story.stage)}.")
    return lines


_ROLES = {
    "evidence": "Evidence for {record}",
    "attach": "To get the account made for {record}",
    "associate": "To join the company of {record}",
    "stage": "Moved the stage of {record}",
    "stage_behind": "Moved, too, when the stage of {record} did",
}


def _entry(it: Role) -> Entry:
    """Return a decision that the person was part of."""
    decided, run = it.decided, it.decided.run
    role = _ROLES.get(it.role, "Part of the decision on {record}").format(record=named(decided.record))
    return Entry(
        at=run.at if run else None,
        run_id=run.id if run else "",
        status=STATUS[run.status] if run else "",
        sentence=f"{role}. {sentence(decided, decided.record)}",
        rule=decided.rule,
        details=(),
        since=run.at if run else None,
    )


def _written(run: RunOf, write: Write) -> Entry:
    """Return a write of the person itself: attached to an account, associated with a company."""
    first, *more = write_lines(write)
    return Entry(run.at, run.id, STATUS[run.status], f"{first}.", "", tuple(more), since=run.at)
