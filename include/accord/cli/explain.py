"""`accord explain ID`: why a record is as it is, in plain sentences."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from accord.cli.options import AsJson, out, told
from accord.cli.reach import warehouse
from accord.cli.shown import plain, say

if TYPE_CHECKING:
    from accord.sentences.decided import Entry
    from accord.sentences.record import Explanation

_LATEST = 10


def explain(
    record_id: Annotated[
        str,
        typer.Argument(
            metavar="ID", help="Of a Salesforce account, contact or lead (15 or 18), or a HubSpot company or contact."
        ),
    ],
    every: Annotated[bool, typer.Option("--all", help=f"Every run, not only the latest {_LATEST} entries.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what was decided for a record in each run and why, and what would have to happen for another outcome."""
    from accord.steps.explain import explain as explained

    database = warehouse()
    with told.status("looking it up"):
        found = explained(database, record_id)
    for it in found:
        if as_json:
            typer.echo(json.dumps(asdict(it), default=str, ensure_ascii=True))
        else:
            _show(it, None if every else _LATEST)


def _show(it: Explanation, limit: int | None) -> None:
    """Print one explanation."""
    out.print(plain(it.headline, "bold"))
    for line in it.now:
        say(out, line, 2)
    for entry in it.entries[:limit]:
        _show_entry(entry)
    if limit and len(it.entries) > limit:
        out.print(f"\n  {len(it.entries) - limit:,} earlier entries: --all shows them")
    if it.change or it.answers:
        out.print("\nFor another outcome", style="bold")
        for line in it.change:
            say(out, line, 2)
    for meaning, command in it.answers:
        # Never wrapped: a command is copied as a whole.
        out.print(Text.assemble("  ", plain(f"{meaning}: "), plain(command, "cyan")), soft_wrap=True)
    out.print()


def _show_entry(entry: Entry) -> None:
    """Print what one run said."""
    when = f"{entry.at:%Y-%m-%d %H:%M} UTC" if entry.at else "Now"
    again = f", the same in {entry.times:,} runs since {entry.since:%Y-%m-%d %H:%M}" if entry.times > 1 else ""
    out.print()
    out.print(Text.assemble((when, "cyan"), f"  {entry.status}{again}  ", plain(entry.run_id, "dim")), soft_wrap=True)
    say(out, f"{entry.sentence} ({entry.rule})" if entry.rule else entry.sentence, 2)
    for line in entry.details:
        say(out, line, 4)
