"""Calls of a full extract and a full write, beside the fewest there can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from accord.bench.floors import (
    BULK_QUERY,
    BULK_WRITE,
    INCLUSION,
    MEMBERS_PAGE,
    QUERY_PAGE,
    Line,
    line,
    pages,
    told,
)
from accord.bench.rig import rig
from accord.bench.steps import all_steps
from accord.model.scope import Run, Scope
from accord.steps.send import BULK_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.bench.floors import Calls
    from accord.local.progress import Progress

_SETTINGS = {"enabled_at": "2020-01-01"}
"""Long ago, so that everybody is new and becomes a record of the other CRM."""


def compare_calls(progress: Progress, records: int) -> bool:
    """Show the calls of reading and writing so many records a side; return whether every goal is met.

    Nobody in this world knows a partner, so one run reads everything and then creates every record on the other side.
    """
    command = ("-m", "accord.bench.even_world", "{port}", str(records))
    with rig(command, _SETTINGS, progress) as found:
        costs = all_steps(found, Run("calls", Scope("changed"), "apply"), progress)
        written = found.control("GET", "state")["pipeline_writes"]
    lines = call_lines({cost.name: cost.calls for cost in costs}, records)
    table = Table(
        "",
        "calls",
        "floor",
        "ratio",
        "and beside it",
        title=f"Calls for {records:,} records a side",
        title_justify="left",
    )
    for one in lines:
        mark = "[green]✓[/green]" if one.is_met else "[red]✗[/red]"
        table.add_row(one.what, f"{one.ours:,}", f"{one.floor:,}", f"{one.ratio:.2f} {mark}", told(one.beside))
    progress.console.print(table)
    progress.console.print(f"Written, as the sandbox's journal has it: {told(written)}", soft_wrap=True)
    return all(one.is_met for one in lines)


def call_lines(calls: Mapping[str, Calls], records: int) -> list[Line]:
    """Return the comparisons of a run that read and created so many records a side.

    Each created record is written once more, with the key of its partner: that is how a run that was killed finds
    what it made, and its calls are compared with a floor of their own.
    """
    batches, jobs = pages(records), pages(records, BULK_ROWS)
    return [
        *(
            _read_line(part, calls, rows)
            for part, rows in {"accounts": records, "contacts": records, "leads": 0}.items()
        ),
        *(
            line(f"read HubSpot {part}", calls[f"read HubSpot {part}"], "hubspot", {"list page"}, batches, bin_pages=1)
            for part in ("companies", "contacts")
        ),
        line(
            "read the inclusion list, with its name",
            calls["read HubSpot list members"],
            "hubspot",
            {INCLUSION},
            1 + pages(records, MEMBERS_PAGE),
        ),
        line("create companies", calls["apply"], "hubspot", {"upsert"}, batches, apart={"update"}),
        line("stamp the companies of new accounts", calls["apply"], "hubspot", {"update"}, batches, apart={"upsert"}),
        line(
            "create accounts, then stamp those of new companies",
            calls["apply"],
            "salesforce",
            {"bulk"},
            2 * jobs * BULK_WRITE,
        ),
    ]


def _read_line(part: str, calls: Mapping[str, Calls], rows: int) -> Line:
    """Return the comparison of a full read: a job from a page on, below it a query, and the count that is one, too."""
    what = f"read Salesforce {part}"
    if rows >= QUERY_PAGE:
        return line(what, calls[what], "salesforce", {"bulk"}, BULK_QUERY)
    return line(f"{what}, with their count", calls[what], "salesforce", {"query"}, 1 + pages(rows, QUERY_PAGE))
