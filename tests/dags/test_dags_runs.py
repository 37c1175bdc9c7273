"""An Airflow run as a run of Accord."""

from types import SimpleNamespace

import pytest

from accord.model.errors import BadInput
from accord.orchestration import runs

pytestmark = pytest.mark.airflow


@pytest.mark.parametrize("user", ["ann", None])
def test_the_person_who_started_a_run_is_who_changed_the_settings_it_found(monkeypatch, user):
    dag_run = SimpleNamespace(dag_id="sync_accounts", run_id="manual__1", triggering_user_name=user)
    monkeypatch.setattr(runs, "get_current_context", lambda: {"dag_run": dag_run, "params": {"mode": "plan"}})
    run = runs.current_run("changed")
    assert (run.run_id, run.scope.requested_by) == ("sync_accounts/manual__1", user)


def test_a_revert_names_the_whole_id_of_the_run_it_undoes(monkeypatch):
    params = {"mode": "apply", "run": " manual__1 ", "archive_created": True}
    dag_run = SimpleNamespace(dag_id="revert_run", run_id="manual__2", triggering_user_name="ann")
    monkeypatch.setattr(runs, "get_current_context", lambda: {"dag_run": dag_run, "params": params})
    monkeypatch.setattr(runs, "_whole_id", lambda named: f"sync_accounts/{named}")
    scope = runs.current_run("revert").scope
    assert (scope.undone_run, scope.archives, scope.requested_by) == ("sync_accounts/manual__1", True, "ann")
    params["run"] = ""
    with pytest.raises(BadInput, match="run is empty"):
        runs.current_run("revert")
