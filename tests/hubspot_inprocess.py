"""Calls to the sandbox's HubSpot without a server in between."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from accord.sandbox.core import Crms
from accord.sandbox.hubspot_http import SERVICE
from accord.sandbox.switches import Switches
from accord.sandbox.wire import Call

KEY = {"authorization": "Bearer pat-na1-sandbox"}


def portal(**switches: Any) -> Crms:
    """Both CRMs, empty, with a search that does not lag unless the test says so."""
    return Crms(switches=Switches(**{"search_lag_seconds": 0, **switches}))


def ask(crms: Crms, method: str, path: str, body: Any = None, headers: dict[str, str] = KEY) -> tuple[int, Any]:
    """Status and JSON body of one call."""
    parts = urlsplit(path)
    data = b"" if body is None else orjson.dumps(body)
    call = Call(method, parts.path, parse_qs(parts.query, keep_blank_values=True), headers, data)
    SERVICE.count(crms, call)
    answer = SERVICE.answer(crms, call)
    return answer.status, orjson.loads(answer.body) if answer.body else None


def company(crms: Crms, **values: str) -> str:
    return crms.portal.create("companies", {"name": "Acme", **values})


def contact(crms: Crms, email: str) -> str:
    return crms.portal.create("contacts", {"email": email})


def where(*filters: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """The body of a search; a filter is (property, operator, value[, high value])."""
    names = ("propertyName", "operator", "value", "highValue")
    return {"filterGroups": [{"filters": [dict(zip(names, it, strict=False)) for it in filters]}], **more}
