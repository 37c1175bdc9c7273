"""HubSpot into staging: list for everything, search for what changed; associations and the bin with both."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.steps.describe import describe_companies
from accord.steps.hubspot_list import read_all
from accord.steps.hubspot_records import flat, read_bin, refuse_missing
from accord.steps.intake import Intake, Work, open_intake
from accord.store import links, staging, watermarks
from accord.store.pages import kept_page_table, page_table
from accord.store.sources import hubspot_source, properties

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    import psycopg

    from accord.model.scope import Run
    from accord.steps.wiring import Wiring
    from accord.store.database import Row
    from accord.store.pages import PageTable
    from accord.store.sources import HubSpotName

LIST_MEMBERS = "hubspot.list_members"
"""Name of the watermark of the inclusion list."""
ALWAYS_READ_MEMBERS = 10_000
"""A list of at most so many members (40 calls) is read in every run: equal size and time do not mean equal members."""
_log = logging.getLogger(__name__)


def extract_records(wiring: Wiring, run: Run, name: HubSpotName, *, whole: bool = False) -> dict[str, int]:
    """Return the counts of companies or contacts, brought up to date in staging with their associations.

    A full extract of contacts carries all associations inline; otherwise those of the changed records are read again
    from the side that changed, 1,000 a call.

    Args:
        wiring: clients, database, settings.
        run: for which this happens.
        name: what is read.
        whole: read everything, not only what changed.

    Raises:
        ShortRead: fewer rows than the service counts, twice.
        ExtractShrunk: far fewer rows than last time.
        MissingField: a mapped or key property does not exist.
        BadSettings: a mapped property does not fit its rule.
        StopError: the watermark lies in the future.
    """
    source = hubspot_source(name, wiring.settings).without(wiring.without)
    if name == "companies":
        describe_companies(wiring, source)
    overlap = wiring.settings.wire.hubspot_overlap_minutes
    began = wiring.hubspot_began
    intake = open_intake(wiring, run, source, began=began, overlap_minutes=overlap, whole=whole)
    with ExitStack() as tables:
        columns = {source.table: [*source.fields(), "archivedAt"], f"{name}_links": links.LINK_COLUMNS}
        page, link_page = (tables.enter_context(_table(intake, what, those)) for what, those in columns.items())
        read_in = read_all if intake.since is None else _read_changes
        read, gone = read_in(intake, page, link_page, name)
        counts = intake.commit(page, read=read, more=_more(intake, page, link_page, name, gone))
    _log.info("%s: %s", source.name, counts)
    return counts


def _table(intake: Intake, what: str, columns: Sequence[str]) -> AbstractContextManager[PageTable]:
    """Return a page table; one that is filled by a whole list outlives the death of its run."""
    if intake.since is not None:
        return page_table(intake.wiring.database, what, columns)
    return kept_page_table(intake.wiring.database, what, columns, f"{intake.run.run_id} {intake.began.isoformat()}")


def _more(intake: Intake, page: PageTable, link_page: PageTable, name: HubSpotName, gone: Sequence[str]) -> list[Work]:
    """Return what is committed with the records: their associations, and which of them are gone."""
    side: links.Side = "contact_id" if name == "contacts" else "company_id"

    def mark_gone(connection: psycopg.Connection[Row]) -> int:
        links.forget_links(connection, side, gone)
        return staging.mark_gone(connection, intake.source, gone, intake.run.run_id)

    def replace_links(connection: psycopg.Connection[Row]) -> int:
        return links.replace_links(
            connection, link_page, page, side=side, read_at=intake.began, run_id=intake.run.run_id
        )

    has_links = name == "contacts" or intake.since is not None
    return [Work("gone", mark_gone), *([Work("links", replace_links)] if has_links else [])]


def _read_changes(intake: Intake, page: PageTable, link_page: PageTable, name: HubSpotName) -> tuple[int, list[str]]:
    """Read what changed, its associations, and a small recycle bin; return how many changed, and the gone."""
    hubspot, wanted = intake.wiring.hubspot, properties(intake.source)
    changed: list[str] = []
    with page.sink() as sink:
        for records in hubspot.search_pages(name, wanted, since=intake.since or intake.began, until=intake.began):
            refuse_missing(intake, name, records)
            sink.add(flat(record, intake.source) for record in records)
            changed += [str(record["id"]) for record in records]
    restored, gone = read_bin(intake, page, name)
    changed = list(dict.fromkeys(changed + restored))
    other: HubSpotName = "companies" if name == "contacts" else "contacts"
    if changed:
        with link_page.sink() as link_sink:
            for rows in hubspot.association_rows(name, other, changed):
                link_sink.add(links.link_records(rows, from_companies=name == "companies"))
    return len(changed), gone


def extract_list_members(wiring: Wiring, run: Run, *, whole: bool = False) -> dict[str, int]:
    """Return the counts of the inclusion list's members, made equal in staging.

    Leaving a list leaves no trace, so members are read in full; only a long list whose size and change time have not
    moved is skipped, until `whole` (the daily reconcile) asks for it.
    """
    name = wiring.settings.inclusion_list
    if name is None:
        with wiring.database.transaction() as connection:
            return {"read": 0, "changed": links.forget_members(connection)}
    began = wiring.hubspot_began
    found = wiring.hubspot.find_list(name)
    if not whole and _is_unchanged(wiring, found, began):
        return {"read": 0, "changed": 0}
    with page_table(wiring.database, "hubspot_list_members", links.MEMBER_COLUMNS) as page:
        with page.sink() as sink:
            for rows in wiring.hubspot.list_members(str(found["id"])):
                sink.add({"contact_id": contact, "added_at": at} for contact, at in rows)
        with wiring.database.transaction() as connection:
            changed = links.replace_members(
                connection, page, list_id=str(found["id"]), read_at=began, run_id=run.run_id
            )
            mark = began - timedelta(minutes=wiring.settings.wire.hubspot_overlap_minutes)
            watermarks.move_mark(connection, LIST_MEMBERS, mark, run_id=run.run_id, row_count=sink.total, full=True)
    _log.info("%s: %s members read, %s changed", LIST_MEMBERS, sink.total, changed)
    return {"read": sink.total, "changed": changed}


def _is_unchanged(wiring: Wiring, found: dict[str, object], began: datetime) -> bool:
    """Return whether a long list has the size and change time it had when it was last read."""
    known = watermarks.read_mark(wiring.database, LIST_MEMBERS)
    since = watermarks.begin(known, LIST_MEMBERS, began)
    if known is None or since is None or known.row_count <= ALWAYS_READ_MEMBERS:
        return False
    return found["size"] == known.row_count and datetime.fromisoformat(str(found["updatedAt"])) < since
