"""The core's answer to a world, in the words of a world's `expect`."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from accord.rules import decide
from accord.sandbox.world_parse import world_of
from accord.worlds.decisions import world_decisions
from accord.worlds.frames import snapshot_of

Row = dict[str, Any]


def core_decisions(world: Row) -> list[Row]:
    """Return what accord.rules decides about a world."""
    snapshot, policy, names = snapshot_of(world_of(deepcopy(world)))
    return world_decisions(decide(snapshot, policy), names)


def by_target(rows: list[Row]) -> dict[tuple[str, str], Row]:
    """Return rows by record, with stages and fields apart, as they come beside a record's one decision."""
    keyed = {(row["target"], row["do"] if row["do"] in ("SET_STAGE", "SET_FIELD") else ""): row for row in rows}
    assert len(keyed) == len(rows), f"a record is decided twice: {rows}"
    return keyed
