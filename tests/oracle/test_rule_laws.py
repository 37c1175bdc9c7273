"""Laws that hold for every plan of the core, whatever the world."""

from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from pandas.testing import assert_frame_equal

from accord.rules import decide
from accord.sandbox.world_parse import world_of
from accord.worlds.frames import snapshot_of
from oracle.core import by_target, core_decisions
from oracle.random_worlds import any_world, larger_scope, random_contest, worlds

Row = dict[str, Any]

quietly = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
seeds = pytest.mark.parametrize("seed", range(60))


@seeds
def test_row_order_changes_nothing(seed: int):
    """R27: whatever order the records come in."""
    world = any_world(Random(seed))
    snapshot, policy, _ = snapshot_of(world_of(world))
    shuffled = type(snapshot)(
        **{name: frame.sample(frac=1, random_state=seed) for name, frame in vars(snapshot).items()}
    )

    plan, again = decide(snapshot, policy), decide(shuffled, policy)

    for name in ("decisions", "people", "fields"):
        assert_frame_equal(getattr(plan, name), getattr(again, name))


@quietly
@given(worlds())
def test_no_record_is_decided_twice(world: Row):
    """R13: exactly one end, not two."""
    by_target(core_decisions(world))


@quietly
@given(worlds())
def test_nobody_is_paired_twice(world: Row):
    pairs = _pairs(core_decisions(world))

    assert len({account for account, _ in pairs}) == len(pairs)
    assert len({company for _, company in pairs}) == len(pairs)


@seeds
def test_every_unpaired_live_record_has_a_row_or_is_spoken_for(seed: int):
    """R13: nobody is forgotten."""
    world = random_contest(Random(seed))
    decided = core_decisions(world)

    spoken_for = {row["target"] for row in decided} | {company for _, company in _pairs(decided)}
    everyone = {record["Id"] for record in world["sf"]["accounts"]}
    assert spoken_for >= everyone | {record["id"] for record in world["hs"]["companies"]}


@seeds
def test_strangers_change_no_other_decision(seed: int):
    world = any_world(Random(seed))
    world["settings"] = world.get("settings", {}) | {"max_creates": 1000, "import_accounts": []}
    account = {"Id": "A70", "Created": "2026-01-11", "Modified": "2026-01-11"}
    company = {"id": "K70", "created": "2026-01-11"}
    crowded = world | {
        "sf": world["sf"] | {"accounts": [*world["sf"]["accounts"], account]},
        "hs": world["hs"] | {"companies": [*world["hs"]["companies"], company]},
    }

    before, after = by_target(core_decisions(world)), by_target(core_decisions(crowded))

    assert {key: row for key, row in after.items() if key[0] not in ("A70", "K70")} == before


@pytest.mark.parametrize("seed", range(150))
def test_a_larger_import_pairs_what_a_smaller_one_does(seed: int):
    """R19b: which account is imported first never decides who gets a company."""
    random = Random(seed)
    world = random.choice([any_world, random_contest])(random)

    small, large = core_decisions(world), core_decisions(larger_scope(random, world))

    assert _links(small) <= _links(large)


def test_a_waiting_account_is_a_rival_for_all_its_candidates():
    """A3 waits for A2 at K1; did A1 get K2 meanwhile, importing A2 would have given K2 to A3."""
    people = {"P1": ("A2", ["K1"]), "P2": ("A2", ["K1"]), "P3": ("A3", ["K1", "K2"]), "P4": ("A3", ["K1"])}
    people["P5"] = ("A1", ["K2"])
    world = {
        "sf": {
            "accounts": [
                {"Id": "A1", "Created": "2026-01-11"},
                {"Id": "A2", "Created": "2024-03-01"},
                {"Id": "A3", "Created": "2026-01-11"},
            ],
            "contacts": [{"Id": person, "AccountId": account} for person, (account, _) in people.items()],
        },
        "hs": {
            "companies": [{"id": "K1"}, {"id": "K2"}],
            "contacts": [{"id": f"h{person}", "sfc": person} for person in people],
            "assoc": [[f"h{person}", place] for person, (_, places) in people.items() for place in places],
        },
    }

    decided = by_target(core_decisions(world))

    assert decided["A1", ""]["reason"] == decided["A3", ""]["reason"] == "stronger_account_not_in_scope"
    assert decided["A1", ""]["rival"] == decided["A3", ""]["rival"] == "A2"


def _pairs(rows: list[Row]) -> list[tuple[str, str]]:
    return [(row["target"], row["with"]) for row in rows if row["do"] in ("LINK", "RELINK", "UPDATE")]


def _links(rows: list[Row]) -> set[tuple[str, str]]:
    return {(row["target"], row["with"]) for row in rows if row["do"] == "LINK"}
