"""`accord plan --against ...`: what other settings would decide differently, as tables, CSV or JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from accord.cli.options import out, told
from accord.cli.reach import settings_file, warehouse
from accord.cli.shown import plain
from accord.cli.spreadsheet import write_csv

if TYPE_CHECKING:
    from accord.model.settings import Settings
    from accord.steps.whatif import WhatIf
    from accord.store.database import Database

SHOWN = 50
"""Changes that the table shows; all of them go into a CSV file and into JSON."""
IN_FORCE = "current"
"""Word for the settings that a run last saw in force."""
_COLUMNS = ("system", "record", "name", "what", "was", "would_be", "why")


def show_what_if(settings: Path | None, against: str, *, as_json: bool, csv_file: Path | None) -> None:
    """Show what the settings in a file would decide differently from others, on staging as it stands.

    Args:
        settings: the file with the other settings; None: the file in use.
        against: a settings file, or `current`.
        as_json: one object a line.
        csv_file: where all changes go as well.
    """
    from accord.model.settings import load_settings
    from accord.steps.whatif import what_if

    other, database = load_settings(settings_file(settings)), warehouse()
    with told.status("decide twice"):
        found = what_if(database, _current(database, against), other, datetime.now(UTC))
    if csv_file:
        write_csv(csv_file, _COLUMNS, found.changes.to_dict("records"))
        told.print(f"{len(found.changes):,} changes written to {csv_file}", markup=False)
    if as_json:
        _print_json(found)
    else:
        _print_tables(found)


def _current(database: Database, against: str) -> Settings:
    """Return the settings to compare with.

    Raises:
        BadInput: no run has seen any settings yet.
    """
    from accord.model.errors import BadInput
    from accord.model.settings import load_settings
    from accord.store.history import last_settings

    if against != IN_FORCE:
        return load_settings(Path(against))
    found = last_settings(database)
    if found is None:
        raise BadInput("no run has seen any settings yet: run `accord plan` once first, or name a file after --against")
    return found


def _print_tables(found: WhatIf) -> None:
    """Show counts, then the first changes."""
    for line in found.settings or ["both settings are the same"]:
        told.print(plain(f"setting   {line}"))
    for line in found.notes:
        told.print(plain(f"note      {line}"), style="yellow")
    counts = Table("decision", "reason", "before", "after", title="What is decided, before and after")
    for row in found.counts.to_dict("records"):
        style = "bold yellow" if row["before"] != row["after"] else ""
        counts.add_row(row["action"], row["reason"], f"{row['before']:,}", f"{row['after']:,}", style=style)
    out.print(counts)
    changes = Table("record", "name", "was", "would be", "why", title=f"{len(found.changes):,} decided differently")
    for row in found.changes.head(SHOWN).to_dict("records"):
        what = f" {row['what']}" if row["what"] else ""
        cells = (
            f"{row['record']}{what}",
            row["name"],
            row["was"] or "nothing",
            row["would_be"] or "nothing",
            row["why"],
        )
        changes.add_row(*map(plain, cells))
    out.print(changes)
    if len(found.changes) > SHOWN:
        told.print(f"The first {SHOWN}; `--csv FILE` writes all of them.")


def _print_json(found: WhatIf) -> None:
    """Print one object a line: what differs in the settings, notes, counts, changes."""
    rows: list[dict[str, Any]] = [{"kind": "settings", "changes": found.settings, "notes": found.notes}]
    rows += [{"kind": "count", **row} for row in found.counts.to_dict("records")]
    rows += [{"kind": "change", **row} for row in found.changes.to_dict("records")]
    for row in rows:
        print(json.dumps(row, ensure_ascii=False))  # noqa: T201 - standard output is the product
