"""The joins that the rules are written in, beside plain Python: near keys, far keys, values that are not there."""

from random import Random

import numpy as np
import pandas as pd
import pytest

from accord.rules.arrays import NOWHERE, components, occurs, place

NEAR, FAR = 1, 2**40
ints = np.dtype("int64")


def drawn(seed: int, apart: int) -> tuple[list[int], list[int]]:
    """Return some unique keys and values that may be among them, around them and far away."""
    random = Random(seed)
    keys = random.sample([7 + n * apart for n in range(40)], random.randrange(1, 30))
    beside = [min(keys) - 1, max(keys) + 1, min(keys) - 2, max(keys) + 2, -1, 0, -(2**62), 2**62]
    return keys, random.choices([*keys, *beside, min(keys), max(keys)], k=random.randrange(1, 60))


@pytest.mark.parametrize("apart", [NEAR, FAR], ids=["near", "far"])
@pytest.mark.parametrize("seed", range(20))
def test_places(seed: int, apart: int):
    keys, values = drawn(seed, apart)
    expected = [keys.index(value) if value in keys else NOWHERE for value in values]

    assert place(np.array(keys), np.array(values)).tolist() == expected
    assert place(pd.Index(keys), np.array(values)).tolist() == expected


@pytest.mark.parametrize("apart", [NEAR, FAR], ids=["near", "far"])
@pytest.mark.parametrize("seed", range(20))
def test_occurrences_among_many_and_among_few(seed: int, apart: int):
    keys, values = drawn(seed, apart)
    for known, asked in ((keys * 2, values), (values, keys * 2)):
        assert occurs(np.array(asked), np.array(known)).tolist() == [it in known for it in asked]


def test_nothing_is_found_among_nobody():
    nobody, somebody = np.array([], dtype=ints), np.array([3, 4])

    assert place(nobody, somebody).tolist() == [NOWHERE, NOWHERE]
    assert place(somebody, nobody).tolist() == []
    assert occurs(somebody, nobody).tolist() == [False, False]
    assert occurs(nobody, somebody).tolist() == []


def test_ids_in_a_row_need_no_hash_table(monkeypatch: pytest.MonkeyPatch):
    """HubSpot's ids are looked up that way; hashed keys of Salesforce lie too far apart for it."""
    monkeypatch.setattr(pd.Index, "get_indexer", None)
    assert place(np.array([5, 7, 9]), np.array([9, 5, 6])).tolist() == [2, 0, NOWHERE]
    assert occurs(np.array([9, 6]), np.array([5, 7, 9])).tolist() == [True, False]


def test_a_long_chain_of_ties_is_one_component():
    """R18, R20: however the ties hang together."""
    left = [number for number in range(50) for _ in range(2)]
    right = [it for number in range(50) for it in (number, (number + 1) % 51)]
    order = Random(1).sample(range(100), 100)

    labels = components(np.array(left)[order], np.array(right)[order], 50, 51)

    assert set(labels.tolist()) == {0}
    assert components(np.array([0, 1]), np.array([0, 1]), 2, 2).tolist() == [0, 1]
