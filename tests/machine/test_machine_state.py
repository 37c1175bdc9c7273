"""200 examples of the state machine, in four parts that two workers share; `make soak` goes on for an hour."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from machine.sync import Sync

pytestmark = pytest.mark.postgres

EXAMPLES = 50
STEPS = 6


@pytest.mark.parametrize("part", range(4))
def test_nothing_twice_and_nothing_lost_whatever_people_and_crashes_do(process, warehouse, part):
    machine = seed(part)(type("Sync", (Sync,), {"process": process, "database": warehouse}))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
