"""The proof of the daily reconcile: each kind of record counted on both ends, kept as a row and said in a line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from accord.model.errors import ShortRead
from accord.steps.extract_hubspot import extract_records
from accord.steps.extract_salesforce import extract_salesforce, soql
from accord.store import pairs, proofs
from accord.store.proofs import Proof
from accord.store.sources import hubspot_source, salesforce_source

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.sources import HubSpotName, SalesforceName

SALESFORCE: tuple[SalesforceName, ...] = ("accounts", "contacts", "leads")
HUBSPOT: tuple[HubSpotName, ...] = ("companies", "contacts")
TRIES = 4
"""Times that both ends are counted: people go on working, and HubSpot's count lags."""
_PAUSE_SECONDS = 5.0


def prove(wiring: Wiring, run: Run, of_salesforce: Mapping[str, int], of_hubspot: Mapping[str, int]) -> dict[str, Any]:
    """Return the live records of each source and one line about them, after both ends count the same.

    What changes between the scan and the count is read before the count is believed to differ. Pairs that the ledger
    has forgotten, and the keys on the records have not, are remembered anew.

    Args:
        wiring: ready clients.
        run: the reconcile.
        of_salesforce: what `reconcile_salesforce` returned.
        of_hubspot: what `reconcile_hubspot` returned.

    Raises:
        ShortRead: staging and a CRM still count differently; both numbers are kept, and said.
    """
    found = {f"salesforce.{what}": n for what, n in of_salesforce.items()}
    found |= {f"hubspot.{what}": n for what, n in of_hubspot.items()}
    told = [
        replace(proof, missed=found.get(f"{proof.source}_missed", 0), gone=found.get(f"{proof.source}_gone", 0))
        for proof in _counted_alike(wiring, run)
    ]
    rebuilt = pairs.rebuild(wiring.database, wiring.org_id, wiring.portal_id, run.run_id)
    proofs.keep(wiring.database, run.run_id, told, wiring.clock.now())
    apart = [f"{it.source}: {it.counted} counted, {it.mirrored} in staging" for it in told if not it.is_alike]
    if apart:
        raise ShortRead(f"staging and the CRMs differ: {'; '.join(apart)}; the next reconcile reads everything again")
    return {**{it.source: it.mirrored for it in told}, "pairs_rebuilt": rebuilt, "note": note_of(told, rebuilt)}


def note_of(told: Sequence[Proof], rebuilt: int) -> str:
    """Return one line that says what a reconcile proved and found."""
    alike = ", ".join(f"{proof.mirrored:,} {proof.source.replace('.', ' ')}" for proof in told)
    missed, gone = sum(proof.missed for proof in told), sum(proof.gone for proof in told)
    again = f", {rebuilt:,} pairs remembered anew from the keys" if rebuilt else ""
    return f"Both ends count the same: {alike}; {missed:,} had been missed, {gone:,} are nowhere any more{again}"


def _counted_alike(wiring: Wiring, run: Run) -> list[Proof]:
    """Return the counts of every source as soon as they agree, or the last ones."""
    counts = _counted(wiring)
    for attempt in range(1, TRIES):
        apart = [proof.source for proof in counts if not proof.is_alike]
        if not apart:
            break
        wiring.clock.sleep(_PAUSE_SECONDS * attempt)
        _catch_up(wiring, run, apart)
        counts = _counted(wiring)
    return counts


def _catch_up(wiring: Wiring, run: Run, apart: Sequence[str]) -> None:
    """Read what changed in some sources since they were scanned."""
    for name in SALESFORCE:
        if f"salesforce.{name}" in apart:
            extract_salesforce(wiring, run, name)
    for kind in HUBSPOT:
        if f"hubspot.{kind}" in apart:
            extract_records(wiring, run, kind)


def _counted(wiring: Wiring) -> list[Proof]:
    """Return the counts of both ends of every source, three calls in all."""
    ours = {name: salesforce_source(name, wiring.settings) for name in SALESFORCE}
    live = "WHERE IsDeleted = false"
    counted = wiring.salesforce.count({name: soql(it.object_name, ["COUNT()"], live) for name, it in ours.items()})
    sides = [(source, counted[name]) for name, source in ours.items()]
    sides += [(hubspot_source(kind, wiring.settings), wiring.hubspot.count(kind)) for kind in HUBSPOT]
    return [Proof(source.name, n, proofs.mirrored(wiring.database, source)) for source, n in sides]
