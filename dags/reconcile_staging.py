"""Prove once a day that staging shows what the CRMs hold.

Scans all ids of both sides, reads again what incremental reading missed, notices deletes, merges and associations that
move no timestamp, and deletes the plans of runs that are older than the retention time. Writes nothing to a CRM.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import CronDataIntervalTimetable, dag

from accord.orchestration.alerts import run_failed, run_succeeded
from accord.orchestration.retries import DEFAULT_ARGS
from accord.orchestration.setup_tasks import reconcile_tasks


@dag(
    schedule=CronDataIntervalTimetable("30 2 * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    on_success_callback=run_succeeded,
    tags=["accord", "daily"],
    doc_md=__doc__,
)
def reconcile_staging() -> None:
    """Add the tasks."""
    reconcile_tasks()


reconcile_staging()
