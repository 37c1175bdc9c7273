"""A run of a world in a process of its own, which may die at a kill point as `kill -9` would have it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import requests

from accord.model.errors import BadInput
from accord.model.killpoints import MEANING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.model.settings import Settings

KILLED = 137
_TIMEOUT_SECONDS = 300


def check_kills(kills: Sequence[str]) -> None:
    """Refuse a kill that names no point.

    Raises:
        BadInput: says which points there are.
    """
    for kill in kills:
        point, _, number = kill.partition(":")
        if point not in MEANING or not number.isdigit() or int(number) < 1:
            points = ", ".join(f"{name} ({meaning})" for name, meaning in MEANING.items())
            raise BadInput(f"{kill!r}: write POINT:N with N from 1 on; the points are {points}")


def run_in_processes(url: str, dsn: str, settings: Settings, run_id: str, kills: Sequence[str]) -> None:
    """Run once, killing and starting again for each kill in turn, then to the end.

    Raises:
        RuntimeError: the last process failed; its error output follows.
    """
    for _ in processes(url, dsn, settings, run_id, kills):
        pass


def processes(url: str, dsn: str, settings: Settings, run_id: str, kills: Sequence[str]) -> Iterator[None]:
    """Yield each time a process of the run has been killed, and once more when the run is done.

    Raises:
        RuntimeError: a process failed; its error output follows.
    """
    job = json.dumps({"url": url, "dsn": dsn, "settings": settings.model_dump(mode="json"), "run_id": run_id})
    for kill in (*kills, ""):
        environment = {**os.environ, "ACCORD_KILL": kill}
        done = subprocess.run(
            [sys.executable, "-m", "accord.worlds.child"],
            input=job,
            env=environment,
            text=True,
            capture_output=True,
            timeout=_TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode not in ({0, KILLED} if kill else {0}):
            raise RuntimeError(f"{run_id} ended with {done.returncode}:\n{done.stderr[-4000:]}")
        yield
        if done.returncode == 0:
            return


class RemoteClock:
    """The sandbox's clock, seen from another process."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/_sandbox/clock"

    def now(self) -> datetime:
        """Return the sandbox's time, UTC."""
        answer: dict[str, Any] = requests.get(self._url, timeout=10).json()
        return datetime.fromisoformat(answer["now"]).astimezone(UTC)

    def sleep(self, seconds: float) -> None:
        """Move the sandbox's time on."""
        requests.post(self._url, json={"advance": seconds}, timeout=10)
