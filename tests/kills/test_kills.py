"""Real Airflow and real `kill -9`: of tasks, of their workers, of the scheduler and of Postgres, while both CRMs are loaded."""

from __future__ import annotations

from kills.lived import DEATHS
from kills.undisturbed import outcome, undisturbed


def test_f64_everything_died_once_and_airflow_tried_again(lived):
    assert [name for name, pids in lived.deaths if pids] == [death.name for death in DEATHS]
    assert lived.tries()


def test_f6_nothing_is_there_twice(lived):
    assert lived.stage.control("state")["violations"] == []


def test_f61_the_ledger_knows_the_end_of_every_write(lived):
    states = lived.database.rows("SELECT state, count(*) AS n FROM sync.intents GROUP BY 1")
    assert {row["state"] for row in states} <= {"confirmed", "superseded"}, states


def test_f6_a_further_run_writes_nothing_and_both_crms_are_as_if_nothing_had_died(lived):
    before = lived.stage.writes()
    assert lived.sync()["state"] == "success"
    assert lived.stage.writes() == before
    found = outcome(lived.stage.control("state", full=1), lived.stage.control("journal", caller="pipeline"))
    assert found == undisturbed(lived.stage, lived.made_at)
