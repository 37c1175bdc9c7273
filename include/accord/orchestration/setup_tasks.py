"""The tasks of `prepare_crms` and `reconcile_staging`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from accord.orchestration.assets import HUBSPOT, HUBSPOT_STAGED, SALESFORCE, SALESFORCE_STAGED
from accord.orchestration.tasks import Counts

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring


def prepare_tasks() -> None:
    """Add the tasks that make both CRMs ready."""

    @task(multiple_outputs=False)
    def create_tables() -> Counts:
        """Create or upgrade the tables of the warehouse."""
        from accord.orchestration.wiring import open_wiring

        with open_wiring():
            return {"tables": "ready"}

    @task(multiple_outputs=False)
    def create_key_fields() -> Counts:
        """Create the HubSpot key property if asked; say how the Salesforce field is added."""
        from accord.orchestration.wiring import open_wiring
        from accord.steps.prepare import prepare

        with open_wiring() as wiring:
            return prepare(wiring, create_property=bool(get_current_context()["params"]["create_property"]))

    @task(multiple_outputs=False)
    def check() -> Counts:
        """Report what is missing in either CRM; fails while something is."""
        from accord.orchestration.wiring import open_wiring
        from accord.steps.preflight import check_crms

        with open_wiring() as wiring:
            return check_crms(wiring)

    create_tables() >> create_key_fields() >> check()


def reconcile_tasks() -> None:
    """Add the tasks that compare staging with both CRMs."""

    @task(inlets=[SALESFORCE], outlets=[SALESFORCE_STAGED], multiple_outputs=False)
    def salesforce(*, outlet_events: Any = None) -> Counts:
        """Scan all Salesforce ids."""
        from accord.steps.reconcile import reconcile_salesforce

        counts = _in_reconcile(reconcile_salesforce)
        outlet_events[SALESFORCE_STAGED].extra = counts
        return counts

    @task(inlets=[HUBSPOT], outlets=[HUBSPOT_STAGED], multiple_outputs=False)
    def hubspot(*, outlet_events: Any = None) -> Counts:
        """Scan all HubSpot ids, associations and list members."""
        from accord.steps.reconcile import reconcile_hubspot

        counts = _in_reconcile(reconcile_hubspot)
        outlet_events[HUBSPOT_STAGED].extra = counts
        return counts

    @task(multiple_outputs=False)
    def retire_old_runs() -> Counts:
        """Delete the plans of runs older than the retention time."""
        from accord.steps.reconcile import retire_old_runs

        return _in_reconcile(retire_old_runs)

    @task(inlets=[SALESFORCE, HUBSPOT, SALESFORCE_STAGED, HUBSPOT_STAGED], multiple_outputs=False)
    def prove(of_salesforce: Counts, of_hubspot: Counts) -> Counts:
        """Count both ends of every kind of record; fails where they differ."""
        from accord.steps.prove import prove as step

        return _in_reconcile(lambda wiring, run: step(wiring, run, of_salesforce, of_hubspot))

    read = [salesforce(), hubspot()]
    prove(*read)
    read >> retire_old_runs()


def _in_reconcile(step: Callable[[Wiring, Run], Counts]) -> Counts:
    """Return what a step says of the current run; nothing is read while the switch is off, or of another org or portal.

    Raises:
        BadSettings: the warehouse mirrors other CRMs.
    """
    from accord.orchestration.runs import current_run
    from accord.orchestration.wiring import open_wiring
    from accord.store.runs import refuse_other_crms

    with open_wiring() as wiring:
        if not wiring.settings.sync_companies:
            raise AirflowSkipException("Company sync is off (setting sync_companies): nothing is read (R1).")
        refuse_other_crms(wiring.database, wiring.ask_origin())
        return step(wiring, current_run("changed"))
