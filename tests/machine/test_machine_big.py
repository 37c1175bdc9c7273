"""A first load that is killed at ten places by chance; `make soak-big` does the same with many records and processes."""

from __future__ import annotations

import random

import pytest

from accord.bench.even_world import fill
from accord.bench.rig import SETTINGS
from accord.model.scope import Run, Scope
from accord.model.settings import parse_settings
from accord.sandbox.judge import violations
from accord.sandbox.server import Sandbox
from accord.steps.sequence import run_all
from accord.worlds.clients import wiring_for
from machine.big import KILLS, LOGIN, Load, chosen_kills, wrong
from machine.mortal import Killed
from machine.stage import empty

pytestmark = pytest.mark.postgres

RECORDS, BATCH = 24, 2
"""The batches of these tests hold two rows."""


@pytest.fixture
def loaded(process, warehouse):
    """Load a world of accounts and companies that know nothing of each other, to die as asked."""

    def load(kills=()):
        empty(warehouse)
        with Sandbox.start() as sandbox:
            sandbox.clock.freeze()
            fill(sandbox.crms, RECORDS)
            settings = parse_settings({**SETTINGS, "enabled_at": "2020-01-01"}, "this test")
            died = 0
            for run_id, kill in (*(("load/1", kill) for kill in (*kills, "")), ("load/2", "")):
                process.begin(kill)
                wiring = wiring_for(sandbox.url, warehouse, settings, sandbox.clock)
                calls = sum(n for (_, _, path), n in sandbox.crms.calls.items() if LOGIN not in path)
                writes = sum(1 for _ in sandbox.journal.by("pipeline"))
                try:
                    run_all(wiring, Run(run_id, Scope("changed"), "apply"))
                except Killed:
                    died, process.is_dead = died + 1, False
            again = sum(1 for _ in sandbox.journal.by("pipeline")) - writes
            with sandbox.crms.lock:
                return Load(died, calls, writes, again, len(violations(sandbox.crms)))

    return load


@pytest.mark.rule("R98", "R99")
def test_f69_a_load_killed_at_ten_places_does_no_more_than_a_batch_a_kill_again(loaded):
    kills = chosen_kills(random.Random(69), RECORDS * 100 // BATCH)
    calm, killed = loaded(), loaded(kills)
    assert (calm.writes, calm.again) == (4 * RECORDS, 0), "each record is made, and its partner gets its key"
    assert (killed.kills, wrong(calm, killed, kills, batch=BATCH)) == (KILLS, [])
