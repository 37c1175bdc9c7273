"""Who is whom (R24, R24b, R25, R26, R80, R85-R92), seen through what it decides."""

import pytest

from tiny_worlds import check

CASES = {
    "R85 R24 e-mails differ by case and blanks": """
        {new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: " ANN@x.test"}]},
         hs: {contacts: [{id: h1, email: "ann@X.test "}], assoc: [[h1, K1, primary]]}}
        ---
        A1 LINK shared_contacts with=K1 evidence=email
        """,
    "R86 several contacts with one e-mail are no evidence": """
        {new: [A1], fresh: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A1, Email: a@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test}], assoc: [[h1, K1, primary]]}}
        ---
        A1 CREATE_COMPANY no_matching_company warn=ambiguous_email
        K1 SKIP no_creation_rule
        """,
    "R24 a contact that somebody stores takes no part and hides nothing": """
        {new: [A1, A2], aged: [K1, K2],
         sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A2, Email: a@x.test}]},
         hs: {contacts: [{id: h1, email: b@x.test, sfc: P1}, {id: h2, email: a@x.test}],
              assoc: [[h1, K1, primary], [h2, K2, primary]]}}
        ---
        A1 LINK shared_contacts with=K1 evidence=id
        A2 LINK shared_contacts with=K2 evidence=email
        """,
    "R24 a stored id that leads nowhere does not fall back to the e-mail": """
        {new: [A1], fresh: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test, sfc: P9}], assoc: [[h1, K1, primary]]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP no_creation_rule
        """,
    "R25 only the paired contact's account has evidence": """
        {new: [A1, A2], aged: [K1],
         sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A2, Email: a@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        A1 LINK shared_contacts with=K1
        A2 CREATE_COMPANY no_matching_company warn=shadow_contact
        """,
    "R26 deleted Salesforce contacts and archived HubSpot contacts are no evidence": """
        {new: [A1], fresh: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Deleted: true}, {Id: P2, AccountId: A1}]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P2, archived: true}],
              assoc: [[h1, K1, primary], [h2, K1, primary]]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP no_creation_rule
        """,
    "R88 R89 a converted lead is its contact; a stored contact id wins over a lead id": """
        {new: [A1, A2], aged: [K1, K2],
         sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: A2}],
              leads: [{Id: L1, ConvertedContactId: P1, ConvertedAccountId: A2}]},
         hs: {contacts: [{id: h1, sfl: L1}, {id: h2, sfl: L1, sfc: P2}], assoc: [[h1, K1, primary], [h2, K2, primary]]}}
        ---
        A1 LINK shared_contacts with=K1 evidence=id
        A2 LINK shared_contacts with=K2
        """,
    "R80 a merged HubSpot contact lives on in its heir": """
        {settings: {default_object: Lead, inclusion_list: [h1]}, new: [A1], aged: [K1], fresh: [K2],
         sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: null}]},
         hs: {contacts: [{id: h1, archived: true, sfc: P2}, {id: h2, sfc: P1, merged: [h1]}], assoc: [[h1, K1, primary], [h1, K2]]}}
        ---
        A1 LINK shared_contacts with=K1 runner_up=K2
        K2 CREATE_ACCOUNT on_inclusion_list
        """,
    "R91 one association comes once per label": """
        {new: [A1], aged: [K1, K2], sf: {contacts: [{Id: P1, AccountId: A1}]},
         hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1], [h1, K1, primary], [h1, K2]]}}
        ---
        A1 LINK shared_contacts with=K1 runner_up=K2
        K2 SKIP preexisting_company
        """,
    "R24b the only lead with the e-mail is the person": """
        {fresh: [K1], sf: {leads: [{Id: L1, Email: a@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test}], assoc: [[h1, K1, primary]]}}
        ---
        K1 SKIP all_contacts_are_leads
        """,
    "R24b of several leads any is a lead; a contact comes before them": """
        {fresh: [K1, K2], settings: {default_object: Lead},
         sf: {leads: [{Id: L1, Email: a@x.test}, {Id: L2, Email: a@x.test}, {Id: L3, Email: b@x.test}],
              contacts: [{Id: P1, AccountId: null, Email: b@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test}, {id: h2, email: b@x.test}], assoc: [[h1, K1, primary], [h2, K2, primary]]}}
        ---
        K1 SKIP all_contacts_are_leads
        K2 CREATE_ACCOUNT private_contact attach=P1
        """,
    "R38 deleted, unseen and gone leads are no leads": """
        {fresh: [K1], sf: {leads: [{Id: L1, Deleted: true}, {Id: L2, ConvertedContactId: P9}]},
         hs: {contacts: [{id: h1, sfl: L1}, {id: h2, sfl: L2}, {id: h3, sfl: L9}],
              assoc: [[h1, K1, primary], [h2, K1, primary], [h3, K1, primary]]}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R24 R88 the contact that a converted lead became is taken, by e-mail too": """
        {new: [A1], aged: [K1, K2], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}], leads: [{Id: L1, ConvertedContactId: P1}]},
         hs: {contacts: [{id: h1, sfl: L1}, {id: h2, email: a@x.test}], assoc: [[h1, K1, primary], [h2, K2, primary]]}}
        ---
        A1 LINK shared_contacts with=K1 evidence=id
        K2 SKIP preexisting_company
        """,
    "R24 R26 what an archived HubSpot contact stores is free": """
        {new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}]},
         hs: {contacts: [{id: h1, sfc: P1, archived: true}, {id: h2, email: a@x.test}], assoc: [[h2, K1, primary]]}}
        ---
        A1 LINK shared_contacts with=K1 evidence=email
        """,
    "R24 R26 R88 nor does a converted lead that an archived contact stores take anybody": """
        {new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}], leads: [{Id: L1, ConvertedContactId: P1}]},
         hs: {contacts: [{id: h1, sfl: L1, archived: true}, {id: h2, email: a@x.test}], assoc: [[h2, K1, primary]]}}
        ---
        A1 LINK shared_contacts with=K1 evidence=email
        """,
    "R24b R26 a lead that an archived contact stores is free": """
        {fresh: [K1], sf: {leads: [{Id: L1, Email: a@x.test}]},
         hs: {contacts: [{id: h1, sfl: L1, archived: true}, {id: h2, email: a@x.test}], assoc: [[h2, K1, primary]]}}
        ---
        K1 SKIP all_contacts_are_leads
        """,
    "R24b deleted, converted and taken leads make nobody a lead": """
        {fresh: [K1], sf: {leads: [{Id: L1, Email: a@x.test, Deleted: true}, {Id: L2, Email: b@x.test, ConvertedContactId: P9},
          {Id: L3, Email: c@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test}, {id: h2, email: b@x.test}, {id: h3, email: c@x.test}, {id: h4, sfl: L3}],
              assoc: [[h1, K1, primary], [h2, K1], [h3, K1]]}}
        ---
        K1 SKIP no_creation_rule
        """,
    "R38 R88 a deleted lead leads to nobody, converted or not": """
        {new: [A1], fresh: [K1], sf: {contacts: [{Id: P1, AccountId: A1}], leads: [{Id: L1, ConvertedContactId: P1, Deleted: true}]},
         hs: {contacts: [{id: h1, sfl: L1}], assoc: [[h1, K1, primary]]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP no_creation_rule
        """,
    "R25 the e-mail on either side of the pair makes a shadow": """
        {new: [A1, A2, A3], aged: [K1],
         sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A2, Email: a@x.test}, {Id: P3, AccountId: A3, Email: b@x.test}]},
         hs: {contacts: [{id: h1, email: b@x.test, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        A1 LINK shared_contacts with=K1
        A2 CREATE_COMPANY no_matching_company warn=shadow_contact
        A3 CREATE_COMPANY no_matching_company warn=shadow_contact
        """,
    "R25 R86 it is said where somebody decides or approves, and nowhere else": """
        {new: [A1, A2], old: [A3, A4], aged: [K1],
         sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A2, Email: a@x.test}, {Id: P3, AccountId: A3, Email: a@x.test},
           {Id: P4, AccountId: A2}, {Id: P5, AccountId: A4, Email: b@x.test}, {Id: P6, AccountId: A4, Email: b@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test, sfc: P1}, {id: h4, sfc: P4}, {id: h5, email: b@x.test}],
              assoc: [[h1, K1, primary], [h4, K1, primary]]}}
        ---
        A1 REVIEW tie_between_accounts
        A2 REVIEW tie_between_accounts warn=shadow_contact
        A3 SKIP preexisting_untouched
        A4 SKIP preexisting_untouched
        K1 WAIT account_in_review
        """,
    "R25 R87 without an e-mail nobody is a shadow": """
        {new: [A1, A2], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: A2}]},
         hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        A1 LINK shared_contacts with=K1
        A2 CREATE_COMPANY no_matching_company
        """,
    "R86 R26 an archived HubSpot contact asks for nobody": """
        {new: [A1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A1, Email: a@x.test}]},
         hs: {contacts: [{id: h1, email: a@x.test, archived: true}]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        """,
    "R82 a contact that was deleted is seen to be, on the list or not": """
        {settings: {inclusion_list: []}, new: [A1], fresh: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Deleted: true}]},
         hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP none_on_inclusion_list
        """,
    "R87 nobody without e-mail is paired by e-mail": """
        {new: [A1], fresh: [K1], sf: {contacts: [{Id: P1, AccountId: A1}]},
         hs: {contacts: [{id: h1}], assoc: [[h1, K1, primary]]}}
        ---
        A1 CREATE_COMPANY no_matching_company
        K1 SKIP no_creation_rule
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_people(case: str):
    check(case)
