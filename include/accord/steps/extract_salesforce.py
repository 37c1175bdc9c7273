"""Salesforce into staging: REST for what changed and for few, Bulk 2.0 for many; deletes and merges come along."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from accord.crm.answers import Lost
from accord.model.errors import ShortRead
from accord.steps.describe import describe_accounts
from accord.steps.intake import Intake, Work, open_intake, present_rows, refuse_shrunk
from accord.store import staging
from accord.store.pages import page_table
from accord.store.sources import salesforce_source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import psycopg

    from accord.crm.values import Record
    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.database import Row
    from accord.store.pages import PageTable
    from accord.store.sources import SalesforceName, Source

_log = logging.getLogger(__name__)


def extract_salesforce(wiring: Wiring, run: Run, sobject: SalesforceName, *, whole: bool = False) -> dict[str, int]:
    """Return the counts of Salesforce accounts, contacts or leads, brought up to date in staging.

    Nothing of HubSpot narrows what is read: a contact is seen to be deleted whether or not it is on a list (R82).

    Args:
        wiring: clients, database, settings.
        run: for which this happens.
        sobject: what is read.
        whole: read everything, not only what changed; records that are nowhere any more are then marked as gone.

    Raises:
        ShortRead: fewer rows than the service counts, twice.
        ExtractShrunk: far fewer rows than last time.
        MissingField: a mapped or key field does not exist.
        BadSettings: a mapped field does not fit its rule.
        StopError: the watermark lies in the future.
    """
    source = _spelled(wiring, salesforce_source(sobject, wiring.settings).without(wiring.without))
    overlap = wiring.settings.wire.salesforce_overlap_minutes
    began = wiring.salesforce_began
    intake = open_intake(wiring, run, source, began=began, overlap_minutes=overlap, whole=whole)
    with page_table(wiring.database, source.table, source.fields()) as page:
        if intake.since:
            counts = intake.commit(page, read=_read_changes(intake, page, intake.since))
        else:
            counts = intake.commit(
                page, read=_read_all(intake, page), more=[Work("gone", partial(_mark_gone, intake, page))]
            )
    _log.info("%s: %s", source.name, counts)
    return counts


def soql(sobject: str, columns: Sequence[str], tail: str = "") -> str:
    """Return a query; names come from describe or from settings that were checked letter by letter."""
    return f"SELECT {', '.join(columns)} FROM {sobject} {tail}".rstrip()  # noqa: S608


def soql_moment(moment: datetime) -> str:
    """Return a time as a SOQL literal: UTC, milliseconds."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _spelled(wiring: Wiring, source: Source) -> Source:
    """Return the source with the org's own spelling; only accounts have fields that may be missing."""
    if source.object_name != "Account":
        return source
    return source.spelled(describe_accounts(wiring, source).keys())


def _read_all(intake: Intake, page: PageTable) -> int:
    """Read every record, the recycle bin's too, and compare with the service's own count; return how many there are."""
    source, salesforce = intake.source, intake.wiring.salesforce
    live = expected = 0
    for is_last in (False, True):
        page.clear()
        expected = salesforce.count({source.name: soql(source.object_name, ["COUNT()"], "WHERE IsDeleted = false")})[
            source.name
        ]
        try:
            _read_rows(intake, page, expected)
        except ShortRead:
            if is_last:
                raise
            continue
        live = present_rows(intake, page, deleted_at=source.stamp)
        if live >= expected:
            refuse_shrunk(intake, live)
            return live
    raise ShortRead(f"{source.name}: {live} of {expected} records arrived, twice; nothing was taken over")


def _read_rows(intake: Intake, page: PageTable, expected: int) -> None:
    """Bring every record into a page table with the fewest calls: one for 2,000 over REST, from three on over bulk."""
    salesforce, query = intake.wiring.salesforce, soql(intake.source.object_name, page.columns)
    if expected < intake.wiring.settings.wire.salesforce_bulk_rows:
        _keep(page, salesforce.query_pages(query))
        return
    for chunks in salesforce.bulk_pages(query):
        # A page that breaks off is taken back whole, and comes again.
        with suppress(Lost):
            page.copy_csv(chunks)


def _mark_gone(intake: Intake, page: PageTable, connection: psycopg.Connection[Row]) -> int:
    """Mark what a full extract, which sees the recycle bin too, did not bring."""
    absent = staging.absent_ids(connection, intake.source, page, intake.began - intake.overlap)
    return staging.mark_gone(connection, intake.source, absent, intake.run.run_id)


def _read_changes(intake: Intake, page: PageTable, since: datetime) -> int:
    """Read what changed since then; return how many records that is.

    A conversion moves the system stamp, though maybe no date of a person's change (R90, R102).
    """
    source = intake.source
    # Deletes and merges are changes too: queryAll shows them with IsDeleted and MasterRecordId.
    tail = f"WHERE {source.stamp} >= {soql_moment(since)} ORDER BY {source.stamp}, Id"
    return _keep(page, intake.wiring.salesforce.query_pages(soql(source.object_name, page.columns, tail)))


def _keep(page: PageTable, answers: Iterable[list[Record]]) -> int:
    """Put the pages of a query into a page table; return how many records that is."""
    with page.sink() as sink:
        for records in answers:
            sink.add(records)
    return sink.total
