"""Every reading of an ambiguous rule, as a small world that both implementations must decide the same way."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from accord.worlds.compare import differences
from oracle.core import core_decisions
from oracle.decide import decide_world

READINGS = list(filter(None, yaml.safe_load_all((Path(__file__).parent / "readings.yaml").read_text())))


@pytest.mark.parametrize("decide", [decide_world, core_decisions], ids=["oracle", "core"])
@pytest.mark.parametrize("world", READINGS, ids=lambda world: world["id"])
def test_rules_are_read_as_they_are_meant(world: dict[str, Any], decide: Any):
    assert differences(world["expect"], decide(world)) == []
