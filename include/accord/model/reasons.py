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
    "creation_cap": "held: the run would create or change more records than the caps allow",
}


def plain_reason(code: str) -> str:
    """Return the reason in plain words; an unknown code stays readable."""
    return REASONS.get(code, code.replace("_", " "))
