"""Decisions in their order, and what each says of the people it rests on (R24, R27, R52, R93)."""

from collections import Counter

import pytest

from accord.rules import decide
from people_by_chance import POLICY, OneByOne, by_chance, overlaps_one_by_one


@pytest.mark.rule("R27", "R52")
@pytest.mark.parametrize("block", range(12))
def test_decisions_stand_in_order_with_the_stage_of_a_company_beside_its_row(block):
    for seed in range(block * 10, block * 10 + 10):
        decisions = decide(by_chance(seed), POLICY).decisions
        rows = [tuple(row) for row in decisions[["system", "key", "action"]].itertuples(index=False)]
        assert rows == sorted(set(rows)), seed
        assert set(decisions.loc[decisions["action"] == "SET_STAGE", "shared_people"]) <= {0}


def test_the_frames_by_chance_have_stages_beside_rows_that_stand_before_and_after_them():
    beside = Counter()
    for seed in range(60):
        decisions = decide(by_chance(seed), POLICY).decisions
        companies = decisions[decisions["system"] == "hubspot"]
        staged = companies.loc[companies["action"] == "SET_STAGE", "key"]
        beside.update(companies.loc[companies["key"].isin(staged), "action"])
    assert beside["CREATE_ACCOUNT"] + beside["REVIEW"] > 3
    assert beside["SKIP"] + beside["WAIT"] > 3


@pytest.mark.rule("R24", "R93")
@pytest.mark.parametrize("block", range(9))
def test_a_decision_says_how_many_people_it_rests_on_and_how_they_are_known(block):
    for seed in range(block * 20, block * 20 + 20):
        snapshot = by_chance(seed)
        shared = overlaps_one_by_one(snapshot, OneByOne(snapshot))
        for it in decide(snapshot, POLICY).decisions.to_dict("records"):
            said = it["shared_people"], it["shared_primaries"], it["evidence"]
            if it["action"] == "LINK":
                people, primaries, by_id = shared[it["key"], it["partner_key"]]
                assert said == (people, primaries, "id" if by_id else "email"), seed
            elif it["action"] not in {"REVIEW", "WAIT"}:
                assert said == (0, 0, ""), seed
