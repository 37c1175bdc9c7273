"""All companies or contacts of a portal, page by page; a reading that was cut off goes on where it was."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from accord.model import killpoints
from accord.model.errors import ShortRead, StopError
from accord.steps.hubspot_records import flat, inline_links, read_bin, refuse_missing
from accord.steps.intake import Intake, present_rows, refuse_shrunk
from accord.store import links
from accord.store.reading import END, Reading
from accord.store.sources import properties

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.store.pages import PageTable
    from accord.store.sources import HubSpotName

PAGES_A_NOTE = 5
"""Pages of a list, 100 records each, after which is noted how far it was read: what a death costs at most."""
SEARCH_LAG = timedelta(minutes=2)
"""How long the search index, from which the count comes too, may lag behind what was made or archived."""


def read_all(intake: Intake, page: PageTable, link_page: PageTable, name: HubSpotName) -> tuple[int, list[str]]:
    """Read every record and the bin into page tables; return how many are live, and the gone.

    Killed anywhere and run again for the same run, it goes on behind what was noted last.

    Raises:
        ShortRead: fewer rows than the service counts, twice.
        ExtractShrunk: far fewer rows than last time.
        MissingField: a needed property does not exist.
    """
    reading = Reading(page, link_page)
    try:
        return _read_whole(intake, reading, name)
    except (ShortRead, StopError):
        # What was read is no good: whoever tries again must not go on with it.
        reading.begin_anew()
        raise


def _read_whole(intake: Intake, reading: Reading, name: HubSpotName) -> tuple[int, list[str]]:
    """Return the same once it is as much as the service counts.

    Where records are missing the list is read once more, and then counted once more: the index may have lagged behind.
    """
    hubspot, live = intake.wiring.hubspot, 0
    expected = hubspot.count(name)
    for is_second in (False, True):
        if is_second:
            reading.begin_anew()
        _list_live(intake, reading, name)
        gone = read_bin(intake, reading.page, name).gone
        live = present_rows(intake, reading.page, deleted_at="archivedAt", lag=SEARCH_LAG)
        if live < expected and is_second:
            expected = hubspot.count(name)
        if live >= expected:
            refuse_shrunk(intake, live)
            return live, gone
    raise ShortRead(f"{intake.source.name}: {live} of {expected} records arrived, twice; nothing was taken over")


def _list_live(intake: Intake, reading: Reading, name: HubSpotName) -> None:
    """Read every living record that this run has not read yet, contacts with their companies."""
    after = reading.noted()
    if after == END:
        return
    associations = "companies" if name == "contacts" else None
    wanted = properties(intake.source)
    pages = intake.wiring.hubspot.list_from(name, wanted, associations=associations, after=after)
    while some := list(islice(pages, PAGES_A_NOTE)):
        _add_live(intake, reading, name, [records for records, _ in some])
        killpoints.passing("K10")
        reading.note(some[-1][1] or END)


def _add_live(intake: Intake, reading: Reading, name: HubSpotName, pages: Sequence[list[dict[str, Any]]]) -> None:
    """Add pages of a list to the page tables; a long list of companies of one contact is read apart."""
    unfinished: list[str] = []
    with reading.page.sink() as sink, reading.link_page.sink() as link_sink:
        for records in pages:
            refuse_missing(intake, name, records)
            sink.add(flat(record, intake.source) for record in records)
            if name == "contacts":
                rows, cut_off = inline_links(records)
                unfinished += cut_off
                link_sink.add(links.link_records(rows, from_companies=False))
        if unfinished:
            for rows in intake.wiring.hubspot.association_rows("contacts", "companies", unfinished):
                link_sink.add(links.link_records(rows, from_companies=False))
