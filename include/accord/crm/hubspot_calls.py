"""Calls of one portal: the client's methods in raw mode, their answers parsed and retried here."""

from __future__ import annotations

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import orjson

from accord.crm.answers import Lost
from accord.crm.retry import read_again, write_again
from accord.crm.shapes import agreed
from accord.model.errors import ContractBroken

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import hubspot

    from accord.crm.hubspot_client import HubSpotPool


_FRESH = timedelta(seconds=5)
"""How old an answer may be whose Date is taken for the time now; an older time only makes an extract overlap more."""


class HubSpotCalls:
    """Makes calls of one portal.

    Attributes:
        api: the client; name a method of it, call it through `read` or `write`.
    """

    def __init__(self, api: hubspot.HubSpot, pool: HubSpotPool) -> None:
        self.api = api
        self._pool = pool

    def read(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return the JSON object that a call which changes nothing answers, tried again where that can help.

        Raises:
            AccordError: see `answers.problem`.
        """
        return read_again(lambda: _parsed(method(*arguments, _preload_content=False, **options)), self._pool.clock)

    def write(self, method: Callable[..., Any], *arguments: Any, **options: Any) -> dict[str, Any]:
        """Return the JSON object that a write answers; sent again only where it certainly was not applied.

        Raises:
            Lost: nobody knows whether it was applied.
            AccordError: any other; not applied.
        """
        return write_again(lambda: _parsed(method(*arguments, _preload_content=False, **options)), self._pool.clock)

    def account(self) -> dict[str, Any]:
        """Return the portal's own data (portalId, timeZone, …), which the client has no method for."""
        call = self.api.crm.objects.basic_api.api_client.call_api
        return self.read(call, "/account-info/v3/details", "GET", auth_settings=["oauth2"], response_types_map={})

    def server_time(self) -> datetime:
        """Return the time in the Date header of an answer of the last seconds, UTC; asks for one where there is none.

        Raises:
            ContractBroken: no Date header came.
        """
        if self._pool.clock.now() - self._pool.seen_at > _FRESH:
            self.account()
        date = self._pool.last.headers.get("Date") if self._pool.last else None
        if not date:
            raise ContractBroken("HubSpot account-info: the answer has no Date; marks need the server's clock")
        with agreed("HubSpot Date header"):
            return parsedate_to_datetime(date)


def _parsed(answer: Any) -> dict[str, Any]:
    """Return the JSON object in an answer of 2xx, an empty one for 204, which has no body.

    Raises:
        Lost: the body is none. Whether a write was applied, only a read by key can tell.
    """
    if answer.status == 204:
        return {}
    try:
        body = orjson.loads(answer.data)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        kind = answer.headers.get("Content-Type") or "no content type"
        raise Lost(
            f"HubSpot: expected a JSON object, got {kind}; something between here and HubSpot answered (a proxy or a "
            "maintenance page): check the address in the connection and the network"
        )
    return body
