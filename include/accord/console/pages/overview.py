"""Overview: is it healthy, what did it do, what waits, what does it cost."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from accord.console.charts import Chart, curve, stacked
from accord.console.page import shown
from accord.console.rules import SYNC, Reader
from accord.console.warehouse import database, settings_of_file
from accord.model.reasons import plain_reason
from accord.model.settings import Settings
from accord.orchestration.airflow_api import AirflowApi
from accord.sentences.words import CRM, count
from accord.store import shown_runs, switch, trouble
from accord.store.lag import lags
from accord.store.limiter import calls_today

router = APIRouter()
_RUNS, _DAYS = 8, 30
_ASKING = ("WAIT", "REVIEW", "HOLD")


@router.get("/")
def overview(request: Request, caller: Reader) -> HTMLResponse:
    """Return the first page; what Airflow itself knows is loaded into it."""
    now = datetime.now(UTC)
    settings = switch.applied_read_only(database(), settings_of_file())
    days = [(now - timedelta(days=_DAYS - 1 - n)).date() for n in range(_DAYS)]
    since = datetime.combine(days[0], datetime.min.time(), UTC)
    found = shown_runs.by_day(database(), since)
    standing = shown_runs.standing(database())
    groups = trouble.groups(database())
    parts: dict[str, Any] = {
        "runs": shown_runs.page(database(), limit=_RUNS),
        "calls": _calls(settings, now),
        "lags": _lags(settings, now),
        "reviews": shown_runs.open_reviews(database()),
        "families": _families(groups),
    }
    return shown(
        request,
        "overview.html",
        page="overview",
        worries=_worries(settings, **parts),
        pairs=curve("pairs", "Pairs at the end of each day", days, "pairs", _pairs(found, days)),
        reasons=_reasons(found, days),
        refused=_refused(trouble.trend(database(), since), days),
        standing=standing,
        days=_DAYS,
        waiting=[it for it in (standing or {}).get("standing") or [] if it["action"] in _ASKING],
        **parts,
    )


@router.get("/airflow")
def airflow(request: Request, caller: Reader) -> HTMLResponse:
    """Return what Airflow knows: the next run, and the approvals that wait."""
    api = AirflowApi(request.scope.get("airflow"), request.headers)
    dag = api.dag(SYNC)
    instances = [(it["task_instance"], it["subject"]) for it in api.waiting()]
    waiting = [(f"{ti['dag_id']}/{ti.get('dag_run_id') or ti.get('run_id')}", subject) for ti, subject in instances]
    at = dag.get("next_dagrun_run_after")
    next_run = f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else ""
    return shown(request, "airflow.html", is_paused=dag["is_paused"], next_run=next_run, waiting=waiting)


def _worries(settings: Settings, **parts: Any) -> list[tuple[str, str]]:
    """Return what somebody should look at, each with the page where."""
    found = []
    if not settings.sync_companies:
        found.append(("Company sync is switched off", "settings"))
    if parts["runs"] and parts["runs"][0]["state"] == "failed":
        found.append((f"The last run failed: {parts['runs'][0]['note']}", "runs"))
    if refused := sum(parts["families"].values()):
        found.append((f"{count(refused, 'write')} refused and not mended", "errors"))
    if asked := sum(it["n"] for it in parts["reviews"]):
        found.append((f"{count(asked, 'question')} for a person to answer", "reviews"))
    if settings.sync_companies and any(it["is_late"] for it in parts["lags"]):
        found.append((f"A CRM was not read for more than {settings.alerts.lag_minutes} minutes", "runs"))
    found += [
        (f"{CRM[it['system']]}: {it['made']:,} of {it['budget']:,} calls of the day are used", "settings")
        for it in parts["calls"]
        if it["made"] > (1 - settings.alerts.calls_left_share) * it["budget"]
    ]
    return found


def _calls(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """Return per CRM the calls of the last 24 hours beside the budget, and what the CRM said is left."""
    budget, left = settings.budget, shown_runs.remaining_calls(database())
    budgets = {"salesforce": budget.salesforce_calls_a_day, "hubspot": budget.hubspot_calls_a_day}
    return [
        {
            "system": crm,
            "made": made,
            "budget": budgets[crm],
            "remaining": left.get(crm, {}).get("remaining"),
            "remaining_at": left.get(crm, {}).get("remaining_at"),
        }
        for crm, made in calls_today(database(), now).items()
    ]


def _lags(settings: Settings, now: datetime) -> list[dict[str, Any]]:
    """Return how far each source was read."""
    found = []
    for it in lags(database(), settings.wire):
        behind = now - it.up_to
        found.append(
            {
                "source": f"{it.crm} {it.what}".replace("_", " "),
                "up_to": it.up_to,
                "behind": _duration(behind),
                "is_late": it.counts and behind > timedelta(minutes=settings.alerts.lag_minutes),
                "rows": it.rows,
            }
        )
    return found


def _duration(length: timedelta) -> str:
    """Return a length of time in its two largest units."""
    minutes = max(0, int(length.total_seconds() // 60))
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _families(groups: list[dict[str, Any]]) -> dict[str, int]:
    """Return how many writes stand refused, by family."""
    found: dict[str, int] = {}
    for row in groups:
        found[row["family"] or "other"] = found.get(row["family"] or "other", 0) + row["records"]
    return found


def _pairs(found: list[dict[str, Any]], days: list[date]) -> list[int]:
    """Return the pairs at the end of each day; a day without a run has those of the day before."""
    known, values, last = {row["day"]: row["pairs"] or 0 for row in found}, [], 0
    for day in days:
        last = known.get(day, last)
        values.append(last)
    return values


def _reasons(found: list[dict[str, Any]], days: list[date]) -> Chart:
    """Return what runs paired and made a day, by reason."""
    place, values = {day: n for n, day in enumerate(days)}, dict[str, list[int]]()
    for row in found:
        for reasons in row["reasons"] or []:
            for reason, n in reasons.items():
                values.setdefault(plain_reason(reason), [0] * len(days))[place[row["day"]]] += n
    return stacked("reasons", "Paired and made, by reason", days, values)


def _refused(rows: list[dict[str, Any]], days: list[date]) -> Chart:
    """Return refused writes a day, by family."""
    place, values = {day: n for n, day in enumerate(days)}, dict[str, list[int]]()
    for row in rows:
        if row["day"] in place:
            values.setdefault(row["family"] or "other", [0] * len(days))[place[row["day"]]] += row["refused"]
    return stacked("refused", "Refused writes, by family", days, values)
