"""What every step is given: the database, both CRMs, the settings and a clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accord.crm.hubspot import HubSpot
    from accord.crm.salesforce import Salesforce
    from accord.model.clock import Clock
    from accord.model.settings import Settings
    from accord.store.database import Database


@dataclass(frozen=True)
class Wiring:
    """Ready clients and the settings in force; made by orchestration, the command line or a world."""

    database: Database
    salesforce: Salesforce
    hubspot: HubSpot
    settings: Settings
    clock: Clock
