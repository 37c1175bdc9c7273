"""The console as a FastAPI app: pages behind rules, static files, and headers that let nothing from elsewhere run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from accord.console import told
from accord.console.headers import SafeHeaders
from accord.console.pages import errors, overview, plan, records, reviews, runs, settings
from accord.console.rules import SAFE, Rule
from accord.model.errors import AccordError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import ASGIApp

_STATIC = Path(__file__).parent / "static"
_PAGES = (overview, records, plan, reviews, errors, runs, settings)


def served_console() -> ASGIApp:
    """Return the console with the headers of every answer around it, also around one that failed."""
    return SafeHeaders(console_app())


def console_app() -> FastAPI:
    """Return the console.

    Raises:
        AssertionError: a route has no rule, so it is not known who may call it.
    """
    app = FastAPI(
        title="Accord",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    for page in _PAGES:
        app.include_router(page.router)
    # Files of this package, the same for everybody: the only thing that is shown without a login.
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    app.add_exception_handler(AccordError, told.problem)
    app.add_exception_handler(HTTPException, told.refusal)
    app.add_exception_handler(RequestValidationError, told.misunderstood)
    app.add_exception_handler(Exception, told.surprise)
    for path, methods, found in rules_of(app):
        if [it.is_effect for it in found] != [not methods <= set(SAFE)]:
            raise AssertionError(f"{path}: a route has one rule, and what is no GET one for effects")
    return app


def rules_of(app: FastAPI) -> Iterator[tuple[str, set[str], list[Rule]]]:
    """Yield path, methods and rules of each route of the app but static files."""
    for route in app.routes:
        if isinstance(route, APIRoute):
            calls: list[object] = [it.call for it in route.dependant.dependencies]
            yield route.path, route.methods, [it for it in calls if isinstance(it, Rule)]
        elif getattr(route, "name", "") != "static":
            yield str(getattr(route, "path", route)), set(), []
