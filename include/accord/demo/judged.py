"""What the sandbox itself saw, beside what Accord counted: the sandbox's journal is the judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from accord.demo.floors import floors

if TYPE_CHECKING:
    from accord.demo.stage import Stage
    from accord.store.database import Database

_CREATED = {"Companies created": "hubspot.companies.create", "Accounts created": "salesforce.Account.create"}
_OPS = {"Companies created": "hubspot", "Accounts created": "salesforce"}


def judged(stage: Stage, database: Database) -> tuple[Table, bool]:
    """Return a table of both counts, and whether they agree and no law was broken."""
    state = stage.control("state")
    table = Table("", "Accord", "sandbox", title="Who counted what", title_justify="left")
    is_right = True
    for label, write in _CREATED.items():
        ours, theirs = _created(database, _OPS[label]), state["pipeline_writes"].get(write, 0)
        is_right &= ours == theirs
        table.add_row(label, f"{ours:,}", f"{theirs:,}")
    pairs = database.rows("SELECT count(*) AS n FROM sync.pairs WHERE is_active AND intent_id IS NOT NULL")[0]["n"]
    is_right &= pairs == state["pairs_by_pipeline"]
    table.add_row("Pairs made", f"{pairs:,}", f"{state['pairs_by_pipeline']:,}")
    table.add_row("Records paired twice, twins created", "", f"{len(state['violations'])}")
    return table, is_right and not state["violations"]


def _created(database: Database, system: str) -> int:
    """Return how many records the ledger says were created in one CRM."""
    return int(
        database.rows(
            "SELECT count(*) AS n FROM sync.outcomes o JOIN sync.intents i ON i.id = o.intent_id"
            " WHERE o.result = 'created' AND i.op = 'create' AND i.system = %s",
            [system],
        )[0]["n"]
    )


def spent(stage: Stage, database: Database) -> Table:
    """Return the calls of each CRM against the smallest possible number, and what most of them were for."""
    calls, least = stage.control("calls"), floors(database)
    table = Table("CRM", "calls", "at least", "most of them", title="API calls", title_justify="left")
    for crm, total in calls["total"].items():
        rows = sorted((r for r in calls["by_path"] if r["crm"] == crm), key=lambda r: -r["calls"])[:4]
        most = "\n".join(f"{r['calls']:,} {r['method']} {r['path']}" for r in rows)
        table.add_row(crm, f"{total:,}", f"{least[crm]:,}", most)
    return table
