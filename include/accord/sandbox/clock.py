"""The clock of the two CRMs: real time, or a time that stands still until somebody moves it."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class VirtualClock:
    """Tells both CRMs the time; frozen, it moves by `advance` and `sleep` alone, and `sleep` costs no real second."""

    def __init__(self, frozen_at: datetime | None = None) -> None:
        self._frozen_at = frozen_at
        self._offset = timedelta()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._lock = threading.RLock()

    @property
    def is_frozen(self) -> bool:
        """Return whether time stands still."""
        return self._frozen_at is not None

    def now(self) -> datetime:
        """Return the time, UTC."""
        return self._frozen_at or datetime.now(UTC) + self._offset

    def sleep(self, seconds: float) -> None:
        """Wait: in real time, or by moving the frozen time on."""
        if self.is_frozen:
            self.advance(seconds)
        else:
            time.sleep(seconds)
            self.run_due()

    def advance(self, seconds: float) -> None:
        """Move the time on and do what has become due."""
        with self._lock:
            if self._frozen_at is not None:
                self._frozen_at += timedelta(seconds=max(seconds, 0))
            else:
                self._offset += timedelta(seconds=max(seconds, 0))
        self.run_due()

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the time, now or at a given moment."""
        self._frozen_at = at or self.now()

    def release(self) -> None:
        """Let the time run on from where it stands."""
        self._offset = self.now() - datetime.now(UTC)
        self._frozen_at = None

    def schedule(self, seconds: float, task: Callable[[], None]) -> None:
        """Do a task once so many seconds have passed."""
        with self._lock:
            heapq.heappush(self._due, (self.now() + timedelta(seconds=seconds), next(self._numbers), task))

    def run_due(self) -> None:
        """Do every scheduled task whose time has come, in the order of their times."""
        while True:
            with self._lock:
                if not self._due or self._due[0][0] > self.now():
                    return
                task = heapq.heappop(self._due)[2]
            task()


def salesforce_time(moment: datetime) -> str:
    """Return a moment as Salesforce writes it, to the second: `2026-01-01T00:00:00.000+0000`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def hubspot_time(moment: datetime) -> str:
    """Return a moment as HubSpot writes it, to the millisecond: `2026-01-01T00:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
