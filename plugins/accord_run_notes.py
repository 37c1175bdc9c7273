"""Tells Airflow to note on each run of Accord what it did. Nothing else is registered here."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from accord.orchestration import run_notes


class AccordRunNotes(AirflowPlugin):
    """Registers the listener."""

    name = "accord_run_notes"
    listeners = [run_notes]  # noqa: RUF012 - the attribute that Airflow reads
