"""Which part of a plan a run keeps."""

from __future__ import annotations

import numpy as np
import pandas as pd

from accord.model import columns
from accord.model.ids import NONE
from accord.model.snapshot import Plan
from accord.steps import narrow

ACCOUNT, COMPANY, OTHER = 1, 2, 3


def decision(system, key, action, partner=NONE, **more):
    blank = {name: "" if kind == "str" else NONE for name, kind in columns.DECISIONS.items()}
    return {**blank, "system": system, "key": key, "action": action, "partner_key": partner, "reason": "r", **more}


def plan_of(*rows):
    decisions = columns.conform(pd.DataFrame(list(rows)), columns.DECISIONS, "decisions")
    people = columns.conform(
        pd.DataFrame(
            [
                {"system": r["system"], "key": r["key"], "role": "evidence", "salesforce_contact_key": 9,
                 "hubspot_contact_key": 8, "kind": "id", "is_primary": True}
                for r in rows
            ]
        ),
        columns.PEOPLE,
        "people",
    )  # fmt: skip
    return Plan(decisions, people, columns.empty(columns.FIELD_DECISIONS))


def latest_of(plan):
    return plan.decisions[["system", "key", *narrow.SAYS]]


def test_a_record_keeps_its_own_decision_and_the_one_it_is_partner_of():
    plan = plan_of(
        decision("salesforce", ACCOUNT, "LINK", COMPANY),
        decision("salesforce", OTHER, "SKIP"),
        decision("hubspot", OTHER, "SKIP"),
    )
    kept = narrow.to_records(plan, "hubspot", np.array([COMPANY]))
    assert kept.decisions.key.tolist() == [ACCOUNT]
    assert kept.people.key.tolist() == [ACCOUNT]


def test_a_company_and_an_account_with_one_key_are_two_records():
    plan = plan_of(decision("salesforce", OTHER, "SKIP"), decision("hubspot", OTHER, "SKIP"))
    kept = narrow.to_records(plan, "hubspot", np.array([OTHER]))
    assert kept.decisions.system.tolist() == ["hubspot"]
    assert kept.people.system.tolist() == ["hubspot"]


def test_what_was_said_before_is_not_stored_again():
    plan = plan_of(decision("salesforce", ACCOUNT, "SKIP"), decision("hubspot", COMPANY, "WAIT"))
    assert narrow.to_news(plan, latest_of(plan)).decisions.empty


def test_a_decision_that_writes_is_always_kept():
    plan = plan_of(decision("salesforce", ACCOUNT, "LINK", COMPANY), decision("hubspot", OTHER, "SET_STAGE"))
    assert len(narrow.to_news(plan, latest_of(plan)).decisions) == 2


def test_another_partner_or_reason_is_news():
    before = plan_of(decision("salesforce", ACCOUNT, "UPDATE", COMPANY), decision("hubspot", COMPANY, "WAIT"))
    after = plan_of(
        decision("salesforce", ACCOUNT, "UPDATE", OTHER), decision("hubspot", COMPANY, "WAIT", reason="other")
    )
    assert len(narrow.to_news(after, latest_of(before)).decisions) == 2


def test_a_record_never_decided_before_is_news():
    plan = plan_of(decision("salesforce", ACCOUNT, "SKIP"))
    assert len(narrow.to_news(plan, latest_of(plan).iloc[:0]).decisions) == 1


def test_standing_pairs_in_scope_go_to_postgres_without_the_places_they_had():
    """ADBC makes a column of an index that is no plain count, and the table has none of that name."""
    standing = pd.DataFrame({"account_key": [1, 2, 3], "company_key": [4, 5, 6]})
    kept = narrow.standing_in(standing, ("salesforce", np.array([1, 3])))
    assert list(kept.index) == [0, 1]
    assert kept.company_key.tolist() == [4, 6]
