"""The baseline of stages: under which switch-on it was begun, and which of what runs saw becomes it (R52, R60)."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd
import pytest
from psycopg.types.json import Jsonb

from accord.model.settings import Settings
from accord.store import history, stages

pytestmark = pytest.mark.postgres

JANUARY, FEBRUARY, MARCH = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 2, 3))


def seen(**of_contacts):
    return pd.DataFrame({"key": [int(name[1:]) for name in of_contacts], "stage": list(of_contacts.values())})


def a_run(database, run_id, *, kind="changed", is_applied=True):
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.runs (run_id, dag, scope, mode, counts) VALUES (%s, 'd', %s, 'apply', %s)",
            [run_id, Jsonb({"kind": kind}), Jsonb({"is_applied": is_applied})],
        )


def asked(database, run_id, stage, *contacts, state=None, wrote=None):
    """The run's plan gives company 7 a stage because of these contacts; `state` is what became of the write."""
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.decisions (run_id, system, key, action, record_id, value)"
            " VALUES (%s, 'hubspot', 7, 'SET_STAGE', '7', %s)",
            [run_id, stage],
        )
        for contact in contacts:
            connection.execute(
                "INSERT INTO sync.decision_people (run_id, system, key, role, hubspot_contact_id)"
                " VALUES (%s, 'hubspot', 7, 'stage', %s)",
                [run_id, contact],
            )
        if state:
            connection.execute(
                "INSERT INTO sync.intents (id, system, object, op, source_id, plan_hash, run_id, state, fields)"
                " VALUES (gen_random_uuid(), 'hubspot', 'company', 'stage', '7', 'p', %s, %s, %s)",
                [run_id, state, Jsonb({"lifecyclestage": wrote or stage})],
            )


def baseline(database):
    return {row["contact_id"]: row["stage"] for row in database.rows("SELECT * FROM sync.stage_baseline")}


def test_a_switch_on_begins_a_baseline_and_an_earlier_date_in_the_settings_does_not(database):
    on, dated = Settings(sync_companies=True), Settings(sync_companies=True, enabled_at=JANUARY)
    history.record_settings(database, on, by="ann", at=FEBRUARY)
    assert history.switched_on(database, on, MARCH) == FEBRUARY
    stages.begin(database, "r/1", seen(c1="lead"), FEBRUARY)
    assert history.switched_on(database, dated, MARCH) == FEBRUARY
    assert stages.is_begun(database, history.switched_on(database, dated, MARCH))
    history.record_settings(database, Settings(sync_companies=False), by="ann", at=FEBRUARY)
    history.record_settings(database, dated, by="ann", at=MARCH)
    assert history.enabled_at(database, dated, MARCH) == JANUARY
    assert not stages.is_begun(database, history.switched_on(database, dated, MARCH))


@pytest.mark.parametrize(
    ("kind", "is_applied", "write", "taken"),
    [
        pytest.param("changed", True, {"state": "confirmed"}, {"1", "2", "3"}, id="all done"),
        pytest.param("changed", True, {"state": "rejected"}, {"3"}, id="the write was refused"),
        pytest.param("changed", True, {}, {"3"}, id="the write rests"),
        pytest.param("changed", True, {"state": "confirmed", "wrote": "lead"}, {"3"}, id="an earlier try wrote less"),
        pytest.param("changed", False, {"state": "confirmed"}, {"1", "2"}, id="broken off after the write"),
        pytest.param("changed", False, {"state": "sent"}, set(), id="broken off, answer lost"),
        pytest.param("record", True, {"state": "confirmed"}, {"1", "2"}, id="one record by hand"),
        pytest.param("interval", True, {}, set(), id="an import"),
    ],
)
def test_what_a_run_saw_becomes_the_baseline_where_it_was_acted_on(database, kind, is_applied, write, taken):
    a_run(database, "r/1", kind=kind, is_applied=is_applied)
    asked(database, "r/1", "customer", "1", "2", **write)
    stages.keep_seen(database, "r/1", seen(c1="customer", c2="opportunity", c3="other"))
    assert stages.promote(database) == len(taken)
    assert baseline(database).keys() == taken
    assert database.rows("SELECT FROM sync.stage_seen") == []


def test_of_two_runs_that_saw_a_contact_the_later_one_counts(database):
    for run_id, stage in (("r/1", "lead"), ("r/2", "customer")):
        a_run(database, run_id)
        stages.keep_seen(database, run_id, seen(c1=stage))
    stages.promote(database)
    assert baseline(database) == {"1": "customer"}


def test_a_change_without_a_rank_is_noted_once(database):
    left = pd.DataFrame({"company_key": [7], "contact_key": [1], "stage": ["vip"], "company_stage": [""]})
    assert [stages.note_left(database, run_id, left) for run_id in ("r/1", "r/2")] == [1, 0]
