"""`accord watch`: what HubSpot's native integration paired and made, beside what the rules say. Writes to no CRM."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from accord.cli.options import AsJson, SettingsFile, out, told
from accord.cli.reach import settings_file, warehouse, wiring
from accord.cli.spreadsheet import write_csv
from accord.model.errors import BadInput
from accord.model.findings import KINDS, SEVERITIES

if TYPE_CHECKING:
    from accord.rules.watch import Watched
    from accord.store.database import Database

SHOWN = 5
"""Findings of each kind that are shown; the CSV has all."""

CsvFile = Annotated[Path | None, typer.Option("--csv", help="Write every finding to this file.", dir_okay=False)]
NoRead = Annotated[bool, typer.Option("--no-read", help="Compare what was read last; no CRM is asked for anything.")]


def watch(
    csv_file: CsvFile = None, as_json: AsJson = False, settings: SettingsFile = None, no_read: NoRead = False
) -> None:
    """Report what HubSpot's native integration paired and made wrongly, as the rules see it. Writes to no CRM."""
    if csv_file and not csv_file.parent.is_dir():
        raise BadInput(f"--csv {csv_file}: there is no directory {csv_file.parent}")
    watched, rows = _staged(settings) if no_read else _fresh(settings)
    if csv_file:
        _save(csv_file, rows)
        told.print(f"{len(rows):,} findings written to {csv_file}", markup=False, soft_wrap=True)
    if as_json:
        for row in rows:
            typer.echo(json.dumps(row))
        return
    _show(watched, rows)


def _save(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write the CSV.

    Raises:
        BadInput: the file cannot be written; what was read is kept.
    """
    from accord.steps.told import COLUMNS

    try:
        write_csv(path, COLUMNS, rows)
    except BadInput as problem:
        raise BadInput(f"{problem}; with --no-read another try needs no reading") from None


def _fresh(settings: Path | None) -> tuple[Watched, list[dict[str, Any]]]:
    """Return the findings on both CRMs as they are now."""
    from accord.steps.watch import compare, read_crms

    with wiring(settings) as ready, told.status("begin") as status:
        origin = read_crms(ready, tell=status.update)
        status.update("compare")
        return _in_words(ready.database, compare(ready.database, ready.settings, origin))


def _staged(settings: Path | None) -> tuple[Watched, list[dict[str, Any]]]:
    """Return the findings on both CRMs as they were read last."""
    from accord.model.settings import load_settings
    from accord.steps.watch import compare, last_read

    database, rules = warehouse(), load_settings(settings_file(settings))
    with told.status("compare"):
        return _in_words(database, compare(database, rules, last_read(database, rules)))


def _in_words(database: Database, watched: Watched) -> tuple[Watched, list[dict[str, Any]]]:
    """Return the comparison, and its findings in words."""
    from accord.steps.told import tell_findings

    return watched, tell_findings(database, watched.findings)


def _show(watched: Watched, rows: list[dict[str, Any]]) -> None:
    """Print how the pairs stand, how many findings there are of each kind, and the first of them."""
    out.print(_pairs_table(watched))
    if not watched.pairs:
        told.print(
            "No company stores the id of an account: either the native integration pairs nothing here, or our HubSpot "
            "key does not see the property salesforceaccountid.",
            soft_wrap=True,
        )
    out.print(_kinds_table(rows))
    for kind in KINDS:
        found = [row for row in rows if row["kind"] == kind]
        if found:
            out.print(_first_table(kind, found))


def _pairs_table(watched: Watched) -> Table:
    """Return what the rules say of the pairs that the native integration made."""
    table = Table("pairs", "", title="What the native integration paired", title_justify="left")
    table.add_row(f"{watched.pairs:,}", "companies that store the id of a live account")
    table.add_row(f"{watched.agree:,}", "of them as the rules would pair them")
    table.add_row(f"{watched.doubted:,}", "of them doubtful, see below")
    table.add_row(f"{watched.unproved:,}", "of them without people who speak for or against")
    if watched.left_alone:
        table.add_row(f"{watched.left_alone:,}", "of them person accounts, which the rules leave alone")
    table.add_section()
    table.add_row(f"{watched.would_pair:,}", "more pairs that the rules would make of accounts that have no company")
    return table


def _kinds_table(rows: list[dict[str, Any]]) -> Table:
    """Return how many findings there are of each kind and how sure they are, what they mean and what to do."""
    table = Table("", "findings", "what it is, and what to do", title="Findings", title_justify="left")
    for kind, it in KINDS.items():
        found = Counter(row["severity"] for row in rows if row["kind"] == kind)
        sure = ", ".join(f"{found[severity]:,} {severity}" for severity in SEVERITIES if found[severity])
        table.add_row(kind, sure or "none", f"{it.meaning}: {it.advice}")
    return table


def _first_table(kind: str, found: list[dict[str, Any]]) -> Table:
    """Return the first findings of a kind."""
    more = f", the first {SHOWN} of {len(found):,} (--csv FILE writes all)" if len(found) > SHOWN else ""
    table = Table("", "why", "rule", title=f"{kind}{more}", title_justify="left")
    for row in found[:SHOWN]:
        table.add_row(row["severity"], Text(_printable(row["why"])), row["rule"])
    return table


def _printable(text: str) -> str:
    """Return the text with a space for everything that would steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
