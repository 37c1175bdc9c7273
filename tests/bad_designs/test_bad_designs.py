"""The tests of the tests: each bad design is caught by the oracle that is named for it, and ours by none."""

from __future__ import annotations

import pytest

from bad_designs.bench import breaches
from bad_designs.designs import DESIGNS

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("design", DESIGNS, ids=lambda it: it.name.replace(" ", "_"))
def test_a_bad_design_is_caught_and_ours_is_not(design, process, warehouse):
    assert breaches(design, warehouse, process, is_bad=False) == []
    assert breaches(design, warehouse, process) != []
