"""What each reason code says to somebody who works with accounts, not with code. One line each."""

from __future__ import annotations

REASONS: dict[str, str] = {
    "shared_contacts": "paired: the company holds the account's people",
    "no_matching_company": "company created: no company holds any of the account's people",
    "candidate_taken": "company created: the company with its people already belongs to another account",
    "created_on_tie": "company created: several companies were equally strong, and the setting says create",
    "oldest_of_tie": "paired with the oldest of several equally strong companies, as the setting says",
    "already_paired": "already paired: only mapped fields can change",
    "company_merged": "paired anew: its company was merged into another one",
    "account_merged": "paired anew: its account was merged into another one",
    "review_resolved": "settled as a person answered",
    "auto_created_and_default_contact": "account created: HubSpot made the company by itself, its people are contacts",
    "private_contact": "account created: one of its people is a private Salesforce contact",
    "on_inclusion_list": "account created: one of its people is on the inclusion list",
    "manual_sync": "account created: somebody asked for this company by hand",
    "preexisting_untouched": "left alone: older than the switch, neither edited nor imported",
    "preexisting_company": "left alone: the company is older than the switch",
    "person_account": "left alone: a person account",
    "no_contacts": "left alone: the company has no people",
    "all_contacts_are_leads": "left alone: all its people are Salesforce leads",
    "none_on_inclusion_list": "left alone: none of its people is on the inclusion list",
    "no_creation_rule": "left alone: no rule asks for an account",
    "told_apart": "left alone: it names an account, and a person said that this is not its own",
    "account_deleted": "left alone: its account was deleted on purpose",
    "company_deleted": "left alone: its company was deleted on purpose",
    "company_not_visible": "left alone: it belongs to a company that we cannot see",
    "account_not_visible": "left alone: it belongs to an account that we cannot see",
    "stronger_account_not_in_scope": "waiting: an account that does not take part yet has a claim at least as strong",
    "waiting_for_account": "waiting: one of its people belongs to an account that does not take part yet",
    "account_in_review": "waiting: an account that it may belong to is in review",
    "tie_between_companies": "for review: several companies hold equally many of its people",
    "tie_between_accounts": "for review: several accounts have an equal claim on one company",
    "account_id_on_two_companies": "for review: two companies store the id of one account",
    "orphan_after_account_merge": "for review: the account of this company was merged into one that has a company",
    "two_accounts_on_one_company": "for review: two paired companies were merged into this one",
    "contacts_already_represented": "for review: its people belong to an account that has another company",
    "race_with_auto_create": "for review: HubSpot made a company for the same people at the same moment",
    "contact_moved_forward": "stage moved: one of its people moved there",
    "pairing_undone": "left alone: somebody undid its pairing or creation; an import or a sync by hand brings it back",
    "creation_cap": "held: the run would create or change more records than the caps allow",
}

UNDOING: dict[str, str] = {
    "run_reverted": "put back: somebody undid the run that wrote it",
    "not_writable": "stays: our login may not write it",
    "record_deleted": "stays: the record was deleted or merged since",
    "changed_since": "stays: somebody changed it since",
    "labelled_since": "stays: somebody labelled the association since",
    "merged_since": "stays: its record was merged into another one since",
    "archive_not_asked": "stays: the run made it, and nobody asked to archive it",
    "not_made_by_it": "stays: the run found it by its key, and did not make it",
    "written_by_another_run": "stays: another run wrote to it, too",
    "touched_since": "stays: somebody changed it since the run made it",
    "has_people": "stays: people belong to it",
    "has_children": "stays: other records have it as their parent",
    "has_opportunities": "stays: it has opportunities, which would be deleted with it",
    "opportunities_unseen": "stays: our login does not see whether it has opportunities",
    "follows_a_merge": "stays: it follows a merge that somebody made in the CRM",
    "in_recycle_bin": "stays: only a person can take it out of the recycle bin",
    "paired_elsewhere": "stays apart: one of the two has another partner by now",
    "unresolved": "stays: nobody knows yet whether it was written",
}
"""Why something is put back, or stays, when a run is undone (R104)."""


def plain_reason(code: str) -> str:
    """Return the reason in plain words; an unknown code stays readable."""
    return REASONS.get(code) or UNDOING.get(code) or code.replace("_", " ")
