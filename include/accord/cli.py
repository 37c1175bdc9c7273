"""`accord ...`: the same steps as the DAGs, without a scheduler, and the tools around them."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from accord.model.errors import AccordError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
world_app = typer.Typer(no_args_is_help=True, help="Small worlds: both CRMs and the decisions that must follow.")
app.add_typer(world_app, name="world")

told = Console(stderr=True, highlight=False)

Worlds = Annotated[list[Path], typer.Argument(help="World files (YAML).", exists=True, dir_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]
SettingsFile = Annotated[Path, typer.Option("--settings", envvar="ACCORD_SETTINGS", help="The settings file.")]
DEFAULT_SETTINGS = Path("config/accord.yaml")


@world_app.command()
def decide(files: Worlds, as_json: AsJson = False) -> None:
    """Decide worlds with the rules alone: no network, no database."""
    from accord.worlds.show import show_decided

    raise typer.Exit(show_decided(files, as_json=as_json))


@world_app.command()
def run(
    files: Worlds,
    as_json: AsJson = False,
    faults: Annotated[Path | None, typer.Option(help="Faults to play, a YAML list.", exists=True)] = None,
    kill: Annotated[list[str] | None, typer.Option(help="Die at POINT:N, such as K3:1, and start again.")] = None,
) -> None:
    """Run worlds the whole way, twice: sandbox, real clients, Postgres, steps."""
    from accord.worlds.show import show_run

    raise typer.Exit(show_run(files, as_json=as_json, faults=faults, kills=kill or []))


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8099,
    world: Annotated[Path | None, typer.Option(help="A world to load.", exists=True)] = None,
    accounts: Annotated[int | None, typer.Option(help="Or: make a world with so many accounts.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Of the made world.")] = 1,
    months: Annotated[int, typer.Option(help="Months over which its records were created.", min=1)] = 6,
) -> None:
    """Serve the two CRMs alone, with control under /_sandbox/."""
    from accord.sandbox.server import serve

    serve(port=port, world=world, accounts=accounts, seed=seed, months=months)


@app.command()
def migrate() -> None:
    """Create or upgrade Accord's tables in the database of ACCORD_DATABASE_URL."""
    from accord.store.database import Database
    from accord.store.schema import migrate as bring_up

    told.print(f"schema version {bring_up(Database(_database_url()))}")


@app.command()
def plan(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Read both CRMs and decide; write nothing to a CRM."""
    _run_once("plan", settings)


@app.command(name="apply")
def apply_now(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Read both CRMs, decide and write. What a cap holds stays held."""
    _run_once("apply", settings)


@app.command()
def preflight(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Check logins, rights, key fields and mapped fields of both CRMs; fails while something is missing."""
    from accord.orchestration.wiring import open_wiring
    from accord.steps.preflight import check_crms

    with open_wiring(settings) as wiring:
        told.print(
            "All is as it should be. Our logins see:", ", ".join(f"{n:,} {k}" for k, n in check_crms(wiring).items())
        )


def _run_once(mode: Literal["plan", "apply"], settings: Path) -> None:
    """Run everything once and show what is decided."""
    from accord.model.reasons import plain_reason
    from accord.model.scope import Run, Scope
    from accord.orchestration.wiring import open_wiring
    from accord.steps.sequence import run_all
    from accord.store.latest import standing_counts

    run = Run(f"cli/{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}", Scope("changed"), mode)
    with open_wiring(settings) as wiring, told.status("begin") as status:
        counts = run_all(wiring, run, tell=status.update)
        table = Table("decision", "records", "why", "rule", title=str(counts.get("note", "Company sync is off (R1)")))
        for row in standing_counts(wiring.database):
            table.add_row(row["action"], f"{row['records']:,}", plain_reason(row["reason"]), row["rule"])
    Console().print(table)


def _database_url() -> str:
    """Return the address of the warehouse.

    Raises:
        typer.BadParameter: it is not set.
    """
    url = os.environ.get("ACCORD_DATABASE_URL", "")
    if not url:
        raise typer.BadParameter("set ACCORD_DATABASE_URL=postgresql://user:password@host:port/database")
    return url


def main() -> None:
    """Run the command line; an error of Accord becomes one clear line and exit code 1."""
    try:
        app()
    except AccordError as problem:
        told.print(f"[bold red]{type(problem).__name__}[/]", end=": ")
        told.print(str(problem), markup=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
