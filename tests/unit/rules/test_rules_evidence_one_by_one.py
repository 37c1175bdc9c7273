"""What accounts and companies share, counted person by person (R14, R17, R24, R26, R91)."""

import numpy as np
import pytest

from accord.rules.answers import read_answers
from accord.rules.evidence import shared_people
from accord.rules.people import pair_people
from accord.rules.reading import read_records
from people_by_chance import POLICY, OneByOne, as_keys, by_chance, overlaps_one_by_one


@pytest.mark.parametrize("block", range(6))
def test_people_in_common_are_counted_as_one_by_one(block):
    for seed in range(block * 60, block * 60 + 60):
        snapshot = by_chance(seed)
        records = read_records(snapshot, POLICY)
        overlaps = shared_people(records, pair_people(records), read_answers(records, snapshot.resolutions))
        assert as_keys(records, overlaps) == overlaps_one_by_one(snapshot, OneByOne(snapshot)), seed
        assert (np.diff(overlaps.account * 100 + overlaps.company) > 0).all(), seed
