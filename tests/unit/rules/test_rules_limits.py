"""R97: how much of a CRM a plan writes, counted by hand: the creation of A1 is held, or it is not."""

from dataclasses import replace

import pytest

from accord.rules import decide
from tiny_worlds import decided, read_short

CASES = {
    "R97 HubSpot gets one record for the one that it has": """
        {new: [A1], old: [A2, A3], aged: [K1]}
        held
        """,
    "R97 exactly the share is still allowed": """
        {new: [A1], old: [A2], aged: [K1, K2]}
        free
        """,
    "R97 archived companies are no base": """
        {new: [A1], old: [A2], aged: [K1], hs: {companies: [{id: K2, archived: true}]}}
        held
        """,
    "R97 Salesforce gets the key of each account that becomes a company": """
        {new: [A1, A2, A3], old: [A4], aged: [K1, K2, K3, K4, K5, K6, K7]}
        held
        """,
    "R97 deleted accounts are no base": """
        {new: [A1, A3], old: [A2], sf: {accounts: [{Id: A4, Created: 2024-01-01, Deleted: true}]}, aged: [K1, K2, K3, K4, K5, K6]}
        held
        """,
    "R97 a company that becomes an account counts in Salesforce, too": """
        {settings: {manual_sync: [K1]}, new: [A1], old: [A2, A3], aged: [K1, K2, K3, K4, K5]}
        held
        """,
    "R97 a pairing writes its key on both sides": """
        {new: [A1, A2], old: [A3], aged: [K1, K2, K3, K4], shared: {A2: {K1: 1}}}
        held
        """,
    "R97 a pairing counts in HubSpot where that is small": """
        {new: [A1, A2], old: [A3, A4, A5, A6], aged: [K1, K2, K3], shared: {A2: {K1: 1}}}
        held
        """,
    "R97 a stage that moves counts": """
        {new: [A1], old: [A2, A3], aged: [K1, K2, K3], hs: {contacts: [{id: h1, was: null, stage: lead}], assoc: [[h1, K1, primary]]}}
        held
        """,
    "R97 a pairing and a stage of one company count once": """
        {new: [A1, A2], old: [A3, A4], aged: [K1, K2, K3, K4], shared: {A2: {K1: 1}},
         hs: {contacts: [{id: h1, was: null, stage: lead}], assoc: [[h1, K1, primary]]}}
        free
        """,
    "R97 a mapped field that is written counts, on its side alone": """
        {new: [A1], old: [A2], aged: [K1, K2, K3], links: [{account: A2, company: K1}],
         fields: [{name: f1, rule: prefer_salesforce, base: a, sf: b, hs: a}]}
        held
        """,
    "R97 a mapped field that is written in Salesforce does not count in HubSpot": """
        {new: [A1], old: [A2, A3, A4], aged: [K1, K2], links: [{account: A2, company: K1}],
         fields: [{name: f1, rule: prefer_salesforce, base: null, sf: null, hs: a}]}
        free
        """,
    "R97 a mapped field that is written in Salesforce counts there": """
        {new: [A1], old: [A2, A3], aged: [K1, K2, K3, K4, K5], links: [{account: A2, company: K1}],
         fields: [{name: f1, rule: prefer_salesforce, base: null, sf: null, hs: a}]}
        held
        """,
    "R97 a pair that moves to the survivor of a merge counts like a new one": """
        {new: [A1], old: [A2, A3], sf: {accounts: [{Id: A9, Created: 2024-01-01, Deleted: true, Master: A2}]},
         links: [{account: A9, company: K1}], aged: [K1, K2, K3, K4, K5]}
        held
        """,
    "R97 a company that becomes an account gets the key of it": """
        {settings: {manual_sync: [K1]}, new: [A1], old: [A2, A3, A4, A5, A6], aged: [K1, K2, K3]}
        held
        """,
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_plan_that_writes_more_than_half(case: str):
    text, _, expected = case.rstrip().rpartition("\n")
    text = (
        text.strip().replace("{", "{settings: {max_changed_share: 0.5}, ", 1)
        if "settings" not in text
        else (text.replace("settings: {", "settings: {max_changed_share: 0.5, "))
    )
    [row] = [row for row in decided(text) if row["target"] == "A1"]
    assert row["do"] == {"held": "HOLD", "free": "CREATE_COMPANY"}[expected.strip()]


def test_without_a_creation_nothing_is_held():
    """R97 holds creations; pairings go through, however many."""
    [row] = decided("{settings: {max_changed_share: 0.1}, new: [A1], aged: [K1], shared: {A1: {K1: 1}}}")
    assert row["do"] == "LINK"


@pytest.mark.parametrize(("repeats", "expected"), [(0, "HOLD"), (2, "CREATE_COMPANY")])
def test_a_field_that_is_not_sent_once_more_counts_as_no_write(repeats: int, expected: str):
    """R97, I11: what the loop breaker keeps back changes nothing."""
    snapshot, policy, _ = read_short(
        "{settings: {max_changed_share: 0.5}, new: [A1], old: [A2], aged: [K1, K2, K3],"
        " links: [{account: A2, company: K1}],"
        " fields: [{name: f1, rule: prefer_salesforce, base: a, sf: b, hs: a}]}"
    )
    values = snapshot.field_values.assign(repeats_to_hubspot=repeats)

    plan = decide(replace(snapshot, field_values=values), policy)

    created = plan.decisions[plan.decisions["system"] == "salesforce"]
    assert created["action"].tolist() == [expected]
