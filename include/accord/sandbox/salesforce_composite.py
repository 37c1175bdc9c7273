"""Composite: several calls in one, each with its own status; counted as a single call of the day."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

import orjson

from accord.sandbox.salesforce_errors import SalesforceProblem, not_found
from accord.sandbox.salesforce_wire import body_object, refusing, reply
from accord.sandbox.wire import Answer, Call, Route

if TYPE_CHECKING:
    from accord.sandbox.core import Crms

_MAX_PARTS = 25
_MAX_HEAVY_PARTS = 5
_HEAVY = re.compile(r"/(query|queryAll|composite/sobjects)\b")
_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)\.([^}]+)\}")
_SHOWN_HEADERS = {"ETag", "Last-Modified", "Location"}
_BESIDE = ("host", "content-length", "content-type", "accept-encoding")


class Composite:
    """Answers `POST composite` with the routes that its parts may call."""

    def __init__(self, routes: tuple[Route, ...]) -> None:
        self._routes = routes

    def __call__(self, crms: Crms, call: Call) -> Answer:
        """Return the answers of all parts, in order.

        Raises:
            SalesforceProblem: too many parts, a reference id twice, or allOrNone, which the sandbox does not play.
        """
        body = body_object(call)
        parts = body.get("compositeRequest") or []
        _check(parts, all_or_none=body.get("allOrNone") is True)
        answered: dict[str, Any] = {}
        rows = []
        for part in parts:
            answer = self._answer(crms, call, part, answered)
            content = orjson.loads(answer.body) if answer.body else None
            answered[part["referenceId"]] = content
            headers = {name: value for name, value in answer.headers.items() if name in _SHOWN_HEADERS}
            status = {"httpStatusCode": answer.status, "referenceId": part["referenceId"]}
            rows.append({"body": content, "httpHeaders": headers} | status)
        return reply({"compositeResponse": rows})

    def _answer(self, crms: Crms, outer: Call, part: dict[str, Any], answered: dict[str, Any]) -> Answer:
        """Return the answer of one part, whatever it refuses."""
        return refusing(lambda crms, outer: self._part(crms, outer, part, answered))(crms, outer)

    def _part(self, crms: Crms, outer: Call, part: dict[str, Any], answered: dict[str, Any]) -> Answer:
        """Return the answer of one part."""
        url = urlsplit(_filled(part["url"], answered))
        headers = {name: value for name, value in outer.headers.items() if name not in _BESIDE}
        headers |= {name.lower(): value for name, value in (part.get("httpHeaders") or {}).items()}
        body = _filled(orjson.dumps(part["body"]).decode(), answered).encode() if "body" in part else b""
        call = Call(part["method"], unquote(url.path), parse_qs(url.query), headers, body, request_id=outer.request_id)
        for route in self._routes:
            if route.method == call.method and (params := route.match(call.path)) is not None:
                call.params, call.template = params, route.template
                return route.handler(crms, call)
        raise not_found()


def _check(parts: list[dict[str, Any]], *, all_or_none: bool) -> None:
    """Raise for a request that is refused as a whole."""
    if not parts:
        raise SalesforceProblem("REQUIRED_FIELD_MISSING", "compositeRequest must hold at least one subrequest")
    if len(parts) > _MAX_PARTS:
        raise SalesforceProblem("LIMIT_EXCEEDED", f"A composite request can have up to {_MAX_PARTS} subrequests")
    heavy = sum(1 for part in parts if _HEAVY.search(str(part.get("url", ""))))
    if heavy > _MAX_HEAVY_PARTS:
        text = f"A composite request can have up to {_MAX_HEAVY_PARTS} query or sObject Collections subrequests"
        raise SalesforceProblem("LIMIT_EXCEEDED", text)
    names = [part.get("referenceId") for part in parts]
    if None in names or len(set(names)) < len(names):
        raise SalesforceProblem("INVALID_INPUT", "Every subrequest needs a referenceId of its own")
    if all_or_none:
        raise SalesforceProblem("NOT_IMPLEMENTED", "This sandbox plays composite requests with allOrNone false only")


def _filled(text: str, answered: dict[str, Any]) -> str:
    """Return the text with every `@{referenceId.path}` replaced from the answers so far."""

    def value(found: re.Match[str]) -> str:
        content: Any = answered.get(found[1])
        for step in re.findall(r"[^.\[\]]+", found[2]):
            try:
                content = content[int(step)] if isinstance(content, list) else content[step]
            except (KeyError, IndexError, TypeError, ValueError):
                text = f"Invalid reference specified. No value for {found[0]} found"
                raise SalesforceProblem("PROCESSING_HALTED", text) from None
        return str(content)

    return _REFERENCE.sub(value, text)
