"""Known pairs, merges, deletes (R4, R21-R23, R73-R80); each case is a world and its whole plan."""

import pytest

from tiny_worlds import check

CASES = {
    "R22 fifteen and eighteen characters are one id": """
        {sf: {accounts: [{Id: 0012800000CXn0kAAD, Created: 2026-01-11}]},
         hs: {companies: [{id: K1, sfa: 0012800000CXn0k}]}}
        ---
        0012800000CXn0kAAD UPDATE already_paired with=K1
        """,
    "R22 the case of the fifteen counts": """
        {sf: {accounts: [{Id: 0012800000CXn0k, Created: 2026-01-11}]},
         hs: {companies: [{id: K1, sfa: 0012800000cxn0k}]}}
        ---
        0012800000CXn0k CREATE_COMPANY no_matching_company
        K1 SKIP account_not_visible
        """,
    "R21 the key we wrote on the account is a known pair": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, OriginKey: hs-42-K1}]}, fresh: [K1]}
        ---
        A1 UPDATE already_paired with=K1
        """,
    "R23 R52 two companies with one account id: neither pair nor stage is updated": """
        old: [A1]
        new: [A2]
        hs:
          companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1, stage: lead}, {id: K3, created: 2026-01-11}]
          contacts: [{id: h1, was: lead, stage: customer, sfc: P1}]
          assoc: [[h1, K2, primary], [h1, K3]]
        sf: {contacts: [{Id: P1, AccountId: A1}]}
        shared: {A2: {K1: 1}}
        ---
        A1 REVIEW account_id_on_two_companies
        A2 WAIT account_in_review
        K3 WAIT account_in_review
        """,
    "R73 the loser's company goes to a survivor without one": """
        {old: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]},
         aged: [K2], links: [{account: A2, company: K2}]}
        ---
        A1 RELINK account_merged with=K2 rule=R73
        """,
    "R73 a chain of merges is followed": """
        {old: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1},
           {Id: A3, Created: 2024-01-01, Deleted: true, Master: A2}]}, aged: [K3], links: [{account: A3, company: K3}]}
        ---
        A1 RELINK account_merged with=K3
        """,
    "R73 the people of a merged account are the survivor's": """
        {new: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}], contacts: [{Id: P1, AccountId: A2}]},
         aged: [K1], hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        A1 LINK shared_contacts with=K1
        """,
    "R73 once our table knows the pair it is an ordinary one": """
        {old: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]},
         hs: {companies: [{id: K2, sfa: A2}]}, links: [{account: A1, company: K2}]}
        ---
        """,
    "R73 R74 two losers with a company each: both are for a person": """
        new: [A1]
        sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1},
                        {Id: A3, Created: 2024-01-01, Deleted: true, Master: A1}]}
        aged: [K2, K3]
        links: [{account: A2, company: K2}, {account: A3, company: K3}]
        ---
        K2 REVIEW orphan_after_account_merge
        K3 REVIEW orphan_after_account_merge
        """,
    "R74 R45 an orphan is nobody's candidate until it is settled": """
        new: [A1, A3]
        sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]}
        hs: {companies: [{id: K1, sfa: A1, created: 2024-01-01}, {id: K2, sfa: A2, created: 2024-01-01}]}
        shared: {A3: {K2: 1}}
        ---
        A1 UPDATE already_paired with=K1
        A3 WAIT account_in_review
        K2 REVIEW orphan_after_account_merge
        """,
    "R23 R25 what is remarkable about an account is said in its review, too": """
        new: [A1]
        sf:
          accounts: [{Id: A2, Created: 2024-01-01}]
          contacts: [{Id: P1, AccountId: A2, Email: a@x.test}, {Id: P2, AccountId: A1, Email: a@x.test}]
        hs:
          companies: [{id: K1, sfa: A1, created: 2024-01-01}, {id: K2, sfa: A1, created: 2024-01-01}]
          contacts: [{id: h1, sfc: P1}]
        ---
        A1 REVIEW account_id_on_two_companies warn=shadow_contact
        A2 SKIP preexisting_untouched
        """,
    "R74 R52 the stage of an orphan still flows": """
        old: [A1]
        sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]}
        hs:
          companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]
          contacts: [{id: h1, was: null, stage: lead}]
          assoc: [[h1, K2, primary]]
        ---
        K2 REVIEW orphan_after_account_merge
        K2 SET_STAGE contact_moved_forward value=lead because=h1 rule=R52
        """,
    "R75 account deleted": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]}, hs: {companies: [{id: K1, sfa: A1}]}}
        ---
        K1 SKIP account_deleted
        """,
    "R75 a merge into an account that is deleted as well": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}, {Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]},
         hs: {companies: [{id: K1, sfa: A2}]}}
        ---
        K1 SKIP account_deleted
        """,
    "R4 a merge into an account that cannot be seen": """
        {sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A9}]}, hs: {companies: [{id: K1, sfa: A2}]}}
        ---
        K1 SKIP account_not_visible
        """,
    "U9 recreate_deleted creates an account with the ordinary reason": """
        {settings: {recreate_deleted: true, inclusion_list: [h1]},
         sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K1, sfa: A1, created: 2026-01-11}], contacts: [{id: h1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 CREATE_ACCOUNT on_inclusion_list warn=was_deleted
        """,
    "U9 recreate_deleted creates a company with the ordinary reason": """
        {settings: {recreate_deleted: true}, new: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}]}}
        ---
        A1 CREATE_COMPANY no_matching_company warn=was_deleted
        """,
    "R76 an import recreates": """
        {settings: {import_accounts: [A1]}, old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}]}}
        ---
        A1 CREATE_COMPANY no_matching_company warn=was_deleted
        """,
    "R76 without a change there is no row": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}]}}
        ---
        """,
    "R76 not even people bring it back": """
        {new: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}]}, aged: [K2], shared: {A1: {K2: 1}}}
        ---
        A1 SKIP company_deleted
        K2 SKIP preexisting_company
        """,
    "R77 RELINK also where the new record stores the id, and without any change": """
        {old: [A1], hs: {companies: [{id: K3, merged: [K1], sfa: A1}]}, links: [{account: A1, company: K1}]}
        ---
        A1 RELINK company_merged with=K3 rule=R77
        """,
    "R77 associations with the merged company are the new record's": """
        {new: [A1], hs: {companies: [{id: K1, archived: true}, {id: K3, merged: [K1], created: 2024-01-01}]},
         shared: {A1: {K1: 1}}}
        ---
        A1 LINK shared_contacts with=K3
        """,
    "R73 R77 where both were merged the account is told": """
        {old: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]},
         hs: {companies: [{id: K3, merged: [K1]}]}, links: [{account: A2, company: K1}]}
        ---
        A1 RELINK account_merged with=K3
        """,
    "R77 a chain of merges is followed": """
        {old: [A1], hs: {companies: [{id: K1, archived: true}, {id: K2, archived: true, merged: [K1]}, {id: K3, merged: [K2]}]},
         links: [{account: A1, company: K1}]}
        ---
        A1 RELINK company_merged with=K3
        """,
    "R77 a company that lists its own old id": """
        {old: [A1], hs: {companies: [{id: K3, merged: [K1, K3]}]}, links: [{account: A1, company: K1}]}
        ---
        A1 RELINK company_merged with=K3
        """,
    "R77 a living survivor is believed before an archived one": """
        {old: [A1], hs: {companies: [{id: K2, archived: true, merged: [K1]}, {id: K3, merged: [K1]}]}, links: [{account: A1, company: K1}]}
        ---
        A1 RELINK company_merged with=K3
        """,
    "R27 R77 of two survivors the smaller id": """
        {old: [A1], hs: {companies: [{id: K3, merged: [K1], created: 2024-01-01}, {id: K2, merged: [K1], created: 2024-01-01}]},
         links: [{account: A1, company: K1}]}
        ---
        A1 RELINK company_merged with=K2
        K3 SKIP preexisting_company
        """,
    "R77 once our table knows the new id it is an ordinary pair": """
        {old: [A1], hs: {companies: [{id: K3, merged: [K1], sfa: A1}]}, links: [{account: A1, company: K3}]}
        ---
        """,
    "R77 a merged company that was archived afterwards": """
        {new: [A1], hs: {companies: [{id: K3, merged: [K1], archived: true}]}, links: [{account: A1, company: K1}]}
        ---
        A1 SKIP company_deleted
        """,
    "R78 two paired companies merged": """
        {old: [A1], new: [A2], hs: {companies: [{id: K3, merged: [K1, K2]}]}, fresh: [K4],
         links: [{account: A1, company: K1}, {account: A2, company: K2}], shared: {A1: {K4: 1}}}
        ---
        K3 REVIEW two_accounts_on_one_company
        K4 WAIT account_in_review
        """,
    "R78 one of the two accounts is deleted: the other keeps the company": """
        {old: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K3, merged: [K1, K2]}]},
         links: [{account: A1, company: K1}, {account: A2, company: K2}]}
        ---
        A1 RELINK company_merged with=K3
        """,
    "R78 R73 two survivors inherit one company": """
        {old: [A1, A4], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A4},
           {Id: A3, Created: 2024-01-01, Deleted: true, Master: A1}]}, hs: {companies: [{id: K1, merged: [K8]}]},
         links: [{account: A3, company: K1}, {account: A2, company: K8}]}
        ---
        K1 REVIEW two_accounts_on_one_company
        """,
    "R79 a pair that was broken by a delete is restored": """
        {old: [A1], aged: [K1], links: [{account: A1, company: K1, active: false}]}
        ---
        A1 UPDATE already_paired with=K1 rule=R79
        """,
    "R23 our table and a stored id name two companies": """
        {old: [A1], aged: [K1], hs: {companies: [{id: K2, sfa: A1}]}, links: [{account: A1, company: K1}]}
        ---
        A1 REVIEW account_id_on_two_companies
        """,
    "R78 our table and a stored id name two accounts": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A2}]}, links: [{account: A1, company: K1}]}
        ---
        K1 REVIEW two_accounts_on_one_company
        """,
    "R23 R78 an account with two companies, one of which another account names": """
        {old: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, OriginKey: K2}]}, aged: [K1], hs: {companies: [{id: K2, sfa: A1}]},
         links: [{account: A1, company: K1}]}
        ---
        A1 REVIEW account_id_on_two_companies
        K2 REVIEW two_accounts_on_one_company
        """,
    "R4 R74 a survivor keeps the company that cannot be seen, and the loser's is an orphan": """
        {new: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]}, aged: [K2],
         links: [{account: A1, company: K9}, {account: A2, company: K2}]}
        ---
        A1 SKIP company_not_visible
        K2 REVIEW orphan_after_account_merge
        """,
    "R73 what stores another living account is that one's, whoever was merged": """
        {old: [A1, A3], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]}, hs: {companies: [{id: K1, sfa: A3}]},
         links: [{account: A2, company: K1}]}
        ---
        A1 SKIP preexisting_untouched
        """,
    "R4 R73 what a merged account had and nobody sees does not bind the survivor": """
        {new: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]}, aged: [K1], shared: {A1: {K1: 1}},
         links: [{account: A2, company: K9}]}
        ---
        A1 LINK shared_contacts with=K1
        """,
    "R73 R76 nor does what a merged account had and was archived": """
        {new: [A1], sf: {accounts: [{Id: A2, Created: 2024-01-01, Deleted: true, Master: A1}]},
         hs: {companies: [{id: K1, archived: true}]}, links: [{account: A2, company: K1}]}
        ---
        A1 CREATE_COMPANY no_matching_company
        """,
    "R75 a broken pair whose account left the recycle bin is one of a deleted account": """
        {fresh: [K1], links: [{account: A9, company: K1, active: false}]}
        ---
        K1 SKIP account_deleted
        """,
    "R79 of two broken pairs of an account neither is restored": """
        {old: [A1], aged: [K1, K2], links: [{account: A1, company: K1, active: false}, {account: A1, company: K2, active: false}]}
        ---
        A1 SKIP preexisting_untouched
        K1 SKIP preexisting_company
        K2 SKIP preexisting_company
        """,
    "R79 of two broken pairs of a company neither is restored": """
        {old: [A1, A2], aged: [K1], links: [{account: A1, company: K1, active: false}, {account: A2, company: K1, active: false}]}
        ---
        A1 SKIP preexisting_untouched
        A2 SKIP preexisting_untouched
        K1 SKIP preexisting_company
        """,
    "R79 not where the account has another company by now": """
        {old: [A1], aged: [K1, K2], links: [{account: A1, company: K1, active: false}, {account: A1, company: K2}]}
        ---
        K1 SKIP preexisting_company
        """,
    "R79 a pair that is back is told so, asked for or not": """
        {settings: {manual_sync: [K1]}, old: [A1], aged: [K1], links: [{account: A1, company: K1, active: false}]}
        ---
        A1 UPDATE already_paired with=K1 rule=R79
        """,
    "R79 not where somebody else has the company by now": """
        {old: [A1, A2], aged: [K1],
         links: [{account: A1, company: K1, active: false}, {account: A2, company: K1}]}
        ---
        A1 SKIP preexisting_untouched
        """,
    "R4 a company that cannot be seen keeps its account from a second one": """
        {new: [A1], aged: [K2], links: [{account: A1, company: K1}], shared: {A1: {K2: 1}}}
        ---
        A1 SKIP company_not_visible rule=R4
        K2 SKIP preexisting_company
        """,
    "R4 a company that cannot be seen is told when its account moved or is imported, and else not": """
        {settings: {import_accounts: [A2]}, old: [A1, A2], links: [{account: A1, company: K1}, {account: A2, company: K2}]}
        ---
        A2 SKIP company_not_visible
        """,
    "deleted accounts that no rule speaks of have no row": """
        {sf: {accounts: [{Id: A1, Created: 2026-01-11, Deleted: true}]}}
        ---
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_identity(case: str):
    check(case)


def test_a_broken_pair_does_not_come_back_while_a_later_partner_is_only_out_of_sight():
    """R79, R4: what we cannot see is no delete, so the account still belongs to K9."""
    check("""
        {new: [A1], aged: [K1], links: [{account: A1, company: K1, active: false}, {account: A1, company: K9}]}
        ---
        A1 SKIP company_not_visible
        K1 SKIP preexisting_company
        """)
