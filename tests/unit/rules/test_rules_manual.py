"""Companies asked for by hand whose question is still open stay a question until somebody answers (R46, R47, ADR 14)."""

from dataclasses import replace

import pandas as pd
import pytest

from accord.rules import conclude, study
from accord.rules.candidates import in_review
from accord.worlds.decisions import world_decisions
from tiny_worlds import read_short

pytestmark = pytest.mark.rule("R47")

ACCOUNTS, COMPANIES = ("REVIEW", "tie_between_accounts"), ("REVIEW", "tie_between_companies")
UNTOUCHED = ("SKIP", "preexisting_untouched")
CASES = {
    "one account is left to point at": (
        "{old: [A1], aged: [K1, K2], shared: {A1: {K1: 1}}}",
        {"K1": "tie_between_accounts"},
        {"K1": ACCOUNTS, "K2": ("SKIP", "preexisting_company")},
    ),
    "one company is left that points": (
        "{old: [A1], aged: [K1, K2], shared: {A1: {K2: 1}}}",
        {"K2": "tie_between_companies"},
        {"K1": ("SKIP", "preexisting_company"), "K2": COMPANIES},
    ),
    "nobody is left to point at": ("{aged: [K1]}", {"K1": "tie_between_accounts"}, {"K1": ACCOUNTS}),
    "nobody is left that points": ("{aged: [K1]}", {"K1": "tie_between_companies"}, {"K1": COMPANIES}),
    "the question that is asked first is the one between accounts": (
        "{old: [A1, A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}}}",
        {"K1": "tie_between_companies"},
        {"K1": ACCOUNTS},
    ),
    "a company that is paired by now is none": (
        "{old: [A1, A2], aged: [K1], links: [{account: A1, company: K1}]}",
        {"K1": "tie_between_accounts"},
        {},
    ),
    "nor is one that was archived": (
        "{old: [A1], hs: {companies: [{id: K1, archived: true}]}}",
        {"K1": "tie_between_companies"},
        {},
    ),
    "nor one that two companies' trouble closes": (
        "{old: [A1], hs: {companies: [{id: K1, sfa: A1}, {id: K2, sfa: A1}]}}",
        {"K1": "tie_between_companies"},
        {"A1": ("REVIEW", "account_id_on_two_companies")},
    ),
    "nor one whose account is not seen": (
        "{old: [A1], hs: {companies: [{id: K1, created: 2024-01-01, sfa: A9}]}, aged: [K2], shared: {A1: {K1: 1}}}",
        {"K1": "tie_between_accounts", "K2": "tie_between_companies"},
        {"K1": ("SKIP", "account_not_visible"), "K2": COMPANIES},
    ),
    "nor one of which a person said whose it is": (
        "{old: [A1, A2], aged: [K1], shared: {A1: {K1: 1}, A2: {K1: 1}},"
        " resolutions: [{account: A1, company: K1, choice: pair}]}",
        {"K1": "tie_between_accounts"},
        {"A1": ("LINK", "review_resolved")},
    ),
    "nor does the unseen account's company keep others waiting": (
        "{new: [A1], hs: {companies: [{id: K1, created: 2024-01-01, sfa: A9}]}, shared: {A1: {K1: 1}}}",
        {"K1": "tie_between_accounts"},
        {"A1": ("CREATE_COMPANY", "no_matching_company"), "K1": ("SKIP", "account_not_visible")},
    ),
    "an account that it points at is not free for another request": (
        "{old: [A1], aged: [K1, K2], shared: {A1: {K1: 1, K2: 1}}, settings: {manual_sync: [K2]}}",
        {"K1": "tie_between_accounts"},
        {"K1": ACCOUNTS, "K2": COMPANIES},
    ),
    "nor one between companies that shall have an account of its own": (
        "{old: [A1], aged: [K1], shared: {A1: {K1: 1}}, resolutions: [{company: K1, choice: create}]}",
        {"K1": "tie_between_companies"},
        {"K1": ("CREATE_ACCOUNT", "review_resolved")},
    ),
    "nor one that shall have an account of its own": (
        "{old: [A1], aged: [K1], shared: {A1: {K1: 1}}, resolutions: [{company: K1, choice: create}]}",
        {"K1": "tie_between_accounts"},
        {"K1": ("CREATE_ACCOUNT", "review_resolved")},
    ),
}


@pytest.mark.parametrize(("world", "asked", "expected"), CASES.values(), ids=CASES.keys())
def test_an_open_question_stays_one(world, asked, expected):
    snapshot, policy, names = read_short(world)
    open_ones = pd.DataFrame(
        {
            "account_key": [-1] * len(asked),
            "company_key": [names.companies.key(short) for short in asked],
            "choice": list(asked.values()),
        }
    )
    resolutions = pd.concat([snapshot.resolutions, open_ones], ignore_index=True)
    case = study(replace(snapshot, resolutions=resolutions), policy)
    plan = conclude(case, snapshot.field_values)
    found = {row["target"]: (row["do"], row["reason"]) for row in world_decisions(plan, names)}
    assert {target: said for target, said in found.items() if said != UNTOUCHED} == expected
    under_review = {names.companies.short(key) for key in case.records.companies.key[in_review(case)[1]]}
    assert under_review == {target for target, said in expected.items() if said in {ACCOUNTS, COMPANIES}}
