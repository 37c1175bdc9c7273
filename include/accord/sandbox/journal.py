"""Everything that ever happened to a record of either CRM, in order, with who did it. Entries are never changed."""

from __future__ import annotations

import threading
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from accord.sandbox.clock import VirtualClock

Caller = Literal["pipeline", "person", "sandbox"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One mutation of one record; `before` and `after` hold the changed fields only."""

    seq: int
    at: datetime
    system: str
    op: str
    object: str
    id: str
    before: dict[str, Any]
    after: dict[str, Any]
    request_id: str
    caller: Caller

    def as_json(self) -> dict[str, Any]:
        """Return the entry for JSON, its time as ISO text."""
        return asdict(self) | {"at": self.at.isoformat()}


class Journal:
    """Append-only list of mutations; knows who is acting at the moment."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.entries: list[Entry] = []
        self.caller: Caller = "person"
        self.request_id = ""
        self._lock = threading.Lock()

    def write(
        self, system: str, op: str, obj: str, record_id: str, before: dict[str, Any], after: dict[str, Any]
    ) -> None:
        """Append one mutation by the current caller."""
        with self._lock:
            self.entries.append(
                Entry(
                    seq=len(self.entries) + 1,
                    at=self._clock.now(),
                    system=system,
                    op=op,
                    object=obj,
                    id=record_id,
                    before=before,
                    after=after,
                    request_id=self.request_id,
                    caller=self.caller,
                )
            )

    def roll_back(self, seq: int) -> None:
        """Forget the entries after number `seq`: their transaction was never committed, nobody has seen them."""
        with self._lock:
            del self.entries[seq:]

    def since(self, seq: int = 0) -> list[Entry]:
        """Return the entries after number `seq`."""
        return self.entries[seq:]

    def by(self, caller: Caller) -> Iterator[Entry]:
        """Yield the mutations of one caller."""
        return (entry for entry in self.entries if entry.caller == caller)
