"""R93: whom a decision rests on, and whom it moves, row by row."""

import pytest

from accord.rules import decide
from accord.rules.reading import read_records
from accord.sandbox.world_parse import world_of
from accord.worlds.frames import snapshot_of
from tiny_worlds import grown, read_short

CASES = {
    "R93 a match names the people of both sides and how they were found": """
        {new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: A1, Email: b@x.test}]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2, email: b@x.test}], assoc: [[h1, K1, primary], [h2, K1]]}}
        ---
        A1 evidence P1 h1 id primary
        A1 evidence P2 h2 email other
        """,
    "R93 two HubSpot contacts of one Salesforce contact are both named, and each once": """
        {new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1}]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P1}], assoc: [[h1, K1], [h1, K1, primary], [h2, K1]]}}
        ---
        A1 evidence P1 h1 id primary
        A1 evidence P1 h2 id other
        """,
    "R93 people at another company are no evidence for this one": """
        {new: [A1], aged: [K1, K2], shared: {A1: {K1: 2, K2: 1}}}
        ---
        A1 evidence pA1K11 sA1K11 id primary
        A1 evidence pA1K12 sA1K12 id primary
        """,
    "R18 R93 a tie names the people at all tied companies, and no others": """
        {new: [A1], aged: [K1, K2, K3], shared: {A1: {K1: 1, K2: 1, K3: 1/0}}}
        ---
        A1 evidence pA1K11 sA1K11 id primary
        A1 evidence pA1K21 sA1K21 id primary
        """,
    "R18 R93 who sits at two tied companies is named once, as primary if at one of them": """
        {new: [A1], aged: [K1, K2], sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: A1}]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P2}],
              assoc: [[h1, K1], [h1, K2, primary], [h2, K1, primary], [h2, K2]]}}
        ---
        A1 evidence P1 h1 id primary
        A1 evidence P2 h2 id primary
        """,
    "R20 R93 each account of a tie names its own people": """
        {new: [A1, A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        A1 evidence pA1K11 sA1K11 id primary
        A2 evidence pA2K11 sA2K11 id primary
        """,
    "R19b R44 R93 who waits names the people at the company meant, and the company those of the account": """
        {new: [A1], old: [A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}}
        ---
        A1 evidence pA1K11 sA1K11 id primary
        K1 evidence pA2K11 sA2K11 id primary
        """,
    "R32 R41 R93 the private contacts are the evidence, and those at their primary company are attached": """
        {fresh: [K1], sf: {contacts: [{Id: P1}, {Id: P2}]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P2}, {id: h3}], assoc: [[h1, K1, primary], [h2, K1], [h3, K1]]}}
        ---
        K1 attach P1 h1 id primary
        K1 evidence P1 h1 id primary
        K1 evidence P2 h2 id other
        """,
    "R41 R93 of two HubSpot contacts of one private contact one is enough": """
        {fresh: [K1], sf: {contacts: [{Id: P1}]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P1}], assoc: [[h1, K1, primary], [h2, K1, primary]]}}
        ---
        K1 attach P1 h1 id primary
        K1 evidence P1 h1 id primary
        K1 evidence P1 h2 id primary
        """,
    "R33 R93 those on the list are the evidence": """
        {settings: {inclusion_list: [h1]}, fresh: [K1], hs: {contacts: [{id: h1}, {id: h2}], assoc: [[h1, K1], [h2, K1]]}}
        ---
        K1 evidence - h1 id other
        """,
    "R43 R93 a company that stays none names nobody": """
        {aged: [K1], sf: {contacts: [{Id: P1}]}, settings: {inclusion_list: [h2]},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2}], assoc: [[h1, K1, primary], [h2, K1, primary]]}}
        ---
        """,
    "R32 R93 a listed person beside the private contact is not why": """
        {fresh: [K1], sf: {contacts: [{Id: P1}]}, settings: {inclusion_list: [h2], attach_private_contacts: false},
         hs: {contacts: [{id: h1, sfc: P1}, {id: h2}], assoc: [[h1, K1, primary], [h2, K1, primary]]}}
        ---
        K1 evidence P1 h1 id primary
        """,
    "R34 R93 those of the account that has a company are the evidence": """
        {old: [A1, A2], hs: {companies: [{id: K1, sfa: A1}]}, fresh: [K2], sf: {accounts: [{Id: A3, Created: 2024-01-01, Deleted: true}]},
         shared: {A1: {K2: 1}, A3: {K2: 1}}}
        ---
        K2 evidence pA1K21 sA1K21 id primary
        """,
    "R13b R93 who joins the company is named, archived people and people with a company are not": """
        {new: [A1], aged: [K2], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A1}, {Id: P3, AccountId: A1}]},
         hs: {contacts: [{id: h1, email: a@x.test}, {id: h2, sfc: P2}, {id: h3, sfc: P3, archived: true}],
              assoc: [[h2, K2]]}, settings: {min_shared_contacts: 2}}
        ---
        A1 associate P1 h1 email primary
        """,
    "R13b an archived company is none": """
        {new: [A1], sf: {contacts: [{Id: P1, AccountId: A1}]},
         hs: {companies: [{id: K2, archived: true}], contacts: [{id: h1, sfc: P1}], assoc: [[h1, K2, primary]]}}
        ---
        A1 associate P1 h1 id primary
        """,
    "R93 a pair that is only updated names nobody": """
        {new: [A1], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 1}}}
        ---
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_people_of_a_decision(case: str):
    text, expected = case.split("---")
    snapshot, policy, names = read_short(text)
    rows = decide(snapshot, policy).people
    found = [
        " ".join(
            (
                (names.companies if row.system == "hubspot" else names.accounts).short(row.key),
                row.role,
                names.contacts.short(row.salesforce_contact_key) or "-",
                names.persons.short(row.hubspot_contact_key),
                row.kind,
                "primary" if row.is_primary else "other",
            )
        )
        for row in rows.itertuples()
    ]
    assert sorted(found) == sorted(filter(None, map(str.strip, expected.splitlines())))


@pytest.mark.parametrize(
    ("case", "people", "primaries", "evidence"),
    [
        pytest.param("{new: [A1], aged: [K1], shared: {A1: {K1: 3/1}}}", 3, 1, "id", id="R93 a match"),
        pytest.param(
            "{new: [A1], aged: [K1, K2], shared: {A1: {K1: 2/1, K2: 2/1}}}", 2, 1, "id", id="R18 R93 a tie, at either"
        ),
        pytest.param(
            "{new: [A1, A2], aged: [K1, K2, K3], shared: {A1: {K1: 2, K2: 1, K3: 1}, A2: {K1: 3}}}",
            1,
            1,
            "id",
            id="R18 R93 a tie, not at the company that another account took",
        ),
        pytest.param(
            "{new: [A1, A2, A3], aged: [K1, K2], shared: {A1: {K1: 2/0, K2: 1}, A2: {K1: 2}, A3: {K1: 2}}}",
            1,
            1,
            "id",
            id="R93 a match, not at the company that others tie for",
        ),
        pytest.param(
            "{new: [A1], old: [A2], aged: [K1], shared: {A1: {K1: 2/1}, A2: {K1: 3}}}",
            2,
            1,
            "id",
            id="R19b R93 who waits",
        ),
        pytest.param(
            "{resolutions: [{account: A1, company: K1, choice: pair}], new: [A1], aged: [K1, K2], shared: {A1: {K1: 2, K2: 3}}}",
            2,
            2,
            "id",
            id="R93 an answer rests on the people there are",
        ),
        pytest.param("{new: [A1]}", 0, 0, "", id="R93 nobody behind a creation"),
        pytest.param(
            "{new: [A1], hs: {companies: [{id: K1, sfa: A1}]}, shared: {A1: {K1: 1}}}", 0, 0, "", id="R21 R93 not asked"
        ),
        pytest.param(
            "{new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}, {Id: P2, AccountId: A1}]},"
            " hs: {contacts: [{id: h1, email: a@x.test}, {id: h2, sfc: P2}], assoc: [[h1, K1, primary], [h2, K1]]}}",
            2,
            1,
            "id",
            id="R24 R93 one stored id is enough to say so",
        ),
        pytest.param(
            "{new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}]},"
            " hs: {contacts: [{id: h1, email: a@x.test}], assoc: [[h1, K1, primary]]}}",
            1,
            1,
            "email",
            id="R24 R93 by e-mail alone",
        ),
    ],
)
def test_how_much_a_decision_rests_on(case: str, people: int, primaries: int, evidence: str):
    snapshot, policy, names = read_short(case)
    rows = decide(snapshot, policy).decisions
    [row] = rows[(rows["system"] == "salesforce") & (rows["key"] == names.accounts.key("A1"))].itertuples()
    assert (row.shared_people, row.shared_primaries, row.evidence) == (people, primaries, evidence)


def test_a_company_that_comes_once_a_label_is_one_seat_and_the_primary_one():
    """R91"""
    world = {
        "hs": {
            "companies": [{"id": "K1"}],
            "contacts": [{"id": "h1"}],
            "assoc": [["h1", "K1"], ["h1", "K1", "primary"]],
        }
    }
    snapshot, policy, _ = snapshot_of(world_of(grown(world)))
    seats = read_records(snapshot, policy).seats
    assert (len(seats.company), seats.is_primary.tolist()) == (1, [True])
