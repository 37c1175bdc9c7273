"""A note on each DAG run that says in one line what happened; taken from the XCom of its last task, `report`.

Runs inside the scheduler when a run ends. It reads and writes Airflow's own database only: a scheduler must never wait
for the warehouse.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from airflow.listeners import hookimpl
from airflow.models.xcom import XComModel
from sqlalchemy import select
from sqlalchemy.orm import object_session

if TYPE_CHECKING:
    from airflow.models.dagrun import DagRun

OUR_DAGS = ("sync_accounts", "import_accounts", "sync_record", "revert_run", "reconcile_staging")


@hookimpl
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:
    """Put the note on a run that ended well."""
    _annotate(dag_run)


@hookimpl
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:
    """Put the note on a run that failed: what was done before."""
    _annotate(dag_run)


def _annotate(dag_run: DagRun) -> None:
    """Set the note, or renew the one we set before; what a person wrote stays."""
    session, before = object_session(dag_run), dag_run.dag_run_note
    if session is None or dag_run.dag_id not in OUR_DAGS or (before and before.user_id):
        return
    told = session.scalar(
        select(XComModel.value).where(
            XComModel.dag_id == dag_run.dag_id,
            XComModel.run_id == dag_run.run_id,
            XComModel.task_id.in_(["report", "prove"]),
            XComModel.key == "return_value",
        )
    )
    value = json.loads(told) if isinstance(told, str) else told
    if isinstance(value, dict) and value.get("note"):
        dag_run.note = str(value["note"])
