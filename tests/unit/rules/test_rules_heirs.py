"""Where merged records live on (R73, R77); keys and places in, places out."""

import numpy as np
import pytest

from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE
from accord.rules.heirs import Heirs, survivors


def ints(*values):
    return np.array(values, dtype=np.int64)


@pytest.mark.rule("R77")
@pytest.mark.parametrize(
    ("merges", "live", "expected"),
    [
        pytest.param({}, (5,), {1: 1}, id="nobody was merged"),
        pytest.param({(5, 1)}, (5,), {1: 5, 5: 5, 7: 7}, id="one was"),
        pytest.param({(5, 1), (5, 5)}, (5,), {1: 5, 5: 5}, id="a survivor that lists its own old id"),
        pytest.param({(3, 1), (5, 1)}, (5,), {1: 5}, id="the only live one is believed, although it is larger"),
        pytest.param({(3, 1), (5, 1)}, (), {1: 3}, id="of gone ones the smallest"),
        pytest.param({(3, 1), (5, 1)}, (3, 5), {1: 3}, id="of live ones the smallest"),
        pytest.param({(2, 1), (3, 2), (5, 3)}, (5,), {1: 5, 2: 5, 3: 5}, id="a chain is followed to its end"),
    ],
)
def test_a_merged_record_is_found_under_its_heir(merges, live, expected):
    heirs = Heirs.of(ints(*(new for new, _ in merges)), ints(*(old for _, old in merges)), ints(*live))
    assert heirs.follow(ints(*expected)).tolist() == list(expected.values())


LONG = 64
"""Merges in a row, the most that are followed."""


@pytest.mark.rule("R77")
def test_a_record_that_was_merged_many_times_over_is_found():
    heirs = Heirs.of(ints(*range(1, LONG + 1)), ints(*range(LONG)), ints(LONG))
    assert heirs.follow(ints(0, LONG // 2, LONG)).tolist() == [LONG] * 3


@pytest.mark.rule("R73")
def test_an_account_that_was_merged_many_times_over_is_found():
    is_live = np.array([True, *[False] * LONG])
    assert survivors(ints(*range(LONG + 1)), is_live, ints(NONE, *range(LONG))).tolist() == [0] * (LONG + 1)


@pytest.mark.rule("R73")
@pytest.mark.parametrize(
    ("is_live", "master_key", "expected"),
    [
        pytest.param([1, 1], (NONE, NONE), [0, 1], id="nobody was merged"),
        pytest.param([1, 0], (NONE, 10), [0, 0], id="into one that lives"),
        pytest.param([1, 1], (NONE, 10), [0, 1], id="one that came back is itself, whatever it still names"),
        pytest.param([1, 0], (NONE, NONE), [0, 1], id="a deleted one is itself"),
        pytest.param([1, 0], (NONE, 12), [0, NOWHERE], id="into one that cannot be seen"),
        pytest.param([1, 0, 0], (NONE, 10, 11), [0, 0, 0], id="a chain is followed to its end"),
    ],
)
def test_a_merged_account_is_the_one_that_its_chain_ends_at(is_live, master_key, expected):
    found = survivors(ints(10, 11, 13)[: len(is_live)], np.array(is_live, dtype=bool), ints(*master_key))
    assert found.tolist() == expected
