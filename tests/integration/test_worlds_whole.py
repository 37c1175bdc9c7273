"""Every decision also happens: worlds that are run the whole way agree with the rules alone, and then rest.

A few random ones are enough to see that nothing is broken; `make worlds SEEDS=500` looks for what nobody knows of.
"""

from __future__ import annotations

import os
import uuid
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from accord.sandbox.world import world_of
from accord.worlds.memory import remember
from accord.worlds.runner import playing, run_world
from oracle.core import core_decisions
from oracle.random_worlds import random_contest, random_history, random_world, with_real_ids
from whole_worlds import broken_laws, carried_out, differing, undone, unpaired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.local.postgres import Postgres
    from accord.store.database import Database

pytestmark = pytest.mark.postgres

KINDS = (random_world, random_history, random_contest, random_history)
SEEDS = range(int(os.environ.get("ACCORD_WORLD_SEEDS", "8")))
ONCE_WRONG = list(yaml.safe_load_all((Path(__file__).parent / "worlds_once_wrong.yaml").read_text()))
Row = dict[str, Any]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_world_is_run_as_it_is_decided(seed: int, database: Database, another_database: Database):
    check(world_of_seed(seed), database, another_database)


@pytest.mark.parametrize("world", ONCE_WRONG, ids=lambda world: world["id"])
def test_a_world_that_once_was_not_run_as_decided_is(world: Row, database: Database, another_database: Database):
    check({**world, "settings": world.get("settings", {})}, database, another_database)


def test_a_run_that_was_killed_reports_what_it_decided_first(database: Database):
    """Started again after its first writes, it decides on what it wrote: that is not what the world asked."""
    raw = ONCE_WRONG[0] | {"sf": {"accounts": [{"Id": "A1", "Name": "Beta", "Created": "2026-01-11"}]}}

    result = run_world(world_of(deepcopy(raw)), database, kills=["K8:1"])

    assert differing(core_decisions(raw), result["decisions"]) == []
    assert undone(raw, result["decisions"], result["state"], result["writes_first"]) == []
    assert (result["writes_second"], result.get("error")) == (0, None)


def test_a_run_that_cannot_go_on_says_why_and_loses_nothing(database: Database):
    faults = [{"crm": "hubspot", "path": "batch/upsert", "do": "status", "status": 401, "times": 0}]
    raw = {"sf": {"accounts": [{"Id": "A1", "Name": "Beta", "Created": "2026-01-11"}]}}

    result = run_world(world_of(deepcopy(raw)), database, faults=faults)

    assert "world/first: BadCredentials" in result["error"]
    assert [row["do"] for row in result["decisions"]] == ["CREATE_COMPANY"]
    assert (result["writes_first"], result["writes_second"]) == (0, 0)


def check(raw: Row, database: Database, another_database: Database) -> None:
    """Run a world twice, then once more without memory, and compare all that came of it with what was decided."""
    with playing(world_of(deepcopy(raw))) as play:
        remember(database, play.loaded, play.settings)
        first, second = play.run(database, "world/first"), play.run(database, "world/second")
        state = play.sandbox.state

        assert first.error + second.error == ""
        assert differing(core_decisions(raw), first.decisions) == []
        assert second.writes == 0
        done = carried_out(database, play.loaded, first.decisions)
        assert undone(raw, done, state, first.writes) == []
        assert unpaired(database, play.loaded, done) == []
        assert broken_laws(raw, play.loaded) == []
        if rests_without_memory(raw, first.decisions):
            assert play.run(another_database, "world/lost").writes == 0


def world_of_seed(seed: int) -> Row:
    """Return a world of the next kind; every fifth has ids that look real."""
    random = Random(seed)
    world = KINDS[seed % len(KINDS)](random)
    return with_real_ids(random, world) if seed % 5 == 4 else world


def rests_without_memory(world: Row, decided: list[Row]) -> bool:
    """Return whether nothing but the keys in the CRMs is needed to see that all is done.

    Not so where Accord alone knew of a pair, an answer or a request by hand, or held creations that are fewer once
    the requests for some of them are forgotten.
    """
    only_ours = world.get("links") or world.get("resolutions") or world["settings"].get("manual_sync")
    return not only_ours and all(row["do"] != "HOLD" for row in decided)


@pytest.fixture
def another_database(postgres_server: Postgres, migrated_template: str) -> Iterator[Database]:
    """A database that remembers nothing."""
    from accord.store.database import Database

    name = f"lost_{uuid.uuid4().hex[:12]}"
    yield Database(postgres_server.create_database(name, template=migrated_template))
    postgres_server.drop_database(name)
