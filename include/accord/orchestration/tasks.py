"""The tasks of a run, each one call of a step; they pass ids and counts only.

Heavy imports stay inside the bodies: parsing a DAG file must not load pandas or a CRM client.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import get_current_context, task, task_group
from airflow.sdk.exceptions import AirflowSkipException

from accord.orchestration.assets import HUBSPOT_STAGED, PAIRS, PLAN, SALESFORCE_STAGED

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

Counts = dict[str, Any]

SALESFORCE_OBJECTS = ["accounts", "contacts", "leads"]
HUBSPOT_PARTS = ["companies", "contacts", "list_members"]


def in_step(kind: str, step: Callable[[Wiring, Run], Counts]) -> Counts:
    """Return what a step says of the current run, given ready clients."""
    from accord.orchestration.runs import current_run
    from accord.orchestration.wiring import open_wiring

    with open_wiring() as wiring:
        return step(wiring, current_run(kind))


def _publish(outlet_events: Any, asset: Any, counts: Counts) -> None:
    """Attach counts to the asset event of this task."""
    outlet_events[asset].extra = counts


def sync_crms(kind: str) -> None:
    """Add the tasks of one run to the DAG being defined.

    Args:
        kind: the scope's kind (`model.scope.Scope`): changed, interval or record.
    """

    @task(multiple_outputs=False)
    def open_run() -> Counts:
        """Take the lease, record the settings, settle what an earlier run left open."""
        from accord.steps.open_run import open_run

        if kind == "interval" and get_current_context()["dag_run"].run_type == "scheduled":
            raise AirflowSkipException("Accounts are imported by a backfill or by hand, never by the schedule (R9).")
        opened = in_step(kind, open_run)
        if not opened["is_on"]:
            raise AirflowSkipException("Company sync is off (setting sync_companies): nothing is read or written (R1).")
        return opened

    @task_group(tooltip="Read what changed in both CRMs into the staging tables")
    def extract() -> None:
        @task(outlets=[SALESFORCE_STAGED], map_index_template="{{ part }}", multiple_outputs=False)
        def salesforce(part: str, *, outlet_events: Any = None) -> Counts:
            """Read one kind of Salesforce record."""
            from accord.steps.extract import extract_salesforce

            get_current_context()["part"] = part  # type: ignore[typeddict-unknown-key]
            counts = in_step(kind, lambda wiring, run: extract_salesforce(wiring, run, part))
            _publish(outlet_events, SALESFORCE_STAGED, {"part": part, **counts})
            return counts

        @task(outlets=[HUBSPOT_STAGED], map_index_template="{{ part }}", multiple_outputs=False)
        def hubspot(part: str, *, outlet_events: Any = None) -> Counts:
            """Read one kind of HubSpot record."""
            from accord.steps.extract import extract_hubspot

            get_current_context()["part"] = part  # type: ignore[typeddict-unknown-key]
            counts = in_step(kind, lambda wiring, run: extract_hubspot(wiring, run, part))
            _publish(outlet_events, HUBSPOT_STAGED, {"part": part, **counts})
            return counts

        salesforce.expand(part=SALESFORCE_OBJECTS)
        hubspot.expand(part=HUBSPOT_PARTS)

    @task(outlets=[PLAN], multiple_outputs=False)
    def decide(*, outlet_events: Any = None) -> Counts:
        """Match by shared people and decide; write the plan, one row a record."""
        from accord.steps.decide import decide

        planned = in_step(kind, decide)
        _publish(outlet_events, PLAN, planned)
        return planned

    @task.branch
    def gate(planned: Counts) -> str:
        """Go on, or ask a person first when a cap was tripped."""
        return "approve" if planned["held"] and planned["mode"] == "apply" else "apply"

    @task(trigger_rule="none_failed_min_one_success", outlets=[PAIRS], multiple_outputs=False)
    def apply(planned: Counts, *, outlet_events: Any = None) -> Counts:
        """Write the plan through the ledger."""
        from accord.steps.gate import apply_plan

        answer = get_current_context()["ti"].xcom_pull(task_ids="approve") or {}
        applied = in_step(kind, lambda wiring, run: apply_plan(wiring, run, planned["digest"], _approver(answer)))
        _publish(outlet_events, PAIRS, applied)
        return applied

    @task(multiple_outputs=False)
    def verify() -> Counts:
        """Read back what was written and look for twins that appeared meanwhile."""
        from accord.steps.verify import verify

        return in_step(kind, verify)

    @task(trigger_rule="all_done", multiple_outputs=False)
    def report() -> Counts:
        """Close the run, say in one line what it did, let the next one begin."""
        from accord.steps.report import report

        return in_step(kind, report)

    opened, staged, planned = open_run(), extract(), decide()
    approve = ApprovalOperator(
        task_id="approve",
        subject="{{ ti.xcom_pull(task_ids='decide')['subject'] }}",
        body="{{ ti.xcom_pull(task_ids='decide')['body'] }}",
    )
    chosen, applied = gate(planned), apply(planned)
    opened >> staged >> planned >> chosen >> [approve, applied]
    approve >> applied >> verify() >> report()


def _approver(answer: Counts) -> str | None:
    """Return who approved, or None where nobody was asked."""
    user = answer.get("responded_by_user") or {}
    return str(user.get("name") or user.get("id") or "unknown") if answer else None
