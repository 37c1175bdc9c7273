"""`accord reconcile`: what the daily DAG does, without a scheduler: read everything, count both ends."""

from __future__ import annotations

from datetime import UTC, datetime

import typer
from rich.table import Table

from accord.cli.options import SettingsFile, out, told
from accord.cli.reach import wiring


def reconcile(settings: SettingsFile = None) -> None:
    """Read both CRMs in full, and show that staging counts what they count. Writes to no CRM."""
    from accord.model.errors import ShortRead
    from accord.model.scope import Run, Scope
    from accord.steps.prove import prove
    from accord.steps.reconcile import reconcile_hubspot, reconcile_salesforce
    from accord.store.proofs import proofs_of
    from accord.store.runs import refuse_other_crms

    run = Run(f"cli/reconcile/{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}", Scope("changed"), "plan")
    with wiring(settings) as ready, told.status("read Salesforce") as status:
        refuse_other_crms(ready.database, ready.ask_origin())
        of_salesforce = reconcile_salesforce(ready, run)
        status.update("read HubSpot")
        of_hubspot = reconcile_hubspot(ready, run)
        status.update("count both ends")
        trouble = None
        try:
            prove(ready, run, of_salesforce, of_hubspot)
        except ShortRead as problem:
            trouble = problem
        table = Table("source", "in the CRM", "in staging", "had been missed", "nowhere any more", "")
        for proof in proofs_of(ready.database, run.run_id):
            numbers = (proof.counted, proof.mirrored, proof.missed, proof.gone)
            table.add_row(proof.source, *(f"{n:,}" for n in numbers), "" if proof.is_alike else "[bold red]differs")
    out.print(table)
    if trouble:
        raise typer.Exit(1)
