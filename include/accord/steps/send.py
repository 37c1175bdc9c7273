"""One batch on its way: claim, read again where it matters, call once, settle. The order of waves is the protocol's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from accord.crm.answers import Answer
from accord.crm.salesforce_writes import DELETES_A_CALL
from accord.model import killpoints
from accord.model.errors import (
    BadCredentials,
    QuotaExhausted,
    RateLimited,
    RetryableError,
    ServiceUnavailable,
    StopError,
)
from accord.steps.answers import settlement
from accord.steps.parent import PARENT_OPS, parent_link
from accord.steps.recheck import recheck
from accord.steps.undo_links import recheck_links
from accord.steps.undo_made import recheck_archives
from accord.store import ledger
from accord.store.settling import Settlement, Trouble, settle
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.crm.answers import RowAnswer
    from accord.model.errors import AccordError
    from accord.steps.work import Work
    from accord.store.ledger import Intent, Op, System

    Unknown = tuple[Intent, RowAnswer | None]

WAVES: tuple[tuple[System, Op], ...] = (
    ("hubspot", "create"),
    ("salesforce", "create"),
    ("hubspot", "restamp"),
    ("salesforce", "restamp"),
    ("hubspot", "update"),
    ("salesforce", "update"),
    ("hubspot", "unparent"),
    ("hubspot", "parent"),
    ("hubspot", "stage"),
    ("salesforce", "attach"),
    ("hubspot", "associate"),
)
"""What is sent before what: records, then their keys, then values, then parents, then people."""

UNDO_WAVES: tuple[tuple[System, Op], ...] = (
    ("hubspot", "dissociate"),
    ("hubspot", "associate"),
    ("salesforce", "attach"),
    ("hubspot", "unstage"),
    ("hubspot", "stage"),
    ("hubspot", "unparent"),
    ("hubspot", "parent"),
    ("salesforce", "update"),
    ("hubspot", "update"),
    ("salesforce", "restamp"),
    ("hubspot", "restamp"),
    ("hubspot", "archive"),
    ("salesforce", "archive"),
)
"""The same of a run that undoes another one: the other way round, and records last."""

HUBSPOT_ROWS = 100
"""Most inputs of a HubSpot batch."""
SALESFORCE_ROWS = 1_000
"""Most records of a composite call: five collections of 200."""
BULK_ROWS = 20_000
"""Most records of one Bulk 2.0 job here: what a claim keeps in memory."""
_SMALL = 10
"""Rows a batch has once some of it met a lock: fewer records, fewer locks at a time."""
_PATIENCE = timedelta(seconds=30)
"""A row that is due again this soon is waited for; any later one is left to a later run."""
_RATE_LIMIT_TRIES = 5


def batch_size(system: System, op: Op, due: int, bulk_rows: int) -> int:
    """Return how many of the due rows the next call may take; from `bulk_rows` on Salesforce is written by a job."""
    if system == "hubspot":
        return HUBSPOT_ROWS
    if op == "archive":
        return DELETES_A_CALL
    return BULK_ROWS if due >= bulk_rows else SALESFORCE_ROWS


def send_batch(work: Work, intents: Sequence[Intent]) -> list[Unknown]:
    """Send claimed writes of one system and op, settle the answers, and return those nobody knows the end of.

    Each of them comes with what was said of it: ambiguous, exists, or None where the answer did not mention it.

    Raises:
        QuotaExhausted, BadCredentials: the answers so far are settled, everything else is planned again.
        RetryableError, StopError: certainly nothing was done; the batch is planned again.
    """
    killpoints.passing("K3")
    ready, settled = recheck_or_put_back(work, intents)
    settle(work.wiring.database, settled, work.run.run_id, work.now)
    if not ready:
        return []
    said = {answer.key: answer for answer in _call_or_put_back(work, ready)}
    killpoints.passing("K5")
    outcomes = [(intent, said.get(row_key(intent))) for intent in ready]
    killpoints.passing("K6")
    known = [result for intent, row in outcomes if row and (result := settlement(work, intent, row)) is not None]
    settle(work.wiring.database, known, work.run.run_id, work.now)
    _stop_where_told(said.values())
    done = {result.intent.id for result in known}
    return [(intent, row) for intent, row in outcomes if intent.id not in done]


def recheck_or_put_back(work: Work, intents: Sequence[Intent]) -> tuple[list[Intent], list[Settlement]]:
    """Return what is still right to send and what is not; where the read fails, all of it is planned again."""
    try:
        return _RECHECKS.get(intents[0].op, recheck)(work, intents)
    except (RetryableError, StopError) as problem:
        put_back(work, intents, problem)
        raise


_RECHECKS = {"dissociate": recheck_links, "archive": recheck_archives}


def put_back(work: Work, intents: Sequence[Intent], problem: AccordError) -> None:
    """Plan claimed writes again that were certainly not done."""
    why = Trouble(type(problem).__name__, str(problem)[:500], "other")
    again = [Settlement(intent=intent, state="planned", result="retry", trouble=why) for intent in intents]
    settle(work.wiring.database, again, work.run.run_id, work.now)


def row_key(intent: Intent) -> str:
    """Return what the CRM's answer calls the row of this write."""
    if intent.op in {"associate", "dissociate"}:
        return intent.source_id
    if intent.op in PARENT_OPS:
        return ":".join(parent_link(intent))
    return str(intent.key if intent.op == "create" else intent.target_id)


def _call_or_put_back(work: Work, intents: Sequence[Intent]) -> list[RowAnswer]:
    """Return the answers of one call; where certainly nothing was done, plan the batch again and raise."""
    for attempt in range(1, _RATE_LIMIT_TRIES + 1):
        try:
            return _call(work, intents)
        except RateLimited as problem:
            if attempt == _RATE_LIMIT_TRIES or problem.retry_after_seconds > 120:
                put_back(work, intents, problem)
                raise
            work.wiring.clock.sleep(problem.retry_after_seconds)
        except (RetryableError, StopError) as problem:
            put_back(work, intents, problem)
            raise
    raise AssertionError("unreachable")


def _call(work: Work, intents: Sequence[Intent]) -> list[RowAnswer]:
    """Return the answers of one call: one a row, in any order.

    These are all the writes there are: nothing makes a person (R5), merges or deletes for good (R84). Only what undoes
    a run archives, records that it made itself (R104).
    """
    system, op = intents[0].system, intents[0].op
    if system == "salesforce":
        return _call_salesforce(work, intents)
    hubspot = work.wiring.hubspot
    if op == "associate":
        return hubspot.associate_default([(i.fields["contact"], i.fields["company"]) for i in intents])
    if op == "dissociate":
        return hubspot.dissociate([(i.fields["contact"], i.fields["company"]) for i in intents])
    if op == "archive":
        return hubspot.archive_companies([str(i.target_id) for i in intents])
    if op == "parent":
        return hubspot.set_parents([parent_link(i) for i in intents])
    if op == "unparent":
        return hubspot.end_parents([parent_link(i) for i in intents])
    if op == "create":
        return hubspot.upsert_companies(COMPANY_KEY, [{COMPANY_KEY: i.key, **i.fields} for i in intents])
    return hubspot.update_companies([{"id": i.target_id, **i.fields} for i in intents])


def _call_salesforce(work: Work, intents: Sequence[Intent]) -> list[RowAnswer]:
    """Return the answers of one composite call, or of one Bulk 2.0 job from the configured number of rows on."""
    salesforce = work.wiring.salesforce
    if intents[0].op == "archive":
        return salesforce.delete([str(i.target_id) for i in intents])
    sobject = "Contact" if intents[0].object == "contact" else "Account"
    is_create = intents[0].op == "create"
    records: list[dict[str, Any]] = [
        {ACCOUNT_KEY: i.key, **i.fields} if is_create else {"Id": i.target_id, **i.fields} for i in intents
    ]
    if len(records) > SALESFORCE_ROWS or len(records) >= work.wiring.settings.wire.salesforce_bulk_rows:
        return salesforce.bulk_upsert(sobject, ACCOUNT_KEY if is_create else None, records)
    return salesforce.upsert_accounts(ACCOUNT_KEY, records) if is_create else salesforce.update(sobject, records)


def _stop_where_told(answers: Any) -> None:
    """Raise where rows of a settled batch say that no further call makes sense."""
    for answer in answers:
        if answer.answer is Answer.QUOTA:
            raise QuotaExhausted(
                f"the day's calls are used up: {answer.message or answer.code}; the rest stays planned"
            )
        if answer.answer is Answer.AUTH:
            raise BadCredentials(f"the session ended and was not renewed: {answer.message or answer.code}")


def _wait_for_locks(work: Work, turns: int, what: str) -> int:
    """Return the number of turns, a second later, in which nothing could be claimed.

    Raises:
        ServiceUnavailable: there were too many.
    """
    if turns > _PATIENCE.seconds:
        raise ServiceUnavailable(f"{what}: another connection to Postgres holds their rows of the ledger locked")
    work.wiring.clock.sleep(1)
    return turns


def send_wave(work: Work, system: System, op: Op, *, asked_only: bool = False) -> list[Unknown]:
    """Send everything that is planned of one kind and return the writes that nobody knows the end of.

    Rows that met a lock are waited for and sent again in small batches. With `asked_only` nothing else is sent than
    what somebody asked for by hand (R95).
    """
    unknown: list[Unknown] = []
    small, locked = False, 0
    bulk_rows = work.wiring.settings.wire.salesforce_bulk_rows
    while True:
        due, seconds = ledger.waiting(
            work.wiring.database, system, op, work.now, _PATIENCE, enough=bulk_rows, asked_only=asked_only
        )
        if not due:
            if seconds is None:
                return unknown
            work.wiring.clock.sleep(seconds)
            small = True
            continue
        size = _SMALL if small else batch_size(system, op, due, bulk_rows)
        batch = ledger.claim(work.wiring.database, work.epoch, system, op, size, work.now, asked_only=asked_only)
        if batch:
            unknown += send_batch(work, batch)
            locked = 0
        else:
            locked = _wait_for_locks(work, locked + 1, f"{due} planned {op} writes to {system}")
