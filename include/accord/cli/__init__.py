"""`accord ...`: the same steps as the DAGs, without a scheduler, and the tools around them."""

from __future__ import annotations

import sys

import typer
from rich.console import Console

from accord.cli import conformance, explain, reconcile, revert, review, runs, sandbox, settings, watch, worlds
from accord.cli.shown import plain
from accord.model.errors import AccordError

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)
app.add_typer(worlds.app, name="world")
app.add_typer(settings.app, name="settings")
app.add_typer(review.app, name="review")
app.command()(sandbox.sandbox)
app.command()(runs.migrate)
app.command()(runs.plan)
app.command()(runs.apply)
app.command()(runs.preflight)
app.command()(reconcile.reconcile)
app.command()(conformance.conformance)
app.command()(explain.explain)
app.command()(revert.revert)
app.command()(watch.watch)


def main() -> None:
    """Run the command line; an error of Accord becomes one clear line and exit code 1."""
    try:
        app()
    except AccordError as problem:
        told = Console(stderr=True, highlight=False)
        told.print(f"[bold red]{type(problem).__name__}[/]", end=": ")
        told.print(plain(str(problem)), soft_wrap=True)
        sys.exit(1)
