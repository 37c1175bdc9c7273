"""Short keys and real ids: everything mentioned has one, ids order like their keys, spellings of one id are one."""

from __future__ import annotations

from typing import Any

import pytest

from accord.model.ids import salesforce_id, salesforce_key
from accord.sandbox.world import world_of
from accord.sandbox.world_ids import WorldIds, origin_of

SHORTS = ["A10", "A9", "A1", "A2", "B", "A100"]
IN_ORDER = ["A1", "A2", "A9", "A10", "A100", "B"]


def ids(**parts: Any) -> WorldIds:
    return WorldIds.of(world_of(parts))


def test_keys_order_as_a_reader_orders_the_short_ids():
    world = ids(sf={"accounts": [{"Id": it} for it in SHORTS]}, hs={"companies": [{"id": it} for it in SHORTS]})
    assert sorted(SHORTS, key=lambda it: salesforce_key(world.real("Account", it))) == IN_ORDER
    assert sorted(SHORTS, key=lambda it: int(world.real("companies", it))) == IN_ORDER


def test_records_of_different_kinds_may_have_one_short_key():
    world = ids(sf={"accounts": [{"Id": "X"}], "leads": [{"Id": "X"}]}, hs={"companies": [{"id": "X"}]})
    real = [world.real(kind, "X") for kind in ("Account", "Lead", "companies")]
    assert len(set(real)) == 3
    assert [world.short(kind, it) for kind, it in zip(("Account", "Lead", "companies"), real, strict=True)] == ["X"] * 3


def test_what_is_only_referred_to_has_an_id_too():
    world = ids(
        sf={"accounts": [{"Id": "A1", "Deleted": True, "Master": "A2", "OriginKey": "hs-1-K3"}]},
        hs={"companies": [{"id": "K1", "sfa": "A3", "key": "A4", "merged": ["K2"]}]},
        links=[{"account": "A5", "company": "K4"}],
        resolutions=[{"account": "A6", "company": "K5", "choice": "apart"}],
    )
    assert all(world.find("Account", f"A{number}") for number in range(1, 7))
    assert all(world.find("companies", f"K{number}") for number in range(1, 6))


def test_an_id_of_15_characters_is_that_of_18():
    full = salesforce_id("0012800000CXn0k")
    world = ids(sf={"accounts": [{"Id": full}]}, hs={"companies": [{"id": "K1", "sfa": full[:15]}]})
    assert world.real("Account", full[:15]) == world.real("Account", full) == full
    assert world.short("Account", full) == full


def test_a_made_id_never_meets_a_real_one():
    taken = ids(hs={"companies": [{"id": "K1"}]}).real("companies", "K1")
    world = ids(hs={"companies": [{"id": taken}, {"id": "K1"}]})
    assert world.real("companies", "K1") != taken


@pytest.mark.parametrize(
    ("key", "named"),
    [("K1", "K1"), ("hs-77-K1", "K1"), ("sf-00D-A-1", "A-1"), ("K-2", "K-2"), ("other-tool-9", None), (None, None)],
)
def test_a_key_field_names_a_record_or_is_somebody_elses(key: str | None, named: str | None):
    assert origin_of(key, ["K-2"]) == named
