"""The tasks of a run, each one call of a step; they pass ids and counts only.

Heavy imports stay inside the bodies: parsing a DAG file must not load pandas or a CRM client. `kind` is the kind of the
run's scope (`model.scope.Scope`): changed, interval or record.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, get_args

from airflow.sdk import get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowException, AirflowSkipException

from accord.orchestration.alerts import approval_answered
from accord.orchestration.approval import ANSWER, Approval
from accord.orchestration.assets import HUBSPOT, HUBSPOT_STAGED, PAIRS, PLAN, SALESFORCE, SALESFORCE_STAGED
from accord.orchestration.notifiers import ApprovalNotifier

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

Counts = dict[str, Any]
SalesforcePart = Literal["accounts", "contacts", "leads"]
HubSpotPart = Literal["companies", "contacts", "list_members"]


def in_step(kind: str, step: Callable[[Wiring, Run], Counts]) -> Counts:
    """Return what a step says of the current run, given ready clients."""
    from accord.orchestration.runs import current_run
    from accord.orchestration.wiring import open_wiring

    run = current_run(kind)
    with open_wiring() as wiring:
        return step(wiring.for_run(run.run_id), run)


@task(multiple_outputs=False)
def open_run(kind: str) -> Counts:
    """Take the lease, record the settings, settle what an earlier run left open."""
    from accord.steps.open_run import open_run as step

    if kind == "interval" and get_current_context()["dag_run"].run_type == "scheduled":
        raise AirflowSkipException("Accounts are imported by a backfill or by hand, never by the schedule (R9).")
    opened = in_step(kind, step)
    if not opened["is_on"]:
        raise AirflowSkipException("Company sync is off (setting sync_companies): nothing is read or written (R1).")
    return opened


@task(
    task_id="salesforce",
    inlets=[SALESFORCE],
    outlets=[SALESFORCE_STAGED],
    map_index_template="{{ part }}",
    multiple_outputs=False,
)
def extract_salesforce(kind: str, part: SalesforcePart, *, outlet_events: Any = None) -> Counts:
    """Read one kind of Salesforce record into staging."""
    from accord.steps.extract import extract_salesforce as step

    counts = _named(part, in_step(kind, lambda wiring, run: step(wiring, run, part)))
    outlet_events[SALESFORCE_STAGED].extra = counts
    return counts


@task(
    task_id="hubspot",
    inlets=[HUBSPOT],
    outlets=[HUBSPOT_STAGED],
    map_index_template="{{ part }}",
    multiple_outputs=False,
)
def extract_hubspot(kind: str, part: HubSpotPart, *, outlet_events: Any = None) -> Counts:
    """Read one kind of HubSpot record into staging."""
    from accord.steps.extract import extract_hubspot as step

    counts = _named(part, in_step(kind, lambda wiring, run: step(wiring, run, part)))
    outlet_events[HUBSPOT_STAGED].extra = counts
    return counts


@task(inlets=[SALESFORCE_STAGED, HUBSPOT_STAGED, PAIRS], outlets=[PLAN], multiple_outputs=False)
def decide(kind: str, *, outlet_events: Any = None) -> Counts:
    """Match by shared people and decide; write the plan, one row a record."""
    from accord.steps.decide import decide as step

    planned = in_step(kind, step)
    outlet_events[PLAN].extra = {name: value for name, value in planned.items() if name not in {"subject", "body"}}
    return planned


@task(task_id="decide", inlets=[SALESFORCE, HUBSPOT, PAIRS], outlets=[PLAN], multiple_outputs=False)
def decide_revert(kind: str, *, outlet_events: Any = None) -> Counts:
    """Look at what is there now; write what is put back, and what stays and why, as a plan."""
    from accord.steps.revert import decide_revert as step

    planned = in_step(kind, step)
    outlet_events[PLAN].extra = {name: value for name, value in planned.items() if name not in {"subject", "body"}}
    return planned


@task.branch
def gate(planned: Counts) -> str:
    """Go on, or ask a person first when a cap was tripped, or when something cannot be undone."""
    return "approve" if planned["held"] and planned["mode"] == "apply" else "apply"


@task(
    trigger_rule="none_failed_min_one_success",
    inlets=[PLAN],
    outlets=[PAIRS, SALESFORCE, HUBSPOT],
    multiple_outputs=False,
)
def apply(kind: str, planned: Counts, *, outlet_events: Any = None) -> Counts:
    """Write the plan through the ledger."""
    from accord.steps.gate import apply_plan
    from accord.store.measured import pairs_and_writes

    approver = _answered(_answer(), "Approve")

    def step(wiring: Wiring, run: Run) -> Counts:
        applied = apply_plan(wiring, run, planned["digest"], approver)
        pairs, written = pairs_and_writes(wiring.database, run.run_id)
        outlet_events[PAIRS].extra = {**applied, "pairs": pairs}
        outlet_events[SALESFORCE].extra, outlet_events[HUBSPOT].extra = written["salesforce"], written["hubspot"]
        return applied

    return in_step(kind, step)


@task(inlets=[PLAN, SALESFORCE, HUBSPOT], multiple_outputs=False)
def verify(kind: str) -> Counts:
    """Read back what was written and look for twins that appeared meanwhile."""
    from accord.steps.verify import verify as step

    return in_step(kind, step)


@task(trigger_rule="all_done", inlets=[PLAN, PAIRS], multiple_outputs=False)
def report(kind: str) -> Counts:
    """Close the run, say in one line what it did, let the next one begin; send metrics, and tell what changed."""
    from accord.orchestration.alerts import watch_run
    from accord.steps.report import report as close

    declined_by = _answered(_answer(), "Reject")

    def step(wiring: Wiring, run: Run) -> Counts:
        told = close(wiring, run, declined_by)
        watch_run(wiring, run)
        return told

    return in_step(kind, step)


@task(trigger_rule="one_failed", retries=0, multiple_outputs=False)
def fail_the_run() -> Counts:
    """Make the run red when a task failed: Airflow looks at the last tasks only, and the report always succeeds."""
    raise AirflowException("a task of this run failed, see its log; the report says what was written before")


def sync_crms(kind: str) -> None:
    """Add the tasks of one run to the DAG being defined."""
    planned = decide(kind)
    approve = _approval()
    chosen, applied = gate(planned), apply(kind, planned)
    opened, staged, verified = open_run(kind), _extract(kind), verify(kind)
    opened >> staged >> planned >> chosen >> [approve, applied]
    approve >> applied >> verified >> report(kind)
    [opened, staged, planned, chosen, approve, applied, verified] >> fail_the_run()


def undo_run() -> None:
    """Add the tasks of a run that undoes another one: it decides by the live records, and reads staging anew after."""
    kind = "revert"
    planned = decide_revert(kind)
    approve = _approval()
    chosen, applied = gate(planned), apply(kind, planned)
    opened, staged, verified = open_run(kind), _extract(kind), verify(kind)
    opened >> planned >> chosen >> [approve, applied]
    approve >> applied >> verified >> staged >> report(kind)
    [opened, staged, planned, chosen, approve, applied, verified] >> fail_the_run()


def _extract(kind: str) -> Any:
    """Add the group of tasks that read both CRMs."""

    @task_group(group_id="extract", tooltip="Read what changed in both CRMs into the staging tables")
    def extract() -> None:
        extract_salesforce.partial(kind=kind).expand(part=list(get_args(SalesforcePart)))
        extract_hubspot.partial(kind=kind).expand(part=list(get_args(HubSpotPart)))

    return extract()


def _approval() -> Approval:
    """Return the task that asks a person what `decide` wrote down."""
    return Approval(
        task_id="approve",
        subject="{{ ti.xcom_pull(task_ids='decide')['subject'] }}",
        body="{{ ti.xcom_pull(task_ids='decide')['body'] }}",
        notifiers=[ApprovalNotifier()],
        on_success_callback=approval_answered,
        retry_delay=timedelta(seconds=5),
        # A person may take a weekend; the time limit of the other tasks would end the question.
        execution_timeout=None,
    )


def _named(part: str, counts: Counts) -> Counts:
    """Show the part's name in the list of mapped tasks, and in its counts."""
    get_current_context()["part"] = part
    return {"part": part, **counts}


def _answer() -> Counts:
    """Return what a person answered to the question of this run, empty where nobody was asked or has answered."""
    return get_current_context()["ti"].xcom_pull(task_ids="approve", key=ANSWER) or {}


def _answered(answer: Counts, option: str) -> str | None:
    """Return who answered so, or None where nobody was asked, or answered otherwise."""
    user = answer.get("responded_by_user") or {}
    if option not in (answer.get("chosen_options") or []):
        return None
    return str(user.get("name") or user.get("id") or "unknown")
