"""The story of a demo as tables: what was done and why, what it cost, where to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from accord.demo.judged import judged, spent
from accord.local.errors import StackError
from accord.model.reasons import plain_reason
from accord.store.latest import standing_counts

if TYPE_CHECKING:
    from rich.console import Console

    from accord.demo.stage import Stage
    from accord.store.database import Database

_KINDS = (
    ("Paired", ("LINK", "RELINK", "UPDATE")),
    ("Company created", ("CREATE_COMPANY",)),
    ("Account created", ("CREATE_ACCOUNT",)),
    ("Waiting", ("WAIT",)),
    ("For review", ("REVIEW",)),
    ("Held", ("HOLD",)),
    ("Skipped", ("SKIP",)),
)


def tell(console: Console, stage: Stage, database: Database, ui: str, writes_before: int | None) -> None:
    """Print the story.

    Args:
        console: where to.
        stage: the sandbox.
        database: the warehouse.
        ui: address of the Airflow UI.
        writes_before: writes in the sandbox's journal before a repeated demo; None on the first one.
    """
    console.print(_decisions(database))
    checks, is_right = judged(stage, database)
    console.print(checks)
    console.print(spent(stage, database))
    if writes_before is not None:
        written = stage.writes() - writes_before
        console.print(f"Repeated: [bold]{written or 'nothing'}[/bold] was written to either CRM.")
        is_right &= not written
    console.print(f"The console, to see why and to decide: [bold]{ui}/plugin/accord[/bold]")
    console.print(f"Airflow: [bold]{ui}[/bold]  (everybody on this machine is admin: it listens on loopback only)")
    console.print(
        f"Why anything is as it is: [bold].venv/bin/accord explain {_example(database)}[/bold]  (or any other id)"
    )
    console.print("Stop it: [bold]make down[/bold]    Run it again, on the same CRMs: [bold]make demo[/bold]")
    if not is_right:
        raise StackError("the sandbox's own journal disagrees with what Accord says of itself, see above")


def _example(database: Database) -> str:
    """Return the id of a record worth asking about: one for review or waiting, else any."""
    standing = standing_counts(database)
    first = next((row for action in ("REVIEW", "WAIT") for row in standing if row["action"] == action), None)
    return str((first or standing[0])["example"]) if standing else "ID"


def _decisions(database: Database) -> Table:
    """Return one line per reason: how many records, in plain words, and one record explained."""
    table = Table("", "records", "why", "rule", "for example", title="What was decided", title_justify="left")
    standing = standing_counts(database)
    for kind, actions in _KINDS:
        for place, row in enumerate(r for r in standing if r["action"] in actions):
            example = explain_briefly(database, row["system"], row["example"])
            why = plain_reason(row["reason"])
            table.add_row("" if place else kind, f"{row['records']:,}", why, row["rule"], escape(example))
    return table


def explain_briefly(database: Database, system: str, record_id: str) -> str:
    """Return a few words about a record: its name, and its partner with the number of people they share."""
    found = database.rows(
        """
        SELECT coalesce(a.name, c.name, '') AS name, coalesce(pc.name, pa.name) AS partner, d.shared_people AS people
        FROM sync.decisions d JOIN sync.runs r USING (run_id)
        LEFT JOIN staging.salesforce_accounts a ON d.system = 'salesforce' AND a.id = d.record_id
        LEFT JOIN staging.hubspot_companies c ON d.system = 'hubspot' AND c.id = d.record_id
        LEFT JOIN staging.hubspot_companies pc ON d.system = 'salesforce' AND pc.id = d.partner_id
        LEFT JOIN staging.salesforce_accounts pa ON d.system = 'hubspot' AND pa.id = d.partner_id
        WHERE d.system = %s AND d.record_id = %s ORDER BY r.started_at DESC LIMIT 1
        """,
        [system, record_id],
    )
    if not found:
        return record_id
    name, partner, people = (found[0][key] for key in ("name", "partner", "people"))
    shared = f", {people} {'person' if people == 1 else 'people'} shared" if people else ""
    return f"{name} = {partner}{shared}" if partner else str(name or record_id)
