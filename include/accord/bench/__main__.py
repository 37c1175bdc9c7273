"""`python -m accord.bench`: what `make bench` runs; every part also alone."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import psutil
import typer

from accord.bench.calls import compare_calls
from accord.bench.delta import compare_delta
from accord.bench.pages import compare_pages
from accord.bench.size import compare_matching, compare_size, import_run, large_world, settle
from accord.bench.steps import all_steps
from accord.local.errors import StackError
from accord.local.progress import Progress

app = typer.Typer(
    add_completion=False, help="Calls, speed and memory beside their floors; a miss ends with exit code 1."
)
progress = Progress()

Records = Annotated[int, typer.Option(help="Accounts, and companies, of the world whose calls are counted.", min=2_000)]
Accounts = Annotated[int, typer.Option(help="Accounts of the large world; four contacts each.", min=500)]
Changed = Annotated[int, typer.Option(help="Records a side that are changed before the sync.", min=2)]


@app.callback(invoke_without_command=True)
def everything(
    context: typer.Context, records: Records = 10_000, accounts: Accounts = 100_000, changed: Changed = 100
) -> None:
    """Measure everything; the sync of changes runs on the base that the import made."""
    _tell_machine()
    if context.invoked_subcommand:
        return
    is_met = compare_calls(progress, records)
    is_met &= compare_pages(progress, accounts)
    with large_world(progress, accounts) as found:
        is_met &= compare_size(progress, found)
        is_met &= compare_delta(progress, found, changed)
    sys.exit(not is_met)


@app.command()
def calls(records: Records = 10_000) -> None:
    """Count the calls of a full extract and a full write."""
    sys.exit(not compare_calls(progress, records))


@app.command()
def size(accounts: Accounts = 100_000) -> None:
    """Measure an import of a large world, loading and matching."""
    with large_world(progress, accounts) as found:
        sys.exit(not compare_size(progress, found))


@app.command()
def matching(accounts: Accounts = 100_000) -> None:
    """Measure the rules beside a join of the same evidence by DuckDB; both CRMs are read, nothing is written."""
    with large_world(progress, accounts) as found:
        sys.exit(not compare_matching(progress, found))


@app.command()
def delta(accounts: Accounts = 5_000, changed: Changed = 100) -> None:
    """Count the calls of a sync of a few changes."""
    with large_world(progress, accounts) as found:
        all_steps(found, import_run(), progress)
        settle(found, progress)
        sys.exit(not compare_delta(progress, found, changed))


@app.command()
def pages(accounts: Accounts = 100_000) -> None:
    """Ask a server for every page of the console over a large warehouse, and for an empty page."""
    sys.exit(not compare_pages(progress, accounts))


def _tell_machine() -> None:
    """Show what everything below was measured on."""
    memory = psutil.virtual_memory().total / 2**30
    load = os.getloadavg()[0]
    progress.console.print(
        f"{os.cpu_count()} cores, {memory:.0f} GiB, Python {sys.version.split()[0]}, load {load:.1f}"
    )


def main() -> None:
    """Run the command line; what cannot be measured ends in one message."""
    try:
        app()
    except StackError as problem:
        progress.console.print(str(problem), style="red", soft_wrap=True, markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
