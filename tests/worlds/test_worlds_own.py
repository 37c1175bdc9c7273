"""Our own worlds, a story per family of rules: decided by the core alone, then the whole way through the sandbox."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accord.rules import decide
from accord.sandbox.world_parse import parse_world
from accord.worlds.compare import differences
from accord.worlds.decisions import world_decisions
from accord.worlds.frames import snapshot_of
from accord.worlds.runner import run_world

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
every_world = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@every_world
def test_world_is_decided_as_it_expects(path: Path):
    world = parse_world(path)
    snapshot, policy, names = snapshot_of(world)
    assert differences(world.expect or (), world_decisions(decide(snapshot, policy), names)) == []


@pytest.mark.postgres
@pytest.mark.rule("R5", "R84", "R99")
@every_world
def test_world_is_decided_so_the_whole_way_and_the_next_run_writes_nothing(path: Path, empty_database: Any):
    world = parse_world(path)
    came_to = run_world(world, empty_database)
    written = [entry for entry in came_to["journal"] if entry["caller"] == "pipeline"]
    assert differences(world.expect or (), came_to["decisions"]) == []
    assert {entry["op"] for entry in written} <= {"create", "update", "associate"}
    assert {entry["object"] for entry in written if entry["op"] == "create"} <= {"Account", "companies"}
    assert came_to["writes_second"] == 0
