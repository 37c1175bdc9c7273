"""What the demo does: bring everything up, import month by month, sync once, tell what came of it."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar
from tenacity import Retrying, stop_after_attempt, wait_fixed

from accord.demo.stage import Stage, stage_of
from accord.demo.tell import tell
from accord.local.celery import count_tasks
from accord.local.errors import StackError
from accord.store.database import Database

if TYPE_CHECKING:
    from accord.local.airflow import Airflow
    from accord.local.rest import AirflowApi
    from accord.local.stack import Layout, Stack

WAREHOUSE = "accord"
IMPORT, SYNC = "import_accounts", "sync_accounts"
_DAY = timedelta(days=1)


def run_demo(stack: Stack, *, layout: Layout, accounts: int, months: int, seed: int) -> int:
    """Return 0 when every run of the demo ended green.

    Run again while the stack is up, it repeats import and sync on the same two CRMs, which must write nothing.
    """
    stage, airflow, is_repeat = _ready(stack, layout, accounts, months, seed)
    database = Database(stack.postgres.dsn(WAREHOUSE))
    before = stage.writes()
    _rest(airflow.api, is_repeat=is_repeat)
    _import(stack, airflow.api, stage)
    _sync(stack, airflow.api)
    if layout == "celery":
        _tell_workers(stack)
    tell(stack.progress.console, stage, database, f"http://localhost:{airflow.port}", before if is_repeat else None)
    return 0


def _ready(stack: Stack, layout: Layout, accounts: int, months: int, seed: int) -> tuple[Stage, Airflow, bool]:
    """Return the stage and its Airflow, and whether both were up already."""
    running = {service.name: service for service in stack.services.alive()}
    has_workers = "worker-1" in running
    if {"sandbox", "api-server"} <= running.keys() and stack.postgres.pid() and has_workers == (layout == "celery"):
        stage = Stage(stack.runtime, accounts, months, seed, running["sandbox"].port or 0)
        airflow = replace(stack.airflow(layout), port=running["api-server"].port or 0)
        if stage.answers() and airflow.api.is_healthy():
            stack.progress.console.print("The demo is already up: it is repeated on the same two CRMs.")
            return stage, airflow, True
    stage = stage_of(stack.runtime, accounts, months, seed)
    stage.write_settings(datetime.now(UTC))
    # The sandbox forgets when it stops, so what Accord remembers of the last one goes too.
    stack.stop()
    stack.forget(WAREHOUSE)
    airflow = stack.start(
        layout,
        env_extra=stage.environment(),
        databases={"AIRFLOW_CONN_ACCORD_WAREHOUSE": WAREHOUSE},
        extra=[stage.sandbox()],
        paused=(SYNC, IMPORT),
    )
    return stage, airflow, False


def _rest(api: AirflowApi, *, is_repeat: bool) -> None:
    """Pause the schedule once nothing of it runs, because a run of a paused DAG stands still.

    A new stack starts paused. What an earlier demo left in its Airflow, an approval that waits among it, is about CRMs
    that are gone: it is ended.
    """
    api.wait_for_dag(SYNC)
    unfinished = [run["dag_run_id"] for run in api.runs(SYNC) if run["state"] not in {"success", "failed"}]
    if is_repeat and unfinished:
        api.set_paused(SYNC, is_paused=False)
    for run_id in unfinished:
        if is_repeat:
            api.wait_for_run(SYNC, run_id, 900)
        else:
            # The scheduler may be changing the same run at that moment: the database then ends one of the two.
            tries = Retrying(stop=stop_after_attempt(4), wait=wait_fixed(5), reraise=True)
            tries(api.end_run, SYNC, run_id)
    api.set_paused(SYNC, is_paused=True)
    api.cancel_backfills(IMPORT)


def _import(stack: Stack, api: AirflowApi, stage: Stage) -> None:
    """Import the months of the world by a backfill."""
    api.wait_for_dag(IMPORT)
    last = stage.enabled_at(datetime.now(UTC))
    first = last
    for _ in range(stage.months):
        first = (first.replace(day=1) - _DAY).replace(day=1)
    # The backfill comes first: an unpaused DAG would make a run of its own for the latest month.
    backfill = api.create_backfill(IMPORT, first, last - _DAY, reprocess="completed")
    api.set_paused(IMPORT, is_paused=False)
    with _bar(stack) as bar:
        shown = bar.add_task("import by backfill", total=len(backfill.logical_dates))
        runs = api.wait_for_backfill(backfill, 1800, lambda now: bar.update(shown, completed=_ended(now)))
    _refuse_failures(stack, IMPORT, runs)
    stack.progress.console.print(f"[green]✓[/green] {len(runs)} months imported by backfill")


def _sync(stack: Stack, api: AirflowApi) -> None:
    """Run one scheduled sync, or one by hand where the schedule's latest interval is done already."""
    with stack.progress.step("sync_accounts") as step:
        known = {run["dag_run_id"] for run in api.runs(SYNC)}
        api.set_paused(SYNC, is_paused=False)
        run_id = _new_run(api, known)
        run = api.wait_for_run(SYNC, run_id, 900)
        _refuse_failures(stack, SYNC, [run])
        step.note = str(run.get("note") or run["state"])


def _tell_workers(stack: Stack) -> None:
    """Print what each Celery worker did.

    Raises:
        StackError: one of them did nothing, so this was no layout of several machines.
    """
    done = count_tasks(stack.services)
    stack.progress.console.print("Tasks done by " + ", ".join(f"{name}: {number}" for name, number in done.items()))
    if not all(done.values()):
        raise StackError("one of the two workers did nothing")


def _bar(stack: Stack) -> Bar:
    """Return a progress bar that counts months."""
    columns = (TextColumn("  {task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total} months"))
    return Bar(*columns, TimeElapsedColumn(), console=stack.progress.console, transient=True)


def _ended(runs: list[dict[str, Any]]) -> int:
    """Return how many runs have ended."""
    return sum(run["state"] in {"success", "failed"} for run in runs)


def _new_run(api: AirflowApi, known: set[str]) -> str:
    """Return the run that unpausing made; where there is none within a few seconds, start one by hand."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        new = [run["dag_run_id"] for run in api.runs(SYNC) if run["dag_run_id"] not in known]
        if new:
            return str(new[0])
        time.sleep(0.5)
    return api.trigger(SYNC)


def _refuse_failures(stack: Stack, dag_id: str, runs: list[dict[str, Any]]) -> None:
    """Stop the demo when a run did not end well.

    Raises:
        StackError: names the run and where its log is.
    """
    failed = [run["dag_run_id"] for run in runs if run["state"] != "success"]
    if failed:
        logs = stack.runtime / "airflow" / "logs" / f"dag_id={dag_id}"
        raise StackError(f"{dag_id}: {', '.join(failed)} failed; the logs are under {logs}")
