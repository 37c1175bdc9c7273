"""Why each decision was made, as half a sentence after a colon, in words that need no manual.

A reason that several rules give for different causes has one line a rule, under `reason/rule`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.reasons import UNDOING
from accord.sentences.words import named, people, readable, value

if TYPE_CHECKING:
    from accord.model.facts import Decided

WHY: dict[str, str] = {
    "shared_contacts": "the company holds {people} of the account{by_email}",
    "shared_contacts/R17": (
        "of all companies that are free it has the strongest claim, {people} of the account{by_email}{primary}"
    ),
    "shared_contacts/R47": "the company was asked for by hand, and its people belong to this one account{by_email}",
    "oldest_of_tie": "several companies hold equally many of its people ({people}); on_tie says: the oldest",
    "review_resolved": "a person answered the review so",
    "already_paired": "the account was edited, so its mapped fields were compared",
    "already_paired/R79": "both records are back from the recycle bin, and their pair with them",
    "already_paired/R48": "somebody asked for it by hand, so its mapped fields were compared",
    "already_paired/R51": "the account was imported, so its mapped fields were compared",
    "account_merged": "the account it belonged to was merged into this one",
    "company_merged": "the company it belonged to was merged into this one",
    "no_matching_company": "no company holds any of the account's people",
    "no_matching_company/R12": "the account has no people yet, and needs none to become a company",
    "candidate_taken": "the company with its people already belongs to {taken_by}",
    "created_on_tie": "several companies hold equally many of its people, and the setting on_tie says: create",
    "auto_created_and_default_contact": (
        "HubSpot made the company by itself, and its people become contacts in Salesforce"
    ),
    "private_contact": "one of its people is a Salesforce contact that belongs to no account yet",
    "on_inclusion_list": "one of its people is on the inclusion list",
    "manual_sync": "somebody asked for this company by hand, and its people belong to no account that is free",
    "preexisting_untouched": (
        "the account is older than the switch, nobody has edited it since, and it was not imported"
    ),
    "preexisting_company": "the company is older than the switch, and old companies get no account by themselves",
    "person_account": "it is a person account, which stands for a person and not for an organisation",
    "company_deleted": "its company was deleted in HubSpot, and what was deleted on purpose is not made anew",
    "account_deleted": "its account was deleted in Salesforce, and what was deleted on purpose is not made anew",
    "company_not_visible": "it belongs to a company that our HubSpot key does not see",
    "account_not_visible": "it belongs to an account that our Salesforce user does not see",
    "no_contacts": "the company has no people",
    "all_contacts_are_leads": "all of its people are leads in Salesforce, and leads belong to no account",
    "none_on_inclusion_list": "none of its people is on the inclusion list",
    "told_apart": "it names an account that lives, and a person answered that it is not that account's company",
    "no_creation_rule": "nothing asks for an account, and none of its people belongs to one that is free",
    "stronger_account_not_in_scope": (
        "{rival} does not take part yet and has a claim on {partner} that is at least as strong"
    ),
    "account_in_review": "a record that it may belong to is waiting for a person's answer{blockers}",
    "waiting_for_account": (
        "{waiting_for} has people in common with it and is not settled yet, so an account made now could be its twin"
    ),
    "tie_between_companies": "several companies hold equally many of its people, {people} each",
    "tie_between_companies/R47": "it was asked for by hand together with another company of the same account's people",
    "tie_between_accounts": "other accounts have as many people at {partner} as this one, {people}",
    "tie_between_accounts/R47": "it was asked for by hand, and its people belong to several accounts that are free",
    "account_id_on_two_companies": "more than one company stores the id of this account",
    "orphan_after_account_merge": "its account was merged into one that has another company",
    "two_accounts_on_one_company": "companies of several accounts were merged into this one",
    "contacts_already_represented": "its people belong to {partner}{elsewhere}",
    "pairing_undone": (
        "somebody undid its pairing or creation, and what was undone is not done again by itself; an import or a sync "
        "by hand brings it back"
    ),
    "race_with_auto_create": (
        "HubSpot made it by itself, for people of {partner}, while Accord made a company for that account"
        "{elsewhere_too}"
    ),
    "creation_cap": "the run would have created more records than the cap allows, so it created none of them",
    "creation_cap/R97": (
        "the run would have changed a larger share of the records than the cap allows, so it created none"
    ),
    "contact_moved_forward": "the stage of {because} moved there, and the company follows the furthest of its people",
}
"""One line a reason; every verdict of the rules has one."""

WARNINGS: dict[str, str] = {
    "same_domain_exists": "a record with the same domain exists on the other side; a domain alone pairs nobody",
    "same_name_exists": "a record with the same name exists on the other side; a name alone pairs nobody",
    "was_deleted": "its former partner was deleted",
    "shadow_contact": "a contact of the account has the e-mail of one that is paired by id, so it is no evidence",
    "ambiguous_email": "several Salesforce contacts share the e-mail of one of its people, so none of them is evidence",
    "private_contact_not_attached": "a private contact stays private: no primary company of it becomes an account",
    "both_changed": "both sides changed it since the last run, and one of the two values had to give way",
    "both_changed_at_once": "both sides changed at the same moment; Salesforce won",
}
"""What a person should know beside a decision."""


def why(decided: Decided) -> str:
    """Return why a decision was made, without a full stop; a code that is unknown here stays readable."""
    line = WHY.get(f"{decided.reason}/{decided.rule}") or WHY.get(decided.reason)
    if line is None and decided.reason in UNDOING:
        return UNDOING[decided.reason].partition(": ")[2]
    return line.format(**_fillings(decided)) if line else readable(decided.reason)


def warning(code: str) -> str:
    """Return a warning in plain words."""
    return WARNINGS.get(code, readable(code))


def _fillings(decided: Decided) -> dict[str, str]:
    """Return what stands in the gaps of the lines."""
    shared = people(decided.shared_people)
    primaries, company = decided.shared_primaries, decided.runner_up
    return {
        "people": shared,
        "by_email": ", known by e-mail alone" if decided.evidence == "email" else "",
        "primary": f", for {primaries:,} of them the primary company" if primaries else "",
        "elsewhere": f", which has {named(company)} already" if company else ", which gets a company of its own",
        "elsewhere_too": f": {named(company)}" if company else "",
        "blockers": ": " + ", ".join(map(named, decided.blockers)) if decided.blockers else "",
        "partner": named(decided.partner),
        "taken_by": named(decided.taken_by),
        "rival": named(decided.rival),
        "waiting_for": named(decided.waiting_for),
        "because": named(decided.because),
        "value": value(decided.value),
    }
