"""Import existing accounts by backfill, one month of CreatedDate a run.

Accounts older than the switch-on take part only when they are imported or edited. Start a backfill over the months
you want (Trigger, then Backfill), or trigger one run with `since` and `until`. An account that has to wait for a rival
of another month stays requested and is settled by a later run, so the order of the months decides nothing.
Repeating a month is safe: what is paired stays paired.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import CronDataIntervalTimetable, dag

from accord.orchestration.alerts import run_failed, run_succeeded
from accord.orchestration.params import MODE, SINCE, UNTIL
from accord.orchestration.retries import DEFAULT_ARGS
from accord.orchestration.tasks import sync_crms


@dag(
    # A schedule is what makes a backfill possible; the DAG stays paused, so that nothing is imported unasked.
    schedule=CronDataIntervalTimetable("0 0 1 * *", timezone="UTC"),
    start_date=datetime(2000, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=True,
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    on_success_callback=run_succeeded,
    params={"mode": MODE, "since": SINCE, "until": UNTIL},
    tags=["accord", "import"],
    doc_md=__doc__,
)
def import_accounts() -> None:
    """Add the tasks."""
    sync_crms("interval")


import_accounts()
