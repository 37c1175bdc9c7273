"""Every decision that Accord knows, with its reason code and the rule that carries it."""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """An action, the reason code that people read, and the deciding rule."""

    action: str
    reason: str
    rule: str


LINK_SHARED = Verdict("LINK", "shared_contacts", "R14")
LINK_STRONGEST = Verdict("LINK", "shared_contacts", "R17")
LINK_MANUAL = Verdict("LINK", "shared_contacts", "R47")
LINK_OLDEST = Verdict("LINK", "oldest_of_tie", "R18")
LINK_ANSWERED = Verdict("LINK", "review_resolved", "R18")

UPDATE_PAIR = Verdict("UPDATE", "already_paired", "R21")
UPDATE_RESTORED = Verdict("UPDATE", "already_paired", "R79")
UPDATE_MANUAL = Verdict("UPDATE", "already_paired", "R48")
UPDATE_IMPORTED = Verdict("UPDATE", "already_paired", "R51")
RELINK_ACCOUNT = Verdict("RELINK", "account_merged", "R73")
RELINK_COMPANY = Verdict("RELINK", "company_merged", "R77")

CREATE_COMPANY = Verdict("CREATE_COMPANY", "no_matching_company", "R13")
CREATE_COMPANY_ALONE = Verdict("CREATE_COMPANY", "no_matching_company", "R12")
CREATE_COMPANY_TAKEN = Verdict("CREATE_COMPANY", "candidate_taken", "R16")
CREATE_COMPANY_ON_TIE = Verdict("CREATE_COMPANY", "created_on_tie", "R18")
CREATE_COMPANY_ANSWERED = Verdict("CREATE_COMPANY", "review_resolved", "R18")

CREATE_AUTO = Verdict("CREATE_ACCOUNT", "auto_created_and_default_contact", "R31")
CREATE_PRIVATE = Verdict("CREATE_ACCOUNT", "private_contact", "R32")
CREATE_LISTED = Verdict("CREATE_ACCOUNT", "on_inclusion_list", "R33")
CREATE_MANUAL = Verdict("CREATE_ACCOUNT", "manual_sync", "R46")
CREATE_ANSWERED = Verdict("CREATE_ACCOUNT", "review_resolved", "R34")

SKIP_UNTOUCHED = Verdict("SKIP", "preexisting_untouched", "R7")
SKIP_PERSON = Verdict("SKIP", "person_account", "R11")
SKIP_COMPANY_DELETED = Verdict("SKIP", "company_deleted", "R76")
SKIP_COMPANY_UNSEEN = Verdict("SKIP", "company_not_visible", "R4")
SKIP_ACCOUNT_DELETED = Verdict("SKIP", "account_deleted", "R75")
SKIP_UNDONE = Verdict("SKIP", "pairing_undone", "R104")
SKIP_ACCOUNT_UNSEEN = Verdict("SKIP", "account_not_visible", "R4")
SKIP_OLD_COMPANY = Verdict("SKIP", "preexisting_company", "R43")
SKIP_NO_CONTACTS = Verdict("SKIP", "no_contacts", "R37")
SKIP_LEADS = Verdict("SKIP", "all_contacts_are_leads", "R38")
SKIP_UNLISTED = Verdict("SKIP", "none_on_inclusion_list", "R39")
SKIP_TOLD_APART = Verdict("SKIP", "told_apart", "R23")
SKIP_NO_RULE = Verdict("SKIP", "no_creation_rule", "R36")

WAIT_RIVAL = Verdict("WAIT", "stronger_account_not_in_scope", "R19b")
WAIT_REVIEW = Verdict("WAIT", "account_in_review", "R45")
WAIT_ACCOUNT = Verdict("WAIT", "waiting_for_account", "R44")

REVIEW_COMPANIES = Verdict("REVIEW", "tie_between_companies", "R18")
REVIEW_ACCOUNTS = Verdict("REVIEW", "tie_between_accounts", "R20")
REVIEW_MANUAL_ACCOUNTS = Verdict("REVIEW", "tie_between_accounts", "R47")
REVIEW_MANUAL_COMPANIES = Verdict("REVIEW", "tie_between_companies", "R47")
REVIEW_STORED_TWICE = Verdict("REVIEW", "account_id_on_two_companies", "R23")
REVIEW_ORPHAN = Verdict("REVIEW", "orphan_after_account_merge", "R74")
REVIEW_DISPUTED = Verdict("REVIEW", "two_accounts_on_one_company", "R78")
REVIEW_RACE = Verdict("REVIEW", "race_with_auto_create", "R105")
REVIEW_REPRESENTED = Verdict("REVIEW", "contacts_already_represented", "R34")

SET_STAGE = Verdict("SET_STAGE", "contact_moved_forward", "R52")

CREATIONS = ("CREATE_ACCOUNT", "CREATE_COMPANY")
CAP_REASON = "creation_cap"
