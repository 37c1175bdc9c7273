"""Keep accounts and companies in accord: what changed since the last run, every 15 minutes.

Reads what changed in both CRMs into staging, matches unpaired accounts to companies by the people they share, decides
what to create, and writes it back. A run that would create more than the caps allow waits for an approval. Every run
may be cleared and repeated: the ledger knows what was already written, and the keys in both CRMs prove it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import CronDataIntervalTimetable, dag

from accord.orchestration.alerts import run_failed, run_succeeded
from accord.orchestration.deadlines import done_in_time
from accord.orchestration.params import MODE
from accord.orchestration.retries import DEFAULT_ARGS
from accord.orchestration.tasks import sync_crms


@dag(
    # A plain cron string would give empty data intervals.
    schedule=CronDataIntervalTimetable("*/15 * * * *", timezone="UTC"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    on_success_callback=run_succeeded,
    deadline=done_in_time(),
    params={"mode": MODE},
    tags=["accord", "sync"],
    doc_md=__doc__,
)
def sync_accounts() -> None:
    """Add the tasks."""
    sync_crms("changed")


sync_accounts()
