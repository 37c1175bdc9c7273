"""`accord plan|apply|preflight|migrate`: what the DAGs do, without a scheduler."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from rich.table import Table

from accord.cli.options import SettingsFile, out, told
from accord.cli.reach import warehouse, who, wiring

if TYPE_CHECKING:
    from pathlib import Path


def migrate() -> None:
    """Create or upgrade Accord's tables in the warehouse."""
    from accord.store.schema import migrate as bring_up

    told.print(f"schema version {bring_up(warehouse())}")


def plan(settings: SettingsFile = None) -> None:
    """Read both CRMs and decide; write nothing to a CRM."""
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
