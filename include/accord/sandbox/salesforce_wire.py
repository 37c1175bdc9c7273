"""Small things every Salesforce handler needs: parsed bodies, JSON answers, options in headers, refusals as answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from accord.sandbox.org_checks import RowError
from accord.sandbox.salesforce_errors import SalesforceProblem, from_row_error
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.sandbox.core import Crms

    Handler = Callable[[Crms, Call], Answer]

ROOT = "/services/data/v{version}"
"""Where every versioned route begins."""
_JSON = {"content-type": "application/json;charset=UTF-8"}


def reply(content: Any, status: int = 200) -> Answer:
    """Return a JSON answer with the content type as recorded."""
    return Answer(status, orjson.dumps(content), dict(_JSON))


def nothing(status: int = 204) -> Answer:
    """Return an answer without a body."""
    return Answer(status)


def root(call: Call) -> str:
    """Return the address of the API version that the call used."""
    return ROOT.format(version=call.params["version"])


def body_object(call: Call) -> dict[str, Any]:
    """Return the body as a JSON object.

    Raises:
        SalesforceProblem: JSON_PARSER_ERROR.
    """
    try:
        body = call.json()
    except ValueError as problem:
        raise SalesforceProblem("JSON_PARSER_ERROR", f"Unexpected input: {problem}") from None
    if not isinstance(body, dict):
        raise SalesforceProblem("JSON_PARSER_ERROR", "Cannot deserialize the request body: a JSON object is expected")
    return body


def option(call: Call, header: str, name: str) -> str:
    """Return one value of a header such as `allowSave=true; includeRecordDetails=true`, lower case, "" if absent."""
    for part in call.headers.get(header, "").replace(",", ";").split(";"):
        key, _, value = part.strip().partition("=")
        if key.lower() == name.lower():
            return value.strip().lower()
    return ""


def refusing(handler: Handler) -> Handler:
    """Return the handler with everything it refuses turned into an answer."""

    def answer(crms: Crms, call: Call) -> Answer:
        try:
            return handler(crms, call)
        except SalesforceProblem as problem:
            return reply(problem.body(), problem.status)
        except RowError as problem:
            refused = from_row_error(problem)
            return reply(refused.body(), refused.status)

    return answer
