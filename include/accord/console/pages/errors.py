"""Errors: refused writes by family and code, in the CRM's own words, with what to do and a retry."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse

from accord.console.page import done, shown
from accord.console.places import place_after
from accord.console.rules import Editor, Reader
from accord.console.warehouse import database
from accord.sentences.refused import advice
from accord.steps import facts
from accord.store import trouble
from accord.store.names import names
from accord.store.trouble import PAGE

router = APIRouter()
Family = Annotated[str, Query(max_length=40)]
Code = Annotated[str, Query(max_length=120)]


@router.get("/errors")
def errors(
    request: Request,
    caller: Reader,
    family: Family = "",
    code: Code = "",
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> HTMLResponse:
    """Return what stands refused: counts by family and code, then the writes."""
    rows = trouble.page(database(), family, code, after)
    known = names(database(), [it for row in rows for it in facts.ids_of_write(row)])
    return shown(
        request,
        "errors.html",
        page="errors",
        groups=trouble.groups(database()),
        family=family,
        code=code,
        rows=rows[:PAGE],
        known=known,
        after=place_after(rows, PAGE, "seq"),
        advice=advice,
    )


@router.post("/errors/retry")
def retry(
    request: Request,
    caller: Editor,
    intent_id: Annotated[UUID | None, Form(alias="id")] = None,
    family: Annotated[str, Form(max_length=40)] = "",
    code: Annotated[str, Form(max_length=120)] = "",
) -> HTMLResponse:
    """Let the next run try refused writes again at once: one, those of a family or code, or all of them."""
    n = trouble.retry(database(), by=caller.name, intent_id=intent_id, family=family, code=code)
    what = "1 write is" if n == 1 else f"{n:,} writes are"
    return done(
        request, f"{what} tried again by the next run, for {caller.name}; it plans them from the values of then."
    )
