"""Faults and kills of every kind on one small world: nothing twice, nothing lost, nothing written again, few calls."""

from __future__ import annotations

import random
import re
from itertools import product
from pathlib import Path

import pytest

from accord.model import killpoints
from accord.model.settings import Wire
from accord.sandbox.faults import VERBS
from machine.schedules import WRITES, random_fault, random_kill
from machine.stage import allowed_calls, difference, play, stage_of
from machine.worlds import EVERYTHING, FIELDS, LATER

pytestmark = pytest.mark.postgres

IN_A_RUN = tuple(point for point in killpoints.MEANING if point != "K12")
"""K12 lies in a revert."""
BULK = Wire(salesforce_bulk_rows=1)
SPOILING = [verb for verb in VERBS if verb not in {"empty_page", "half_page", "redirect"}]
"""Verbs that mean something for a write."""
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def calm(process, warehouse):
    """Undisturbed outcomes, each played once."""
    known = {}

    def of(**how):
        key = repr(sorted(how.items()))
        if key not in known:
            known[key] = play(EVERYTHING, warehouse, process, fields=FIELDS, **how)
            assert (known[key].errors, known[key].broken, known[key].writes[-1]) == ([], [], 0)
        return known[key]

    return of


@pytest.fixture
def survives(process, warehouse, calm):
    """Play a schedule, hold it against the undisturbed outcome, and return what it came to."""

    def check(faults=(), kills=(), **how):
        undisturbed = calm(**how)
        outcome = play(EVERYTHING, warehouse, process, faults=faults, kills=kills, fields=FIELDS, **how)
        assert outcome.broken == []
        assert difference(undisturbed.state, outcome.state) == []
        assert outcome.writes[-1] == 0, "a second run writes nothing"
        assert outcome.errors or outcome.calls <= allowed_calls(undisturbed, outcome)
        return outcome

    return check


def test_every_kill_point_stands_in_the_code_and_is_asked_for_by_a_test():
    """A point that the code no longer passes, or no test kills at, fails the build."""
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "include" / "accord").rglob("*.py"))
    passed = set(re.findall(r"passing\(\"(K\d+)\"\)", code))
    assert passed >= set(IN_A_RUN)
    asked = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert {point for point in passed - set(IN_A_RUN) if f'"{point}:' not in asked} == set()


@pytest.mark.rule("R98", "R99")
@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.parametrize("point", [point for point in IN_A_RUN if point != "K9"])
def test_f6_killed_at_every_point_in_the_first_a_middle_and_the_last_batch(survives, calm, point, place):
    times = calm().passed[point]
    nth = {"first": 1, "middle": (times + 1) // 2, "last": times}[place]
    outcome = survives(kills=[f"{point}:{nth}"])
    assert (outcome.kills, outcome.errors) == (1, [])


@pytest.mark.parametrize("first", ["K3:1", "K3:3", "K5:2", "K7:1"])
def test_f6_killed_again_while_recovery_sends_again(survives, first):
    assert survives(kills=[first, "K9:1"]).kills in {1, 2}


def test_f6_recovery_that_sends_again_is_killed_and_killed_once_more(survives):
    assert survives(kills=["K3:1", "K9:1", "K9:1"]).kills == 3


@pytest.mark.parametrize(("call", "verb"), list(product(WRITES, SPOILING))[::4], ids=str)
def test_a_write_that_meets_a_fault_is_done_once(survives, call, verb):
    """Every fourth pair of a write and a verb: each write and each verb comes up; chance plays the others."""
    crm, method, path = call
    fault = {"crm": crm, "method": method, "path": path, "do": verb, "status": 503, "seconds": 20}
    assert survives([fault]).errors == []


@pytest.mark.parametrize("seed", range(12))
def test_faults_and_kills_by_chance(survives, seed):
    chance = random.Random(seed)
    faults = [random_fault(chance) for _ in range(chance.choice((1, 1, 2)))]
    kills = [random_kill(chance, IN_A_RUN) for _ in range(chance.choice((0, 1, 1)))]
    how = ({}, {"later": LATER}, {"wire": BULK})[seed % 3]
    outcome = survives(faults, kills, **how)
    assert outcome.errors == []


@pytest.mark.parametrize("seed", range(6))
def test_faults_that_never_end_stop_the_run_in_words_and_lose_nothing(survives, seed):
    chance = random.Random(f"for ever {seed}")
    faults = [random_fault(chance) | {"times": 0, "nth": 1}]
    outcome = survives(faults)
    assert all(re.match(r"stage/1: \w+: .{20,}", error) for error in outcome.errors)
    assert len(outcome.errors) <= 1


def test_f63_a_ledger_from_an_older_backup_makes_nothing_anew(process, warehouse):
    """What was paired and written since the backup is known by its keys."""
    with stage_of(EVERYTHING, warehouse, process, fields=FIELDS) as stage:
        stage.run()
        written = stage.written
        with warehouse.transaction() as connection:
            connection.execute(
                "TRUNCATE sync.pairs, sync.intents, sync.outcomes, sync.watermarks, sync.decisions CASCADE"
            )
        for _ in range(2):
            stage.sandbox.clock.advance(900)
            stage.run()
        assert (stage.written - written, stage.errors, stage.broken()) == (0, [], [])
