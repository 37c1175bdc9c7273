"""A world as the oracle reads it: plain dicts by id, references resolved to records. Nothing of accord is used here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

Record = dict[str, Any]
Decision = dict[str, Any]

DEFAULT_SETTINGS: Record = {
    "sync_companies": True,
    "enabled_at": "2026-01-10",
    "default_object": "Contact",
    "inclusion_list": None,
    "no_list_means": "nobody_listed",
    "strict_projection": False,
    "import_accounts": [],
    "manual_sync": [],
    "pipeline_user": "U_PIPE",
    "backfill_companies": False,
    "on_tie": "review",
    "recreate_deleted": False,
    "attach_private_contacts": True,
    "associate_contacts": True,
    "min_shared_contacts": 1,
    "max_creates": 25,
    "stage_order": [
        "subscriber",
        "lead",
        "marketingqualifiedlead",
        "salesqualifiedlead",
        "opportunity",
        "customer",
        "evangelist",
    ],
}


def natural(record_id: str) -> tuple[object, ...]:
    """Return a sort key in which A2 comes before A10."""
    return tuple(int(part) if part.isdigit() else part for part in re.split(r"(\d+)", record_id))


def moment(value: object) -> datetime | None:
    """Return a YAML date, time or text as UTC time, None where nothing is written."""
    if value is None:
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    read = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return read if read.tzinfo else read.replace(tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """The records of both CRMs by id; where two are equally good to name, `natural` order decides."""

    settings: Record
    accounts: dict[str, Record]
    sf_contacts: dict[str, Record]
    leads: dict[str, Record]
    companies: dict[str, Record]
    hs_contacts: dict[str, Record]
    assoc: list[list[str]]
    links: list[Record]
    fields: list[Record]
    resolutions: list[Record]

    def salesforce(self, kind: str, reference: str | None) -> str | None:
        """Return the id of the record of that kind that is meant: 15 and 18 characters are one id (R22)."""
        records: dict[str, Record] = getattr(self, kind)
        same = [known for known in records if reference and _short(known) == _short(reference)]
        return same[0] if same else None

    def account(self, reference: str) -> tuple[str, str]:
        """Return (live | deleted | unseen, id) of the account at the end of the merge chain (R4, R73, R75)."""
        seen: set[str] = set()
        found = self.salesforce("accounts", reference)
        while (
            found and self.accounts[found].get("Deleted") and self.accounts[found].get("Master") and found not in seen
        ):
            seen.add(found)
            reference = self.accounts[found]["Master"]
            found = self.salesforce("accounts", reference)
        if found is None:
            return "unseen", reference
        return ("deleted" if self.accounts[found].get("Deleted") else "live"), found

    def company(self, reference: str) -> str | None:
        """Return the live company that this id means today, None where there is none (R77)."""
        return _survivor(self.companies, str(reference))

    def company_state(self, reference: str) -> tuple[str, str]:
        """Return (live | archived | unseen, id) of the company that this id means today (R76, R77, R4)."""
        if live := self.company(reference):
            return "live", live
        seen: set[str] = set()
        while reference not in seen:
            seen.add(reference)
            into = [k for k, record in self.companies.items() if reference in map(str, record.get("merged") or [])]
            reference = sorted(into)[0] if into else reference
        return ("archived" if reference in self.companies else "unseen"), reference

    def contact(self, reference: str) -> str | None:
        """Return the live HubSpot contact that this id means today, None where there is none (R26, R80)."""
        return _survivor(self.hs_contacts, str(reference))

    def live_accounts(self) -> list[str]:
        """Return the accounts that are not deleted, in natural order."""
        return sorted((a for a, record in self.accounts.items() if not record.get("Deleted")), key=natural)

    def live_companies(self) -> list[str]:
        """Return the companies that are not archived, in natural order."""
        return sorted((k for k, record in self.companies.items() if not record.get("archived")), key=natural)

    def is_new(self, created: object) -> bool:
        """Return whether something was made at or after the latest switch-on (R3, R6, R43)."""
        made, enabled = moment(created), moment(self.settings["enabled_at"])
        return made is not None and enabled is not None and made >= enabled

    def is_requested(self, record_id: str) -> bool:
        """Return whether somebody asked for this record by hand, or for one that was merged into it (R46, R77)."""
        asked = [str(name) for name in self.settings["manual_sync"]]
        return record_id in asked or record_id in [self.company(name) for name in asked]


def load(world: Record) -> World:
    """Return the world with defaults filled in."""
    sf, hs = world.get("sf") or {}, world.get("hs") or {}
    return World(
        settings=DEFAULT_SETTINGS | (world.get("settings") or {}),
        accounts=_by_id(sf.get("accounts"), "Id"),
        sf_contacts=_by_id(sf.get("contacts"), "Id"),
        leads=_by_id(sf.get("leads"), "Id"),
        companies=_by_id(hs.get("companies"), "id"),
        hs_contacts=_by_id(hs.get("contacts"), "id"),
        assoc=[[str(part) for part in row] for row in hs.get("assoc") or []],
        links=world.get("links") or [],
        fields=world.get("fields") or [],
        resolutions=world.get("resolutions") or [],
    )


def _by_id(records: list[Record] | None, key: str) -> dict[str, Record]:
    return {str(record[key]): record for record in records or []}


def _short(salesforce_id: str) -> str:
    return salesforce_id[:15] if re.fullmatch(r"[A-Za-z0-9]{18}", salesforce_id) else salesforce_id


def _survivor(records: dict[str, Record], reference: str) -> str | None:
    if reference in records and not records[reference].get("archived"):
        return reference
    for known, record in sorted(records.items()):
        if reference in map(str, record.get("merged") or []):
            return _survivor(records, known)
    return None
