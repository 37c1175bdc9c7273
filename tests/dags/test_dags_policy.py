"""What holds for every DAG file, and what an operator sees of them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def bag():
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(str(ROOT / "dags"))


def test_every_dag_file_loads(bag):
    assert bag.import_errors == {}
    assert set(bag.dags) == {path.stem for path in (ROOT / "dags").glob("*.py")}


def test_every_dag_says_what_it_does_and_never_catches_up(bag):
    for dag in bag.dags.values():
        assert len(dag.doc_md or "") > 100, dag.dag_id
        assert "accord" in dag.tags
        assert dag.catchup is False
        assert dag.max_active_runs == 1


def test_every_task_of_ours_retries_by_what_went_wrong(bag):
    for dag in bag.dags.values():
        for task in dag.tasks:
            assert task.retry_policy is not None, (dag.dag_id, task.task_id)
            assert task.doc or task.task_type in {"Approval"} or task.python_callable.__doc__


@pytest.mark.parametrize("dag_id", ["sync_accounts", "import_accounts", "sync_record"])
def test_a_run_goes_one_way_and_the_gate_comes_before_every_write(bag, dag_id):
    edges = {
        task.task_id: sorted(task.downstream_task_ids - {"fail_the_run"})
        for task in bag.dags[dag_id].tasks
        if task.task_id != "fail_the_run"
    }
    assert edges == {
        "open_run": ["extract.hubspot", "extract.salesforce"],
        "extract.salesforce": ["decide"],
        "extract.hubspot": ["decide"],
        "decide": ["apply", "gate"],
        "gate": ["apply", "approve"],
        "approve": ["apply"],
        "apply": ["verify"],
        "verify": ["report"],
        "report": [],
    }


def test_a_revert_looks_asks_writes_and_reads_back(bag):
    edges = {
        task.task_id: sorted(task.downstream_task_ids - {"fail_the_run"})
        for task in bag.dags["revert_run"].tasks
        if task.task_id != "fail_the_run"
    }
    assert edges == {
        "open_run": ["decide"],
        "decide": ["apply", "gate"],
        "gate": ["apply", "approve"],
        "approve": ["apply"],
        "apply": ["verify"],
        "verify": ["extract.hubspot", "extract.salesforce"],
        "extract.salesforce": ["report"],
        "extract.hubspot": ["report"],
        "report": [],
    }
    assert bag.dags["revert_run"].schedule is None


@pytest.mark.parametrize("dag_id", ["sync_accounts", "import_accounts", "sync_record", "revert_run"])
def test_a_failed_task_makes_the_run_red_although_the_report_succeeds(bag, dag_id):
    watcher = bag.dags[dag_id].get_task("fail_the_run")
    assert watcher.trigger_rule == "one_failed"
    assert watcher.upstream_task_ids == {task.task_id for task in bag.dags[dag_id].tasks} - {"fail_the_run", "report"}


def test_a_question_has_no_time_limit(bag):
    approve = bag.dags["sync_accounts"].get_task("approve")
    assert approve.execution_timeout is None
    assert approve.response_timeout is None


def test_every_dag_that_runs_unwatched_tells_when_it_fails_and_when_it_is_well_again(bag):
    from accord.orchestration.alerts import run_failed, run_succeeded

    for dag in bag.dags.values():
        told = ([run_failed], [run_succeeded]) if dag.dag_id != "prepare_crms" else ([], [])
        assert ([*_listed(dag.on_failure_callback)], [*_listed(dag.on_success_callback)]) == told, dag.dag_id


def _listed(callbacks):
    return callbacks if isinstance(callbacks, list) else [callbacks] if callbacks else []


@pytest.mark.parametrize(
    ("text", "minutes"), [("alerts: {deadline_minutes: 7}", 7), ("alerts: {deadline_minutes: soon}", 60)]
)
def test_a_run_of_the_schedule_has_the_time_that_the_settings_give_it(bag, tmp_path, monkeypatch, text, minutes):
    from accord.orchestration.deadlines import done_in_time

    (tmp_path / "accord.yaml").write_text(text)
    monkeypatch.setenv("ACCORD_SETTINGS", str(tmp_path / "accord.yaml"))
    assert done_in_time().interval == timedelta(minutes=minutes)
    assert [dag_id for dag_id, dag in bag.dags.items() if dag.deadline] == ["sync_accounts"]


def test_the_deadline_and_its_callback_survive_the_way_into_airflows_database(bag):
    from airflow.serialization.serialized_objects import DagSerialization

    [alert] = DagSerialization.to_dict(bag.dags["sync_accounts"])["dag"]["deadline"]
    assert "accord.orchestration.alerts.run_late" in str(alert)
    assert "DagRunQueuedAtDeadline" in str(alert)


def test_time_dags_have_data_intervals(bag):
    for dag_id in ("sync_accounts", "import_accounts", "reconcile_staging"):
        assert "CronDataInterval" in type(bag.dags[dag_id].timetable).__name__


def test_every_form_field_says_what_it_means(bag):
    for dag in bag.dags.values():
        for name in dag.params:
            param = dag.params.get_param(name)
            assert param.schema.get("title"), (dag.dag_id, name)
            assert param.description, (dag.dag_id, name)


def test_a_write_outlives_a_short_outage(bag):
    apply = bag.dags["sync_accounts"].get_task("apply")
    assert apply.retries >= 3
    assert apply.execution_timeout >= timedelta(minutes=30)


def test_parsing_the_dags_loads_neither_pandas_nor_a_crm_client():
    code = (
        "import sys; from airflow.dag_processing.dagbag import DagBag; before = set(sys.modules)\n"
        f"assert not DagBag({str(ROOT / 'dags')!r}).import_errors\n"
        "heavy = {'pandas', 'simple_salesforce', 'hubspot', 'adbc_driver_postgresql'} & (set(sys.modules) - before)\n"
        "sys.exit(f'loaded while parsing: {heavy}' if heavy else 0)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "include")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
