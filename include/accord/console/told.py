"""What a page says when something cannot be done: in the page itself, never a trace, never more than is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from accord.console.page import shown
from accord.model.errors import BadInput, ServiceUnavailable, StalePlan

if TYPE_CHECKING:
    from fastapi.exceptions import RequestValidationError
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import Response

_STATUS: tuple[tuple[type[Exception], int], ...] = ((BadInput, 400), (StalePlan, 409), (ServiceUnavailable, 503))
_KNOWN = {"after", "choice", "code", "family", "id", "name", "other", "review_id", "run", "value", "digest", "answer"}
_SIGN_IN = "Log in to Airflow, then open this page again."


async def problem(request: Request, error: Exception) -> Response:
    """Return an error of Accord in its own words, which hold no secret."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return _said(request, status, str(error))


async def misunderstood(request: Request, error: Exception) -> Response:
    """Return that a part of the address or the form is missing or impossible; its content is not repeated."""
    names = {str(it["loc"][-1]) for it in cast("RequestValidationError", error).errors()}
    return _said(request, 422, f"This could not be understood: {', '.join(sorted(names & _KNOWN) or ['the request'])}.")


async def surprise(request: Request, error: Exception) -> Response:
    """Return that something failed that nobody thought of; what it was is in the log of the API server."""
    return _said(request, 500, "This page failed; the log of the Airflow API server says why.")


async def refusal(request: Request, error: Exception) -> Response:
    """Return a refusal: not logged in, not allowed, not found."""
    found = cast("HTTPException", error)
    said = _SIGN_IN if found.status_code == 401 else str(found.detail)
    return _said(request, found.status_code, said)


def _said(request: Request, status: int, said: str) -> Response:
    """Return a part of a page to htmx, which shows it where pages say such things, else a whole page."""
    is_part = request.headers.get("hx-request") == "true"
    if is_part:
        return shown(request, "said.html", status, said=said, is_problem=True)
    return shown(request, "error.html", status, said=said, status_code=status)
