"""Claims, ties, rivals and what is left over (R13-R20, R19b, R16, R45); each case is a world and its whole plan."""

import pytest

from tiny_worlds import check

CASES = {
    "R14 one shared person pairs": """
        {new: [A1], aged: [K1], shared: {A1: {K1: 1}}}
        ---
        A1 LINK shared_contacts with=K1 evidence=id rule=R14
        """,
    "R17 on equal counts the primaries decide": """
        {new: [A1], aged: [K1, K2], shared: {A1: {K1: 1/0, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K2 runner_up=K1 rule=R17
        K1 SKIP preexisting_company
        """,
    "R17 people before primaries": """
        {new: [A1], aged: [K1, K2], shared: {A1: {K1: 2/0, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K1 runner_up=K2
        K2 SKIP preexisting_company
        """,
    "R17 one Salesforce contact counts once, whoever stands for it": """
        new: [A1]
        aged: [K1, K2]
        sf: {contacts: [{Id: P1, AccountId: A1}]}
        hs:
          contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P1}, {id: h3, sfc: P1}]
          assoc: [[h1, K1, primary], [h2, K1, primary], [h3, K2, primary]]
        ---
        A1 REVIEW tie_between_companies
        K1 WAIT account_in_review
        K2 WAIT account_in_review
        """,
    "R19 the stronger pairs, the weaker is matched against what is left": """
        {new: [A1, A2], aged: [K1, K2], shared: {A1: {K1: 3}, A2: {K1: 2, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        A2 LINK shared_contacts with=K2
        """,
    "R19 R16 nothing left: created, naming who has the company": """
        {new: [A1, A2], aged: [K1], shared: {A1: {K1: 3}, A2: {K1: 2}}}
        ---
        A1 LINK shared_contacts with=K1
        A2 CREATE_COMPANY candidate_taken taken_by=A1 rule=R16
        """,
    "R19 a tie is one only among what is left": """
        {new: [A1, A2], aged: [K1, K2], shared: {A1: {K1: 3}, A2: {K1: 1, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        A2 LINK shared_contacts with=K2
        """,
    "R20 equal claims of two accounts are reviewed": """
        {new: [A1, A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        A1 REVIEW tie_between_accounts with=K1
        A2 REVIEW tie_between_accounts with=K1
        K1 WAIT account_in_review
        """,
    "R18 R20 a company tied in a review is not free for a weaker claim": """
        {new: [A1, A2, A3], aged: [K1], shared: {A1: {K1: 2}, A2: {K1: 2}, A3: {K1: 1}}}
        ---
        A1 REVIEW tie_between_accounts
        A2 REVIEW tie_between_accounts
        A3 WAIT account_in_review rule=R45
        K1 WAIT account_in_review
        """,
    "R45 a weaker candidate of a reviewed account stays free for others": """
        {new: [A1, A2], aged: [K1, K2, K3], shared: {A1: {K1: 2, K2: 2, K3: 1/0}, A2: {K3: 1}}}
        ---
        A1 REVIEW tie_between_companies
        A2 LINK shared_contacts with=K3
        K1 WAIT account_in_review
        K2 WAIT account_in_review
        """,
    "R45 a weaker candidate of a reviewed account is not created from": """
        settings: {inclusion_list: [sA1K31]}
        new: [A1]
        fresh: [K1, K2, K3]
        shared: {A1: {K1: 2, K2: 2, K3: 1}}
        ---
        A1 REVIEW tie_between_companies
        K1 WAIT account_in_review
        K2 WAIT account_in_review
        K3 WAIT account_in_review
        """,
    "R18 R20 equal claims on both sides at once": """
        {new: [A1, A2], aged: [K1, K2], shared: {A1: {K1: 1, K2: 1}, A2: {K2: 1}}}
        ---
        A1 REVIEW tie_between_companies
        A2 REVIEW tie_between_accounts
        K1 WAIT account_in_review
        K2 WAIT account_in_review
        """,
    "R18 on_tie oldest": """
        settings: {on_tie: oldest}
        new: [A1]
        hs: {companies: [{id: K1, created: 2024-02-01}, {id: K2, created: 2024-01-01}, {id: K3}]}
        shared: {A1: {K1: 1, K2: 1, K3: 1}}
        ---
        A1 LINK oldest_of_tie with=K2 runner_up=K1 rule=R18
        K1 SKIP preexisting_company
        K3 REVIEW contacts_already_represented with=K2
        """,
    "R18 on_tie create": """
        settings: {on_tie: create}
        new: [A1]
        aged: [K1, K2]
        shared: {A1: {K1: 1, K2: 1}}
        ---
        A1 CREATE_COMPANY created_on_tie rule=R18
        K1 SKIP preexisting_company
        K2 SKIP preexisting_company
        """,
    "R18 on_tie does not settle a tie with a second account": """
        settings: {on_tie: oldest}
        new: [A1, A2]
        aged: [K1, K2]
        shared: {A1: {K1: 1, K2: 1}, A2: {K2: 1}}
        ---
        A1 REVIEW tie_between_companies
        A2 REVIEW tie_between_accounts
        K1 WAIT account_in_review
        K2 WAIT account_in_review
        """,
    "R19b an equal account outside the scope": """
        {new: [A1], old: [A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        A1 WAIT stronger_account_not_in_scope rival=A2 with=K1 rule=R19b
        A2 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A2
        """,
    "R19b an outside account whose id comes first": """
        {old: [A1], new: [A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        A1 SKIP preexisting_untouched
        A2 WAIT stronger_account_not_in_scope rival=A1 with=K1
        K1 WAIT waiting_for_account waiting_for=A1
        """,
    "R19b a weaker account outside the scope is no rival": """
        {new: [A1], old: [A2], aged: [K1], shared: {A1: {K1: 2}, A2: {K1: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        A2 SKIP preexisting_untouched
        """,
    "R19b it waits even if it has others, and all its candidates wait": """
        {new: [A1], old: [A2], fresh: [K1, K2], shared: {A1: {K1: 2, K2: 1}, A2: {K1: 2}}}
        ---
        A1 WAIT stronger_account_not_in_scope rival=A2
        A2 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A2
        K2 WAIT waiting_for_account waiting_for=A1
        """,
    "R19b R44 what a waiting account could get waits for it, whatever its rival's id": """
        {old: [A1], new: [A2], fresh: [K1, K2], shared: {A2: {K1: 2, K2: 1}, A1: {K1: 2}}}
        ---
        A1 SKIP preexisting_untouched
        A2 WAIT stronger_account_not_in_scope rival=A1
        K1 WAIT waiting_for_account waiting_for=A1
        K2 WAIT waiting_for_account waiting_for=A2
        """,
    "R19b a rival for any company it has a claim on, not for its best one alone": """
        {new: [A1], old: [A2], aged: [K1, K2], shared: {A1: {K1: 1}, A2: {K1: 1, K2: 5}}}
        ---
        A1 WAIT stronger_account_not_in_scope rival=A2
        A2 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A2
        K2 WAIT waiting_for_account waiting_for=A2
        """,
    "R19b all tied accounts wait for a rival of one of their companies": """
        {new: [A1, A2], old: [A3], aged: [K1, K2], shared: {A1: {K1: 1, K2: 1}, A2: {K2: 1}, A3: {K1: 1}}}
        ---
        A1 WAIT stronger_account_not_in_scope rival=A3
        A2 WAIT stronger_account_not_in_scope rival=A3
        A3 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A3
        K2 WAIT waiting_for_account
        """,
    "R19b a waiting account stays a rival for its other candidates": """
        {new: [A1, A3], old: [A2], aged: [K2, K3], shared: {A3: {K3: 2, K2: 1}, A2: {K3: 2}, A1: {K2: 1}}}
        ---
        A3 WAIT stronger_account_not_in_scope rival=A2
        A1 WAIT stronger_account_not_in_scope rival=A2
        A2 SKIP preexisting_untouched
        K2 WAIT waiting_for_account
        K3 WAIT waiting_for_account waiting_for=A2
        """,
    "R19b a stronger claim than that of a waiting account still pairs": """
        {new: [A1, A3], old: [A2], aged: [K2, K3], shared: {A3: {K3: 4, K2: 1}, A2: {K3: 4}, A1: {K2: 2}}}
        ---
        A3 WAIT stronger_account_not_in_scope rival=A2
        A1 LINK shared_contacts with=K2
        A2 SKIP preexisting_untouched
        K3 WAIT waiting_for_account
        """,
    "R19b a waiting account stays a rival, whoever else is paired meanwhile": """
        {old: [A0], new: [A1, A2, A8], aged: [K1, K2, K8], shared: {A0: {K1: 3}, A1: {K1: 3, K2: 1}, A2: {K2: 1/0}, A8: {K8: 3}}}
        ---
        A0 SKIP preexisting_untouched
        A1 WAIT stronger_account_not_in_scope rival=A0
        A2 WAIT stronger_account_not_in_scope rival=A0
        A8 LINK shared_contacts with=K8
        K1 WAIT waiting_for_account waiting_for=A0
        K2 WAIT waiting_for_account waiting_for=A1
        """,
    "R19b an account outside the scope is named before one that waits and claims as much": """
        {old: [A0, A9], new: [A1, A2], aged: [K1, K2], shared: {A0: {K1: 3}, A1: {K1: 3, K2: 1}, A9: {K2: 1}, A2: {K2: 1}}}
        ---
        A0 SKIP preexisting_untouched
        A1 WAIT stronger_account_not_in_scope rival=A0
        A2 WAIT stronger_account_not_in_scope rival=A9
        A9 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A0
        K2 WAIT waiting_for_account waiting_for=A9
        """,
    "R19b in a tie each account names the rival of its own company": """
        {old: [A0, A9], new: [A1, A2], aged: [K1, K2], shared: {A0: {K1: 2}, A9: {K2: 3}, A1: {K1: 2}, A2: {K1: 2, K2: 2}}}
        ---
        A0 SKIP preexisting_untouched
        A1 WAIT stronger_account_not_in_scope rival=A0 with=K1
        A2 WAIT stronger_account_not_in_scope rival=A9
        A9 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A0
        K2 WAIT waiting_for_account waiting_for=A9
        """,
    "R19 a long chain settles from the top": """
        new: [A1, A2, A3, A4]
        aged: [K1, K2, K3]
        shared: {A1: {K1: 5}, A2: {K1: 4, K2: 3}, A3: {K2: 2, K3: 1}, A4: {K3: 1/0}}
        ---
        A1 LINK shared_contacts with=K1
        A2 LINK shared_contacts with=K2
        A3 LINK shared_contacts with=K3
        A4 CREATE_COMPANY candidate_taken taken_by=A3
        """,
    "R16 a company of a known pair is no candidate": """
        {new: [A1], old: [A2], hs: {companies: [{id: K1, sfa: A2}, {id: K2, created: 2024-01-01}]},
         shared: {A1: {K1: 3, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K2
        """,
    "R16 R75 a company whose account was deleted may be paired by people": """
        {new: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K1, sfa: A2}]}, shared: {A1: {K1: 1}}}
        ---
        A1 LINK shared_contacts with=K1
        """,
    "R4 a company of an account that cannot be seen is no candidate": """
        {new: [A1], hs: {companies: [{id: K1, sfa: A9}]}, shared: {A1: {K1: 1}}}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP account_not_visible
        """,
    "U17 a threshold of shared people": """
        {settings: {min_shared_contacts: 2}, new: [A1, A2], aged: [K1, K2], shared: {A1: {K1: 1}, A2: {K2: 2}}}
        ---
        A1 CREATE_COMPANY no_matching_company
        A2 LINK shared_contacts with=K2
        K1 SKIP preexisting_company
        """,
    "R13b people without company join the one of their account": """
        new: [A1, A2]
        aged: [K1, K2]
        shared: {A1: {K1: 1}}
        sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: A1}, {Id: P3, AccountId: A2}]}
        hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P2}, {id: h3, sfc: P3}], assoc: [[h2, K2]]}
        settings: {on_tie: create}
        ---
        A1 LINK shared_contacts with=K1 runner_up=K2 associate=h1
        A2 CREATE_COMPANY no_matching_company associate=h3
        K2 SKIP preexisting_company
        """,
    "R13b can be switched off": """
        {settings: {associate_contacts: false}, new: [A1],
         sf: {contacts: [{Id: P1, AccountId: A1}]}, hs: {contacts: [{id: h1, sfc: P1}]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        """,
    "R15 a look-alike is named and does not decide": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, Name: Acme, Website: "https://www.acme.test/de"}]},
         hs: {companies: [{id: K1, created: 2024-01-01, name: acme, domain: ACME.test}]}}
        ---
        A1 CREATE_COMPANY no_matching_company warn=same_domain_exists
        K1 SKIP preexisting_company
        """,
    "R15 an account to be made may have a look-alike, too": """
        {settings: {manual_sync: [K1, K2]}, sf: {accounts: [{Id: A1, Created: 2024-01-01, Website: acme.test, Name: Acme},
          {Id: A2, Created: 2024-01-01, Website: b.test, Name: Bold}]},
         hs: {companies: [{id: K1, created: 2024-01-01, domain: acme.test, name: Acme}, {id: K2, created: 2024-01-01, domain: c.test, name: Bold}]}}
        ---
        A1 SKIP preexisting_untouched
        A2 SKIP preexisting_untouched
        K1 CREATE_ACCOUNT manual_sync warn=same_domain_exists
        K2 CREATE_ACCOUNT manual_sync warn=same_name_exists
        """,
    "R15 a look-alike that is gone, or of what is not created, is not said": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, Website: acme.test, Name: Acme}, {Id: A2, Created: 2024-01-01, Website: b.test, Name: Bold}]},
         hs: {companies: [{id: K1, archived: true, domain: acme.test, name: Acme}, {id: K2, created: 2024-01-01, domain: b.test, name: Bold}]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        A2 SKIP preexisting_untouched
        K2 SKIP preexisting_company
        """,
    "R15 the same name alone is said so": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, Name: " ACME  Ltd"}]},
         hs: {companies: [{id: K1, created: 2024-01-01, name: acme ltd, domain: other.test}]}}
        ---
        A1 CREATE_COMPANY no_matching_company warn=same_name_exists
        K1 SKIP preexisting_company
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_matching(case: str):
    check(case)
