"""A sync of a hundred changed records a side: its calls, what each was for, and what was read again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table

from accord.bench.floors import INCLUSION, purposes, told, total
from accord.bench.size import PAUSE_SECONDS, SYNC
from accord.bench.steps import all_steps
from accord.model.scope import Run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.bench.rig import Rig
    from accord.bench.steps import Cost
    from accord.local.progress import Progress

GOAL = 15
"""Calls a side, the inclusion list apart."""
_INDEXED_SECONDS = 60
_CHANGED = {
    ("salesforce", "Account", "Phone"): "SELECT id FROM staging.salesforce_accounts WHERE NOT is_deleted",
    ("salesforce", "Contact", "Title"): "SELECT id FROM staging.salesforce_contacts WHERE NOT is_deleted",
    ("hubspot", "companies", "phone"): "SELECT id FROM staging.hubspot_companies WHERE NOT is_archived",
    ("hubspot", "contacts", "jobtitle"): "SELECT id FROM staging.hubspot_contacts WHERE NOT is_archived",
}
"""What people change, and who they are; half of the records each."""


def compare_delta(progress: Progress, found: Rig, records: int) -> bool:
    """Change so many records a side, sync, show the calls; return whether they are few enough."""
    found.control("POST", "clock", {"advance": PAUSE_SECONDS})
    _edit(found, records // 2)
    found.control("POST", "clock", {"advance": _INDEXED_SECONDS})
    before = found.writes()
    costs = all_steps(found, Run("sync of the changes", SYNC, "apply"), progress)
    spent = total([cost.calls for cost in costs])
    table = Table(
        "", f"calls (goal: {GOAL})", "for", "inclusion list", title=f"A sync of {records} changed records a side",
        title_justify="left",
    )  # fmt: skip
    is_met = True
    for crm in ("salesforce", "hubspot"):
        counted = purposes(spent, crm)
        listed = counted.pop(INCLUSION, 0)
        is_met &= counted.total() <= GOAL
        mark = "[green]✓[/green]" if counted.total() <= GOAL else "[red]✗[/red]"
        table.add_row(crm, f"{counted.total()} {mark}", told(dict(counted)), str(listed))
    progress.console.print(table)
    progress.console.print(f"Read: {_read(costs)}; written to both CRMs: {found.writes() - before}", soft_wrap=True)
    return is_met


def _edit(found: Rig, each: int) -> None:
    """Let a person change records of every kind."""
    wishes: list[dict[str, Any]] = []
    for (crm, kind, name), query in _CHANGED.items():
        ids = [row["id"] for row in found.database.rows(f"{query} AND NOT is_gone ORDER BY key LIMIT %s", [each])]
        wishes += [{"crm": crm, "op": "update", "object": kind, "id": one, "values": {name: "1234"}} for one in ids]
    found.control("POST", "edit", wishes)


def _read(costs: Sequence[Cost]) -> str:
    """Return how many records each step read."""
    return told({cost.name.removeprefix("read "): cost.records for cost in costs if cost.name.startswith("read ")})
