"""Text that came from a CRM, made fit for a terminal: no markup is read in it, and no control character is printed."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from rich.console import Console


def plain(text: str, style: str = "") -> Text:
    """Return a text that rich shows literally; what cannot be printed, such as an escape sequence, becomes a blank."""
    return Text("".join(letter if letter.isprintable() else " " for letter in text), style)


def say(console: Console, text: str, indent: int) -> None:
    """Print a text that stays indented where it is wrapped."""
    margin = " " * indent
    lines = textwrap.wrap(plain(text).plain, console.width, initial_indent=margin, subsequent_indent=margin)
    console.print(Text("\n".join(lines)), soft_wrap=True)
