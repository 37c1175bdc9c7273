"""Real `kill -9` of what runs, each at a moment that stands still: a call that the sandbox keeps waiting."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import TYPE_CHECKING, Any
from unittest import mock

import psutil
import requests

from accord.demo.stage import Stage
from accord.local.airflow import COMPONENTS
from accord.local.errors import StackError
from accord.local.processes import is_alive, wait_until
from accord.local.rest import AirflowApi
from accord.local.services import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from accord.local.stack import Stack

_TASK = re.compile(r"airflow worker -- [0-9a-f-]{36}\Z")
_PATIENCE = 300
"""Seconds until a call that a death waits for is made; a killed task is tried again half a minute later."""


@dataclass(frozen=True)
class Death:
    """One death.

    Attributes:
        name: what dies, and when.
        at: the calls at which it dies, as faults of the sandbox that keep all of these calls waiting.
        victims: process ids, of processes of this stack alone.
    """

    name: str
    at: Sequence[dict[str, Any]]
    victims: Callable[[Stack], list[int]]


def tasks(stack: Stack) -> list[int]:
    """The processes in which tasks run at this moment; whoever started them finds out and reports it."""
    return [child.pid for child in _children(stack) if _TASK.match(_title(child))]


def workers(stack: Stack) -> list[int]:
    """The processes that watch over a task, and the task: nobody is left to report that it died."""
    busy = [psutil.Process(pid).ppid() for pid in tasks(stack)]
    return busy + tasks(stack)


def scheduler(stack: Stack) -> list[int]:
    """The scheduler; its tasks lose whoever watches over them."""
    return [it.pid for it in stack.services.alive() if it.name == "scheduler"]


def postmaster(stack: Stack) -> list[int]:
    """The Postgres server, of Airflow and of the warehouse."""
    return [pid for pid in (stack.postgres.pid(),) if pid]


def _children(stack: Stack) -> list[psutil.Process]:
    return [child for pid in scheduler(stack) for child in psutil.Process(pid).children(recursive=True)]


def _title(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return " ".join(process.cmdline()).strip()
    return ""


@dataclass
class Reaper:
    """Brings one death after the other, and starts again what a machine's own init system would.

    Attributes:
        stack: whose processes die.
        deaths: in their order.
        done: (name, process ids) of those that happened.
    """

    stack: Stack
    deaths: Sequence[Death]
    done: list[tuple[str, list[int]]] = field(default_factory=list)
    _enough: Event = field(default_factory=Event)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Reap while something else runs; whoever asks Airflow meanwhile is patient."""
        thread = Thread(target=self._reap, name="reaper")
        with mock.patch.object(AirflowApi, "_request", _patient(AirflowApi._request)):
            thread.start()
            try:
                yield
            finally:
                self._enough.set()
                thread.join()

    def _reap(self) -> None:
        stage = self._stage()
        environment = self._environment()
        for death in self.deaths:
            requests.post(f"{stage.url}/_sandbox/faults", json=list(death.at), timeout=60)
            self._until(lambda: all(fault["played"] for fault in stage.control("faults")), environment)
            if self._enough.is_set():
                return
            self._kill(death)
            requests.delete(f"{stage.url}/_sandbox/faults", timeout=60)
        # A part of Airflow may end a while after its database was away.
        while not self._enough.wait(1):
            self._revive(environment)

    def _stage(self) -> Stage:
        """The sandbox, as soon as the whole stack is up."""

        def ports() -> dict[str, int | None]:
            return {it.name: it.port for it in self.stack.services.alive()}

        wait_until(lambda: self._enough.is_set() or {"sandbox", *COMPONENTS} <= ports().keys(), _PATIENCE, "all is up")
        return Stage(self.stack.runtime, 0, 0, 0, ports().get("sandbox") or 0)

    def _environment(self) -> dict[str, str]:
        own = {name: it for name, it in os.environ.items() if not name.startswith("AIRFLOW")}
        return own | self.stack.environment() | {"PYTHONPATH": str(self.stack.project / "include")}

    def _kill(self, death: Death) -> None:
        """Kill, and wait until all of it is gone: what a dead Postgres leaves behind holds its memory for a while."""
        port = self.stack.postgres.port()
        pids = self._victims(death)
        orphans = (
            [it.pid for pid in pids for it in psutil.Process(pid).children()] if death.victims is postmaster else []
        )
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not any(map(is_alive, [*pids, *orphans])), 60, f"{death.name}: {pids} are gone")
        self.done.append((death.name, pids))
        self.stack.progress.console.print(f"✗ {death.name}: {pids}")
        if self.stack.postgres.pid() is None:
            self.stack.postgres.start(port)

    def _victims(self, death: Death) -> list[int]:
        """Who is to die; a call is under way, so there must be somebody."""
        found: list[int] = []
        with suppress(StackError):
            wait_until(lambda: bool(found.extend(death.victims(self.stack)) or found), 5, f"{death.name}: there is one")
        return found

    def _revive(self, environment: dict[str, str]) -> None:
        """Start again the parts of Airflow that ended, as a machine's own init system does."""
        alive = {it.name for it in self.stack.services.alive() if is_alive(it.pid)}
        ended = {it.name: it.port for it in self.stack.services.noted() if it.name in {*COMPONENTS} - alive}
        for name, port in ended.items():
            self.stack.progress.console.print(f"  {name} ended and is started again")
            self.stack.services.start(Service(name, (sys.executable, "-m", "airflow", name), port=port), environment)

    def _until(self, ready: Callable[[], bool], environment: dict[str, str]) -> None:
        """Wait until a call is kept waiting, or until it is no use any more."""
        deadline = time.monotonic() + _PATIENCE
        while not (self._enough.wait(0.2) or ready()):
            self._revive(environment)
            if time.monotonic() > deadline:
                self._enough.set()


def _patient(request: Callable[..., requests.Response]) -> Callable[..., requests.Response]:
    """A request to Airflow that comes again while Airflow, or its database, is away."""

    def asked(self: AirflowApi, *what: Any) -> requests.Response:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                answer = request(self, *what)
                if answer.status_code < 500 or time.monotonic() > deadline:
                    return answer
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
            time.sleep(1)

    return asked
