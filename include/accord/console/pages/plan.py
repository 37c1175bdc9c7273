"""The plan of a run: counts, rows behind filters, before and after, export, and the approval bound to its digest."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from starlette.responses import HTMLResponse, StreamingResponse

from accord.console.page import done, shown
from accord.console.places import place, place_after
from accord.console.rules import DAGS, Approver, Reader
from accord.console.warehouse import database
from accord.model.errors import BadInput, StalePlan
from accord.model.reasons import plain_reason
from accord.model.spreadsheet import csv_text
from accord.orchestration.airflow_api import WAITS, AirflowApi
from accord.sentences.why import WARNINGS
from accord.steps import facts
from accord.store import shown_plan, shown_runs
from accord.store.names import names
from accord.store.shown_plan import PAGE, Filters

router = APIRouter()
RunId = Annotated[str, Query(max_length=400)]
Word = Annotated[str, Query(max_length=100, pattern=r"^[A-Za-z0-9_-]*$")]
Place = Annotated[str, Query(max_length=300)]
_AT_REST = timedelta(seconds=10)
"""How long after the question the scheduler of a busy machine may hear of it; 6 seconds were seen."""
_COLUMNS = (
    "system", "record_id", "action", "reason", "why", "rule", "account_id", "account_name", "company_id",
    "company_name", "evidence", "shared_people", "held_action", "value", "warnings",
)  # fmt: skip


@router.get("/plan")
def plan(
    request: Request,
    caller: Reader,
    run: RunId = "",
    dag: Annotated[str, Query(max_length=100)] = "",
    run_id: RunId = "",
    action: Word = "",
    reason: Word = "",
    rule: Word = "",
    warning: Word = "",
    after: Place = "",
) -> HTMLResponse:
    """Return the plan of a run: named in full, by Airflow's placeholders, or the newest one."""
    # A plus sign of a time zone comes as a blank where nobody encoded it.
    asked = run or (f"{dag}/{run_id}".replace(" ", "+") if dag and run_id else "")
    asked = asked or shown_runs.latest_plan(database()) or ""
    found = shown_runs.one(database(), asked) if asked else None
    filters = Filters(action, reason, rule, warning)
    if found is None:
        return shown(request, "plan.html", page="plan", run=None, asked=asked, filters=filters)
    rows = shown_plan.page(database(), asked, filters, _place(after))
    counts = shown_plan.counts(database(), asked)
    return shown(
        request,
        "plan.html",
        page="plan",
        run=found,
        asked=asked,
        filters=filters,
        counts=counts,
        fields=shown_plan.field_count(database(), asked),
        rows=_told(asked, rows[:PAGE]),
        after=place_after(rows, PAGE, "system", "key", "action"),
        warnings=WARNINGS,
        look_alikes=shown_plan.LOOK_ALIKES,
    )


@router.get("/plan/fields")
def fields(request: Request, caller: Reader, run: RunId, after: Place = "") -> HTMLResponse:
    """Return what the plan of a run does to mapped fields, pair by pair."""
    key = place(after, 3)
    rows = shown_plan.fields_page(database(), run, (key[0], key[1], key[2]) if key else None)
    ids = [it for row in rows for it in facts.ids_of_pair(row)]
    return shown(
        request,
        "fields.html",
        page="plan",
        asked=run,
        rows=rows[:PAGE],
        known=names(database(), ids),
        after=place_after(rows, PAGE, "account_id", "company_id", "name"),
    )


@router.get("/plan/approval")
def approval(request: Request, caller: Reader, run: RunId) -> HTMLResponse:
    """Return the approval of a run as Airflow has it: asked, answered, or never asked for."""
    dag_id, _, run_id = run.partition("/")
    found = (
        AirflowApi(request.scope.get("airflow"), request.headers).approval(dag_id, run_id) if dag_id in DAGS else None
    )
    row = shown_runs.one(database(), run)
    return shown(
        request,
        "approval.html",
        asked=run,
        approval=found,
        is_ready=found is not None and _is_ready(found, datetime.now(UTC)),
        digest=(row or {}).get("plan_digest") or "",
    )


@router.post("/plan/answer")
def answer(
    request: Request,
    caller: Approver,
    run: Annotated[str, Form(max_length=400)],
    digest: Annotated[str, Form(pattern=r"^[0-9a-f]{64}$")],
    answer: Annotated[str, Form(pattern="^(approve|reject)$")],
) -> HTMLResponse:
    """Answer the approval of a run in the name of the caller, for the very plan that the page showed.

    Raises:
        StalePlan: the plan was made anew since.
        BadInput: it was answered before.
    """
    found = shown_runs.one(database(), run)
    if found is None or found["plan_digest"] != digest:
        raise StalePlan("The plan was made anew since this page was shown: load it again and look before you answer.")
    dag_id, _, run_id = run.partition("/")
    AirflowApi(request.scope.get("airflow"), request.headers).answer(dag_id, run_id, is_approved=answer == "approve")
    word = "approved: it is written now" if answer == "approve" else "rejected: nothing of it is written"
    return done(request, f"The plan {digest[:12]} is {word}. Recorded: {caller.name}.")


@router.get("/plan.csv")
def export(
    caller: Reader, run: RunId, action: Word = "", reason: Word = "", rule: Word = "", warning: Word = ""
) -> StreamingResponse:
    """Return all rows behind the filters as CSV; a spreadsheet finds no formula in it.

    Raises:
        BadInput: there is no such run.
    """
    if shown_runs.one(database(), run) is None:
        raise BadInput(f"there is no run {run[:200]!r}")
    rows = shown_plan.everything(database(), run, Filters(action, reason, rule, warning))
    text = csv_text(_COLUMNS, ({**row, "why": plain_reason(row["reason"])} for row in rows))
    name = "".join(letter if letter.isalnum() else "-" for letter in run)[:80]
    return StreamingResponse(
        _bytes(text),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="plan-{name}.csv"'},
    )


def _is_ready(approval: dict[str, Any], now: datetime) -> bool:
    """Return whether Airflow has heard that the task which asks is at rest: an earlier answer may be asked for anew."""
    asked_at = datetime.fromisoformat(approval["created_at"])
    return approval["task_instance"]["state"] == WAITS and now - asked_at >= _AT_REST


def _place(after: str) -> tuple[str, int, str] | None:
    """Return system, key and action of the last row of the page before.

    Raises:
        BadInput: this is no place of the list.
    """
    key = place(after, 3)
    if key is None:
        return None
    if not re.fullmatch(r"-?\d{1,19}", key[1]) or abs(int(key[1])) >= 2**63:
        raise BadInput("This is no place in the list: begin at its first page.")
    return key[0], int(key[1]), key[2]


def _bytes(text: Iterator[str]) -> Iterator[bytes]:
    """Yield the text as bytes."""
    return (it.encode() for it in text)


def _told(run_id: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with the records they name, what they do to fields, and how many people stand behind them."""
    known = names(database(), [it for row in rows for it in facts.ids_of_decision(row)])
    accounts, companies = ([row[side] for row in rows if row[side]] for side in ("account_id", "company_id"))
    of_pair = facts.by(shown_plan.fields_of(database(), run_id, accounts, companies), "account_id", "company_id")
    made = shown_plan.made(database(), run_id, [row["record_id"] for row in rows])
    people = shown_plan.people_counts(database(), run_id, rows)
    return [
        {
            "row": row,
            "decided": facts.decided(row, known),
            "fields": of_pair.get((row["account_id"], row["company_id"]), []) if row["action"] != "SET_STAGE" else [],
            "made": made.get(row["record_id"]) if row["action"].startswith("CREATE") else None,
            "people": {
                role: n
                for role in ("evidence", "attach", "associate", "stage")
                if (n := people.get((row["system"], row["key"], role)))
            },
        }
        for row in rows
    ]
