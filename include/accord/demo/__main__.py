"""`python -m accord.demo`: what `make demo` runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from accord.demo.story import run_demo
from accord.local.errors import StackError
from accord.local.progress import Progress
from accord.local.stack import Stack


def main(
    accounts: Annotated[int, typer.Option(help="Salesforce accounts of the world.", min=10)] = 5000,
    months: Annotated[int, typer.Option(help="Months to import.", min=1, max=60)] = 6,
    seed: Annotated[int, typer.Option(help="Of the world.")] = 1,
    layout: Annotated[str, typer.Option(help="local: LocalExecutor. celery: Redis and two workers.")] = "local",
    down: Annotated[bool, typer.Option("--down", help="Stop everything at the end.")] = False,
) -> None:
    """Show Accord on two simulated CRMs."""
    if layout not in {"local", "celery"}:
        raise typer.BadParameter("layout is local or celery")
    stack = Stack(Path.cwd(), Progress())
    try:
        code = run_demo(stack, layout=layout, accounts=accounts, months=months, seed=seed)  # type: ignore[arg-type]
    except StackError as problem:
        stack.progress.console.print(f"[red]{problem}[/red]", soft_wrap=True)
        code = 1
    finally:
        if down:
            stack.stop()
    sys.exit(code)


if __name__ == "__main__":
    typer.run(main)
