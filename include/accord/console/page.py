"""How a page is made: templates with everything escaped, and what all of them need to know."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from accord.console import links
from accord.model.reasons import plain_reason
from accord.sentences.why import warning
from accord.sentences.words import CRM, capital, count, moment, named, people, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

_TEMPLATES = Path(__file__).parent / "templates"
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Characters that turn the direction of what follows them, so that an id reads as another one."""
PAGES = (
    ("overview", "", "Overview"),
    ("records", "records", "Records"),
    ("plan", "plan", "Plan"),
    ("reviews", "reviews", "Reviews"),
    ("errors", "errors", "Errors"),
    ("runs", "runs", "Runs"),
    ("settings", "settings", "Settings"),
)
"""Name, path and title of each page, in the order of the navigation."""

_DECISIONS = {
    "LINK": "Pair",
    "RELINK": "Pair anew",
    "UPDATE": "Paired already",
    "CREATE_COMPANY": "Create a company",
    "CREATE_ACCOUNT": "Create an account",
    "SKIP": "Leave alone",
    "WAIT": "Wait",
    "REVIEW": "For review",
    "HOLD": "Held",
    "SET_STAGE": "Move the stage",
    "SET_FIELD": "Mapped field",
}
"""What is decided, in a table of decisions."""


def shown(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a page or a part of one."""
    root = request.scope.get("root_path", "")
    text = (
        _environment()
        .get_template(template)
        .render(
            root=root,
            address=f"{root}{request.url.path.removeprefix(root)}"
            + (f"?{request.url.query}" if request.url.query else ""),
            who=getattr(request.state, "caller", None),
            record_link=links.to_records,
            **context,
        )
    )
    return HTMLResponse(text, status)


def done(request: Request, said: str, *, changes: bool = True) -> HTMLResponse:
    """Return what was done, for the place where a page says so; the page then shows itself anew."""
    answer = shown(request, "said.html", said=said, is_problem=False)
    if changes:
        answer.headers["HX-Trigger-After-Swap"] = "accord-changed"
    return answer


@cache
def _environment() -> Environment:
    """Return the templates, every value in them escaped, whatever a file is called."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_unturned,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(pages=PAGES, crm=CRM, count=count, people=people, named=named)
    environment.filters.update(
        moment=moment,
        reason=plain_reason,
        warning=warning,
        readable=readable,
        capital=capital,
        value=_value,
        href=href,
        query=_query,
        decision=lambda code: _DECISIONS.get(code, readable(code)),
        part=lambda text: quote(str(text), safe=""),
    )
    return environment


def _unturned(value: Any) -> Any:
    """Return what a template shows, with a sign in the place of each character that would turn the rest of a line."""
    return _TURNS.sub("\ufffd", value) if isinstance(value, str) and _TURNS.search(value) else value


def href(address: object) -> str:
    """Return an address that a link may lead to; anything but http and https leads nowhere."""
    text = str(address)
    return text if urlsplit(text).scheme in {"http", "https"} else "#"


def _query(values: Mapping[str, object]) -> str:
    """Return the query of an address, without what is empty."""
    return urlencode({name: str(value) for name, value in values.items() if value not in {"", None}})


def _value(value: object) -> str:
    """Return a value of a field as a person reads it."""
    return "blank" if value is None or value == "" else str(value)
