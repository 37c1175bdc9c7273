"""Whether what a creation is for is still there, or was deleted or merged since it was read (R73, R75)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from accord.store import lease

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from accord.steps.work import Work
    from accord.store.ledger import Intent, System

_BELIEVED = timedelta(minutes=15)
"""How long what was read is believed; a plan that waited for an approval, or a dead run, is often older."""
_SOURCE: dict[str, tuple[System, str]] = {
    "CREATE_COMPANY": ("salesforce", "account_id"),
    "CREATE_ACCOUNT": ("hubspot", "company_id"),
}


def gone_of_plan(work: Work, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the records that decisions create something for, and that are gone by now.

    Args:
        work: ready clients.
        rows: decisions, each with its action, account_id and company_id.

    Raises:
        LeaseHeld: another run took over.
    """
    origin = work.wiring.origin
    if origin is None or not _is_old(work, origin.salesforce_at):
        return set()
    # Asking HubSpot about a hundred thousand companies takes minutes.
    lease.renew(work.wiring.database, lease.CRMS, work.run.run_id)
    asked: dict[System, list[str]] = {"salesforce": [], "hubspot": []}
    for row in rows:
        if row["action"] in _SOURCE:
            system, column = _SOURCE[row["action"]]
            asked[system].append(row[column])
    return {record_id for system, ids in asked.items() for record_id in _gone(work, system, ids)}


def gone_of_creates(work: Work, intents: Sequence[Intent]) -> set[str]:
    """Return the ids of the records that creates of one system are for, and that are gone by now.

    Args:
        work: ready clients.
        intents: sent by an earlier try; those of the last minutes are not asked about.
    """
    old = [intent for intent in intents if intent.sent_at and _is_old(work, intent.sent_at)]
    if not old:
        return set()
    return _gone(work, "salesforce" if old[0].system == "hubspot" else "hubspot", [intent.source_id for intent in old])


def _is_old(work: Work, read_at: datetime) -> bool:
    """Return whether what was read then may have changed since."""
    return work.now - read_at > _BELIEVED


def _gone(work: Work, system: System, ids: Sequence[str]) -> set[str]:
    """Return which accounts or companies were deleted, or merged into others."""
    if not ids:
        return set()
    if system == "hubspot":
        found = work.wiring.hubspot.batch_read("companies", ids, [])
        return set(ids) - {asked for asked, record in found.items() if record["id"] == asked}
    rows = work.wiring.salesforce.read("Account", "Id", ids, ["Id", "IsDeleted"])
    return set(ids) - {row["Id"] for row in rows if not row["IsDeleted"]}
