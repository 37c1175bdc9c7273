"""Sync one record now: the button of the native Salesforce Sync card.

Give the id of a HubSpot company or a Salesforce account. A company gets an account although the rules would not create
one, but is matched first: if its people point at one unpaired account, the two are paired instead.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag

from accord.orchestration.alerts import run_failed, run_succeeded
from accord.orchestration.params import MODE, RECORD_ID
from accord.orchestration.retries import DEFAULT_ARGS
from accord.orchestration.tasks import sync_crms


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
    params={"record_id": RECORD_ID, "mode": MODE},
    tags=["accord", "by hand"],
    doc_md=__doc__,
)
def sync_record() -> None:
    """Add the tasks."""
    sync_crms("record")


sync_record()
