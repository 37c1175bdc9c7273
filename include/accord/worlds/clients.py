"""Clients that reach a sandbox exactly as they would reach a real org and portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.crm.connect import HubSpotLogin, SalesforceLogin, connect_hubspot, connect_salesforce
from accord.steps.wiring import Wiring
from accord.store.limiter import PostgresLimiter

if TYPE_CHECKING:
    from accord.crm.limits import Limiter
    from accord.model.clock import Clock
    from accord.model.settings import Settings
    from accord.store.database import Database


def wiring_for(
    url: str, database: Database, settings: Settings, clock: Clock, limiter: Limiter | None = None
) -> Wiring:
    """Return what the steps are given to run against the sandbox at an address; calls are counted in the database."""
    limiter = limiter or PostgresLimiter(database, settings.budget, clock)
    salesforce = SalesforceLogin(
        domain="accord.my",
        consumer_key="world-key",
        consumer_secret="world-secret",  # noqa: S106
        sandbox_url=url,
    )
    hubspot = HubSpotLogin(token="pat-na1-sandbox", base_url=url, is_sandbox=True)  # noqa: S106
    return Wiring(
        database=database,
        salesforce=connect_salesforce(salesforce, settings.wire, limiter, clock),
        hubspot=connect_hubspot(hubspot, settings.wire, limiter, clock),
        settings=settings,
        clock=clock,
    )
