"""The people whom records belong to, read from both CRMs once a run where an owner field is mapped (R69)."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from accord.model.field_map import moving
from accord.store.owners import replace_owners

if TYPE_CHECKING:
    from accord.steps.wiring import Wiring

_USERS = "SELECT Id, Email FROM User WHERE IsActive = true"
_log = logging.getLogger(__name__)


def read_owners(wiring: Wiring) -> int:
    """Return how many active Salesforce users are exactly one HubSpot owner (R69); one call a CRM where it is mapped.

    Raises:
        ShortRead: fewer users than the service counts.
    """
    if not moving(wiring.settings.fields, "owner"):
        return 0
    users = [(row["Id"], row.get("Email") or "") for page in wiring.salesforce.query_pages(_USERS) for row in page]
    owners = [(str(it["id"]), it.get("email") or "") for it in wiring.hubspot.owners() if not it.get("archived")]
    matched = replace_owners(wiring.database, users, owners)
    _log.info("%s users, %s owners, %s of them the same person", len(users), len(owners), matched)
    return matched
