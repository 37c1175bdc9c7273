"""Which companies become accounts (R30-R45); each case is a world and its whole plan."""

import pytest

from tiny_worlds import check

CASES = {
    "R38 one person who is no lead is enough": """
        {fresh: [K1], sf: {leads: [{Id: L1}]}, settings: {inclusion_list: [h1]},
         hs: {contacts: [{id: h1, sfl: L1}, {id: h2}], assoc: [[h1, K1, primary], [h2, K1]]}}
        ---
        K1 CREATE_ACCOUNT on_inclusion_list
        """,
    "R35 the negative wins over the list": """
        {fresh: [K1], sf: {leads: [{Id: L1}]}, settings: {inclusion_list: [h1]},
         hs: {contacts: [{id: h1, sfl: L1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP all_contacts_are_leads
        """,
    "R37 archived people are no people": """
        {fresh: [K1], hs: {contacts: [{id: h1, archived: true}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP no_contacts
        """,
    "R39 with a list, nobody of the company is on it": """
        {settings: {inclusion_list: [h2]}, hs: {companies: [{id: K1, source: CRM_SETTING}],
         contacts: [{id: h1}, {id: h2}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP none_on_inclusion_list
        """,
    "R33 the list is enough, whatever new people become": """
        {settings: {inclusion_list: [h1], default_object: Lead}, fresh: [K1], hs: {contacts: [{id: h1}], assoc: [[h1, K1]]}}
        ---
        K1 CREATE_ACCOUNT on_inclusion_list
        """,
    "R40 R92 a person who is nobody in Salesforce is no lead": """
        {fresh: [K1, K2], sf: {leads: [{Id: L1}]},
         hs: {contacts: [{id: h1, sfl: L1}, {id: h2}], assoc: [[h1, K1, primary], [h1, K2], [h2, K2, primary]]}}
        ---
        K1 SKIP all_contacts_are_leads
        K2 SKIP no_creation_rule
        """,
    "R31 R36 the setting made it, but new people become leads": """
        {settings: {default_object: Lead}, hs: {companies: [{id: K1, source: CRM_SETTING}], contacts: [{id: h1}],
         assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R31 R42 the company becomes an account and its private contact stays as it is": """
        {sf: {contacts: [{Id: P1}]},
         hs: {companies: [{id: K1, source: CRM_SETTING}], contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 CREATE_ACCOUNT auto_created_and_default_contact
        """,
    "R23 a company that was not chosen gets no account by itself, whatever speaks for one": """
        {resolutions: [{account: A1, company: K1, choice: pair}, {account: A2, company: K4, choice: apart}],
         old: [A1, A2], settings: {inclusion_list: [h1, h2, h3]}, sf: {contacts: [{Id: P1}]},
         hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1, source: CRM_SETTING}, {id: K3, sfa: A2}, {id: K4, sfa: A2}],
         contacts: [{id: h1}, {id: h2, sfc: P1}, {id: h3}], assoc: [[h1, K2, primary], [h2, K4, primary]]}}
        ---
        K2 SKIP told_apart rule=R23
        K4 SKIP told_apart rule=R23
        """,
    "R23 R46 it gets one where somebody asks for it by hand": """
        {resolutions: [{account: A1, company: K1, choice: pair}], old: [A1], settings: {manual_sync: [K2]},
         hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}}
        ---
        K2 CREATE_ACCOUNT manual_sync
        """,
    "R23 R14 it may still be the company of another account": """
        {resolutions: [{account: A1, company: K1, choice: pair}], old: [A1], new: [A2], shared: {A2: {K2: 1}},
         hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}}
        ---
        A2 LINK shared_contacts with=K2
        """,
    "R47 one person in common points at an account, however many pair by themselves": """
        {settings: {manual_sync: [K1, K2, K3, K4], min_shared_contacts: 2}, old: [A1, A3], new: [A2], aged: [K1, K2, K3, K4],
         shared: {A1: {K1: 2, K2: 1}, A2: {K3: 1}, A3: {K4: 1}}, sf: {contacts: [{Id: P9, AccountId: A2}]},
         hs: {contacts: [{id: h9, sfc: P9}], assoc: [[h9, K4]]}}
        ---
        A1 SKIP preexisting_untouched
        A3 SKIP preexisting_untouched
        A2 WAIT account_in_review
        K1 REVIEW tie_between_companies rule=R47
        K2 REVIEW tie_between_companies rule=R47
        K3 REVIEW tie_between_companies rule=R47
        K4 REVIEW tie_between_accounts rule=R47
        """,
    "R45 R46 a company asked for by hand waits where one of its people is the account's under review": """
        {settings: {manual_sync: [K3]}, old: [A1], aged: [K3], shared: {A1: {K3: 1}},
         hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}}
        ---
        A1 REVIEW account_id_on_two_companies
        K3 WAIT account_in_review
        """,
    "R34 its people's account has a company, although we cannot see which": """
        {old: [A1], links: [{account: A1, company: K9}], fresh: [K1], shared: {A1: {K1: 1}}}
        ---
        K1 REVIEW contacts_already_represented
        """,
    "R33 U4 read strictly, a listed person who is nobody counts where new people become contacts": """
        {settings: {inclusion_list: [h1], strict_projection: true}, fresh: [K1], hs: {contacts: [{id: h1}],
         assoc: [[h1, K1, primary]]}}
        ---
        K1 CREATE_ACCOUNT on_inclusion_list
        """,
    "R33 U4 but not where they become leads": """
        {settings: {inclusion_list: [h1], strict_projection: true, default_object: Lead}, fresh: [K1],
         hs: {contacts: [{id: h1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R30 a wait comes before the age, the age before what forbids": """
        {old: [A1], aged: [K1, K2, K3], shared: {A1: {K1: 1}}, sf: {leads: [{Id: L1}]},
         hs: {contacts: [{id: h1, sfl: L1}], assoc: [[h1, K3, primary]]}}
        ---
        A1 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A1 rule=R44
        K2 SKIP preexisting_company
        K3 SKIP preexisting_company
        """,
    "R30 nobody there comes before leads only, leads only before the list": """
        {settings: {inclusion_list: [h2]}, fresh: [K1, K2], sf: {leads: [{Id: L1}]},
         hs: {contacts: [{id: h1, sfl: L1}, {id: h2}], assoc: [[h1, K2, primary]]}}
        ---
        K1 SKIP no_contacts
        K2 SKIP all_contacts_are_leads
        """,
    "R30 what allows comes before the question whose people they are": """
        {old: [A1], hs: {companies: [{id: K1, sfa: A1}, {id: K2, source: CRM_SETTING}]}, fresh: [K3], shared: {A1: {K2: 1, K3: 1}}}
        ---
        K2 CREATE_ACCOUNT auto_created_and_default_contact
        K3 REVIEW contacts_already_represented with=K1
        """,
    "R43 asked for, an old company is as good as a new one": """
        {settings: {backfill_companies: true, inclusion_list: [h1]}, aged: [K1, K2], hs: {contacts: [{id: h1}], assoc: [[h1, K1]]}}
        ---
        K1 CREATE_ACCOUNT on_inclusion_list
        K2 SKIP no_contacts
        """,
    "R43 made at the very moment of the switch-on is new": """
        {hs: {companies: [{id: K1, created: 2026-01-10}]}}
        ---
        K1 SKIP no_contacts
        """,
    "R40 an empty list blocks everything automatic": """
        {settings: {inclusion_list: []}, sf: {contacts: [{Id: P1}]},
         hs: {companies: [{id: K1, source: CRM_SETTING}], contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP none_on_inclusion_list
        """,
    "R32 comes before R33": """
        {settings: {inclusion_list: [h1]}, fresh: [K1], sf: {contacts: [{Id: P1}]},
         hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 CREATE_ACCOUNT private_contact attach=P1
        """,
    "R41 a private contact goes to its primary company's account alone": """
        {fresh: [K1, K2], sf: {contacts: [{Id: P1}]},
         hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary], [h1, K2]]}}
        ---
        K1 CREATE_ACCOUNT private_contact attach=P1
        K2 CREATE_ACCOUNT private_contact
        """,
    "R41 nor is anybody whose account only cannot be seen": """
        {fresh: [K1], sf: {contacts: [{Id: P1}, {Id: P2, AccountId: A9}]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P2}], assoc: [[h1, K1, primary], [h2, K1, primary]]}}
        ---
        K1 CREATE_ACCOUNT private_contact attach=P1
        """,
    "R41 nobody is moved where the team does not want that": """
        {settings: {attach_private_contacts: false}, fresh: [K1], sf: {contacts: [{Id: P1}]},
         hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 CREATE_ACCOUNT private_contact
        """,
    "R41 without a primary company it is attached to none, and reported": """
        {fresh: [K1], sf: {contacts: [{Id: P1}]}, hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1]]}}
        ---
        K1 CREATE_ACCOUNT private_contact warn=private_contact_not_attached
        """,
    "R32 an account that cannot be seen does not make a contact private": """
        {fresh: [K1], sf: {contacts: [{Id: P1, AccountId: A9}]},
         hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R34 represented by a pair of this run": """
        {new: [A1], aged: [K1], fresh: [K2], shared: {A1: {K1: 2, K2: 1}}}
        ---
        A1 LINK shared_contacts with=K1 runner_up=K2
        K2 REVIEW contacts_already_represented with=K1
        """,
    "R34 represented by an account that is created as a company in this run": """
        {settings: {on_tie: create}, new: [A1], fresh: [K1, K2], shared: {A1: {K1: 1, K2: 1}}}
        ---
        A1 CREATE_COMPANY created_on_tie
        K1 REVIEW contacts_already_represented
        K2 REVIEW contacts_already_represented
        """,
    "R34 asks only where no list is configured": """
        {settings: {inclusion_list: [sA1K21], strict_projection: true, default_object: Lead}, old: [A1],
         hs: {companies: [{id: K1, sfa: A1}]}, fresh: [K2], shared: {A1: {K2: 1}}}
        ---
        K2 CREATE_ACCOUNT on_inclusion_list
        """,
    "R34 R36 with a list nobody is asked whose people they are, even where nobody on it counts": """
        {settings: {inclusion_list: [h1], strict_projection: true, default_object: Lead}, old: [A1],
         hs: {companies: [{id: K1, sfa: A1}], contacts: [{id: h1}], assoc: [[h1, K2]]}, fresh: [K2], shared: {A1: {K2: 1}}}
        ---
        K2 SKIP no_creation_rule
        """,
    "R33 U4a U4b with a list, everybody is not meant": """
        {settings: {inclusion_list: [h1], no_list_means: everybody_listed, strict_projection: true}, fresh: [K1],
         sf: {leads: [{Id: L1}]}, hs: {contacts: [{id: h1, sfl: L1}, {id: h2}], assoc: [[h1, K1], [h2, K1]]}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R36 a person of a deleted account is neither represented nor waited for": """
        {fresh: [K1], sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]}, shared: {A1: {K1: 1}}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R43 an unknown date counts as new": """
        {hs: {companies: [{id: K1}], contacts: [{id: h1}], assoc: [[h1, K1]]}, settings: {inclusion_list: [h1]}}
        ---
        K1 CREATE_ACCOUNT on_inclusion_list
        """,
    "R44 comes before age and before R45": """
        {new: [A1], old: [A2], aged: [K1, K2], shared: {A1: {K1: 2, K2: 2}, A2: {K1: 1}}}
        ---
        A1 REVIEW tie_between_companies
        A2 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A2
        K2 WAIT account_in_review
        """,
    "R44 names the account with most people, then the smaller id": """
        {old: [A1, A2, A3, A10], fresh: [K1, K2], shared: {A1: {K1: 1}, A2: {K1: 2}, A10: {K2: 1}, A3: {K2: 1}}}
        ---
        A1 SKIP preexisting_untouched
        A2 SKIP preexisting_untouched
        A3 SKIP preexisting_untouched
        A10 SKIP preexisting_untouched
        K1 WAIT waiting_for_account waiting_for=A2
        K2 WAIT waiting_for_account waiting_for=A3
        """,
    "U4b no list may mean everybody": """
        {settings: {no_list_means: everybody_listed}, fresh: [K1, K2], hs: {contacts: [{id: h1}], assoc: [[h1, K1]]}}
        ---
        K1 CREATE_ACCOUNT on_inclusion_list
        K2 SKIP no_contacts
        """,
    "U4a the strict projection asks what the person would become": """
        {settings: {inclusion_list: [h1], strict_projection: true, default_object: Lead}, fresh: [K1],
         hs: {contacts: [{id: h1}], assoc: [[h1, K1]]}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R75 a deleted account is said before the age": """
        {sf: {accounts: [{Id: A1, Created: 2024-01-01, Deleted: true}]},
         hs: {companies: [{id: K1, created: 2020-01-01, sfa: A1}]}}
        ---
        K1 SKIP account_deleted
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_creation(case: str):
    check(case)
