"""One call and its answer, free of any server, so that a fault can hold it back, play it later or spoil it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from starlette.routing import compile_path

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from accord.sandbox.core import Crms


@dataclass(slots=True)
class Call:
    """A request as the server read it; header names are lower case."""

    method: str
    path: str
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: dict[str, str] = field(default_factory=dict)
    request_id: str = ""
    template: str = ""

    def json(self) -> Any:
        """Return the body as JSON.

        Raises:
            ValueError: it is no JSON.
        """
        return orjson.loads(self.body)

    def arg(self, name: str, default: str = "") -> str:
        """Return the first value of a query parameter."""
        return self.query.get(name, [default])[0]


@dataclass(slots=True)
class Answer:
    """A response: status, bytes, headers."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Answer:
        """Return a JSON answer."""
        return cls(status, orjson.dumps(value), {"content-type": "application/json;charset=utf-8"})


class Refused(Exception):
    """A call that ends with this answer and nothing else done."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Route:
    """A method and a path template such as `/crm/v3/lists/{list_id}` that one function answers."""

    def __init__(self, method: str, template: str, handler: Callable[[Crms, Call], Answer]) -> None:
        self.method = method
        self.template = template
        self.handler = handler
        self._pattern: re.Pattern[str] = compile_path(template)[0]

    def match(self, path: str) -> dict[str, str] | None:
        """Return the path's parameters, or None if the path is another one."""
        found = self._pattern.match(path.rstrip("/") or "/")
        return found.groupdict() if found else None


@dataclass(frozen=True)
class Service:
    """One CRM's HTTP side.

    Attributes:
        crm: `salesforce` or `hubspot`.
        prefixes: path beginnings that belong to it.
        routes: first match answers.
        guard: login and limits; raises Refused. Called before the route, for unknown paths too.
        finish: adds headers to every answer of the CRM.
        not_found: the answer to a path or method it does not know.
        canonical: makes one spelling of paths that have several.
    """

    crm: str
    prefixes: tuple[str, ...]
    routes: tuple[Route, ...]
    guard: Callable[[Crms, Call], None]
    finish: Callable[[Crms, Call, Answer], None]
    not_found: Callable[[Crms, Call], Answer]
    canonical: Callable[[str], str] = str

    def answer(self, crms: Crms, call: Call) -> Answer:
        """Return the CRM's answer to one call; its mutations are journaled as the pipeline's."""
        crms.clock.run_due()
        with crms.acting("pipeline", call.request_id):
            answer = self._dispatch(crms, call)
            self.finish(crms, call, answer)
        return answer

    def find(self, call: Call) -> Route | None:
        """Return the route of a call and fill in its template and path parameters."""
        path = self.canonical(call.path)
        for route in self.routes:
            if route.method == call.method and (params := route.match(path)) is not None:
                call.params, call.template = params, route.template
                return route
        return None

    def count(self, crms: Crms, call: Call) -> None:
        """Count a call that arrived, whatever becomes of it."""
        self.find(call)
        crms.calls[self.crm, call.method, _counted(call)] += 1

    def _dispatch(self, crms: Crms, call: Call) -> Answer:
        """Return the answer of the first route that fits."""
        route = self.find(call)
        try:
            self.guard(crms, call)
            return route.handler(crms, call) if route else self.not_found(crms, call)
        except Refused as refusal:
            return refusal.answer


def _counted(call: Call) -> str:
    """Return the path a call is counted under: its template with the object types filled in."""
    path = call.template or "unknown"
    for name in ("object_type", "from_type", "to_type", "sobject"):
        path = path.replace(f"{{{name}}}", call.params.get(name, ""))
    return path
