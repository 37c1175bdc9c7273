"""What would have to happen for another outcome: one way out for every reason that is not an end in itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sentences.questions import candidate_line
from accord.sentences.words import listed, moment, named, readable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from accord.model.facts import Decided, Record, Review

_BY_HAND = "run sync_record with the id {id}"

UNBLOCK: dict[str, str] = {
    "preexisting_untouched": (
        "Edit the account in Salesforce, or import it: a backfill of import_accounts over the day it was created"
        f" ({{created}}), or {_BY_HAND}."
    ),
    "preexisting_company": (
        f"Ask for it by hand ({_BY_HAND}), or set backfill_companies."
        " It is still paired as soon as an account that takes part has people in it."
    ),
    "person_account": "Nothing while it is a person account; a business account takes part.",
    "company_deleted": f"Restore the company in HubSpot and the pair is back; or import the account, or {_BY_HAND}.",
    "account_deleted": f"Restore the account in Salesforce and the pair is back; or {_BY_HAND} for a new one.",
    "pairing_undone": f"Import the account, or {_BY_HAND}; or undo the revert.",
    "told_apart": (
        f"Take that answer back (accord review list --all shows it), or {_BY_HAND} for an account of its own."
    ),
    "company_not_visible": "Let our HubSpot key see that company, or clear the key field of the account.",
    "account_not_visible": "Let our Salesforce user see that account, or clear the account id that is stored here.",
    "no_contacts": f"Associate a contact with the company in HubSpot, or {_BY_HAND}.",
    "all_contacts_are_leads": (
        f"Convert one of the leads in Salesforce, associate somebody who is no lead, or {_BY_HAND}."
    ),
    "none_on_inclusion_list": f"Put one of its people on the inclusion list, or {_BY_HAND}.",
    "no_creation_rule": (
        "One of its people becomes a Salesforce contact: without an account, and an account is made; of an account that"
        f" is free, and the two are paired. Or {_BY_HAND}."
    ),
    "stronger_account_not_in_scope": (
        "Import or edit {rival}: then both claims are settled, and the order of runs decides nothing."
    ),
    "waiting_for_account": (
        "Import or edit {waiting_for}: then it is settled whether the two are one, and this company goes on."
    ),
    "account_in_review": "Answer that review: {reviews}.",
    "creation_cap": (
        "Approve the plan in Airflow (task approve of the run), or raise caps.max_creates or caps.max_changed_share in"
        " the settings; the next run asks again."
    ),
}
"""One way out a reason; `{...}` names records of the decision."""

ASKED = {
    "tie_between_companies",
    "tie_between_accounts",
    "account_id_on_two_companies",
    "orphan_after_account_merge",
    "two_accounts_on_one_company",
    "contacts_already_represented",
    "race_with_auto_create",
}
"""Reasons that a person answers: what would change them is the answer (`questions`)."""

SETTLED = {
    "shared_contacts",
    "oldest_of_tie",
    "review_resolved",
    "already_paired",
    "account_merged",
    "company_merged",
    "no_matching_company",
    "candidate_taken",
    "created_on_tie",
    "auto_created_and_default_contact",
    "private_contact",
    "on_inclusion_list",
    "manual_sync",
    "contact_moved_forward",
}
"""Reasons of what was done: they wait for nothing."""


def what_would_change(decided: Decided, reviews: Sequence[Review], created_at: datetime | None = None) -> list[str]:
    """Return what would have to happen for another outcome, nothing where the outcome is settled.

    Args:
        decided: the decision that stands.
        reviews: those about the record or about what blocks it; only open ones count.
        created_at: when the record was made in its CRM.
    """
    if decided.action == "SET_STAGE" or decided.reason in SETTLED:
        return []
    open_ones = {review.id: review for review in reviews if review.state == "open"}
    if decided.reason in ASKED:
        return _unasked(decided, any(it.record == decided.record for it in open_ones.values()))
    line = UNBLOCK.get(decided.reason)
    if line is None:
        return [f"Not known for the reason {readable(decided.reason)}."]
    return [
        line.format(
            id=decided.record.id,
            created=moment(created_at)[:10] if created_at else "unknown",
            rival=named(decided.rival),
            waiting_for=named(decided.waiting_for),
            reviews=_where(list(open_ones.values()), decided.blockers),
        )
    ]


def _unasked(decided: Decided, is_asked: bool) -> list[str]:
    """Return what becomes of a question that is not in the queue; one that is there speaks for itself."""
    if is_asked:
        return []
    if decided.run is None or decided.run.status != "applied":
        queue = "A person answers; the question is put into the queue (accord review list) by a run that applies."
        return [*(candidate_line(it) for it in decided.candidates), queue]
    return ["The question is no longer open; accord review list --all shows how it was answered."]


def _where(reviews: Sequence[Review], blockers: Sequence[Record]) -> str:
    """Return the reviews in the way and how to see them."""
    if reviews:
        return listed([f"review {review.id} of {named(review.record)}" for review in reviews]) + " (accord review list)"
    if blockers:
        return "that of " + listed([named(blocker) for blocker in blockers]) + " (accord review list)"
    return "accord review list shows the open ones"
