from __future__ import annotations

from accord.worlds.compare import differences

LINK = {"target": "A1", "do": "LINK", "with": "K1", "reason": "shared_contacts", "rule": "R14"}


def test_only_the_keys_that_are_written_must_be_equal():
    assert differences([{"target": "A1", "do": "LINK"}], [LINK]) == []


def test_a_decision_nobody_expects_is_named():
    assert len(differences([], [LINK])) == 1


def test_a_missing_decision_is_named():
    assert len(differences([{**LINK, "with": "K2"}], [LINK])) == 2


def test_one_decision_answers_one_expectation():
    assert len(differences([{"target": "A1"}, {"target": "A1"}], [LINK])) == 1


def test_a_cleared_value_is_not_an_absent_one():
    cleared = {"target": "f", "do": "SET_FIELD", "value": None}
    assert differences([cleared], [cleared]) == []
    assert differences([{**cleared, "value": "x"}], [cleared])
