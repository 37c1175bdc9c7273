"""What HubSpot checks before it looks at a call: key, scopes, and the three rate limits."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.wire import Answer, Call, Refused

if TYPE_CHECKING:
    from collections import deque

    from accord.sandbox.core import Crms

_TEN_SECONDS, _SECOND = 10.0, 1.0
_NO_KEY = (
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details "
    "at https://developers.hubspot.com/docs/methods/auth/oauth-overview"
)


def guard(crms: Crms, call: Call) -> None:
    """Let a call through, or refuse it.

    Raises:
        Refused: 401 without a valid key, 429 over a limit, 403 without the scope. A refused call counts for the day.
    """
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or token not in crms.portal.tokens:
        raise Refused(answers.error(401, _NO_KEY, "INVALID_AUTHENTICATION"))
    _count(crms, call)
    _refuse_scope(crms, call)


def finish(crms: Crms, call: Call, answer: Answer) -> None:
    """Add the headers HubSpot sends; search and the exempt calls show no bucket."""
    answer.headers["x-hubspot-correlation-id"] = call.request_id or str(uuid.uuid4())
    if _is_search(call) or answer.status == 401:
        return
    switches, portal = crms.switches, crms.portal
    answer.headers |= {
        "x-hubspot-ratelimit-daily": str(switches.daily_limit),
        "x-hubspot-ratelimit-daily-remaining": str(max(switches.daily_limit - portal.calls_used, 0)),
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
        "x-hubspot-ratelimit-max": str(switches.ten_secondly_limit),
        "x-hubspot-ratelimit-remaining": str(max(switches.ten_secondly_limit - len(portal.bursts), 0)),
    }


def _count(crms: Crms, call: Call) -> None:
    """Count a call in its buckets.

    Raises:
        Refused: 429.
    """
    portal, switches, now = crms.portal, crms.switches, crms.clock.now()
    if portal.day != (today := now.date().isoformat()):
        portal.day, portal.calls_used = today, 0
    portal.calls_used += 1
    if portal.calls_used > switches.daily_limit and switches.enforce_rate_limits:
        raise _over(crms, "DAILY", "You have reached your daily limit.", 3600)
    if _is_search(call):
        is_over = _is_over(portal.searches, now.timestamp(), _SECOND, switches.secondly_search_limit)
        policy, text, wait = "SECONDLY", "You have reached your secondly limit.", 1
    elif _is_exempt(call) and not switches.associations_in_ten_secondly:
        return
    else:
        is_over = _is_over(portal.bursts, now.timestamp(), _TEN_SECONDS, switches.ten_secondly_limit)
        policy, text, wait = "TEN_SECONDLY_ROLLING", "You have reached your ten_secondly_rolling limit.", 10
    if is_over and switches.enforce_rate_limits:
        raise _over(crms, policy, text, wait)


def _is_over(times: deque[float], now: float, window: float, most: int) -> bool:
    """Return whether a rolling window is full; a call that fits is entered."""
    while times and times[0] <= now - window:
        times.popleft()
    if len(times) >= most:
        return True
    times.append(now)
    return False


def _over(crms: Crms, policy: str, text: str, wait: int) -> Refused:
    """Return the 429 of one policy."""
    answer = answers.error(429, text, errorType="RATE_LIMIT", policyName=policy)
    if crms.switches.retry_after:
        answer.headers["retry-after"] = str(wait)
    return Refused(answer)


def _refuse_scope(crms: Crms, call: Call) -> None:
    """Raise where the key lacks a scope that the call needs."""
    lacking = [it for it in _scopes(call) if it in crms.switches.missing_scopes]
    if lacking:
        text = "One or more of the following scopes are required."
        context = {"requiredGranularScopes": lacking, "links": ["https://developers.hubspot.com/scopes"]}
        raise Refused(answers.error(403, text, "MISSING_SCOPES", context=context))


def _scopes(call: Call) -> list[str]:
    """Return the granular scopes a call needs."""
    reads = call.method == "GET" or call.path.rstrip("/").endswith(("/read", "/search"))
    right = "read" if reads else "write"
    kinds = [call.params[name] for name in ("object_type", "from_type", "to_type") if name in call.params]
    names = [answers.kind_of(it) for it in kinds]
    for part, scope in (("/lists", "lists"), ("/owners", "objects.owners")):
        if call.template.startswith(f"/crm/v3{part}"):
            return [f"crm.{scope}.{right}"]
    if call.template.startswith("/crm/v3/properties"):
        return [f"crm.schemas.{it}.{right}" for it in names]
    return [f"crm.objects.{it}.{right}" for it in names]


def _is_search(call: Call) -> bool:
    """Return whether a call is a search of records, which has a bucket of its own."""
    return call.template.endswith("{object_type}/search")


def _is_exempt(call: Call) -> bool:
    """Return whether the specification exempts the call from the ten-secondly bucket."""
    return call.template.startswith("/crm/v4/associations")
