"""Whose mapped fields are looked at, and who was paired before a plan (R21, R48, R51, R73, R77)."""

from accord import rules
from tiny_worlds import read_short

WORLD = """
    {new: [A2], old: [A1, A3, A4, A5], aged: [K1, K2, K3], fresh: [K5], shared: {A2: {K2: 1}},
     sf: {accounts: [{Id: A9, Created: 2024-01-01, Deleted: true, Master: A3},
                     {Id: A8, Created: 2024-01-01, Deleted: true, Master: A5}]},
     hs: {companies: [{id: K4, created: 2024-01-01, merged: [K8]}, {id: K6, created: 2024-01-01, merged: [K7]}]},
     links: [{account: A1, company: K1}, {account: A9, company: K3}, {account: A4, company: K8},
             {account: A8, company: K7}],
     settings: {manual_sync: [K1], import_accounts: [A3]}}
"""


def test_pairs_before_and_at_the_end_of_a_plan():
    snapshot, policy, names = read_short(WORLD)
    case = rules.study(snapshot, policy)

    standing, before = rules.standing_pairs(case), rules.known_partners(case)

    found = {
        (names.accounts.short(row.account_key), names.companies.short(row.company_key)): (row.origin, row.is_asked)
        for row in standing.itertuples()
    }
    assert found == {
        ("A1", "K1"): ("known", True),
        ("A2", "K2"): ("linked", False),
        ("A3", "K3"): ("linked", True),
        ("A4", "K4"): ("moved", False),
        ("A5", "K6"): ("linked", False),
    }
    pairs = {
        (names.accounts.short(row.account_key), names.companies.short(row.company_key)) for row in before.itertuples()
    }
    assert pairs == {("A1", "K1"), ("A3", "K3"), ("A4", "K4"), ("A5", "K6")}
