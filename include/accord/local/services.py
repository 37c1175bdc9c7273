"""Long-running programs of the stack: each in a group of its own, noted in `stack.json`, stopped by what is noted."""

from __future__ import annotations

import json
import logging
import os
import subprocess
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import psutil

from accord.local.errors import StackError
from accord.local.processes import is_alive, is_group_of, stop_groups, stop_pids, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_log = logging.getLogger(__name__)

# Every process of a stack, and every process started by one, carries this with the runtime directory as value.
MARKER = "ACCORD_STACK"


@dataclass(frozen=True)
class Service:
    """A program to keep running.

    Attributes:
        name: also the name of its log file.
        command: program and arguments.
        environment: added to what the stack gives to all its services.
        is_ready: asked until true; None when being alive is enough.
        port: where it listens, for `stack.json` and the summary.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    is_ready: Callable[[], bool] | None = None
    port: int | None = None


@dataclass(frozen=True)
class Running:
    """A started service. `born` tells it from a stranger that got the same process id later."""

    name: str
    pid: int
    born: float
    port: int | None


@dataclass(frozen=True)
class Services:
    """The services of one runtime directory.

    Attributes:
        runtime: holds `stack.json` and `logs/`.
    """

    runtime: Path

    def start(self, service: Service, environment: Mapping[str, str]) -> Running:
        """Start a service and note it; it may not be ready yet, see `wait_ready`."""
        log = self.log_of(service.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as output:
            process = subprocess.Popen(
                service.command,
                env={**environment, **service.environment, MARKER: str(self.runtime)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                cwd=self.runtime,
            )
        started = Running(service.name, process.pid, psutil.Process(process.pid).create_time(), service.port)
        self._note([*self.noted(), started])
        return started

    def wait_ready(self, service: Service, running: Running, seconds: float) -> None:
        """Wait until a started service answers.

        Raises:
            StackError: it ended, or did not answer in time; the message holds the end of its log.
        """
        wait_until(lambda: self._answers(service, running), seconds, f"{service.name} answers")

    def check_alive(self) -> None:
        """Raise StackError when a noted service has ended; the message holds the end of its log."""
        for running in self.noted():
            if not is_alive(running.pid):
                log = self.log_of(running.name)
                raise StackError(f"{running.name} ended, see {log}: {last_line(log)}")

    def noted(self) -> list[Running]:
        """Return the services in `stack.json`, whether or not they are still alive."""
        try:
            return [Running(**entry) for entry in json.loads(self._file.read_text())["services"]]
        except FileNotFoundError:
            return []

    def alive(self) -> list[Running]:
        """Return the noted services that run."""
        return [running for running in self.noted() if is_group_of(running.pid, running.born)]

    def stop(self) -> int:
        """Stop all noted services and whatever they started; return how many services still ran.

        The youngest goes first. Tasks of Airflow lead sessions of their own, so what is left is found by its marker.

        Raises:
            StackError: something outlived SIGKILL.
        """
        running = self.alive()
        stop_groups([service.pid for service in reversed(running)])
        stop_pids(self._marked())
        self._file.unlink(missing_ok=True)
        return len(running)

    def environment_of(self, name: str, prefixes: tuple[str, ...]) -> dict[str, str]:
        """Return the variables of a running service whose names begin so; empty where it does not run.

        They are asked of the process itself: connections hold secrets, which are written to no file.
        """
        for running in self.alive():
            if running.name == name:
                found = psutil.Process(running.pid).environ()
                return {key: value for key, value in found.items() if key.startswith(prefixes) and key != MARKER}
        return {}

    def log_of(self, name: str) -> Path:
        """Return the file that holds all a service writes."""
        return self.runtime / "logs" / f"{name}.log"

    @property
    def _file(self) -> Path:
        return self.runtime / "stack.json"

    def _note(self, services: list[Running]) -> None:
        content = {"services": [asdict(service) for service in services]}
        unfinished = self._file.with_suffix(".unfinished")
        unfinished.write_text(json.dumps(content, indent=2))
        unfinished.replace(self._file)

    def _answers(self, service: Service, running: Running) -> bool:
        if not is_alive(running.pid):
            log = self.log_of(service.name)
            raise StackError(f"{service.name} ended, see {log}: {last_line(log)}")
        return service.is_ready is None or service.is_ready()

    def _marked(self) -> list[int]:
        """Return processes that this stack started, directly or not; never the caller."""
        return [
            process.pid
            for process in psutil.process_iter()
            if process.pid != os.getpid() and _marker_of(process) == str(self.runtime)
        ]


def last_line(log: Path) -> str:
    """Return the last line of a log that is not blank."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it wrote nothing")


def _marker_of(process: psutil.Process) -> str | None:
    try:
        return str(process.environ().get(MARKER))
    except psutil.Error:
        return None
