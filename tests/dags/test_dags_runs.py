"""An Airflow run as a run of Accord."""

from types import SimpleNamespace

import pytest

from accord.orchestration import runs

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize("user", ["ann", None])
def test_the_person_who_started_a_run_is_who_changed_the_settings_it_found(monkeypatch, user):
    dag_run = SimpleNamespace(dag_id="sync_accounts", run_id="manual__1", triggering_user_name=user)
    monkeypatch.setattr(runs, "get_current_context", lambda: {"dag_run": dag_run, "params": {"mode": "plan"}})
    run = runs.current_run("changed")
    assert (run.run_id, run.scope.requested_by) == ("sync_accounts/manual__1", user)
