"""Tells people that something changed: a run failed, an approval waits, a CRM lags; and when that is over.

All ways lead through `raise_alerts`, which remembers in the warehouse what was told. Imports of weight stay inside:
DAG files name these functions.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from accord.model.alerts import Change, Reading
from accord.model.errors import AccordError, BadSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accord.model.scope import Run
    from accord.model.settings import Alerts, Settings
    from accord.steps.wiring import Wiring
    from accord.store.database import Database

_log = logging.getLogger(__name__)


def watch_run(wiring: Wiring, run: Run) -> None:
    """Tell what a run that ends shows, and send its metrics; nothing while the switch is off: nothing is expected."""
    from accord.orchestration.metrics import send
    from accord.steps.metrics import metrics_of
    from accord.steps.readings import readings_of
    from accord.store import alerts
    from accord.store.measured import measure

    settings, database = wiring.settings, wiring.database
    if not settings.sync_companies:
        return
    measured = measure(database, settings, run.run_id, wiring.clock.now())
    readings = readings_of(measured, settings.alerts, settings.budget, alerts.standing(database))
    raise_alerts(database, settings.alerts, readings, run.run_id)
    send(metrics_of(measured), measured.dag)


def run_failed(context: Mapping[str, Any]) -> None:
    """Tell that a DAG fails, once for as long as it does; the `on_failure_callback` of each DAG."""
    dag_id, run_id = _named(context)
    text = f"{run_id.partition('/')[2]} failed ({context.get('reason') or 'a task failed'}); its log says why"
    reading = Reading("failed", dag_id, True, text)
    try:
        database, settings = _warehouse_and_settings()
        raise_alerts(database, settings.alerts, [reading, *_in_time(context, settings)], run_id)
    except AccordError as problem:
        # Without the warehouse nobody knows what was told before: rather twice than never.
        _log.warning("alerts cannot be remembered: %s", problem)
        _tell_unremembered(Change("failed", dag_id, False, f"{text}; the warehouse does not answer either"), run_id)


def run_succeeded(context: Mapping[str, Any]) -> None:
    """Tell that a DAG that failed is well again; the `on_success_callback` of each DAG."""
    dag_id, run_id = _named(context)
    database, settings = _warehouse_and_settings()
    if not settings.sync_companies:
        return
    reading = Reading("failed", dag_id, False, f"{run_id.partition('/')[2]} succeeded")
    raise_alerts(database, settings.alerts, [reading, *_in_time(context, settings)], run_id)


def run_late(context: Mapping[str, Any]) -> None:
    """Tell that a run is not done in time, and which CRM lags meanwhile; the callback of the deadline."""
    from accord.steps.readings import levels_of
    from accord.store import alerts
    from accord.store.measured import measure

    dag_run = context["dag_run"]
    if dag_run["state"] in {"success", "failed"}:
        return
    dag_id, run_id = dag_run["dag_id"], f"{dag_run['dag_id']}/{dag_run['dag_run_id']}"
    database, settings = _warehouse_and_settings()
    asks = any(it["kind"] == "approval" and it["run_id"] == run_id for it in alerts.standing(database))
    why = "it waits for an approval" if asks else "it is still at work, or waits for a free worker"
    text = f"{dag_run['dag_run_id']} is not done {settings.alerts.deadline_minutes} minutes after it was queued: {why}"
    levels = levels_of(measure(database, settings, run_id, datetime.now(UTC)), settings.alerts, settings.budget)
    raise_alerts(database, settings.alerts, [Reading("late", dag_id, True, text), *levels], run_id)


def approval_waits(context: Mapping[str, Any]) -> None:
    """Tell, once for each plan, that a person is asked; the question is asked whether or not that can be told."""
    from accord.steps.readings import approvals_over
    from accord.store import alerts

    try:
        dag_id, run_id = _named(context)
        subject = f"{dag_id}, plan {context['ti'].xcom_pull(task_ids='decide')['digest'][:12]}"
        database, settings = _warehouse_and_settings()
        others = approvals_over(alerts.standing(database), dag_id, "another plan took the place of this one")
        readings = [*others, Reading("approval", subject, True, str(context["task"].subject))]
        raise_alerts(database, settings.alerts, readings, run_id)
    except Exception:
        _log.exception("nobody was told that an approval waits")


def approval_answered(context: Mapping[str, Any]) -> None:
    """Tell that nobody is asked any more; the `on_success_callback` of the question."""
    from accord.steps.readings import approvals_over
    from accord.store import alerts

    try:
        dag_id, run_id = _named(context)
        database, settings = _warehouse_and_settings()
        readings = approvals_over(alerts.standing(database), dag_id, "it was answered")
        raise_alerts(database, settings.alerts, readings, run_id)
    except AccordError as problem:
        _log.warning("nobody was told that the approval was answered: %s", problem)


def raise_alerts(database: Database, settings: Alerts, readings: Iterable[Reading], run_id: str) -> None:
    """Store what changed, and tell it, with whatever a notifier could not be told before."""
    from accord.orchestration.telling import told_by
    from accord.store import alerts

    now = datetime.now(UTC)
    ways = {it.name: it for it in settings.notifiers}
    alerts.turn(database, readings, run_id=run_id, notifiers=list(ways), at=now)
    with database.transaction() as connection:
        for row in alerts.untold(connection, now):
            change = Change(row["kind"], row["subject"], row["is_over"], row["text"])
            known = [name for name in row["pending"] if name in ways]
            left = [name for name in known if not told_by(ways[name], change, row["run_id"])]
            alerts.still_pending(connection, row["id"], left)


def _tell_unremembered(change: Change, run_id: str) -> None:
    """Tell something to everybody without looking at what was told before."""
    from accord.model.settings import Settings
    from accord.orchestration.telling import told_by
    from accord.orchestration.wiring import settings_in_force

    try:
        notifiers = settings_in_force().alerts.notifiers
    except BadSettings:
        notifiers = Settings().alerts.notifiers
    for notifier in notifiers:
        told_by(notifier, change, run_id)


def _warehouse_and_settings() -> tuple[Database, Settings]:
    """Return the warehouse, and the settings in force; where the file is wrong, those that a run saw last."""
    from accord.model.settings import Settings
    from accord.orchestration.wiring import settings_in_force, warehouse
    from accord.store import history, switch

    database = warehouse()
    try:
        return database, switch.applied_read_only(database, settings_in_force())
    except BadSettings:
        return database, history.last_settings(database) or Settings()


def _named(context: Mapping[str, Any]) -> tuple[str, str]:
    """Return the DAG and the run, as Accord knows it, of a context; the DAG processor's may lack the run itself."""
    dag_id = str(context["dag"].dag_id)
    return dag_id, f"{dag_id}/{context.get('run_id') or context['dag_run'].run_id}"


def _in_time(context: Mapping[str, Any], settings: Settings) -> list[Reading]:
    """Return that no run is late any more, where the run that ended took no longer than it may."""
    dag_run = context.get("dag_run")
    began = getattr(dag_run, "start_date", None)
    if began is None:
        return []
    minutes = ((getattr(dag_run, "end_date", None) or datetime.now(UTC)) - began).total_seconds() / 60
    if minutes > settings.alerts.deadline_minutes:
        return []
    return [Reading("late", str(context["dag"].dag_id), False, f"a run was done in {minutes:.0f} minutes")]
