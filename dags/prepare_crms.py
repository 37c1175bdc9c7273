"""Prepare both CRMs, by hand and once: tables, key fields, and a report of what is missing.

Creates the tables of the warehouse, checks the two key fields and every mapped field, creates the HubSpot property if
asked, and prints how an administrator adds the Salesforce field. Until both key fields exist, every run stops before it
decides anything, and says so.
"""

from __future__ import annotations

from datetime import UTC, datetime

from airflow.sdk import dag

from accord.orchestration.params import CREATE_PROPERTY
from accord.orchestration.retries import DEFAULT_ARGS
from accord.orchestration.setup_tasks import prepare_tasks


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args=DEFAULT_ARGS,
    params={"create_property": CREATE_PROPERTY},
    tags=["accord", "by hand"],
    doc_md=__doc__,
)
def prepare_crms() -> None:
    """Add the tasks."""
    prepare_tasks()


prepare_crms()
