"""Addresses of a record in its own CRM, where there is one to open: a simulated CRM has no pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.console.warehouse import database
from accord.orchestration.crm_pages import crm_pages
from accord.store import runs

if TYPE_CHECKING:
    from accord.model.facts import Record

_HUBSPOT_TYPES = {"company": "0-2", "contact": "0-1"}


def to_records(record: Record) -> str:
    """Return the address of a record in its CRM, "" where it has none."""
    pages = crm_pages()
    if record.system == "salesforce":
        return f"{pages.salesforce}/{record.id}" if pages.salesforce else ""
    origin = runs.latest_origin(database())
    if not pages.hubspot or origin is None:
        return ""
    return f"{pages.hubspot}/contacts/{origin.portal_id}/record/{_HUBSPOT_TYPES.get(record.kind, '0-2')}/{record.id}"
