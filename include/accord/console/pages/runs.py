"""Runs: what each decided and wrote, write by write, before and after."""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse

from accord.console.lazy import PREFIX
from accord.console.page import shown
from accord.console.places import place, place_after
from accord.console.rules import DAGS, REVERT, Reader, Reverter
from accord.console.warehouse import database
from accord.model.errors import BadInput
from accord.orchestration.airflow_api import AirflowApi
from accord.sentences.undoing import UNDOES
from accord.steps import facts
from accord.store import shown_runs
from accord.store.names import names
from accord.store.shown_runs import PAGE

router = APIRouter()
_Id = Annotated[str, Query(max_length=400)]


@router.get("/runs")
def runs(request: Request, caller: Reader, after: Annotated[str, Query(max_length=500)] = "") -> HTMLResponse:
    """Return the runs, newest first."""
    key = place(after, 2)
    try:
        where = (datetime.fromisoformat(key[0].replace(" ", "T", 1).replace(" ", "+")), key[1]) if key else None
    except ValueError:
        raise BadInput("This is no place in the list: begin at its first page.") from None
    rows = shown_runs.page(database(), where)
    return shown(
        request,
        "runs.html",
        page="runs",
        runs=rows[:PAGE],
        after=place_after(rows, PAGE, "started_at", "run_id"),
    )


@router.get("/runs/one")
def run(
    request: Request,
    caller: Reader,
    run_id: Annotated[str, Query(alias="run", max_length=400)],
    trouble: bool = False,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
) -> HTMLResponse:
    """Return one run: its counts, then its writes in the order of sending."""
    found = shown_runs.one(database(), run_id)
    if found is None:
        raise BadInput("There is no run of that name.")
    rows = shown_runs.writes(database(), run_id, after, only_trouble=trouble)
    known = names(database(), [it for row in rows for it in facts.ids_of_write(row)])
    return shown(
        request,
        "run.html",
        page="runs",
        run=found,
        in_airflow=_in_airflow(request, run_id),
        rows=[(row, facts.write({**row, "next_try_at": None, "attempt": 1}, known)) for row in rows[:PAGE]],
        known=known,
        trouble=trouble,
        after=place_after(rows, PAGE, "seq"),
    )


@router.get("/runs/writes")
def writes(
    request: Request, caller: Reader, run_id: Annotated[str, Query(alias="run", max_length=400)]
) -> HTMLResponse:
    """Return how many writes of each kind a run planned: a part of its page, because an import has very many."""
    return shown(request, "writes.html", by_op=shown_runs.writes_by_op(database(), run_id))


@router.post("/runs/revert")
def revert(
    request: Request,
    caller: Reverter,
    run: Annotated[str, Form(max_length=400)],
    mode: Annotated[str, Form(pattern="^(plan|apply)$")],
    archive: Annotated[bool, Form()] = False,
) -> HTMLResponse:
    """Start `revert_run` for a run: a plan that shows what would be undone, or the undoing itself.

    Raises:
        BadInput: there is no such run, or it wrote nothing.
    """
    found = shown_runs.one(database(), run)
    if found is None or found["mode"] == "plan":
        raise BadInput("There is no run of that name that wrote anything.")
    conf = {"run": run, "archive_created": archive, "mode": mode}
    run_id = AirflowApi(request.scope.get("airflow"), request.headers).start(REVERT, conf)
    state = {"state": "queued"}
    return shown(request, "revert.html", run_id=run_id, of=run, mode=mode, archive=archive, run=state, is_paused=False)


@router.get("/runs/revert")
def revert_state(
    request: Request,
    caller: Reader,
    run: _Id,
    of: _Id,
    mode: Annotated[str, Query(pattern="^(plan|apply)$")],
    archive: bool = False,
) -> HTMLResponse:
    """Return how far a revert is, and at the end of its plan what it would undo."""
    airflow = AirflowApi(request.scope.get("airflow"), request.headers)
    found = airflow.run(REVERT, run)
    is_paused = found["state"] == "queued" and bool(airflow.dag(REVERT)["is_paused"])
    return shown(request, "revert.html", run_id=run, of=of, mode=mode, archive=archive, run=found, is_paused=is_paused)


@router.get("/runs/reversals")
def reversals(request: Request, caller: Reader, run: _Id) -> HTMLResponse:
    """Return the plan of a revert: what it undoes, and what it leaves and why."""
    counts = shown_runs.reversal_counts(database(), run)
    return shown(request, "reversals.html", counts=counts, rows=shown_runs.reversals(database(), run), does=UNDOES)


def _in_airflow(request: Request, run_id: str) -> str:
    """Return the address of a run in Airflow, "" for one that no DAG made."""
    dag_id, _, airflow_id = run_id.partition("/")
    base = request.scope.get("root_path", "").removesuffix(PREFIX)
    return f"{base}/dags/{dag_id}/runs/{quote(airflow_id, safe='')}" if dag_id in DAGS else ""
