"""Every page of the console over a large warehouse, beside an empty page of the same server, in turn, over HTTP.

The server is Airflow's own with the console mounted, so that login, rights and headers are part of both.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import requests
from rich.table import Table

from accord.bench.pages_world import IMPORT, NEWEST, fill
from accord.local.airflow import Airflow
from accord.local.errors import StackError
from accord.local.places import runtime_directory
from accord.local.postgres import Postgres
from accord.local.processes import free_port
from accord.local.services import Services
from accord.store.database import Database
from accord.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.local.progress import Progress

RATIO = 10.0
"""Goal: no page takes more times than an empty one."""
_TURNS = 9
_EMPTY: tuple[str, dict[str, Any]] = ("/records", {})
"""A page that asks the warehouse for nothing: login, rights, template, headers."""
_SETTINGS = "sync_companies: true\nmode: apply\n"


def compare_pages(progress: Progress, accounts: int) -> bool:
    """Show what every page takes and return whether none takes more than ten times an empty one."""
    with _server(progress, accounts) as (site, account), progress.step("ask for every page"):
        empty = _Page(site, *_EMPTY)
        empty.take()
        told = {name: _beside(_Page(site, *it), empty) for name, it in _pages(account).items()}
    table = Table(
        "page", "first, ms", "median, ms", "an empty page, ms", f"ratio (goal: {RATIO:g} or less)",
        title=f"Pages over {accounts:,} accounts decided", title_justify="left",
    )  # fmt: skip
    for name, (first, page, floor) in told.items():
        mark = "[green]✓[/green]" if page <= RATIO * floor else "[red]✗[/red]"
        milliseconds = (f"{it * 1000:,.1f}" for it in (first, page, floor))
        table.add_row(name, *milliseconds, f"{page / floor:.1f} {mark}")
    progress.console.print(table)
    return all(page <= RATIO * floor for _, page, floor in told.values())


def _beside(page: _Page, empty: _Page) -> tuple[float, float, float]:
    """Return the seconds of the first request, and the medians of both pages, asked for in turn."""
    first = page.take()
    pairs = [(page.take(), empty.take()) for _ in range(_TURNS)]
    return first, median(it for it, _ in pairs), median(it for _, it in pairs)


def _pages(account: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return path and query of every page and of the parts that are loaded into one."""
    plan = {"run": IMPORT}
    return {
        "overview": ("/", {}),
        "overview, what Airflow knows": ("/airflow", {}),
        "records by name, one": ("/records", {"q": "Acme 500"}),
        "records by name, every one": ("/records", {"q": "industries"}),
        "records by domain": ("/records", {"q": "acme77.test"}),
        "records by e-mail": ("/records", {"q": "p5@acme.test"}),
        "record": ("/records", {"q": account}),
        "record, its card": ("/records/card", {"id": account}),
        "plan": ("/plan", plan),
        "plan, one decision": ("/plan", {**plan, "action": "CREATE_COMPANY"}),
        "plan, any warning": ("/plan", {**plan, "warning": "any"}),
        "plan, a warning nobody has": ("/plan", {**plan, "warning": "was_deleted"}),
        "plan, a rule nobody has": ("/plan", {**plan, "rule": "R99"}),
        "plan, its fields": ("/plan/fields", plan),
        "plan, its approval": ("/plan/approval", {"run": NEWEST}),
        "reviews": ("/reviews", {}),
        "review": ("/reviews/one", {"id": 7}),
        "review, its candidates": ("/reviews/candidates", {"id": 7}),
        "errors": ("/errors", {}),
        "errors, one code": ("/errors", {"family": "property values", "code": "INVALID"}),
        "runs": ("/runs", {}),
        "run": ("/runs/one", plan),
        "run, what was refused": ("/runs/one", {**plan, "trouble": "true"}),
        "run, its sums": ("/runs/writes", plan),
        "settings": ("/settings", {}),
    }


class _Page:
    """A page of a site, asked for over a connection that stays open."""

    def __init__(self, site: str, path: str, query: dict[str, Any]) -> None:
        self._address, self._query = f"{site}{path}", query
        self._session = requests.Session()

    def take(self) -> float:
        """Return the seconds of one request.

        Raises:
            StackError: it is not answered as it should be.
        """
        began = time.perf_counter()
        answer = self._session.get(self._address, params=self._query, timeout=600)
        seconds = time.perf_counter() - began
        if not answer.ok:
            raise StackError(f"{self._address} {self._query} was answered {answer.status_code}: {answer.text[:500]}")
        return seconds


@contextmanager
def _server(progress: Progress, accounts: int) -> Iterator[tuple[str, str]]:
    """Yield the address of the console and an account's id; everything is gone at the end with all its files."""
    directory = Path(tempfile.mkdtemp(prefix="bench-", dir=runtime_directory(Path.cwd())))
    directory.chmod(0o711)
    postgres, services = Postgres(directory / "postgres"), Services(directory)
    try:
        with progress.step(f"make a warehouse of {accounts:,} accounts"):
            postgres.start()
            database = Database(postgres.create_database("bench"))
            migrate(database)
            account = fill(database, accounts)
        metadata = postgres.create_database("airflow")
        airflow = Airflow(Path.cwd(), directory, metadata, free_port(), "LocalExecutor")
        with progress.step("start Airflow's server"):
            _start(airflow, services, database.dsn)
        yield f"{airflow.api.url}/accord", account
    finally:
        services.stop()
        postgres.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _start(airflow: Airflow, services: Services, warehouse: str) -> None:
    """Start the API server alone, with the DAG that the console asks about; nothing is scheduled."""
    settings = airflow.runtime / "accord.yaml"
    settings.write_text(_SETTINGS)
    environment = {
        **airflow.environment(),
        "AIRFLOW_CONN_ACCORD_WAREHOUSE": warehouse,
        "ACCORD_SETTINGS": str(settings),
    }
    parse = (airflow.migrate_command[0], "-m", "airflow", "dags", "reserialize")
    for command in (airflow.migrate_command, parse):
        log = services.log_of(command[-1])
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            done = subprocess.run(command, env=environment, stdout=output, stderr=output, check=False)  # noqa: S603 - our own
        if done.returncode:
            raise StackError(f"{' '.join(command[2:])} failed: {log.read_text()[-2000:]}")
    service = replace(airflow.services()[0], is_ready=lambda: _answers(airflow.api.url))
    services.wait_ready(service, services.start(service, environment), seconds=300)


def _answers(url: str) -> bool:
    """Return whether the server is up."""
    try:
        return requests.get(f"{url}/api/v2/version", timeout=5).ok
    except requests.RequestException:
        return False
