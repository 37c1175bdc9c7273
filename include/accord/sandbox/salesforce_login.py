"""Who may call: the token endpoint, sessions, hosts, the calls of the day."""

from __future__ import annotations

import base64
import binascii
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from accord.sandbox.salesforce_desk import Session
from accord.sandbox.salesforce_wire import reply
from accord.sandbox.wire import Answer, Call, Refused

if TYPE_CHECKING:
    from accord.sandbox.core import Crms

_OPEN = {"/services/oauth2/token", "/services/data"}
_GRANTS = {
    "client_credentials",
    "password",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
}
_SHARED_LOGIN_HOSTS = {"login.salesforce.com", "test.salesforce.com"}


def token(crms: Crms, call: Call) -> Answer:
    """Answer the token endpoint: client credentials, JWT bearer, user name and password, refresh token."""
    form = dict(parse_qsl(call.body.decode()))
    grant = form.get("grant_type", "")
    client, secret = _client(call, form)
    host = call.headers.get("x-original-host", "")
    if grant not in _GRANTS:
        return _refused("unsupported_grant_type", "grant type not supported")
    if grant == "client_credentials" and crms.switches.check_hosts and host in _SHARED_LOGIN_HOSTS:
        return _refused("invalid_grant", "request not supported on this domain")
    if not client:
        return _refused("invalid_client_id", "client identifier invalid")
    if "jwt" not in grant and crms.switches.consumer_secret not in {"", secret}:
        return _refused("invalid_client", "invalid client credentials")
    return reply(_issue(crms, call, host))


def userinfo(crms: Crms, call: Call) -> Answer:
    """Answer who the session's user is, with the keys as recorded."""
    user = crms.desk.sessions[_bearer(call)].user
    row = crms.org.get("User", user) or {}
    return reply(
        {
            "user_id": user,
            "organization_id": crms.org.org_id,
            "preferred_username": row.get("Username"),
            "name": row.get("Name"),
            "email": row.get("Email"),
            "email_verified": True,
            "zoneinfo": "Europe/Berlin",
            "address": {"country": "DE"},
            "is_salesforce_integration_user": True,
            "urls": {},
            "active": bool(row.get("IsActive")),
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 3_600_000,
            "updated_at": row.get("SystemModstamp"),
        }
    )


def guard(crms: Crms, call: Call) -> None:
    """Let a call with a living session through and count it.

    Raises:
        Refused: 401 INVALID_SESSION_ID, the wrong host, or 403 when the day's calls are used up.
    """
    if call.path.rstrip("/") in _OPEN:
        return
    session = crms.desk.sessions.get(_bearer(call))
    if session is None or session.calls_left == 0 or crms.switches.sessions_refused:
        raise _refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
    if session.calls_left is not None:
        session.calls_left -= 1
    host = call.headers.get("x-original-host", "")
    if crms.switches.check_hosts and host and session.host and host != session.host:
        raise _refusal(400, "URL_NOT_RESET", "Destination URL not reset. The URL returned from login must be set")
    _count(crms)


def finish(crms: Crms, call: Call, answer: Answer) -> None:
    """Add the usage of the day, which every REST answer carries."""
    if call.path.startswith("/services/data/"):
        answer.headers["Sforce-Limit-Info"] = f"api-usage={crms.org.calls_used}/{crms.switches.daily_api_requests}"


def _count(crms: Crms) -> None:
    """Count one call within the 24 hours that began with the first one."""
    now = crms.clock.now()
    if crms.desk.day_began is None or now - crms.desk.day_began >= timedelta(hours=24):
        crms.desk.day_began, crms.org.calls_used, crms.desk.bulk_batches = now, 0, 0
    if crms.org.calls_used >= crms.switches.daily_api_requests:
        raise _refusal(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    crms.org.calls_used += 1


def _issue(crms: Crms, call: Call, host: str) -> dict[str, Any]:
    """Open a session and return the token answer."""
    instance = crms.switches.instance_host or host
    session = Session(
        token=f"{crms.org.org_id[:15]}!{crms.desk.new_id('AQE')}",
        user=crms.org.pipeline_user,
        host=instance,
        calls_left=crms.switches.session_calls,
    )
    crms.desk.sessions[session.token] = session
    url = f"https://{instance}" if instance else f"http://{call.headers.get('host', 'localhost')}"
    return {
        "access_token": session.token,
        "instance_url": url,
        "id": f"https://login.salesforce.com/id/{crms.org.org_id}/{session.user}",
        "token_type": "Bearer",
        "issued_at": str(int(crms.clock.now().timestamp() * 1000)),
        "signature": base64.b64encode(session.user.encode()).decode(),
    }


def _client(call: Call, form: dict[str, str]) -> tuple[str, str]:
    """Return the consumer key and secret, from the form, the Basic header or a JWT's issuer."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    try:
        if scheme.lower() == "basic":
            key, _, secret = base64.b64decode(value).decode().partition(":")
            return key, secret
        if "assertion" in form:
            claims = form["assertion"].split(".")[1]
            return str(orjson.loads(base64.urlsafe_b64decode(claims + "=="))["iss"]), ""
    except (binascii.Error, IndexError, KeyError, ValueError):
        return "", ""
    return form.get("client_id", ""), form.get("client_secret", "")


def _bearer(call: Call) -> str:
    """Return the session id of a call, "" without one."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    return value if scheme.lower() in {"bearer", "oauth"} else ""


def _refused(error: str, description: str) -> Answer:
    """Return the token endpoint's refusal: an object, not a list."""
    return reply({"error": error, "error_description": description}, 400)


def _refusal(status: int, code: str, message: str) -> Refused:
    """Return a refusal before any route was asked."""
    return Refused(reply([{"message": message, "errorCode": code}], status))
