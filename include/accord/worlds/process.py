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
    from collections.abc import Callable, Sequence

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


def run_in_processes(
    url: str,
    dsn: str,
    settings: Settings,
    run_id: str,
    kills: Sequence[str],
    died: Callable[[], None] = lambda: None,
) -> None:
    """Run once, killing and starting again for each kill in turn, then to the end.

    Args:
        url: of the sandbox.
        dsn: of the database.
        settings: those in force.
        run_id: the same one however often it is started.
        kills: `POINT:N`.
        died: is called each time the run has died.

    Raises:
        RuntimeError: a process failed; its last words follow.
    """
    for kill in (*kills, ""):
        if _is_done(url, dsn, settings, run_id, kill):
            return
        died()


def _is_done(url: str, dsn: str, settings: Settings, run_id: str, kill: str) -> bool:
    """Return whether one process brought the run to its end; False where it died at the kill point.

    Raises:
        RuntimeError: it failed otherwise; its last words follow.
    """
    done = subprocess.run(
        [sys.executable, "-m", "accord.worlds.child"],
        input=json.dumps({"url": url, "dsn": dsn, "settings": settings.model_dump(mode="json"), "run_id": run_id}),
        env={**os.environ, "ACCORD_KILL": kill},
        text=True,
        capture_output=True,
        timeout=_TIMEOUT_SECONDS,
        check=False,
    )
    if done.returncode not in ({0, KILLED} if kill else {0}):
        raise RuntimeError(f"the process ended with {done.returncode}: {done.stderr.strip()[-4000:]}")
    return done.returncode == 0


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
