"""Airflow connections and the settings file -> what the steps are given. Airflow masks every token in its logs."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from airflow.providers.salesforce.hooks.salesforce import SalesforceHook
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from accord.crm.connect import SalesforceLogin, connect_hubspot, connect_through, session_for
from accord.model.clock import SystemClock
from accord.model.errors import BadSettings
from accord.model.settings import Settings, load_settings
from accord.model.settings_place import settings_path
from accord.orchestration.hubspot_hook import HubSpotHook
from accord.steps.wiring import Wiring
from accord.store import switch
from accord.store.database import Database
from accord.store.limiter import PostgresLimiter
from accord.store.schema import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from accord.crm.limits import Limiter
    from accord.crm.salesforce import Salesforce

WAREHOUSE = "accord_warehouse"
SALESFORCE = "salesforce_default"


@contextmanager
def open_wiring(settings_file: Path | None = None) -> Iterator[Wiring]:
    """Yield ready clients for the connections `accord_warehouse`, `salesforce_default` and `hubspot_default`.

    The tables are brought up to date first, which costs one query where they are.

    Raises:
        BadSettings: the settings file or a connection is missing or wrong.
        ServiceUnavailable: the warehouse cannot be reached.
    """
    settings = load_settings(settings_file) if settings_file else settings_in_force()
    database = warehouse()
    settings = switch.applied(database, settings)
    clock = SystemClock()
    limiter = PostgresLimiter(database, settings.budget, clock)
    hubspot = connect_hubspot(HubSpotHook().login(), settings.wire, limiter, clock, mask_secret)
    yield Wiring(database, _salesforce(settings, limiter, clock), hubspot, settings, clock)


def warehouse() -> Database:
    """Return the warehouse, its tables brought up to date.

    Raises:
        BadSettings: there is no connection to it.
        ServiceUnavailable: it cannot be reached.
    """
    database = Database(_warehouse_dsn())
    migrate(database)
    return database


def settings_in_force() -> Settings:
    """Return the settings of the file named by ACCORD_SETTINGS, else of `config/accord.yaml` beside the DAGs."""
    return load_settings(settings_path())


def _warehouse_dsn() -> str:
    """Return the address of the warehouse, in the form libpq reads.

    Raises:
        BadSettings: there is no such connection.
    """
    try:
        connection = Connection.get(WAREHOUSE)
    except AirflowNotFoundException as problem:
        raise BadSettings(f"connection {WAREHOUSE}: {problem}; add a Postgres connection of that name") from None
    if connection.password:
        mask_secret(connection.password)
    uri = str(connection.get_uri())
    return "postgresql://" + uri.partition("://")[2]


def _salesforce(settings: Settings, limiter: Limiter, clock: SystemClock) -> Salesforce:
    """Return a client that goes on with the session that the provider's hook opens.

    simple-salesforce would log in again without end on an expired session; the client is given the session only, and
    asks the hook for another one at most once.
    """
    connection = Connection.get(SALESFORCE)
    extras = connection.extra_dejson
    login = SalesforceLogin(
        domain=extras.get("domain") or "login",
        consumer_key=extras.get("consumer_key"),
        consumer_secret=extras.get("consumer_secret"),
        private_key=extras.get("private_key"),
        sandbox_url=extras.get("sandbox_url"),
    )
    others = (connection.password, extras.get("security_token"), extras.get("session_id"))
    session = session_for(login, settings.wire, mask_secret, others=others)
    return connect_through(
        lambda: SalesforceHook(SALESFORCE, session=session).get_conn(), session, settings.wire, limiter, clock
    )
