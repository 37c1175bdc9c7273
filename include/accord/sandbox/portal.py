"""The HubSpot portal: its records, its bin, and the one way they change. No HTTP here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.sandbox.clock import VirtualClock
    from accord.sandbox.journal import Journal
    from accord.sandbox.switches import Switches


class Portal:
    """Records, bin, schema, associations and lists of one HubSpot portal."""

    def __init__(self, clock: VirtualClock, journal: Journal, switches: Switches) -> None:
        self._clock, self._journal, self._switches = clock, journal, switches
        self.portal_id = "44237313"
        self.calls_used = 0
