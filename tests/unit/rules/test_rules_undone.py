"""Accounts and companies whose pairing or creation somebody undid rest until somebody asks for them again (R104)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from accord.rules import decide
from accord.worlds.decisions import world_decisions
from tiny_worlds import read_short

pytestmark = pytest.mark.rule("R104")

UNDONE = ("SKIP", "pairing_undone")
CASES = {
    "neither people nor a name bring the two together": (
        "{new: [A1], fresh: [K1], shared: {A1: {K1: 2}}}",
        {"A1": UNDONE, "K1": UNDONE},
    ),
    "nor does a key that the kept company still carries": (
        "{new: [A1], hs: {companies: [{id: K1, created: 2026-01-11, sfa: A1}]}}",
        {"A1": UNDONE, "K1": UNDONE},
    ),
    "nor a pair that is remembered as broken, though both records live": (
        "{new: [A1], fresh: [K1], links: [{account: A1, company: K1, active: false}]}",
        {"A1": UNDONE, "K1": UNDONE},
    ),
    "nor does another company, or a new one": (
        "{new: [A1], fresh: [K1, K2], shared: {A1: {K1: 1, K2: 3}}}",
        {"A1": UNDONE, "K1": UNDONE, "K2": ("SKIP", "no_creation_rule")},
    ),
    "an old account that nobody edited is not even told of": (
        "{old: [A1], aged: [K1], shared: {A1: {K1: 2}}}",
        {"K1": UNDONE},
    ),
    "an old account that somebody edits is told of": (
        "{sf: {accounts: [{Id: A1, Created: 2024-03-01, Modified: 2026-01-11}]}, aged: [K1]}",
        {"A1": UNDONE, "K1": UNDONE},
    ),
    "so is a new one that nobody but Accord wrote to": (
        "{sf: {accounts: [{Id: A1, Created: 2026-01-11, By: 005ACCORD}]}, fresh: [K1],"
        " settings: {pipeline_user: 005ACCORD}}",
        {"A1": UNDONE, "K1": UNDONE},
    ),
    "another account's people may pair the company, as one whose account was deleted (R75)": (
        "{new: [A1, A2], fresh: [K1], shared: {A1: {K1: 2}, A2: {K1: 1}}}",
        {"A1": UNDONE, "A2": ("LINK", "shared_contacts")},
    ),
    "an import lifts it": (
        "{new: [A1], fresh: [K1], shared: {A1: {K1: 2}}, settings: {import_accounts: [A1]}}",
        {"A1": ("LINK", "shared_contacts")},
    ),
    "so does a request for the company": (
        "{new: [A1], fresh: [K1], shared: {A1: {K1: 2}}, settings: {manual_sync: [K1]}}",
        {"A1": ("LINK", "shared_contacts")},
    ),
    "once asked for, a company that kept its key is paired and not made again": (
        "{new: [A1], hs: {companies: [{id: K1, created: 2026-01-11, sfa: A1}]}, settings: {import_accounts: [A1]}}",
        {"A1": ("UPDATE", "already_paired")},
    ),
    "a request for another company of its people pairs it with that one (R47)": (
        "{new: [A1], fresh: [K1, K2], shared: {A1: {K1: 1, K2: 1}}, settings: {manual_sync: [K2]}}",
        {"A1": ("LINK", "shared_contacts"), "K1": UNDONE},
    ),
    "a person account rests as well": (
        "{sf: {accounts: [{Id: A1, Created: 2026-01-11, Person: true}]}, fresh: [K1]}",
        {"A1": UNDONE, "K1": UNDONE},
    ),
    "whose people do not count for a request either (R47)": (
        "{sf: {accounts: [{Id: A1, Created: 2026-01-11, Person: true}]}, fresh: [K1, K2], shared: {A1: {K2: 1}},"
        " settings: {manual_sync: [K2]}}",
        {"A1": UNDONE, "K1": UNDONE, "K2": ("CREATE_ACCOUNT", "manual_sync")},
    ),
    "an account that has another company by now is not pointed at by a request (R47)": (
        "{new: [A1], fresh: [K1, K2, K3], links: [{account: A1, company: K2}], shared: {A1: {K3: 1}},"
        " settings: {manual_sync: [K3]}}",
        {"A1": ("UPDATE", "already_paired"), "K1": UNDONE, "K3": ("CREATE_ACCOUNT", "manual_sync")},
    ),
    "an archived company stays undone rather than deleted on purpose": (
        "{new: [A1], hs: {companies: [{id: K1, created: 2026-01-11, sfa: A1, archived: true}]}}",
        {"A1": UNDONE},
    ),
    "the survivor of a merge does not rest, and does not take the undone company over": (
        "{new: [A2], sf: {accounts: [{Id: A1, Created: 2026-01-11, Deleted: true, Master: A2}]}, fresh: [K1],"
        " links: [{account: A1, company: K1, active: false}]}",
        {"A2": ("CREATE_COMPANY", "no_matching_company"), "K1": UNDONE},
    ),
}


@pytest.mark.parametrize(("world", "expected"), CASES.values(), ids=CASES.keys())
def test_what_was_undone_rests(world, expected):
    snapshot, policy, names = read_short(world)
    undone = {"account_key": [names.accounts.key("A1")], "company_key": [names.companies.key("K1")]}
    plan = decide(replace(snapshot, undone=pd.DataFrame(undone, dtype="int64")), policy)
    assert {row["target"]: (row["do"], row["reason"]) for row in world_decisions(plan, names)} == expected
    assert set(plan.decisions.loc[plan.decisions["reason"] == "pairing_undone", "rule"]) <= {"R104"}


@pytest.mark.parametrize(
    ("world", "undone", "expected"),
    [
        ("{new: [A1, A2], aged: [K1, K2], shared: {A1: {K2: 1}}}", ("A2", "K9"), {"A1": "shared_contacts", "A2": "pairing_undone"}),
        ("{new: [A1], hs: {companies: [{id: K1, created: 2024-01-01, sfa: A9}]}}", ("A9", "K1"), {"K1": "account_not_visible"}),
        ("{fresh: [K1]}", ("A9", "K1"), {"K1": "pairing_undone"}),
    ],
)  # fmt: skip
def test_what_was_undone_with_somebody_unseen_rests_and_says_nothing_of_others(world, undone, expected):
    snapshot, policy, names = read_short(world[:-1] + ", resolutions: [{account: A9, company: K9, choice: apart}]}")
    pair = {"account_key": [names.accounts.key(undone[0])], "company_key": [names.companies.key(undone[1])]}
    plan = decide(replace(snapshot, undone=pd.DataFrame(pair, dtype="int64")), policy)
    found = {row["target"]: row["reason"] for row in world_decisions(plan, names)}
    assert {target: found.get(target) for target in expected} == expected
