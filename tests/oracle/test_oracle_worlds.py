"""The oracle must know the shared worlds before its word counts against the core."""

from pathlib import Path

import pytest
import yaml

from oracle.decide import decide_world

WORLDS = Path(__file__).parents[3] / "shared" / "worlds"
FILES = sorted(path for path in WORLDS.glob("*.yaml") if path.stem != "defaults")

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/worlds is not there")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_oracle_decides_every_shared_world_as_it_expects(path: Path):
    defaults = yaml.safe_load((WORLDS / "defaults.yaml").read_text())
    world = yaml.safe_load(path.read_text())
    world["settings"] = defaults["settings"] | world.get("settings", {})

    decided = {(row["target"], row["do"]): row for row in decide_world(world)}

    expected = {(row["target"], row["do"]): row for row in world["expect"]}
    assert decided.keys() == expected.keys()
    for key, row in expected.items():
        assert {name: decided[key].get(name) for name in row} == row
