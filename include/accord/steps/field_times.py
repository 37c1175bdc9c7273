"""When single fields changed, asked of both CRMs only where a two-way field changed on both sides (R66).

The change time of a record is that of any of its fields, and of HubSpot's own bookkeeping; it would let the wrong side
win. Where a CRM does not say, the record's time stands for the field's.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from accord.model.errors import ContractBroken, StopError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.steps.wiring import Wiring
    from accord.store.field_memory import Seen

_log = logging.getLogger(__name__)


def ask_times(wiring: Wiring, seen: Seen) -> int:
    """Return of how many fields both CRMs were asked when they changed; what they say is staged."""
    conflicts = seen.conflicts()
    if not conflicts:
        return 0
    by_name = {rule.name: rule for rule in wiring.settings.fields}
    names = sorted({conflict.name for conflict in conflicts})
    fields = [by_name[name].salesforce for name in names]
    companies = sorted({conflict.company_id for conflict in conflicts})
    accounts = sorted({conflict.account_id for conflict in conflicts})
    rows = [("salesforce", *row) for row in tracked_changes(wiring, accounts, fields)]
    rows += [("hubspot", *row) for row in wiring.hubspot.changed_at("companies", companies, names)]
    seen.stage_times(rows)
    return len(conflicts)


def tracked_changes(wiring: Wiring, accounts: Sequence[str], fields: Sequence[str]) -> list[tuple[str, str, str]]:
    """Return (account id, field, ISO time) of the tracked changes; an org without field history says nothing."""
    try:
        return list(wiring.salesforce.changed_at(accounts, fields))
    except (StopError, ContractBroken) as problem:
        _log.warning("field history of Account cannot be read, the record's own time counts: %s", problem)
        return []
