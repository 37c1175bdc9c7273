"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of a table.")]
SettingsFile = Annotated[
    Path | None,
    typer.Option(
        "--settings",
        envvar="ACCORD_SETTINGS",
        help="The settings file; else that of the stack that runs here, else config/accord.yaml.",
        exists=True,
        dir_okay=False,
    ),
]

out = Console(highlight=False)
"""Standard output: what the command is for."""
told = Console(stderr=True, highlight=False)
"""Standard error: progress and remarks."""
