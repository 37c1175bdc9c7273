"""`accord conformance`: does what Accord assumes of an org and a portal hold? Asked with three test records."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from accord.cli.options import AsJson, SettingsFile, out, told
from accord.cli.reach import who, wiring
from accord.cli.shown import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.store.assumptions import Assumption

Yes = Annotated[bool, typer.Option("--yes", help="Make the test records without asking first.")]
_STYLES = {"holds": "green", "fails": "bold red", "not testable": "dim"}


def conformance(settings: SettingsFile = None, yes: Yes = False, as_json: AsJson = False) -> None:
    """Check assumptions A1 to A10 against both CRMs: makes one account and two companies, and deletes them again.

    The answers are kept for this org and portal; while A1 or A2 fails, no record is created there. Ends with 1 where
    one of these fails, or a test record is left behind.
    """
    from accord.steps.conformance import NEEDED, ask_both
    from accord.steps.conformance_records import TestRecords

    records = TestRecords()
    with wiring(settings) as ready:
        org_id, portal_id = ready.salesforce.org_id, ready.hubspot.portal_id
        told.print(
            f"Org {org_id}, portal {portal_id}: one account and two companies named {records.name!r} are made, then "
            "deleted into the recycle bins.",
            markup=False,
        )
        if not yes:
            typer.confirm("Go on?", abort=True, err=True)
        with told.status("begin") as status:
            found, left = ask_both(ready, by=who(), records=records, tell=status.update)
    if as_json:
        _print_json(found)
    else:
        _show(found, f"org {org_id}, portal {portal_id}")
    for what in left:
        told.print(plain(f"Left behind, delete it by hand: {what}", "bold red"))
    if left or any(it.answer == "fails" and it.name in NEEDED for it in found):
        raise typer.Exit(1)


def _show(found: Sequence[Assumption], title: str) -> None:
    """Show the answers as a table, in the order of their numbers."""
    from accord.steps.conformance import ASSUMED, NEEDED

    table = Table("", "Accord assumes that", "answer", "seen", title=title)
    for it in sorted(found, key=lambda one: int(one.name[1:])):
        hint = f" ({NEEDED[it.name]})" if it.name in NEEDED and it.answer == "fails" else ""
        table.add_row(it.name, ASSUMED[it.name] + hint, plain(it.answer, _STYLES[it.answer]), plain(it.observed))
    out.print(table)


def _print_json(found: Sequence[Assumption]) -> None:
    """Print one answer a line."""
    from accord.steps.conformance import ASSUMED

    for it in sorted(found, key=lambda one: int(one.name[1:])):
        row = {"name": it.name, "assumption": ASSUMED[it.name], "answer": it.answer, "observed": it.observed}
        print(json.dumps(row, ensure_ascii=False))  # noqa: T201 - standard output is the product
