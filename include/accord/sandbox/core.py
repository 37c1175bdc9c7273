"""Both CRMs, their clock, journal and switches: everything the HTTP sides, worlds and the generator act on."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING

from accord.sandbox.clock import VirtualClock
from accord.sandbox.faults import Faults
from accord.sandbox.journal import Caller, Journal
from accord.sandbox.org import Org
from accord.sandbox.portal import Portal
from accord.sandbox.salesforce_desk import Desk
from accord.sandbox.switches import Switches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime


class Crms:
    """One Salesforce org and one HubSpot portal that share a clock.

    Attributes:
        lock: whoever reads or changes a record from outside the server's own thread holds it.
        desk: what the Salesforce API remembers between calls.
        faults: what goes wrong on the wire.
        calls: (crm, method, path template) -> how often it was called.
    """

    def __init__(self, frozen_at: datetime | None = None, switches: Switches | None = None) -> None:
        self.switches = switches or Switches()
        self.clock = VirtualClock(frozen_at)
        self.journal = Journal(self.clock)
        self.org = Org(self.clock, self.journal, self.switches)
        self.portal = Portal(self.clock, self.journal, self.switches)
        self.desk = Desk()
        self.faults = Faults()
        self.lock = threading.RLock()
        self.calls: Counter[tuple[str, str, str]] = Counter()

    @contextmanager
    def acting(self, caller: Caller, request_id: str = "") -> Iterator[None]:
        """Let somebody act: what changes inside is journaled in their name."""
        with self.lock:
            before = self.journal.caller, self.journal.request_id
            self.journal.caller, self.journal.request_id = caller, request_id
            try:
                yield
            finally:
                self.journal.caller, self.journal.request_id = before
