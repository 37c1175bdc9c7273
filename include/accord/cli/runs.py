"""`accord plan|apply|preflight|migrate`: what the DAGs do, without a scheduler."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.table import Table

from accord.cli.options import AsJson, SettingsFile, out, told
from accord.cli.reach import warehouse, who, wiring

Against = Annotated[
    str | None,
    typer.Option(
        "--against",
        help="Show what --settings would decide differently from this settings file, or from `current`: those that a "
        "run last saw in force. Decides both on what is staged.",
    ),
]
ToCsv = Annotated[Path | None, typer.Option("--csv", help="With --against: write all changes to this file.")]


def migrate() -> None:
    """Create or upgrade Accord's tables in the warehouse."""
    from accord.store.schema import migrate as bring_up

    told.print(f"schema version {bring_up(warehouse())}")


def plan(settings: SettingsFile = None, against: Against = None, as_json: AsJson = False, csv: ToCsv = None) -> None:
    """Read both CRMs and decide; write nothing to a CRM. With --against: compare settings, and read no CRM either."""
    if against is not None:
        from accord.cli.whatif import show_what_if

        show_what_if(settings, against, as_json=as_json, csv_file=csv)
        return
    if as_json or csv:
        raise typer.BadParameter("--json and --csv belong to --against")
    _run_once("plan", settings)


def apply(settings: SettingsFile = None) -> None:
    """Read both CRMs, decide and write. What a cap holds stays held."""
    _run_once("apply", settings)


def preflight(settings: SettingsFile = None) -> None:
    """Check logins, rights, key fields and mapped fields of both CRMs; fails while something is missing."""
    from accord.steps.preflight import check_crms

    with wiring(settings) as ready:
        seen = ", ".join(f"{n:,} {kind}" for kind, n in check_crms(ready).items())
    told.print("All is as it should be. Our logins see:", seen)


def _run_once(mode: Literal["plan", "apply"], settings: Path | None) -> None:
    """Run everything once and show what is decided."""
    from accord.model.reasons import plain_reason
    from accord.model.scope import Run, Scope
    from accord.steps.sequence import run_all
    from accord.store.latest import standing_counts

    run = Run(f"cli/{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}", Scope("changed", requested_by=who()), mode)
    with wiring(settings) as ready, told.status("begin") as status:
        counts = run_all(ready, run, tell=status.update)
        table = Table("decision", "records", "why", "rule", title=str(counts.get("note", "Company sync is off (R1)")))
        for row in standing_counts(ready.database):
            table.add_row(row["action"], f"{row['records']:,}", plain_reason(row["reason"]), row["rule"])
    out.print(table)
