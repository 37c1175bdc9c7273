"""Every shared world through the pure core, compared as its README says: complete, and equal in what is written."""

from pathlib import Path

import pytest

from accord.rules import decide
from accord.sandbox.world_parse import parse_world
from accord.worlds.decisions import world_decisions
from accord.worlds.frames import snapshot_of

WORLDS = Path(__file__).parents[3] / "shared" / "worlds"
FILES = sorted(path for path in WORLDS.glob("*.yaml") if path.stem != "defaults")

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/worlds is not there")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_world_is_decided_as_it_expects(path: Path):
    world = parse_world(path)
    snapshot, policy, names = snapshot_of(world)

    decided = world_decisions(decide(snapshot, policy), names)

    found = {(row["target"], row["do"]): row for row in decided}
    expected = {(row["target"], row["do"]): row for row in world.expect}
    assert len(decided) == len(found)
    assert found.keys() == expected.keys()
    for key, row in expected.items():
        assert {name: found[key].get(name) for name in row} == row
