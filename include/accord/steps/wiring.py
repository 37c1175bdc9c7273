"""What every step is given: the database, both CRMs, the settings and a clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from accord.store import runs
from accord.store.runs import Origin

if TYPE_CHECKING:
    from datetime import datetime

    from accord.crm.hubspot import HubSpot
    from accord.crm.salesforce import Salesforce
    from accord.model.clock import Clock
    from accord.model.settings import Settings
    from accord.store.database import Database


@dataclass(frozen=True)
class Wiring:
    """Ready clients and the settings in force; made by orchestration, the command line or a world.

    Attributes:
        database: the warehouse.
        salesforce: the org.
        hubspot: the portal.
        settings: those in force.
        clock: waits and tells the time.
        origin: who the CRMs are and what time they had when the run was opened; None before that.
        without: fields that are not read; watching does without key fields that are not there, no other run does.
    """

    database: Database
    salesforce: Salesforce
    hubspot: HubSpot
    settings: Settings
    clock: Clock
    origin: Origin | None = None
    without: frozenset[str] = frozenset()

    def for_run(self, run_id: str) -> Wiring:
        """Return the wiring with what is known of the CRMs since the run was opened."""
        return replace(self, origin=runs.origin_of(self.database, run_id))

    def ask_origin(self) -> Origin:
        """Return who the CRMs are and what time they have, as they say themselves now."""
        return Origin(
            org_id=self.salesforce.org_id,
            user_id=self.salesforce.user_id,
            portal_id=self.hubspot.portal_id,
            salesforce_at=self.salesforce.server_time(),
            hubspot_at=self.hubspot.server_time(),
        )

    @property
    def org_id(self) -> str:
        """The Salesforce org, 18 characters."""
        return self.origin.org_id if self.origin else self.salesforce.org_id

    @property
    def user_id(self) -> str:
        """The Salesforce user that is logged in, 18 characters."""
        return self.origin.user_id if self.origin else self.salesforce.user_id

    @property
    def portal_id(self) -> str:
        """The HubSpot portal."""
        return self.origin.portal_id if self.origin else self.hubspot.portal_id

    @property
    def salesforce_began(self) -> datetime:
        """Salesforce's clock when the run was opened, or now: marks are made of it. An older time is always safe."""
        return self.origin.salesforce_at if self.origin else self.salesforce.server_time()

    @property
    def hubspot_began(self) -> datetime:
        """HubSpot's clock when the run was opened, or now."""
        return self.origin.hubspot_at if self.origin else self.hubspot.server_time()
