"""Reads both CRMs into staging: in full the first time, then what changed since the watermark.

Each part can be run again on its own at any time: rows and watermark are committed together, and reading the same
rows twice changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from accord.steps.extract_hubspot import extract_list_members, extract_records
from accord.steps.extract_salesforce import extract_salesforce
from accord.steps.owners import read_owners
from accord.store.sources import SalesforceName

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

__all__ = ["HUBSPOT_PARTS", "SALESFORCE_PARTS", "extract_all", "extract_hubspot", "extract_salesforce"]

HubSpotPart = Literal["companies", "contacts", "list_members"]
SALESFORCE_PARTS: tuple[SalesforceName, ...] = get_args(SalesforceName)
HUBSPOT_PARTS: tuple[HubSpotPart, ...] = get_args(HubSpotPart)


def extract_hubspot(wiring: Wiring, run: Run, part: HubSpotPart) -> dict[str, int]:
    """Return the counts of one part of HubSpot, brought up to date in staging.

    Args:
        wiring: clients, database, settings.
        run: for which this happens.
        part: `companies` and `contacts` bring their associations along; `list_members` are those of the inclusion list.
            With the companies come the owners of both CRMs where an owner field is mapped.

    Raises:
        ShortRead: fewer rows than the service counts, twice.
        ExtractShrunk: far fewer rows than last time.
        MissingField: a mapped or key property does not exist.
        BadSettings: a mapped property does not fit its rule.
        StopError: the watermark lies in the future.
    """
    if part == "list_members":
        return extract_list_members(wiring, run)
    if part == "companies":
        read_owners(wiring)
    return extract_records(wiring, run, part)


def extract_all(wiring: Wiring, run: Run) -> None:
    """Bring everything up to date in staging; raises what the parts raise."""
    for name in SALESFORCE_PARTS:
        extract_salesforce(wiring, run, name)
    for part in HUBSPOT_PARTS:
        extract_hubspot(wiring, run, part)
