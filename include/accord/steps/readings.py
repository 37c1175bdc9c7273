"""A run as readings: which of the things that people are told about it shows. Pure; what changed is found elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.alerts import Reading, unusual_counts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from accord.model.settings import Alerts, Budget
    from accord.store.measured import Measured

_CRM = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
_WELL_AGAIN = 1.25
"""Calls come back hour by hour: a budget is well again only when it is this much above the limit."""
_COMPARED = "sync_accounts"
"""Only what runs by the clock has a usual size."""


def readings_of(
    measured: Measured, alerts: Alerts, budget: Budget, standing: Iterable[Mapping[str, str]]
) -> list[Reading]:
    """Return what a run shows.

    Args:
        measured: its numbers, and those of the runs before it.
        alerts: what is worth telling.
        budget: calls allowed a day.
        standing: kind, subject and run_id of what people were told and is not over.
    """
    told = list(standing)
    families = {row["subject"] for row in told if row["kind"] == "errors"}
    return [
        *levels_of(measured, alerts, budget),
        *_errors(measured, families),
        *_unusual(measured, alerts),
        # Its run is over, and there is no second one meanwhile.
        *approvals_over(told, measured.dag, "the run that asked has ended"),
    ]


def levels_of(measured: Measured, alerts: Alerts, budget: Budget) -> list[Reading]:
    """Return what shows at any time, also while a run is at work: how long ago the CRMs were read, and calls left."""
    return [*_lags(measured, alerts), *_budgets(measured, alerts, budget)]


def approvals_over(standing: Iterable[Mapping[str, str]], dag_id: str, text: str) -> list[Reading]:
    """Return that the approvals of a DAG that people were told about wait no more."""
    return [
        Reading("approval", row["subject"], False, text)
        for row in standing
        if row["kind"] == "approval" and row["run_id"].partition("/")[0] == dag_id
    ]


def _lags(measured: Measured, alerts: Alerts) -> Iterator[Reading]:
    """Yield per CRM whether it was not read for too long."""
    for crm, seconds in measured.lag_seconds.items():
        minutes = int(seconds // 60)
        text = f"{_CRM[crm]} was last read {minutes:,} minutes ago; {alerts.lag_minutes:,} are allowed"
        yield Reading("lag", crm, seconds > alerts.lag_minutes * 60, text)


def _budgets(measured: Measured, alerts: Alerts, budget: Budget) -> Iterator[Reading]:
    """Yield per CRM whether few calls are left."""
    days = {"salesforce": budget.salesforce_calls_a_day, "hubspot": budget.hubspot_calls_a_day}
    for crm, left in measured.calls_left.items():
        limit = alerts.calls_left_share * days[crm]
        is_low = True if left < limit else None if left < limit * _WELL_AGAIN else False
        yield Reading("budget", crm, is_low, f"{left:,} of {days[crm]:,} calls to {_CRM[crm]} are left today")


def _errors(measured: Measured, told: set[str]) -> Iterator[Reading]:
    """Yield per family whether refused writes stand; what a later run mended does not."""
    for family in sorted(told | measured.refused.keys()):
        n = measured.refused.get(family, 0)
        writes = "write stands" if n == 1 else "writes stand"
        text = f"{n:,} {writes} refused ({family}); the Errors page of the console says which and what to do"
        yield Reading("errors", family, n > 0, text if n else f"no refused write stands any more ({family})")


def _unusual(measured: Measured, alerts: Alerts) -> Iterator[Reading]:
    """Yield whether a run of the schedule decided far more than its predecessors."""
    if measured.dag != _COMPARED or not measured.decisions:
        return
    now = {action.lower(): n for action, n in measured.decisions.items() if action != "SKIP"}
    found = unusual_counts(now, measured.before, times=alerts.unusual_times, at_least=alerts.unusual_at_least)
    said = ", ".join(f"{n:,} {name.replace('_', ' ')} (highest so far {high:,})" for name, (n, high) in found.items())
    yield Reading("unusual", measured.dag, bool(found), said or "the counts are as usual again")
