"""A run as what people are told about it, and as metrics."""

from dataclasses import replace

import pytest

from accord.model.settings import Settings
from accord.steps.metrics import metrics_of
from accord.steps.readings import approvals_over, readings_of
from accord.store.measured import Measured

WELL = Measured(
    run_id="sync_accounts/r1",
    decisions={"LINK": 3, "SKIP": 900},
    writes={("hubspot", "confirmed"): 4, ("salesforce", "rejected"): 1, ("hubspot", "held"): 2},
    lag_seconds={"salesforce": 30.04, "hubspot": 60},
    calls_left={"salesforce": 50_000, "hubspot": 100_000},
)


def shown(measured, standing=(), **alerts):
    settings = Settings(alerts=alerts)
    found = readings_of(measured, settings.alerts, settings.budget, standing)
    return {(it.kind, it.subject): it.is_on for it in found}


def test_a_run_that_is_well_has_nothing_on():
    assert not any(shown(WELL).values())
    assert shown(WELL).keys() >= {("lag", "hubspot"), ("budget", "salesforce"), ("unusual", "sync_accounts")}


@pytest.mark.parametrize(("seconds", "is_on"), [(3600, False), (3601, True)])
def test_a_crm_lags_beyond_the_minutes_allowed(seconds, is_on):
    measured = replace(WELL, lag_seconds={"hubspot": seconds})
    assert shown(measured)["lag", "hubspot"] is is_on
    assert shown(measured, lag_minutes=61)["lag", "hubspot"] is False
    assert ("lag", "salesforce") not in shown(measured)


@pytest.mark.parametrize(("left", "is_on"), [(9_999, True), (10_000, None), (12_499, None), (12_500, False)])
def test_a_budget_is_low_below_its_share_and_well_again_only_clearly_above(left, is_on):
    assert shown(replace(WELL, calls_left={"salesforce": left}))["budget", "salesforce"] is is_on


def test_refused_writes_are_told_by_family_and_over_when_none_stands():
    standing = [{"kind": "errors", "subject": "validation", "run_id": "sync_accounts/r0"}]
    found = shown(replace(WELL, refused={"rights": 2}), standing)
    assert (found["errors", "rights"], found["errors", "validation"]) == (True, False)


@pytest.mark.parametrize(
    ("run_id", "decisions", "is_on"),
    [
        ("sync_accounts/r", {"CREATE_COMPANY": 101}, True),
        ("sync_accounts/r", {"SKIP": 9_000}, False),
        ("sync_accounts/r", {}, None),
        ("import_accounts/r", {"CREATE_COMPANY": 101}, None),
    ],
)
def test_only_runs_by_the_clock_have_a_usual_size(run_id, decisions, is_on):
    measured = replace(WELL, run_id=run_id, decisions=decisions, before=({"create_company": 20},) * 5)
    dag = run_id.partition("/")[0]
    assert shown(measured).get(("unusual", dag)) is is_on


def test_the_end_of_a_run_ends_the_approvals_of_its_own_dag():
    told = [{"kind": "approval", "subject": f"{dag}, plan 1", "run_id": f"{dag}/r0"} for dag in ("a", "b")]
    told.append({"kind": "failed", "subject": "a", "run_id": "a/r0"})
    assert [(it.kind, it.subject, it.is_on) for it in approvals_over(told, "a", "")] == [
        ("approval", "a, plan 1", False)
    ]
    assert shown(replace(WELL, run_id="a/r1"), told)["approval", "a, plan 1"] is False


def test_a_run_as_metrics():
    found = {it.name: (it.kind, it.value) for it in metrics_of(replace(WELL, refused={"rights": 2, "other": 1}))}
    assert found == {
        "accord.decisions.link": ("count", 3),
        "accord.decisions.skip": ("count", 900),
        **{
            f"accord.decisions.{action}": ("count", 0)
            for action in [
                "relink",
                "create_company",
                "create_account",
                "update",
                "set_stage",
                "wait",
                "review",
                "hold",
            ]
        },
        "accord.writes.salesforce": ("count", 0),
        "accord.writes.hubspot": ("count", 4),
        "accord.rejected.salesforce": ("count", 1),
        "accord.rejected.hubspot": ("count", 0),
        "accord.held.salesforce": ("count", 0),
        "accord.held.hubspot": ("count", 2),
        "accord.lag.salesforce": ("gauge", 30.0),
        "accord.lag.hubspot": ("gauge", 60),
        "accord.calls_left.salesforce": ("gauge", 50_000),
        "accord.calls_left.hubspot": ("gauge", 100_000),
        "accord.refused": ("gauge", 3),
    }


def test_what_was_never_read_has_no_lag():
    names = {it.name for it in metrics_of(Measured("sync_accounts/r1"))}
    assert not {name for name in names if "lag" in name or "calls_left" in name}
