"""What a person who answers a review chooses from: who may be one, by whom, and who is asked about (R14, R18, R45, R78)."""

import pytest

from accord import rules
from accord.rules.candidates import candidates, in_review, people_between
from tiny_worlds import read_short

WORLD = """
    {new: [A1, A2], old: [A3, A4],
     sf: {accounts: [{Id: A5, Created: 2024-01-01, OriginKey: K9}, {Id: A7, Created: 2024-01-01, Deleted: true}]},
     hs: {companies: [{id: K4, created: 2024-01-01, sfa: A4}, {id: K5, created: 2024-01-01, sfa: A4},
                      {id: K6, created: 2024-01-01, sfa: A7}, {id: K7, archived: true, sfa: A1},
                      {id: K8, created: 2024-01-01, sfa: A9}]},
     aged: [K1, K2, K3],
     shared: {A1: {K1: 3/1, K2: 1/0}, A2: {K1: 1, K2: 2/2, K3: 1/0}, A3: {K2: 1}},
     links: [{account: A1, company: K3}, {account: A3, company: K1}],
     resolutions: [{account: A1, company: K2, choice: apart}]}
"""


def test_candidates_are_live_and_share_people_or_are_said_to_be_one():
    """A1 is K3's and A3 is K1's; K6 names a deleted account, K7 is archived, A9 and K9 are not seen."""
    snapshot, policy, names = read_short(WORLD)

    found = candidates(rules.study(snapshot, policy), snapshot.pairs)

    assert list(found.columns) == ["account_key", "company_key", "people", "primaries", "is_stated", "is_free"]
    rows = [
        (names.accounts.short(row.account_key), names.companies.short(row.company_key), *row[3:])
        for row in found.itertuples()
    ]
    assert rows == [
        ("A1", "K1", 3, 1, False, False),
        ("A1", "K3", 0, 0, True, True),
        ("A2", "K1", 1, 1, False, False),
        ("A2", "K2", 2, 2, False, True),
        ("A2", "K3", 1, 0, False, False),
        ("A3", "K1", 0, 0, True, True),
        ("A3", "K2", 1, 1, False, False),
        ("A4", "K4", 0, 0, True, True),
        ("A4", "K5", 0, 0, True, True),
    ]


PEOPLE = """
    {new: [A1, A2, A3], aged: [K1, K2, K3], shared: {A1: {K1: 1, K2: 1, K3: 1}, A2: {K1: 1}, A3: {K1: 1}},
     sf: {contacts: [{Id: P1, AccountId: A1, Email: p1@a.test}, {Id: P2, AccountId: A1, Email: p2@a.test}]},
     hs: {contacts: [{id: h1, email: p1@a.test}, {id: h2, email: p2@a.test}, {id: h3, email: p3@a.test}],
          assoc: [[h1, K1], [h2, K1, primary], [h3, K1, primary]]}}
"""


def test_people_between_two_records_stand_with_the_primary_ones_first():
    snapshot, policy, names = read_short(PEOPLE)
    case = rules.study(snapshot, policy)

    found = people_between(case, names.accounts.key("A1"), names.companies.key("K1"))

    assert list(found.columns) == ["salesforce_contact_key", "hubspot_contact_key", "kind", "is_primary"]
    assert found.index.tolist() == [0, 1, 2]
    rows = [
        (names.contacts.short(row.salesforce_contact_key), names.persons.short(row.hubspot_contact_key), *row[3:])
        for row in found.itertuples()
    ]
    assert set(rows[:2]) == {("P2", "h2", "email", True), ("pA1K11", "sA1K11", "id", True)}
    assert rows[2:] == [("P1", "h1", "email", False)]
    assert found["hubspot_contact_key"][:2].is_monotonic_increasing


@pytest.mark.parametrize("which", ["account", "company"])
@pytest.mark.parametrize("beyond", [-1, 1])
def test_nobody_stands_between_records_that_are_not_there(which, beyond):
    snapshot, policy, names = read_short(PEOPLE)
    case = rules.study(snapshot, policy)
    keys = {"account": names.accounts.key("A1"), "company": names.companies.key("K1")}
    known = {"account": case.records.accounts.key, "company": case.records.companies.key}[which]
    keys[which] = int(known.min() - 1 if beyond < 0 else known.max() + 1)
    assert len(people_between(case, keys["account"], keys["company"])) == 0


@pytest.mark.parametrize(
    ("world", "accounts", "companies"),
    [
        ("{new: [A1], aged: [K1], shared: {A1: {K1: 1}}}", [], []),
        ("{new: [A1], aged: [K1, K2], shared: {A1: {K1: 1, K2: 1}}}", ["A1"], []),
        ("{old: [A1], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}}", ["A1"], []),
        (
            "{sf: {accounts: [{Id: A1, Created: 2024-01-01, OriginKey: K1}, {Id: A2, Created: 2024-01-01, OriginKey: K1}]},"
            " aged: [K1]}",
            ["A1", "A2"],
            ["K1"],
        ),
        ("{old: [A1, A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}, settings: {manual_sync: [K1]}}", [], ["K1"]),
        (
            "{old: [A1], aged: [K1, K2], links: [{account: A1, company: K1}, {account: A9, company: K2}],"
            " sf: {accounts: [{Id: A9, Created: 2024-01-01, Deleted: true, Master: A1}]}}",
            [],
            ["K2"],
        ),
    ],
)
def test_who_is_asked_about(world, accounts, companies):
    snapshot, policy, names = read_short(world)
    case = rules.study(snapshot, policy)
    of_accounts, of_companies = in_review(case)
    assert sorted(names.accounts.short(key) for key in case.records.accounts.key[of_accounts]) == accounts
    assert sorted(names.companies.short(key) for key in case.records.companies.key[of_companies]) == companies
