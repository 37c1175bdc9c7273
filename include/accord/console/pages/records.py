"""Records: search, the sync card of one, and the button that syncs it now."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse

from accord.console.page import shown
from accord.console.rules import RECORD, Reader, Starter
from accord.console.warehouse import database
from accord.model.errors import BadInput
from accord.orchestration.airflow_api import AirflowApi
from accord.steps import facts
from accord.steps.card import card_of
from accord.steps.explain import which_record
from accord.steps.open_run import which_system
from accord.store import search
from accord.store.names import names

router = APIRouter()
Text = Annotated[str, Query(max_length=200)]


@router.get("/records")
def records(request: Request, caller: Reader, q: Text = "") -> HTMLResponse:
    """Return what a search finds; an id leads to its card at once."""
    wanted = q.strip()
    record_id = _id_in(wanted)
    if record_id:
        return shown(request, "records.html", page="records", q=wanted, record_id=record_id, found=[], partners={})
    found = search.find(database(), wanted) if wanted else []
    pairs = search.pairs_of(database(), [it.id for it in found])
    known = names(database(), [it for pair in pairs for it in facts.ids_of_pair(pair)])
    partners = {
        **{it["account_id"]: known.company(it["company_id"]) for it in pairs},
        **{it["company_id"]: known.account(it["account_id"]) for it in pairs},
    }
    return shown(request, "records.html", page="records", q=wanted, record_id="", found=found, partners=partners)


@router.get("/records/card")
def card(request: Request, caller: Reader, record_id: Annotated[str, Query(alias="id", max_length=40)]) -> HTMLResponse:
    """Return the sync card of a record: a part of a page, because the rules may have to be asked first."""
    return shown(request, "card.html", cards=card_of(database(), record_id))


@router.post("/records/sync")
def sync_now(
    request: Request, caller: Starter, record_id: Annotated[str, Form(alias="id", max_length=40)]
) -> HTMLResponse:
    """Start `sync_record` for a record; the part that is returned shows it finish."""
    _, full = which_system(record_id.strip())
    run_id = _airflow(request).start(RECORD, {"record_id": full})
    return shown(request, "sync.html", run_id=run_id, record_id=full, run={"state": "queued"}, is_paused=False)


@router.get("/records/sync")
def sync_state(
    request: Request,
    caller: Reader,
    run: Annotated[str, Query(max_length=300)],
    record_id: Annotated[str, Query(alias="id", max_length=40)],
) -> HTMLResponse:
    """Return how far a sync by hand is; at its end the card shows itself anew."""
    airflow = _airflow(request)
    found = airflow.run(RECORD, run)
    is_paused = found["state"] == "queued" and bool(airflow.dag(RECORD)["is_paused"])
    answer = shown(request, "sync.html", run_id=run, record_id=record_id, run=found, is_paused=is_paused)
    if found["state"] in {"success", "failed"}:
        answer.headers["HX-Trigger-After-Swap"] = "accord-changed"
    return answer


def _airflow(request: Request) -> AirflowApi:
    """Return Airflow as the caller sees it."""
    return AirflowApi(request.scope.get("airflow"), request.headers)


def _id_in(text: str) -> str:
    """Return the full id in a text, "" where it is none."""
    if not text.isalnum() or not (text.isdigit() or len(text) in {15, 18}):
        return ""
    try:
        return which_record(text)[2]
    except BadInput:
        return ""
