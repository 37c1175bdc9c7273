"""Who takes part (R1-R11), imports and manual requests (R46-R51, R9b); each case is a world and its whole plan."""

import pytest

from tiny_worlds import check

CASES = {
    "R6 made at the very moment of the switch-on is new, whoever wrote it last": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-10, By: U_PIPE}]}}
        ---
        A1 CREATE_COMPANY no_matching_company rule=R12
        """,
    "R3 a pair of an earlier time stays one, whenever the switch was turned on last": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Modified: 2026-01-11}]}, aged: [K1], links: [{account: A1, company: K1}]}
        ---
        A1 UPDATE already_paired with=K1
        """,
    "R8 modified by a person at the very moment of the switch-on": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Modified: 2026-01-10, By: U_REP}]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        """,
    "R8 modified before the switch-on is untouched": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Modified: 2026-01-09T23:59, By: U_REP}]}}
        ---
        A1 SKIP preexisting_untouched
        """,
    "R10 modified by nobody but us is untouched": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Modified: 2026-01-11, By: U_PIPE}]}}
        ---
        A1 SKIP preexisting_untouched
        """,
    "R6 a new account takes part although we wrote it last": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, Modified: 2026-01-11, By: U_PIPE}]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        """,
    "R12 R13 with people nobody knows it is created by R13, without any by R12": """
        {new: [A1, A2, A3], sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P3, AccountId: A3, Deleted: true}]}}
        ---
        A1 CREATE_COMPANY no_matching_company rule=R13
        A2 CREATE_COMPANY no_matching_company rule=R12
        A3 CREATE_COMPANY no_matching_company rule=R12
        """,
    "R7 untouched, even with a perfect match; R44 its company waits": """
        {old: [A1], fresh: [K1], shared: {A1: {K1: 3}}}
        ---
        A1 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A1
        """,
    "R9 import all": """
        {settings: {import_accounts: all}, old: [A1]}
        ---
        A1 CREATE_COMPANY no_matching_company
        """,
    "R11 R47 a person account whose company was archived is not pointed at by a request": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Person: true}]}, hs: {companies: [{id: K1, sfa: A1, archived: true}]},
         aged: [K2], shared: {A1: {K2: 1}}, settings: {manual_sync: [K2]}}
        ---
        K2 CREATE_ACCOUNT manual_sync
        """,
    "R11 a person account is one however old": """
        {sf: {accounts: [{Id: A1, Created: 2020-01-01, Person: true}]}}
        ---
        A1 SKIP person_account
        """,
    "R11 a person account is not waited for and claims nothing": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, Person: true}]}, new: [A2], aged: [K1],
         shared: {A1: {K1: 2}, A2: {K1: 1}}}
        ---
        A1 SKIP person_account
        A2 LINK shared_contacts with=K1
        """,
    "R21 before R11: a paired person account is updated": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, Person: true}]}, hs: {companies: [{id: K1, sfa: A1}]}}
        ---
        A1 UPDATE already_paired with=K1
        """,
    "a request for an account matches before it creates": """
        {settings: {manual_sync: [A1]}, old: [A1], aged: [K1], shared: {A1: {K1: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        """,
    "R46 a manual company ignores age, negatives and the list": """
        {settings: {manual_sync: [K1], inclusion_list: []}, aged: [K1]}
        ---
        K1 CREATE_ACCOUNT manual_sync
        """,
    "R47 a manual company whose people point at one account": """
        {settings: {manual_sync: [K1]}, old: [A1], aged: [K1, K2], shared: {A1: {K1: 1, K2: 3}}}
        ---
        A1 LINK shared_contacts with=K1 runner_up=K2 rule=R47
        K2 SKIP preexisting_company
        """,
    "R47 several accounts are for a person, strengths are not compared": """
        {settings: {manual_sync: [K1]}, new: [A1], old: [A2], aged: [K1], shared: {A1: {K1: 5}, A2: {K1: 1}}}
        ---
        A1 WAIT account_in_review
        A2 SKIP preexisting_untouched
        K1 REVIEW tie_between_accounts rule=R47
        """,
    "R47 two manual companies that point at one account": """
        {settings: {manual_sync: [K1, K2]}, old: [A1], aged: [K1, K2], shared: {A1: {K1: 5, K2: 1}}}
        ---
        A1 SKIP preexisting_untouched
        K1 REVIEW tie_between_companies rule=R47
        K2 REVIEW tie_between_companies rule=R47
        """,
    "R47 R49 an account whose company was archived is found again by hand": """
        {settings: {manual_sync: [K2]}, new: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1, archived: true}]},
         shared: {A1: {K2: 1}}}
        ---
        A1 LINK shared_contacts with=K2 rule=R47
        """,
    "R47 a company that points at several accounts takes none of them from another one": """
        {settings: {manual_sync: [K1, K2]}, old: [A1, A2], aged: [K1, K2], shared: {A1: {K1: 1}, A2: {K1: 1, K2: 1}}}
        ---
        A1 SKIP preexisting_untouched
        A2 SKIP preexisting_untouched
        K1 REVIEW tie_between_accounts
        K2 REVIEW tie_between_companies
        """,
    "R48 a pair asked for by hand is not given to an account with more people there": """
        {settings: {manual_sync: [K1]}, old: [A1], new: [A2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A2: {K1: 3}}}
        ---
        A1 UPDATE already_paired with=K1
        A2 CREATE_COMPANY candidate_taken taken_by=A1
        """,
    "R23 R47 a request by hand settles no dispute": """
        {settings: {manual_sync: [K1]}, old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}, shared: {A2: {K1: 1}}}
        ---
        A1 REVIEW account_id_on_two_companies
        A2 SKIP preexisting_untouched
        """,
    "R46 an archived company is not made an account by hand": """
        {settings: {manual_sync: [K1]}, hs: {companies: [{id: K1, archived: true}]}}
        ---
        """,
    "R47 person accounts do not count": """
        {settings: {manual_sync: [K1]}, sf: {accounts: [{Id: A1, Created: 2026-01-11, Person: true}]},
         aged: [K1], shared: {A1: {K1: 1}}}
        ---
        A1 SKIP person_account
        K1 CREATE_ACCOUNT manual_sync
        """,
    "R48 a manual company that is paired": """
        {settings: {manual_sync: [K1]}, old: [A1], hs: {companies: [{id: K1, sfa: A1}]}}
        ---
        A1 UPDATE already_paired with=K1 rule=R48
        """,
    "R49 a manual request lifts the tombstone of a deleted account": """
        {settings: {manual_sync: [K1]}, sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K1, sfa: A1}]}}
        ---
        K1 CREATE_ACCOUNT manual_sync warn=was_deleted
        """,
    "R4 not even a manual request creates for an account that cannot be seen": """
        {settings: {manual_sync: [K1]}, hs: {companies: [{id: K1, sfa: A9}]}}
        ---
        K1 SKIP account_not_visible
        """,
    "R51 import of a paired account": """
        {settings: {import_accounts: [A1]}, old: [A1], hs: {companies: [{id: K1, sfa: A1}]}}
        ---
        A1 UPDATE already_paired with=K1 rule=R51
        """,
    "R48 R51 of several reasons to update a pair the request by hand comes first, then the import": """
        {settings: {manual_sync: [K1], import_accounts: [A1, A2]}, new: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}}
        ---
        A1 UPDATE already_paired with=K1 rule=R48
        A2 UPDATE already_paired with=K2 rule=R51
        """,
    "R99 a paired account that only we changed has no row": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, By: U_PIPE}]}, hs: {companies: [{id: K1, sfa: A1}]}}
        ---
        """,
    "R96 above the cap all creations are held, manual ones too": """
        {settings: {max_creates: 1, manual_sync: [K1]}, new: [A1], fresh: [K1, K2]}
        ---
        A1 HOLD creation_cap
        K1 HOLD creation_cap
        K2 SKIP no_contacts
        """,
    "R96 as many as the cap are not held": """
        {settings: {max_creates: 2, manual_sync: [K1]}, new: [A1], fresh: [K1]}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 CREATE_ACCOUNT manual_sync
        """,
    "R96 links are not held": """
        {settings: {max_creates: 0}, new: [A1, A2], aged: [K1], shared: {A1: {K1: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        A2 HOLD creation_cap
        """,
    "R97 a plan that writes too large a share": """
        {settings: {max_changed_share: 0.5}, new: [A1], aged: [K1]}
        ---
        A1 HOLD creation_cap rule=R97
        K1 SKIP preexisting_company
        """,
    "answer: this pair": """
        {resolutions: [{account: A1, company: K2, choice: pair}], new: [A1], aged: [K1, K2], shared: {A1: {K1: 1, K2: 1}}}
        ---
        A1 LINK review_resolved with=K2 rule=R18
        K1 SKIP preexisting_company
        """,
    "answer: never this pair": """
        {resolutions: [{account: A1, company: K2, choice: apart}], new: [A1], aged: [K1, K2], shared: {A1: {K1: 1, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        K2 SKIP preexisting_company
        """,
    "answer: a company of its own": """
        {resolutions: [{account: A1, choice: create}], new: [A1], aged: [K1, K2], shared: {A1: {K1: 1, K2: 1}}}
        ---
        A1 CREATE_COMPANY review_resolved rule=R18
        K1 SKIP preexisting_company
        K2 SKIP preexisting_company
        """,
    "answer: a company of its own, for an old account that nobody touched": """
        {resolutions: [{account: A1, choice: create}], old: [A1], aged: [K1], shared: {A1: {K1: 1}}}
        ---
        A1 CREATE_COMPANY review_resolved
        K1 SKIP preexisting_company
        """,
    "answer: a company of its own, in place of one that was archived": """
        {resolutions: [{account: A1, choice: create}], old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}]}}
        ---
        A1 CREATE_COMPANY review_resolved warn=was_deleted
        """,
    "answer: this pair, of an old account that nobody touched": """
        {resolutions: [{account: A1, company: K1, choice: pair}], old: [A1], aged: [K1]}
        ---
        A1 LINK review_resolved with=K1
        """,
    "answer: never this pair, and no other one": """
        {resolutions: [{account: A1, company: K2, choice: apart}], new: [A1, A2], aged: [K1, K2],
         shared: {A1: {K1: 1, K2: 1}, A2: {K2: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        A2 LINK shared_contacts with=K2
        """,
    "R4 answer: never this pair, and what is said of companies that nobody sees stands": """
        {resolutions: [{account: A1, company: K1, choice: apart}], new: [A1, A2], aged: [K1], shared: {A1: {K1: 1}},
         links: [{account: A2, company: K9}]}
        ---
        A1 CREATE_COMPANY no_matching_company
        A2 SKIP company_not_visible
        K1 SKIP preexisting_company
        """,
    "R34 answer: this pair, and the other company is not asked about": """
        {resolutions: [{account: A1, company: K1, choice: pair}], new: [A1], aged: [K1], fresh: [K2], shared: {A1: {K1: 1, K2: 1}}}
        ---
        A1 LINK review_resolved with=K1
        K2 SKIP no_creation_rule
        """,
    "answer: this pair, and the other account has no claim on it": """
        {resolutions: [{account: A1, company: K1, choice: pair}], new: [A1, A2], aged: [K1], shared: {A2: {K1: 3}}}
        ---
        A1 LINK review_resolved with=K1
        A2 CREATE_COMPANY no_matching_company
        """,
    "R11 answer: this pair, even of a person account": """
        {resolutions: [{account: A1, company: K1, choice: pair}], aged: [K1],
         sf: {accounts: [{Id: A1, Created: 2026-01-11, Person: true}]}}
        ---
        A1 LINK review_resolved with=K1
        """,
    "answer: an account of its own": """
        {resolutions: [{company: K1, choice: create}], new: [A1], aged: [K1], shared: {A1: {K1: 1}}}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 CREATE_ACCOUNT review_resolved rule=R34
        """,
    "answer: a chosen pair is nobody else's any more": """
        {resolutions: [{account: A2, company: K1, choice: pair}], new: [A1, A2], aged: [K1, K2], shared: {A1: {K1: 3}, A2: {K2: 3}}}
        ---
        A1 CREATE_COMPANY no_matching_company
        A2 LINK review_resolved with=K1
        K2 SKIP preexisting_company
        """,
    "answer: two that contradict each other count for nothing": """
        resolutions: [{account: A1, company: K1, choice: pair}, {account: A1, company: K2, choice: pair}]
        new: [A1]
        aged: [K1, K2]
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP preexisting_company
        K2 SKIP preexisting_company
        """,
    "answer: two accounts for one company count for nothing": """
        resolutions: [{account: A1, company: K1, choice: pair}, {account: A2, company: K1, choice: pair}]
        new: [A1, A2]
        aged: [K1]
        ---
        A1 CREATE_COMPANY no_matching_company
        A2 CREATE_COMPANY no_matching_company
        K1 SKIP preexisting_company
        """,
    "answer: a pair with a company that was archived meanwhile": """
        {resolutions: [{account: A1, company: K1, choice: pair}], new: [A1], hs: {companies: [{id: K1, archived: true}]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        """,
    "answer: never this pair, of an account that is not the first": """
        {resolutions: [{account: A2, company: K1, choice: apart}], new: [A1, A2], aged: [K1, K2],
         shared: {A1: {K1: 1}, A2: {K1: 2, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        A2 LINK shared_contacts with=K2
        """,
    "R4 answer: never a pair with a company that nobody sees any more, and all others may be": """
        {resolutions: [{account: A2, company: K9, choice: apart}], new: [A1, A2], aged: [K1, K2], shared: {A1: {K2: 1}}}
        ---
        A1 LINK shared_contacts with=K2
        A2 CREATE_COMPANY no_matching_company
        K1 SKIP preexisting_company
        """,
    "answer: a company of its own is not an account for the company that was in question": """
        {resolutions: [{account: A1, company: K1, choice: create}], new: [A1], aged: [K1], shared: {A1: {K1: 1}}}
        ---
        A1 CREATE_COMPANY review_resolved
        K1 SKIP preexisting_company
        """,
    "R4 answer: a pair with an account or a company that nobody sees any more": """
        {resolutions: [{account: A9, company: K1, choice: pair}, {account: A1, company: K9, choice: pair}], new: [A1], aged: [K1]}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP preexisting_company
        """,
    "answer: a pair with an account that was deleted meanwhile": """
        {resolutions: [{account: A1, company: K1, choice: pair}], aged: [K1],
         sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]}}
        ---
        K1 SKIP preexisting_company
        """,
    "answer: which of two companies with one account id": """
        resolutions: [{account: A1, company: K2, choice: pair}]
        old: [A1]
        hs: {companies: [{id: K1, created: 2024-01-01, sfa: A1}, {id: K2, created: 2024-01-01, sfa: A1}]}
        ---
        K1 SKIP preexisting_company
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_eligibility(case: str):
    check(case)


def test_switched_off_decides_nothing_at_all():
    """R1: neither what takes part by itself nor what somebody asked for."""
    check("{settings: {sync_companies: false, manual_sync: [K1]}, new: [A1], fresh: [K1]}\n---\n")
