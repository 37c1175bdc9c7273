"""Watching the native integration: both CRMs into staging, then a comparison. Nothing is decided and nothing written.

Only staging and how far it was read change, and the run that read is on record, so that a warehouse never mixes two
orgs or portals. Neither switch nor key fields are needed.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from accord.model.errors import BadInput, LeaseHeld
from accord.model.scope import Run, Scope
from accord.rules.watch import Watched
from accord.rules.watch import compare as compare_frames
from accord.steps.extract_hubspot import extract_records
from accord.steps.extract_salesforce import extract_salesforce
from accord.steps.mapped_types import hubspot_problems, salesforce_problems
from accord.steps.preflight import preflight
from accord.steps.sequence import persist
from accord.store import lease, native, runs, watermarks
from accord.store.snapshot import read_snapshot
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY, hubspot_source, salesforce_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.settings import Settings
    from accord.steps.wiring import Wiring
    from accord.store.database import Database
    from accord.store.runs import Origin
    from accord.store.sources import HubSpotName, SalesforceName

SALESFORCE: tuple[SalesforceName, ...] = ("accounts", "contacts", "leads")
HUBSPOT: tuple[HubSpotName, ...] = ("companies", "contacts")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


def read_crms(wiring: Wiring, *, tell: Callable[[str], None] = _log.info) -> Origin:
    """Return who the CRMs are, after bringing staging up to date under the lease, so that no sync reads meanwhile.

    Args:
        wiring: ready clients; rights to read are enough.
        tell: is given the name of each part before it is read.

    Raises:
        LeaseHeld: a run is at work on the same warehouse.
        BadSettings: the warehouse belongs to another org or portal.
        StopError: a login is refused, a right is missing, a CRM shows far fewer records than before.
    """
    tell("look at both CRMs")
    wiring = _as_far_as_there(wiring)
    origin = wiring.ask_origin()
    runs.refuse_other_crms(wiring.database, origin)
    run = Run(f"watch/{wiring.clock.now():%Y-%m-%dT%H:%M:%S.%f}", Scope("changed"), "plan")
    _take_lease(wiring.database, run)
    note, state = "The CRMs could not be read to be watched", "failed"
    try:
        runs.open_run(wiring.database, run, wiring.settings)
        runs.set_origin(wiring.database, run.run_id, origin)
        _read_parts(replace(wiring, origin=origin), run, tell)
        note, state = "Both CRMs were read to be watched; nothing was decided", "done"
    finally:
        lease.release(wiring.database, lease.CRMS, run.run_id)
        runs.close_run(wiring.database, run.run_id, {}, note, state)
    return origin


def last_read(database: Database, settings: Settings) -> Origin:
    """Return whose records staging shows, where all it takes to compare them was read before.

    Raises:
        BadInput: something was never read; names it.
    """
    sources = [salesforce_source(name, settings) for name in SALESFORCE]
    sources += [hubspot_source(name, settings) for name in HUBSPOT]
    unread = [source.name for source in sources if watermarks.read_mark(database, source.name) is None]
    origin = runs.latest_origin(database)
    if unread or origin is None:
        raise BadInput(f"never read so far: {', '.join(unread) or 'both CRMs'}; call this without --no-read once")
    return origin


def compare(database: Database, settings: Settings, origin: Origin) -> Watched:
    """Return what the native integration did, as staging shows it, beside what the rules say."""
    snapshot = read_snapshot(
        database,
        settings,
        org_id=origin.org_id,
        portal_id=origin.portal_id,
        pipeline_user=origin.user_id,
        run=Run("watch", Scope("changed"), "plan"),
    )
    return compare_frames(snapshot, native.native_claims(database), settings.policy(_LONG_AGO))


def _as_far_as_there(wiring: Wiring) -> Wiring:
    """Return a wiring that reads no key field that is not there and no mapped field that would stop a run."""
    found = preflight(wiring)
    fields = tuple(
        rule
        for rule in wiring.settings.fields
        if not salesforce_problems([rule], found.account_fields)
        and not hubspot_problems([rule], found.company_properties)
    )
    keys = {ACCOUNT_KEY: found.account_fields, COMPANY_KEY: found.company_properties}
    return replace(
        wiring,
        settings=wiring.settings.model_copy(update={"fields": fields}),
        without=frozenset(key for key, there in keys.items() if key.lower() not in map(str.lower, there)),
    )


def _read_parts(wiring: Wiring, run: Run, tell: Callable[[str], None]) -> None:
    """Read every kind of record that says who is whom; the inclusion list does not."""
    parts: list[tuple[str, Callable[[], dict[str, int]]]] = [
        *((f"read Salesforce {name}", partial(extract_salesforce, wiring, run, name)) for name in SALESFORCE),
        *((f"read HubSpot {name}", partial(extract_records, wiring, run, name)) for name in HUBSPOT),
    ]
    for name, read in parts:
        tell(name)
        # Each part may take as long as the lease lasts.
        _take_lease(wiring.database, run)
        persist(wiring, read)


def _take_lease(database: Database, run: Run) -> None:
    """Take or keep the lease.

    Raises:
        LeaseHeld: another run has it; says what can be done meanwhile.
    """
    try:
        lease.acquire(database, lease.CRMS, run.run_id)
    except LeaseHeld as problem:
        raise LeaseHeld(f"{problem}, or compare what was read last: accord watch --no-read") from None
