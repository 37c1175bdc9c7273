"""Every decision also happens: random worlds the whole way agree with the rules alone, and then rest.

40 worlds are enough to see that nothing is broken; `make worlds SEEDS=500` looks for what is not known to be.
"""

from __future__ import annotations

import os
from copy import deepcopy
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from accord.sandbox.world import world_of
from accord.worlds.memory import remember
from accord.worlds.runner import playing
from oracle.core import core_decisions
from oracle.random_worlds import random_contest, random_history, random_world, with_real_ids
from whole_worlds import carried_out, differing, undone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.local.postgres import Postgres
    from accord.store.database import Database

pytestmark = pytest.mark.postgres

KINDS = (random_world, random_history, random_contest, random_history)
SEEDS = range(int(os.environ.get("ACCORD_WORLD_SEEDS", "40")))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_world_is_run_as_it_is_decided(seed: int, database: Database, another_database: Database):
    raw = world_of_seed(seed)
    with playing(world_of(deepcopy(raw))) as play:
        remember(database, play.loaded, play.settings)
        first, second = play.run(database, "world/first"), play.run(database, "world/second")
        state = play.sandbox.state

        assert first.error + second.error == ""
        assert differing(core_decisions(raw), first.decisions) == []
        assert second.writes == 0
        done = carried_out(database, play.loaded, first.decisions)
        assert undone(raw, done, state, first.writes) == []
        if rests_without_memory(raw, first.decisions):
            assert play.run(another_database, "world/lost").writes == 0


def world_of_seed(seed: int) -> dict[str, Any]:
    """Return a world of the next kind; every fifth has ids that look real."""
    random = Random(seed)
    world = KINDS[seed % len(KINDS)](random)
    return with_real_ids(random, world) if seed % 5 == 4 else world


def rests_without_memory(world: dict[str, Any], decided: list[dict[str, Any]]) -> bool:
    """Return whether nothing but the keys in the CRMs is needed to see that all is done.

    Not so where Accord alone knew of a pair, an answer or a request by hand, or held creations that are fewer once
    the requests for some of them are forgotten.
    """
    only_ours = world.get("links") or world.get("resolutions") or world["settings"]["manual_sync"]
    return not only_ours and all(row["do"] != "HOLD" for row in decided)


@pytest.fixture
def another_database(postgres_server: Postgres, migrated_template: str) -> Iterator[Database]:
    """A database that remembers nothing."""
    from accord.store.database import Database

    name = f"lost_{os.getpid()}_{id(object())}"
    yield Database(postgres_server.create_database(name, template=migrated_template))
    postgres_server.drop_database(name)
