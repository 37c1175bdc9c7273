"""What is nearly a finding and is another one or none; each case is a world and all its findings."""

from dataclasses import replace

import pandas as pd
import pytest
import yaml

from accord.model.ids import NONE
from accord.rules.watch import compare
from tiny_worlds import grown
from watch_worlds import check, seen

CASES = {
    "R23 of two that share its people unequally the one that the rules would name stays": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}, shared: {A1: {K1: 2, K2: 1}, A2: {K1: 3}}}
        ---
        account_id_on_two_companies A1 K1 company=K2 2/1
        """,
    "a company that Accord paired with a second account stands for that one": """
        {old: [A1, A2], aged: [K2], hs: {companies: [{id: K1, sfa: A2}]}, links: [{account: A2, company: K2}],
         shared: {A2: {K2: 1}}}
        ---
        account_id_on_two_companies A2 K1 company=K2 0/1
        """,
    "a company that Accord paired and that was archived stands for nobody": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1}, {id: K2, archived: true}]}, links: [{account: A1, company: K2}]}
        ---
        """,
    "R14 made although an older company held the people, which is another account's": """
        old: [A1, A2]
        hs:
          companies:
            - {id: K1, sfa: A2, created: 2024-01-01}
            - {id: K2, sfa: A1, source: INTEGRATION, created: 2025-01-01}
        shared: {A1: {K1: 2}}
        ---
        people_of_another_account A2 K1 account=A1 0/2
        people_elsewhere A1 K2 company=K1 0/2
        """,
    "R14 made beside an older company that only a person's answer speaks for": """
        old: [A1]
        hs: {companies: [{id: K1, created: 2024-01-01}, {id: K2, sfa: A1, source: INTEGRATION, created: 2025-01-01}]}
        resolutions: [{account: A1, company: K1, choice: pair}]
        ---
        """,
    "R14 made with more people than the older company has": """
        old: [A1, A2]
        hs: {companies: [{id: K1, created: 2024-01-01}, {id: K2, sfa: A1, source: INTEGRATION, created: 2025-01-01}]}
        shared: {A1: {K1: 1, K2: 2}, A2: {K2: 3}}
        ---
        people_of_another_account A1 K2 account=A2 2/3
        """,
    "R14 two made beside an older company: twins of it and told as such only": """
        old: [A1]
        hs:
          companies:
            - {id: K1, created: 2024-01-01}
            - {id: K2, sfa: A1, source: INTEGRATION, created: 2025-01-01}
            - {id: K3, sfa: A1, source: INTEGRATION, created: 2025-01-01}
        shared: {A1: {K1: 2}}
        ---
        account_id_on_two_companies A1 K2 company=K1 0/2
        account_id_on_two_companies A1 K3 company=K1 0/2
        """,
    "R17 one guest in a company of that domain is, and is told once": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, domain: x.test}, {id: K2, domain: x.test}],
         contacts: [{id: h1}, {id: h2}], assoc: [[h1, K2], [h2, K2]]}, shared: {A1: {K1: 2, K2: 1}}}
        ---
        people_in_two_companies A1 K2 company=K1 1/2
        """,
    "R15 a company that two accounts tie about is more than a domain": """
        {old: [A1, A2, A3], hs: {companies: [{id: K1, sfa: A1, domain: x.test}, {id: K2, domain: x.test}]},
         shared: {A2: {K2: 1}, A3: {K2: 1}}}
        ---
        tie_between_accounts A2 K2 account=A3 1/1
        """,
    "R15 an archived company has no twin": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, domain: x.test}, {id: K2, domain: x.test, archived: true}]}}
        ---
        """,
    "twins stand before orphans, however certain these are": """
        {old: [A1], aged: [K2], hs: {companies: [{id: K1, sfa: A1}, {id: K3, sfa: A9}]}, shared: {A1: {K1: 2, K2: 1}}}
        ---
        people_in_two_companies A1 K2 company=K1 1/2
        account_not_visible A9 K3 0/0
        """,
    "R75 R76 neither account nor company is left": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K1, sfa: A1, archived: true}, {id: K2, sfa: A9, archived: true}]}}
        ---
        """,
    "R76 several companies were archived: the oldest is named": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}, {id: K2, sfa: A1, archived: true}]}}
        ---
        company_archived A1 K1 0/0
        """,
    "R77 several companies were merged into one: the oldest is named": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}, {id: K2, sfa: A1, archived: true},
         {id: K3, merged: [K1, K2]}]}}
        ---
        company_merged A1 K1 company=K3 0/0
        """,
    "R77 of several companies the one that lives on is named": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}, {id: K2, sfa: A1, archived: true},
         {id: K3, merged: [K2]}]}}
        ---
        company_merged A1 K2 company=K3 0/0
        """,
    "R77 merged into a company that was archived itself": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}, {id: K2, archived: true, merged: [K1]}]}}
        ---
        company_archived A1 K1 0/0
        """,
    "R19 another account has as many people here, and more in a company of its own": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A1: {K1: 1}, A2: {K1: 1, K2: 2}}}
        ---
        rival_shares_more A1 K1 account=A2 1/1
        """,
    "R19 another account would get the company only because this one has more people elsewhere": """
        {old: [A1, A2], aged: [K2], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 2, K2: 3}, A2: {K1: 1}}}
        ---
        more_people_elsewhere A1 K1 company=K2 2/3
        """,
    "R18 R20 a tie between accounts is told, and not the one between companies behind it": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A2}]}, shared: {A1: {K1: 1, K2: 1}, A2: {K1: 1}}}
        ---
        tie_between_accounts A1 K1 account=A2 1/1
        rival_shares_more A2 K2 account=A1 0/1
        """,
    "R20 the company of a deleted account is an orphan, whoever ties about it": """
        {old: [A1, A2], sf: {accounts: [{Id: A3, Created: 2024-01-01, Deleted: true}]}, hs: {companies: [{id: K1, sfa: A3}]},
         shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        account_deleted A3 K1 0/0
        """,
    "R20 a company that Accord paired is no tie any more": """
        {old: [A1, A2], aged: [K1], links: [{account: A1, company: K1}], shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        """,
    "R20 accounts that tie about one company do not tie about the next, which somebody else gets": """
        {old: [A1, A2, A3], aged: [K1, K2], shared: {A1: {K1: 1}, A2: {K1: 1, K2: 2}, A3: {K1: 1, K2: 2}}}
        ---
        tie_between_accounts A2 K2 account=A3 2/2
        """,
    "R20 an account that has a better company does not tie about this one": """
        {old: [A1, A2, A3], aged: [K1, K2], shared: {A1: {K1: 1, K2: 2}, A2: {K1: 1}, A3: {K1: 1}}}
        ---
        tie_between_accounts A2 K1 account=A3 1/1
        """,
    "R18 the first company of all holds as many of its people as its own": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A2}, {id: K2, sfa: A1}]}, shared: {A1: {K1: 1, K2: 1}}}
        ---
        rival_shares_more A2 K1 account=A1 0/1
        tie_between_companies A1 K2 company=K1 1/1
        """,
    "R18 a tie between two other companies is none with its own": """
        {old: [A1], aged: [K2, K3], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K2: 1, K3: 1}}}
        ---
        """,
    "R18 another account's company that holds as many of its people, while a third holds more": """
        {old: [A1, A2], aged: [K2, K3], hs: {companies: [{id: K1, sfa: A1}]},
         shared: {A1: {K1: 1, K2: 1, K3: 2}, A2: {K2: 1}}}
        ---
        more_people_elsewhere A1 K1 company=K3 1/2
        """,
    "R18 a company tied between others that holds as many of its people, while a third holds more": """
        {old: [A1, A2, A3], aged: [K2, K3], hs: {companies: [{id: K1, sfa: A1}]},
         shared: {A1: {K1: 1, K2: 1, K3: 2}, A2: {K2: 1}, A3: {K2: 1}}}
        ---
        tie_between_accounts A2 K2 account=A3 1/1
        more_people_elsewhere A1 K1 company=K3 1/2
        """,
    "R18 another account's company that holds as many of its people, while two others tie with more": """
        {old: [A1, A2], aged: [K2, K3, K4], hs: {companies: [{id: K1, sfa: A1}]},
         shared: {A1: {K1: 1, K2: 1, K3: 2, K4: 2}, A2: {K2: 1}}}
        ---
        people_in_two_companies A1 K3 company=K1 2/1
        people_in_two_companies A1 K4 company=K1 2/1
        """,
    "R18 R20 a company that others tie about with more people is no tie with its own": """
        {old: [A1, A2, A3], aged: [K2, K4], hs: {companies: [{id: K3, sfa: A1}]},
         shared: {A1: {K2: 1, K3: 1, K4: 1}, A2: {K2: 2}, A3: {K2: 2}}}
        ---
        people_in_two_companies A1 K4 company=K3 1/1
        tie_between_accounts A2 K2 account=A3 2/2
        """,
    "R15 a person account has nothing in common and is left alone": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Person: true, Name: Acme}]}, hs: {companies: [{id: K1, sfa: A1, name: Zenith}]}}
        ---
        """,
    "R15 people of another account are told before nothing in common": """
        {old: [A2], sf: {accounts: [{Id: A1, Created: 2024-01-01, Name: Acme}]},
         hs: {companies: [{id: K1, sfa: A1, name: Zenith}, {id: K2, sfa: A2}]}, shared: {A2: {K1: 1, K2: 2}}}
        ---
        rival_shares_more A1 K1 account=A2 0/1
        """,
    "R14 R15 people elsewhere are told before nothing in common": """
        {aged: [K1], sf: {accounts: [{Id: A1, Created: 2024-01-01, Name: Acme}]}, hs: {companies: [{id: K2, sfa: A1, name: Zenith}]},
         shared: {A1: {K1: 1}}}
        ---
        people_elsewhere A1 K2 company=K1 0/1
        """,
    "R15 U17 a single person in common is something, where two are asked for": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Name: Acme}]}, hs: {companies: [{id: K1, sfa: A1, name: Zenith}]},
         shared: {A1: {K1: 1}}, settings: {min_shared_contacts: 2}}
        ---
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_findings(case: str):
    check(case)


def test_a_company_that_was_merged_into_one_that_nobody_sees_is_archived():
    """R4 R76 R77: there is no company to name."""
    short = "{old: [A1], hs: {companies: [{id: K1, sfa: A1, archived: true}]}}"
    snapshot, native, policy, names = seen(grown(yaml.safe_load(short)))
    gone = names.companies.key("K1")
    merged = {"company_key": [gone + 1], "merged_key": [gone]}
    unseen = replace(snapshot, company_merges=pd.DataFrame(merged, dtype="int64"))
    [row] = compare(unseen, native, policy).findings.to_dict("records")
    assert (row["reason"], row["other_company_key"]) == ("company_archived", NONE)
