"""Begin a run: take the lease, record the settings in force, settle what an earlier run left open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.errors import BadInput
from accord.model.ids import hubspot_id, salesforce_id
from accord.steps.recover import recover
from accord.steps.revert import undone_run
from accord.store import history, lease, requests, runs

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring


def open_run(wiring: Wiring, run: Run) -> dict[str, Any]:
    """Return whether the switch is on, and how many writes of earlier runs were settled.

    Opening the same run again changes nothing: a cleared task finds its own lease, run row and request.

    Raises:
        LeaseHeld: another run is at work; try again when it has ended.
        BadInput: the record asked for is no id of either CRM, or there is no such run to undo.
        BadSettings: the warehouse belongs to another org or portal.
    """
    history.record_settings(
        wiring.database, wiring.settings, by=run.scope.requested_by or run.run_id, at=wiring.clock.now()
    )
    if run.scope.kind == "record":
        _request_record(wiring, run)
    if run.scope.kind == "revert":
        _refuse_other(wiring, run)
    if not wiring.settings.sync_companies:
        return {"is_on": False}
    origin = wiring.ask_origin()
    runs.refuse_other_crms(wiring.database, origin)
    lease.acquire(wiring.database, lease.CRMS, run.run_id)
    runs.open_run(wiring.database, run, wiring.settings)
    runs.set_origin(wiring.database, run.run_id, origin)
    recovered = recover(wiring, run) if run.mode == "apply" else {}
    return {"is_on": True, **recovered}


def _refuse_other(wiring: Wiring, run: Run) -> None:
    """Stop unless the run to undo is there, has ended, and is named by its whole id."""
    named = str(run.scope.undone_run)
    if undone_run(wiring.database, named) != named:
        raise BadInput(f"{named} is not the whole id of a run")


def _request_record(wiring: Wiring, run: Run) -> None:
    """Turn the id of the form into a manual request, refused while the switch is off (R50)."""
    system, record_id = which_system(run.scope.record_id or "")
    requests.add(
        wiring.database,
        wiring.settings,
        kind="manual",
        system=system,
        record_ids=[record_id],
        requested_by=run.scope.requested_by or "unknown",
        run_id=run.run_id,
    )


def which_system(record_id: str) -> tuple[str, str]:
    """Return the CRM an id belongs to, and the id in its full form.

    Raises:
        BadInput: the text is neither a HubSpot company id nor a Salesforce account id.
    """
    try:
        if record_id.isdigit() and len(record_id) != 15:
            return "hubspot", hubspot_id(record_id)
        if record_id.startswith("001"):
            return "salesforce", salesforce_id(record_id)
        return "hubspot", hubspot_id(record_id)
    except ValueError as problem:
        raise BadInput(
            f"{problem}. Give the id of a HubSpot company (digits) or of a Salesforce account (begins with 001)"
        ) from None
