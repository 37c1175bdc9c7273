"""Where the pages of both CRMs are, as their connections tell; a simulated CRM has none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from accord.orchestration.hubspot_hook import HubSpotHook
from accord.orchestration.wiring import SALESFORCE

_DOMAIN = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.my")


@dataclass(frozen=True)
class CrmPages:
    """Beginnings of addresses, None where nothing can be opened."""

    salesforce: str | None
    hubspot: str | None


@cache
def crm_pages() -> CrmPages:
    """Return where the pages of both CRMs are."""
    salesforce, hubspot = _connection(SALESFORCE), _connection(HubSpotHook.default_conn_name)
    domain = str(salesforce.extra_dejson.get("domain") or "") if salesforce else ""
    is_real = salesforce is not None and not salesforce.extra_dejson.get("sandbox_url")
    return CrmPages(
        salesforce=f"https://{domain}.salesforce.com" if is_real and _DOMAIN.fullmatch(domain) else None,
        hubspot="https://app.hubspot.com" if hubspot and not str(hubspot.host).startswith("http://") else None,
    )


def _connection(name: str) -> Connection | None:
    """Return a connection, None where there is none."""
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None
