"""Reads both CRMs into staging: in full the first time, then what changed since the watermark.

Each part can be run again on its own at any time: rows and watermark are committed together, and reading the same
rows twice changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from accord.steps.extract_hubspot import extract_list_members, extract_records
from accord.steps.extract_salesforce import extract_salesforce
from accord.steps.owners import read_owners

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring

__all__ = ["extract_hubspot", "extract_salesforce"]

HubSpotPart = Literal["companies", "contacts", "list_members"]


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
