"""Laws that hold for every plan of the core, whatever the world."""

from copy import deepcopy
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from accord.rules import decide
from accord.sandbox.world_parse import world_of
from accord.worlds.frames import snapshot_of
from oracle.answers import read_answers
from oracle.applied import applied
from oracle.core import by_target, core_decisions
from oracle.pairs import Pairs, is_tombstoned, is_touched, known_pairs
from oracle.random_worlds import larger_scope, worlds
from oracle.reading import World, load
from oracle.strangers import STRANGERS, with_strangers

Row = dict[str, Any]
PAIRINGS = ("LINK", "RELINK", "UPDATE")
WRITES = ("LINK", "RELINK", "CREATE_ACCOUNT", "CREATE_COMPANY", "SET_STAGE")

law = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
randoms = st.randoms(use_true_random=False)


@law
@given(worlds(), st.integers(0, 2**31))
def test_row_order_changes_nothing(world: Row, seed: int):
    """R27: whatever order the records come in."""
    snapshot, policy, _ = snapshot_of(world_of(world))
    shuffled = type(snapshot)(
        **{name: frame.sample(frac=1, random_state=seed) for name, frame in vars(snapshot).items()}
    )

    plan, again = decide(snapshot, policy), decide(shuffled, policy)

    for name in ("decisions", "people", "fields"):
        assert_frame_equal(getattr(plan, name), getattr(again, name))


@law
@given(worlds())
def test_deciding_after_applying_gives_nothing_to_do(world: Row):
    """R99: what a plan comes to is a world in which nothing is left to be written but what is held."""
    after = applied(world, core_decisions(world))

    assert [row for row in core_decisions(after) if row["do"] in WRITES] == []


@law
@given(worlds())
def test_no_record_is_decided_twice(world: Row):
    """R13: exactly one end, not two."""
    by_target(core_decisions(world))


@law
@given(worlds())
def test_every_living_record_has_one_decision_or_another_row_speaks_for_it(world: Row):
    """R13: nobody is forgotten, and nobody who is gone is decided."""
    read, own = load(world), [row for row in core_decisions(world) if not row["do"].startswith("SET_")]
    if not read.settings["sync_companies"]:
        assert own == []
        return
    pairs = known_pairs(read, read_answers(read))
    linked = {row["with"]: row["target"] for row in own if row["do"] == "LINK"}
    silent = silent_accounts(read, pairs) - set(linked.values())
    twins = pairs.closed - pairs.orphans - pairs.two_accounts
    spoken_for = silent | twins | set(linked) | set(pairs.company_of.values())

    assert {row["target"] for row in own} == {*read.live_accounts(), *read.live_companies()} - spoken_for


@law
@given(worlds())
def test_nobody_is_paired_twice(world: Row):
    read, decided = load(world), core_decisions(world)
    before = known_pairs(read, read_answers(read)).company_of.items() if read.settings["sync_companies"] else ()
    pairs = {*before, *((row["target"], row["with"]) for row in decided if row["do"] in PAIRINGS)}

    assert len({account for account, _ in pairs}) == len(pairs)
    assert len({company for _, company in pairs}) == len(pairs)


@law
@given(worlds(), randoms)
def test_a_larger_scope_pairs_and_creates_what_a_smaller_one_does(world: Row, random: Random):
    """R19b: which account is imported first never decides who gets a company, nor who gets a new one."""
    world = uncapped(world)

    small, large = by_target(core_decisions(world)), by_target(core_decisions(larger_scope(random, world)))

    done = {key: row for key, row in small.items() if row["do"] in ("LINK", "CREATE_COMPANY", "CREATE_ACCOUNT")}
    assert {key: ends(large.get(key)) for key in done} == {key: ends(row) for key, row in done.items()}


@law
@given(worlds(), randoms)
def test_strangers_change_no_other_decision(world: Row, random: Random):
    """Records on either side, alone, with people of their own, or paired with each other, concern nobody else."""
    world = uncapped(world)
    if world["settings"].get("import_accounts") == "all":
        world["settings"]["import_accounts"] = []

    before = by_target(core_decisions(world))
    after = by_target(core_decisions(with_strangers(random, world)))

    assert {key: row for key, row in after.items() if key[0] not in STRANGERS} == before


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


def silent_accounts(world: World, pairs: Pairs) -> set[str]:
    """Return the living accounts that have no row: nothing is new, or a company in review speaks for them.

    That is: a pair whose account only we or nobody changed, and nobody asked for (3.12 on R21, R99); an unchanged
    account whose company is deleted or out of sight (R76, R4); the accounts of R74 and R78.
    """
    news = {a for a in world.live_accounts() if is_touched(world, a)} | pairs.relinked.keys() | pairs.restored
    news |= {account for account, company in pairs.company_of.items() if world.is_requested(company)}
    unpaired = set(world.live_accounts()) - pairs.company_of.keys() - pairs.in_review
    created = read_answers(world).makes_company
    lost = {a for a in unpaired if a in pairs.company_unseen or (is_tombstoned(world, pairs, a) and a not in created)}
    return ((pairs.company_of.keys() | lost) - news) | (pairs.in_review - pairs.two_companies)


def uncapped(world: Row) -> Row:
    """Return a copy of the world in which no creation is held, whatever else is created (R96)."""
    return deepcopy(world) | {"settings": world.get("settings", {}) | {"max_creates": 1000}}


def ends(row: Row | None) -> tuple[Any, ...]:
    """Return how a record ends: what is done, and with whom."""
    return (row["do"], row.get("with")) if row else ()
