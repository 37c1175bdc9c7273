"""Undo what one run wrote, by hand.

Puts back the values, keys, pairs, people, stages and parents that a run of Accord wrote, newest first, as a run of its
own: planned, approved, written through the ledger, verified. What somebody changed since is left and listed, and the
approval says what cannot be undone before anything is written. Records that the run made are archived only if that is
asked for and nobody touched them since. A revert can be undone as well.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag

from accord.orchestration.alerts import run_failed, run_succeeded
from accord.orchestration.params import ARCHIVE_CREATED, MODE, UNDONE_RUN
from accord.orchestration.retries import DEFAULT_ARGS
from accord.orchestration.tasks import undo_run


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    # It runs only when somebody starts it: paused, the buttons of the console would start nothing.
    is_paused_upon_creation=False,
    default_args=DEFAULT_ARGS,
    on_failure_callback=run_failed,
    on_success_callback=run_succeeded,
    params={"run": UNDONE_RUN, "archive_created": ARCHIVE_CREATED, "mode": MODE},
    tags=["accord", "by hand"],
    doc_md=__doc__,
)
def revert_run() -> None:
    """Add the tasks."""
    undo_run()


revert_run()
