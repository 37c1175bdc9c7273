"""What is found in what the native integration did, and what is not; each case is a world and all its findings."""

import pytest

from watch_worlds import check, watched

CASES = {
    "a pair that its people bear out is no finding": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 2}}}
        ---
        """,
    "R23 two companies store one id: the one without its people is the twin": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}, shared: {A1: {K2: 2}}}
        ---
        account_id_on_two_companies A1 K1 company=K2 0/2
        """,
    "R23 of two without people the older stays": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}}
        ---
        account_id_on_two_companies A1 K2 company=K1 0/0
        """,
    "R23 both are twins of a third that holds the people and is paired with nothing": """
        {old: [A1], aged: [K3], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}, shared: {A1: {K3: 2}}}
        ---
        account_id_on_two_companies A1 K1 company=K3 0/2
        account_id_on_two_companies A1 K2 company=K3 0/2
        """,
    "R23 a company of another account is not named as theirs": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}, {id: K3, sfa: A2}]},
         shared: {A1: {K3: 2, K2: 1}, A2: {K3: 1}}}
        ---
        account_id_on_two_companies A1 K1 company=K2 0/1
        people_of_another_account A2 K3 account=A1 1/2
        """,
    "R22 fifteen and eighteen characters are one id": """
        {sf: {accounts: [{Id: 0012800000CXn0kAAD, Created: 2024-01-01}]},
         hs: {companies: [{id: K1, sfa: 0012800000CXn0kAAD}, {id: K2, sfa: 0012800000CXn0k}]}}
        ---
        account_id_on_two_companies 0012800000CXn0kAAD K2 company=K1 0/0
        """,
    "a company that Accord paired with the account stands for it, too": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1}]}, links: [{account: A1, company: K2}],
         shared: {A1: {K2: 1}}}
        ---
        account_id_on_two_companies A1 K1 company=K2 0/1
        """,
    "two companies that only Accord speaks of are not what is watched": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, OriginKey: hs-42-K1}]}, aged: [K1, K2],
         links: [{account: A1, company: K2}]}
        ---
        """,
    "R14 made by an integration although an older free company held the people": """
        old: [A1]
        hs: {companies: [{id: K1, created: 2024-01-01}, {id: K2, sfa: A1, source: INTEGRATION, created: 2025-01-01}]}
        shared: {A1: {K1: 2}}
        ---
        made_beside_its_people A1 K2 company=K1 0/2
        """,
    "R14 made before the other one: a pair that the people speak against": """
        old: [A1]
        hs: {companies: [{id: K1, created: 2025-01-01}, {id: K2, sfa: A1, source: INTEGRATION, created: 2024-01-01}]}
        shared: {A1: {K1: 2}}
        ---
        people_elsewhere A1 K2 company=K1 0/2
        """,
    "R17 a free company that holds half of its people from the account is a twin": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1}], contacts: [{id: h1}], assoc: [[h1, K2]]},
         shared: {A1: {K1: 2, K2: 1}}}
        ---
        people_in_two_companies A1 K2 company=K1 1/2
        """,
    "R17 one guest among others is none": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1}], contacts: [{id: h1}, {id: h2}],
         assoc: [[h1, K2], [h2, K2]]}, shared: {A1: {K1: 2, K2: 1}}}
        ---
        """,
    "R17 one guest in a company of that name is": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, name: Acme}, {id: K2, name: ACME}], contacts: [{id: h1}, {id: h2}],
         assoc: [[h1, K2], [h2, K2]]}, shared: {A1: {K1: 2, K2: 1}}}
        ---
        people_in_two_companies A1 K2 company=K1 1/2
        """,
    "R17 a company that the rules would give to another account is no twin": """
        {old: [A1, A2], aged: [K2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 2, K2: 1}, A2: {K2: 1/0}}}
        ---
        """,
    "R15 a free company without people that has the domain of one account": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, domain: acme.test}, {id: K2, domain: www.acme.test}]}}
        ---
        same_domain A1 K2 company=K1 0/0
        """,
    "R15 the account's own website counts": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Website: "https://www.acme.test/about"}]},
         hs: {companies: [{id: K1, sfa: A1}, {id: K2, domain: acme.test}]}}
        ---
        same_domain A1 K2 company=K1 0/0
        """,
    "R15 a domain of several accounts says nothing": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1, domain: x.test}, {id: K2, sfa: A2, domain: x.test},
         {id: K3, domain: x.test}]}}
        ---
        """,
    "R15 a guest who is with another company otherwise does not speak against the domain": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1, domain: x.test}, {id: K2, domain: x.test}, {id: K3, sfa: A2}],
         contacts: [{id: h1}, {id: h2}], assoc: [[h1, K2], [h2, K2]]}, shared: {A2: {K2: 1, K3: 4}}}
        ---
        same_domain A1 K2 company=K1 0/0
        """,
    "R15 somebody's people speak louder than a domain": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1, domain: x.test}, {id: K2, domain: x.test}]},
         shared: {A2: {K2: 1}}}
        ---
        """,
    "R75 the account was deleted; its company's people name another one": """
        {old: [A2], sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}, shared: {A2: {K1: 1}}}
        ---
        account_deleted A1 K1 account=A2 0/1
        account_deleted A1 K2 0/0
        """,
    "R73 R74 the account was merged away; the survivor and its company are named": """
        {old: [A2], sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true, Master: A2}]},
         hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A2: {K1: 1, K2: 2}}}
        ---
        account_merged A1 K1 account=A2 company=K2 0/1
        """,
    "R73 a survivor that is deleted itself leaves a deleted account": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true, Master: A2},
                         {Id: A2, Created: 2024-01-01, Deleted: true}]}, hs: {companies: [{id: K1, sfa: A1}]}}
        ---
        account_deleted A1 K1 0/0
        """,
    "R4 an account that our login does not see, and whose company is nobody's candidate": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A9}, {id: K2, sfa: A1, name: x}]}, shared: {A1: {K1: 2}}}
        ---
        account_not_visible A9 K1 0/0
        """,
    "R16 R75 an orphan that Accord paired anew is none": """
        {old: [A2], sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K1, sfa: A1}]}, links: [{account: A2, company: K1}]}
        ---
        """,
    "R76 the company was archived; its people are in another one": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1, archived: true}]}, shared: {A1: {K2: 1}}}
        ---
        company_archived A1 K1 company=K2 0/1
        """,
    "R76 an account that has a company by now is no orphan": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}, {id: K2, sfa: A1}]}, shared: {A1: {K2: 1}}}
        ---
        """,
    "R77 the company was merged into one that stores no id": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}, {id: K2, merged: [K1]}]}}
        ---
        company_merged A1 K1 company=K2 0/0
        """,
    "R19 another account has more people and no better company": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 1}, A2: {K1: 2}}}
        ---
        people_of_another_account A1 K1 account=A2 1/2
        """,
    "R19 another account has fewer people": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 2}, A2: {K1: 1}}}
        ---
        """,
    "R19 another account has more people here, and even more in a company of its own": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A1: {K1: 1}, A2: {K1: 2, K2: 3}}}
        ---
        rival_shares_more A1 K1 account=A2 1/2
        """,
    "R20 two accounts have equally many people": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        tie_between_accounts A1 K1 account=A2 1/1
        """,
    "R20 also at a company that nobody has yet": """
        {old: [A1, A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        tie_between_accounts A1 K1 account=A2 1/1
        """,
    "R11 a person account is no rival and is not judged": """
        {old: [A2], sf: {accounts: [{Id: A1, Created: 2024-01-01, Person: true}]},
         hs: {companies: [{id: K1, sfa: A1, name: x}, {id: K2, sfa: A2}]}, shared: {A1: {K2: 3}, A2: {K2: 1}}}
        ---
        """,
    "R18 another account's company holds as many of its people": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A1: {K1: 1, K2: 1}}}
        ---
        rival_shares_more A2 K2 account=A1 0/1
        tie_between_companies A1 K1 company=K2 1/1
        """,
    "R18 a free company that is mostly somebody else's holds as many": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1}], contacts: [{id: h1}, {id: h2}],
         assoc: [[h1, K2], [h2, K2]]}, shared: {A1: {K1: 1, K2: 1}}}
        ---
        tie_between_companies A1 K1 company=K2 1/1
        """,
    "R18 a free company with no other people that holds as many is a twin and told once": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 1, K2: 1}}}
        ---
        people_in_two_companies A1 K2 company=K1 1/1
        """,
    "R14 crossed pairs: both are mistakes, and both companies hold the people of the other account": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A1: {K2: 2}, A2: {K1: 1}}}
        ---
        people_of_another_account A2 K2 account=A1 0/2
        people_of_another_account A1 K1 account=A2 0/1
        people_elsewhere A1 K1 company=K2 0/2
        people_elsewhere A2 K2 company=K1 0/1
        """,
    "R17 the company shares fewer people than another one": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 1, K2: 2}}}
        ---
        more_people_elsewhere A1 K1 company=K2 1/2
        """,
    "R16 more of its people are with the company of a stronger account": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A1: {K1: 1, K2: 2}, A2: {K2: 3}}}
        ---
        """,
    "R15 nobody, no domain, no name in common": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Name: Acme, Website: acme.test}]},
         hs: {companies: [{id: K1, sfa: A1, name: Zenith, domain: zenith.test}]}}
        ---
        nothing_in_common A1 K1 0/0
        """,
    "R15 a common name is something, however it is written": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Name: "Acme  Inc"}]}, hs: {companies: [{id: K1, sfa: A1, name: ACME INC}]}}
        ---
        """,
    "R15 a common domain is something": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Name: Acme, Website: acme.test}]},
         hs: {companies: [{id: K1, sfa: A1, name: Zenith, domain: acme.test}]}}
        ---
        """,
    "U17 a single person is too little where two are asked for": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A2: {K1: 1}}, settings: {min_shared_contacts: 2}}
        ---
        """,
    "a person said that they are one: the rules do not say otherwise": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A2: {K1: 2}},
         resolutions: [{account: A1, company: K1, choice: pair}]}
        ---
        """,
    "neither switch nor imports nor age matter": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}, settings: {sync_companies: false}}
        ---
        account_id_on_two_companies A1 K2 company=K1 0/0
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_findings(case: str):
    check(case)


def test_pairs_are_counted_by_what_the_people_say_of_them():
    result, findings = watched("""
        old: [A1, A2, A3, A4, A5]
        aged: [K5]
        sf: {accounts: [{Id: A6, Created: 2024-01-01, Person: true}]}
        hs:
          companies:
            - {id: K1, sfa: A1}
            - {id: K2, sfa: A2}
            - {id: K3, sfa: A3}
            - {id: K4, sfa: A3}
            - {id: K6, sfa: A6}
        shared: {A1: {K1: 2}, A4: {K3: 1}, A5: {K5: 1}}
        resolutions: [{account: A6, company: K6, choice: pair}]
    """)
    counts = {
        name: getattr(result, name) for name in ("pairs", "agree", "doubted", "unproved", "left_alone", "would_pair")
    }
    assert counts == {"pairs": 5, "agree": 1, "doubted": 1, "unproved": 2, "left_alone": 1, "would_pair": 1}
    assert findings == ["account_id_on_two_companies A3 K4 company=K3 0/0"]


def test_a_pair_that_the_rules_would_make_agrees_whatever_is_found_beside_it():
    result, findings = watched("""
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A1: {K1: 1}, A2: {K1: 1, K2: 2}}}
    """)
    assert (result.pairs, result.agree, result.doubted, result.unproved) == (2, 2, 0, 0)
    assert findings == ["rival_shares_more A1 K1 account=A2 1/1"]
