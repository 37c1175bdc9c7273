"""`accord sandbox`: the two simulated CRMs alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


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
