"""How many calls a plan takes, counted before its first write, and what goes when not all of it fits (R95)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.errors import QuotaExhausted
from accord.steps.recheck import READ_FIRST
from accord.steps.send import HUBSPOT_ROWS, SALESFORCE_ROWS, batch_size
from accord.store import workload
from accord.store.workload import Load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from accord.steps.work import Work
    from accord.store.ledger import System

_READ_ROWS: dict[System, int] = {"hubspot": 100, "salesforce": 2_000}
"""Records that one read by id takes."""
_LINK_ROWS = 1_000
"""Contacts whose companies one call reads."""
_JOB_CALLS = 16
"""Of a Bulk 2.0 job: open, upload, close, three result files, and looking whether it is done."""


def shortage(work: Work) -> str:
    """Return why not all that is planned fits into what is left of the day (R95), "" where it does.

    Then what somebody asked for by hand goes first, and alone.

    Raises:
        QuotaExhausted: not even that fits, or nobody asked; nothing is sent and everything stays planned.
    """
    lacking = _lacking(work, asked_only=False)
    if not lacking:
        return ""
    database, now = work.wiring.database, work.now
    if not workload.planned(database, now, asked_only=True):
        raise QuotaExhausted(f"{lacking}; nothing was written and the plan is kept. {_ADVICE}")
    if _lacking(work, asked_only=True):
        raise QuotaExhausted(f"{lacking}, nor does what was asked for by hand; nothing was written. {_ADVICE}")
    return f"{lacking}; only what was asked for by hand was written, the rest stays planned. {_ADVICE}"


def expected_calls(loads: Sequence[Load], bulk_rows: int) -> dict[System, int]:
    """Return how many calls writes take with everything that follows them: reads before, their pairs, verify after.

    Tries that are repeated are not foreseen.

    Args:
        loads: what is planned.
        bulk_rows: from how many rows on Salesforce is written by Bulk 2.0.
    """
    everything = [*loads, *_following(loads)]
    calls: dict[System, int] = {"salesforce": 0, "hubspot": 0}
    for load in everything:
        for rows in _batches(load, bulk_rows):
            is_job = load.system == "salesforce" and (rows > SALESFORCE_ROWS or rows >= bulk_rows)
            calls[load.system] += _JOB_CALLS * load.kinds if is_job else 1
            calls[load.system] += _parts(rows, _READ_ROWS[load.system]) if load.is_read and load.op in READ_FIRST else 0
    for system in {load.system for load in everything}:
        calls[system] += 1  # verify reads one batch of what was written again
    calls["hubspot"] += _verified(everything)
    return calls


def _lacking(work: Work, *, asked_only: bool) -> str:
    """Return in words which CRM's calls do not suffice for what is planned, "" where all do."""
    wiring = work.wiring
    loads = workload.planned(wiring.database, work.now, asked_only=asked_only)
    needed = expected_calls(loads, wiring.settings.wire.salesforce_bulk_rows)
    left = workload.calls_left(wiring.database, wiring.settings.budget, work.now)
    return " and ".join(
        f"{system}: the plan needs about {needed[system]:,} calls and {left[system]:,} of the day are left"
        for system in sorted(needed)
        if needed[system] > left[system]
    )


def _following(loads: Iterable[Load]) -> Iterator[Load]:
    """Yield the writes that follow planned ones once their pairs exist: the key on the other record, then people."""
    for load in loads:
        is_account = (load.system, load.op) == ("salesforce", "create")
        if load.pairs:
            other: System = "hubspot" if is_account else "salesforce"
            yield Load(other, "restamp", load.pairs, is_read=load.op != "create")
        if load.attach:
            yield Load("salesforce", "attach", load.attach)
        if load.associate:
            yield Load("hubspot", "associate", load.associate)


def _batches(load: Load, bulk_rows: int) -> Iterator[int]:
    """Yield the number of rows of each call, as they are sent."""
    left = load.rows
    while left > 0:
        size = batch_size(load.system, load.op, left, bulk_rows)
        yield min(size, left)
        left -= size


def _verified(loads: Iterable[Load]) -> int:
    """Return the calls to HubSpot that verify makes beside its sample: all stages, some parents, twins (R105)."""
    rows = {op: sum(load.rows for load in loads if load.op == op) for op in ("stage", "parent", "associate")}
    looks_for_twins = _parts(rows["associate"], _LINK_ROWS)
    return _parts(rows["stage"], HUBSPOT_ROWS) + bool(rows["parent"]) + looks_for_twins + bool(looks_for_twins)


def _parts(rows: int, size: int) -> int:
    """Return how many calls of a size some rows take."""
    return -(-rows // size)


_ADVICE = "The next run plans anew; raise the calls a day under `budget` in the settings if the org allows it"
