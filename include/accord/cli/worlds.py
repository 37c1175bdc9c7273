"""`accord world ...`: small worlds decided by the rules alone, or run the whole way."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from accord.cli.options import AsJson

app = typer.Typer(no_args_is_help=True, help="Small worlds: both CRMs and the decisions that must follow.")

Worlds = Annotated[list[Path], typer.Argument(help="World files (YAML); a bad one does not stop the others.")]


@app.command()
def decide(files: Worlds, as_json: AsJson = False) -> None:
    """Decide worlds with the rules alone: no network, no database."""
    from accord.worlds.show import show_decided

    raise typer.Exit(show_decided(files, as_json=as_json))


@app.command()
def run(
    files: Worlds,
    as_json: AsJson = False,
    faults: Annotated[Path | None, typer.Option(help="Faults to play, a YAML list.", exists=True)] = None,
    kill: Annotated[list[str] | None, typer.Option(help="Die at POINT:N, such as K3:1, and start again.")] = None,
) -> None:
    """Run worlds the whole way, twice: sandbox, real clients, Postgres, steps."""
    from accord.worlds.show import show_run

    raise typer.Exit(show_run(files, as_json=as_json, faults=faults, kills=kill or []))
