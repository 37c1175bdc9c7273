"""Airflow connection of type `hubspot` -> a login of the crm room. No official provider has one."""

from __future__ import annotations

from airflow.sdk import BaseHook

from accord.crm.connect import HubSpotLogin, connect_hubspot
from accord.crm.limits import NoLimit
from accord.model.clock import SystemClock
from accord.model.errors import AccordError, BadCredentials
from accord.model.settings import Wire

DEFAULT_BASE_URL = "https://api.hubapi.com"


class HubSpotHook(BaseHook):
    """Reads a HubSpot connection: the token is its password, the host its base URL."""

    conn_name_attr = "hubspot_conn_id"
    default_conn_name = "hubspot_default"
    conn_type = "hubspot"
    hook_name = "HubSpot"

    def __init__(self, hubspot_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.conn_id = hubspot_conn_id

    def login(self) -> HubSpotLogin:
        """Return the login in the connection.

        Raises:
            BadCredentials: the connection has no token.
        """
        connection = self.get_connection(self.conn_id)
        if not connection.password:
            raise BadCredentials(f"connection {self.conn_id}: put the service key or private app token in the password")
        base_url = connection.host or DEFAULT_BASE_URL
        return HubSpotLogin(
            token=connection.password,
            base_url=base_url,
            portal_id=str(connection.extra_dejson.get("portal_id") or "") or None,
            # Plain HTTP is for the sandbox; the login refuses it for any host but this machine.
            is_sandbox=base_url.startswith("http://"),
        )

    def test_connection(self) -> tuple[bool, str]:
        """Return whether the portal answers, and its id or what to do."""
        try:
            hubspot = connect_hubspot(self.login(), Wire(), NoLimit(), SystemClock())
        except AccordError as problem:
            return False, str(problem)
        return True, f"Portal {hubspot.portal_id} answers."
