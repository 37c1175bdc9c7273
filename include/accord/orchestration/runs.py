"""An Airflow run, seen as a run of Accord: its name, its scope, its mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from airflow.sdk import get_current_context

from accord.model.errors import BadInput
from accord.model.scope import Run, Scope

if TYPE_CHECKING:
    from datetime import datetime

AS_CONFIGURED = "as configured"


def current_run(kind: str) -> Run:
    """Return the run that the current task belongs to.

    Raises:
        BadInput: the run has no interval to import, no record to sync, or no run to undo; says which parameter to give.
    """
    from accord.orchestration.wiring import settings_in_force

    context = get_current_context()
    dag_run, params = context["dag_run"], context["params"]
    asked = str(params.get("mode") or AS_CONFIGURED)
    mode = settings_in_force().mode if asked == AS_CONFIGURED else cast("Literal['plan', 'apply']", asked)
    return Run(run_id=f"{dag_run.dag_id}/{dag_run.run_id}", scope=_scope(kind, context, params), mode=mode)


def _scope(kind: str, context: Any, params: Any) -> Scope:
    """Return what the run may act on."""
    by = getattr(context["dag_run"], "triggering_user_name", None)
    if kind == "interval":
        since, until = _interval(context, params)
        return Scope("interval", since=since, until=until, requested_by=by)
    if kind == "record":
        record_id = str(params.get("record_id") or "").strip()
        if not record_id:
            raise BadInput("record_id is empty: give the id of a HubSpot company or a Salesforce account")
        return Scope("record", record_id=record_id, requested_by=by)
    if kind == "revert":
        named = str(params.get("run") or "").strip()
        if not named:
            raise BadInput("run is empty: give the id of the run to undo")
        return Scope(
            "revert", undone_run=_whole_id(named), archives=bool(params.get("archive_created")), requested_by=by
        )
    return Scope("changed", requested_by=by)


def _whole_id(named: str) -> str:
    """Return the id under which Accord knows a run."""
    from accord.orchestration.wiring import warehouse
    from accord.steps.revert import undone_run

    return undone_run(warehouse(), named)


def _interval(context: Any, params: Any) -> tuple[datetime, datetime]:
    """Return the months to import: the parameters where given, else the data interval of the run."""
    from accord.orchestration.times import parse_utc

    if bool(params.get("since")) != bool(params.get("until")):
        raise BadInput("since and until belong together: give both, or none and the run's own interval is imported")
    if params.get("since"):
        since, until = parse_utc(str(params["since"])), parse_utc(str(params["until"]))
    else:
        since, until = context.get("data_interval_start"), context.get("data_interval_end")
    if since is None or until is None or since >= until:
        raise BadInput("no interval: start this DAG by a backfill, or give since and until (since before until)")
    return since, until
