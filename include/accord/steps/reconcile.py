"""Proves once a day that staging shows what both CRMs hold, and finds what incremental reading cannot.

That is: rows committed late with an old stamp, associations that moved no timestamp, a large recycle bin, records that
were erased. A full scan of ids would cost as many calls as reading every field does, so every field is read.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from accord.steps.extract_hubspot import extract_list_members, extract_records
from accord.steps.extract_salesforce import extract_salesforce
from accord.store import retention

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.sources import HubSpotName, SalesforceName

_SALESFORCE: tuple[SalesforceName, ...] = ("accounts", "contacts", "leads")
_HUBSPOT: tuple[HubSpotName, ...] = ("companies", "contacts")
_log = logging.getLogger(__name__)


def reconcile_salesforce(wiring: Wiring, run: Run) -> dict[str, int]:
    """Return the counts per kind of record, such as `accounts_changed`: what staging had missed.

    Raises:
        ShortRead: fewer rows than the service counts, twice.
        ExtractShrunk: far fewer rows than last time; nothing was marked as gone.
    """
    return _named({name: extract_salesforce(wiring, run, name, whole=True) for name in _SALESFORCE})


def reconcile_hubspot(wiring: Wiring, run: Run) -> dict[str, int]:
    """Return the counts per kind of record, with all associations and the list members read anew.

    Raises:
        ShortRead: fewer rows than the service counts, twice.
        ExtractShrunk: far fewer rows than last time; nothing was marked as gone.
    """
    counts: dict[str, dict[str, int]] = {"list_members": extract_list_members(wiring, run, whole=True)}
    for name in _HUBSPOT:
        counts[name] = extract_records(wiring, run, name, whole=True)
    return _named(counts)


def retire_old_runs(wiring: Wiring, run: Run) -> dict[str, int]:
    """Return how many rows of old plans, runs and forgotten page tables were dropped."""
    counts = retention.retire(wiring.database)
    _log.info("%s: %s", run.run_id, counts)
    return counts


def _named(counts: dict[str, dict[str, int]]) -> dict[str, int]:
    """Return the counts of several parts in one level, each with the name of its part."""
    return {f"{part}_{what}": n for part, of_part in counts.items() for what, n in of_part.items()}
