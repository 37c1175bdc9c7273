"""`python -m accord.bench.child`: one piece of work, described on standard input; its cost goes to standard output."""

from __future__ import annotations

import json
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

import requests

from accord.crm.limits import NoLimit
from accord.model.scope import Run, Scope
from accord.model.settings import parse_settings
from accord.steps.decide import decide
from accord.steps.extract import extract_hubspot, extract_salesforce
from accord.steps.gate import apply_plan
from accord.steps.open_run import open_run
from accord.steps.report import report
from accord.steps.verify import verify
from accord.store.database import Database
from accord.worlds.clients import wiring_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from accord.steps.wiring import Wiring

_STEPS: Mapping[str, Callable[..., dict[str, Any]]] = {
    "open_run": open_run,
    "extract_salesforce": extract_salesforce,
    "extract_hubspot": extract_hubspot,
    "decide": decide,
    "apply": apply_plan,
    "verify": verify,
    "report": report,
}


class SandboxClock:
    """The sandbox's clock without a call each time: this machine's, moved by as much; waiting moves both on."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_sandbox/clock"
        there = datetime.fromisoformat(requests.get(self._url, timeout=60).json()["now"])
        self._ahead = there - datetime.now(UTC)

    def now(self) -> datetime:
        """Return the sandbox's time, UTC."""
        return datetime.now(UTC) + self._ahead

    def sleep(self, seconds: float) -> None:
        """Move the sandbox's time on: what a service makes us wait is no cost of ours."""
        requests.post(self._url, json={"advance": seconds}, timeout=60)
        self._ahead += timedelta(seconds=seconds)


def main() -> None:
    """Do what standard input asks for and say what it cost."""
    job = json.load(sys.stdin)
    wiring, run = _wiring(job), _run(job["run"])
    work = _work(job["work"])
    began, cpu = time.perf_counter(), time.process_time()
    result = work(wiring, run, **job["arguments"])
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    sys.stdout.write(
        json.dumps(
            {"seconds": seconds, "cpu_seconds": cpu, "peak_mib": peak_mib(), "result": result},
            default=str,
        )
    )


def _work(name: str) -> Callable[..., dict[str, Any]]:
    """Return a step, or a comparison, whose libraries must not weigh on the memory of a step."""
    if name in _STEPS:
        return _STEPS[name]
    return cast("Callable[..., dict[str, Any]]", getattr(import_module(f"accord.bench.{name}"), name))


def peak_mib() -> float:
    """Return the most memory this process ever held; macOS counts bytes, Linux KiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2 ** (20 if sys.platform == "darwin" else 10)


def _wiring(job: dict[str, Any]) -> Wiring:
    """Return clients that wait for no limiter: the tempo of the services is theirs, not ours."""
    settings = parse_settings(job["settings"], "the bench's settings")
    return wiring_for(job["url"], Database(job["dsn"]), settings, SandboxClock(job["url"]), NoLimit())


def _run(raw: dict[str, Any]) -> Run:
    """Return the run of a job."""
    scope = dict(raw["scope"])
    for edge in ("since", "until"):
        if edge in scope:
            scope[edge] = datetime.fromisoformat(scope[edge])
    return Run(raw["run_id"], Scope(**scope), raw["mode"])


if __name__ == "__main__":
    main()
