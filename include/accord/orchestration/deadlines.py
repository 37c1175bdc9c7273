"""The time in which a run of the schedule has to be done."""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from accord.model.errors import BadSettings
from accord.model.settings import Settings, load_settings
from accord.model.settings_place import settings_path
from accord.orchestration.alerts import run_late


def done_in_time() -> DeadlineAlert:
    """Return the deadline of a DAG, as long as the settings say, counted from the moment a run is queued.

    Read when the DAG file is parsed. A settings file that is wrong stops a run with a message, not the whole DAG.
    """
    try:
        minutes = load_settings(settings_path()).alerts.deadline_minutes
    except BadSettings:
        minutes = Settings().alerts.deadline_minutes
    return DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=minutes),
        # Not in the triggerer: it asks the warehouse, which would hold up everybody else's triggers.
        callback=SyncCallback(run_late),
        name="done in time",
    )
