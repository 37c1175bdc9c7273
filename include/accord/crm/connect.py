"""A login and the wire's settings -> a ready client. Nothing is called yet: the first use logs in."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import simple_salesforce

from accord.crm.conceal import Secrets
from accord.crm.hosts import HUBSPOT_HOSTS, SALESFORCE_HOSTS, Hosts
from accord.crm.hubspot import HubSpot
from accord.crm.hubspot_calls import HubSpotCalls
from accord.crm.hubspot_client import HubSpotPool, client_over
from accord.crm.salesforce import Salesforce
from accord.crm.salesforce_calls import SalesforceCalls
from accord.crm.transport import Channel, ChannelAdapter, guarded_session
from accord.model.errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import requests

    from accord.crm.limits import Limiter
    from accord.model.clock import Clock
    from accord.model.settings import Wire

HUBSPOT_URL = "https://api.hubapi.com"


@dataclass(frozen=True)
class SalesforceLogin:
    """How to log in to an org: exactly one of three ways.

    Attributes:
        domain: My Domain without `.salesforce.com`, such as `acme.my`.
        consumer_key, consumer_secret: client credentials, with `domain`.
        username, private_key: JWT bearer with `consumer_key`; the key is PEM text.
        session_id, instance_url: a session made elsewhere; it cannot be renewed.
        sandbox_url: for developers: every call goes to this loopback address instead.
    """

    domain: str = "login"
    consumer_key: str | None = field(default=None, repr=False)
    consumer_secret: str | None = field(default=None, repr=False)
    username: str | None = None
    private_key: str | None = field(default=None, repr=False)
    session_id: str | None = field(default=None, repr=False)
    instance_url: str | None = None
    sandbox_url: str | None = None


@dataclass(frozen=True)
class HubSpotLogin:
    """How to reach a portal.

    Attributes:
        token: service key or private app token.
        portal_id: asked of HubSpot where it is None.
        is_sandbox: for developers: `base_url` is a loopback address.
    """

    token: str = field(repr=False)
    base_url: str = HUBSPOT_URL
    portal_id: str | None = None
    is_sandbox: bool = False


def connect_salesforce(
    login: SalesforceLogin,
    wire: Wire,
    limiter: Limiter,
    clock: Clock,
    register_secret: Callable[[str], None] | None = None,
) -> Salesforce:
    """Return a client of the org.

    Args:
        login: how to log in.
        wire: timeouts and version.
        limiter: counts calls for all processes.
        clock: waits between tries.
        register_secret: told every token, such as Airflow's `mask_secret`.

    Raises:
        BadSettings: the login is incomplete, or its sandbox is not on this machine.
    """
    quiet_libraries()
    secrets = _secrets(login, register_secret)
    session = guarded_session(Channel(Hosts(SALESFORCE_HOSTS, login.sandbox_url), wire, secrets))
    calls = SalesforceCalls(
        session,
        wire.salesforce_api_version,
        limiter,
        clock,
        secrets,
        open_session=_opener(login, session),
        given=_given(login),
    )
    return Salesforce(calls)


def session_for(
    login: SalesforceLogin,
    wire: Wire,
    register_secret: Callable[[str], None] | None = None,
    *,
    others: Sequence[str | None] = (),
) -> requests.Session:
    """Return a guarded session to give to a hook that logs in by itself; see `connect_through`.

    Args:
        login: where the sandbox is, and what must not show in an answer.
        wire: timeouts.
        register_secret: told every token, such as Airflow's `mask_secret`.
        others: what else the hook logs in with, such as a password and its security token.
    """
    quiet_libraries()
    secrets = _secrets(login, register_secret)
    secrets.add(*others)
    return guarded_session(Channel(Hosts(SALESFORCE_HOSTS, login.sandbox_url), wire, secrets))


def connect_through(
    log_in: Callable[[], simple_salesforce.Salesforce],
    session: requests.Session,
    wire: Wire,
    limiter: Limiter,
    clock: Clock,
) -> Salesforce:
    """Return a client of the org that somebody else, such as Airflow's hook, logs in to.

    Args:
        log_in: makes a logged-in simple-salesforce client over `session`; called at first use, and once more when the
            session has expired. Only its session is taken over: by itself it would log in without end.
        session: one of `session_for`.
        wire: version; the timeouts are those of the session.
        limiter: counts calls for all processes.
        clock: waits between tries.

    Raises:
        BadSettings: the session is not one of `session_for`, so nothing would guard the token.
    """
    adapter = session.get_adapter("https://login.salesforce.com")
    if not isinstance(adapter, ChannelAdapter):
        raise BadSettings("the Salesforce session must be one of accord.crm.connect.session_for")

    def open_session() -> tuple[str, str]:
        fresh = log_in()
        if fresh.session is not session:
            raise BadSettings("the Salesforce client must be made with the session of accord.crm.connect.session_for")
        return fresh.session_id, fresh.sf_instance

    version = wire.salesforce_api_version
    return Salesforce(SalesforceCalls(session, version, limiter, clock, adapter.secrets, open_session=open_session))


def connect_hubspot(
    login: HubSpotLogin,
    wire: Wire,
    limiter: Limiter,
    clock: Clock,
    register_secret: Callable[[str], None] | None = None,
) -> HubSpot:
    """Return a client of the portal; arguments as `connect_salesforce`.

    Raises:
        BadSettings: the base URL is not HubSpot's, or a sandbox that is not on this machine.
    """
    quiet_libraries()
    secrets = Secrets(register_secret)
    secrets.add(login.token)
    hosts = Hosts(HUBSPOT_HOSTS, login.base_url if login.is_sandbox else None)
    hosts.admit(login.base_url)
    pool = HubSpotPool(Channel(hosts, wire, secrets), login.base_url, wire.hubspot_api_version, limiter, clock)
    return HubSpot(HubSpotCalls(client_over(pool, login.base_url, login.token), pool), login.portal_id)


def quiet_libraries() -> None:
    """Keep the clients' own loggers above DEBUG, where they log whole answers and addresses with their queries."""
    for name in ("hubspot", "simple_salesforce", "urllib3"):
        logger = logging.getLogger(name)
        logger.setLevel(max(logger.getEffectiveLevel(), logging.INFO))


def _secrets(login: SalesforceLogin, register_secret: Callable[[str], None] | None) -> Secrets:
    """Return the secrets of a login, known from before the first call."""
    secrets = Secrets(register_secret)
    pair = f"{login.consumer_key}:{login.consumer_secret}" if login.consumer_secret else None
    secrets.add(login.consumer_secret, login.consumer_key, login.private_key, login.session_id, pair)
    return secrets


def _given(login: SalesforceLogin) -> tuple[str, str] | None:
    """Return session id and instance host, where they are given."""
    if not (login.session_id and login.instance_url):
        return None
    return login.session_id, login.instance_url.partition("://")[2].rstrip("/") or login.instance_url


def _opener(login: SalesforceLogin, session: requests.Session) -> Callable[[], tuple[str, str]] | None:
    """Return what logs in, or None where a session is given.

    Raises:
        BadSettings: none of the three ways is complete.
    """
    if login.session_id and login.instance_url:
        return None
    by_secret = login.consumer_key and login.consumer_secret and login.domain not in {"login", "test"}
    by_key = login.consumer_key and login.username and login.private_key
    if not (by_secret or by_key):
        raise BadSettings(
            "the Salesforce login is incomplete: give consumer key, consumer secret and My Domain; or consumer key, "
            "user name and private key; or session id and instance URL"
        )

    def open_session() -> tuple[str, str]:
        session_id, instance = simple_salesforce.SalesforceLogin(
            session=session,
            domain=login.domain,
            consumer_key=login.consumer_key,
            consumer_secret=login.consumer_secret if by_secret else None,
            username=login.username if by_key and not by_secret else None,
            privatekey=login.private_key if by_key and not by_secret else None,
        )
        return session_id, instance

    return open_session
