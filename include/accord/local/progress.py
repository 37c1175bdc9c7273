"""What a person sees while a stack comes up: one line a step, with a tick and its seconds."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class Step:
    """A step at work; `note` is shown behind its name when it is done."""

    note: str = ""


@dataclass(frozen=True)
class Progress:
    """Steps on a console."""

    console: Console = field(default_factory=lambda: _console())

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Show a step as at work, then with a tick and its seconds, or with a cross when it raises."""
        began = time.monotonic()
        step = Step()
        try:
            with self.console.status(name):
                yield step
        except BaseException:
            self.console.print(f"[red]✗[/red] {name}")
            raise
        note = f" [dim]{step.note}[/dim]" if step.note else ""
        self.console.print(f"[green]✓[/green] {name}{note} [dim]{time.monotonic() - began:.1f} s[/dim]")


def _console() -> Console:
    """Return a console; into a file or a pipe it writes lines wide enough for tables."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 140)
