"""HubSpot's answers as page rows: records, their inline associations, and the recycle bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from accord.steps.intake import Intake, require_fields
from accord.store import links, staging
from accord.store.sources import properties

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accord.store.pages import PageTable
    from accord.store.sources import HubSpotName, Source

SMALL_BIN = 300
"""A bin of at most so many records (three pages) is listed in every run; a larger one once a day."""

_INLINE_TYPES = {"contact_to_company": links.PRIMARY, "contact_to_company_unlabeled": 279}


def flat(record: dict[str, Any], source: Source) -> dict[str, Any]:
    """Return a record as one level of names, with `updatedAt` where the change time is not among its properties."""
    found = record.get("properties") or {}
    return {
        **found,
        "id": str(record["id"]),
        "archived": record.get("archived", False),
        "archivedAt": record.get("archivedAt"),
        source.stamp: found.get(source.stamp) or record.get("updatedAt"),
    }


def refuse_missing(intake: Intake, name: HubSpotName, records: Sequence[dict[str, Any]]) -> None:
    """Stop when a needed property does not exist: HubSpot leaves unknown names out of its answer without a word.

    Only a suspicion costs a call: an empty property that exists is in the answer, as null.

    Raises:
        MissingField: names each property and the setting that wants it.
    """
    if records and intake.source.required().keys() - (records[0].get("properties") or {}).keys() - {"id", "archived"}:
        require_fields(intake.source, [*intake.wiring.hubspot.properties(name), "id", "archived"])


def inline_links(records: Iterable[dict[str, Any]]) -> tuple[list[tuple[str, str, tuple[int, ...]]], list[str]]:
    """Return the associations that came with listed contacts, and the contacts whose list was cut off.

    One company comes once a label (R91); labels of a team's own are no evidence of a primary company and left out.
    """
    rows, cut_off = [], []
    for record in records:
        companies = (record.get("associations") or {}).get("companies") or {}
        if (companies.get("paging") or {}).get("next"):
            cut_off.append(str(record["id"]))
            continue
        for one in companies.get("results") or []:
            types = tuple(filter(None, [_INLINE_TYPES.get(str(one.get("type")))]))
            rows.append((str(record["id"]), str(one["id"]), types))
    return rows, cut_off


class Bin(NamedTuple):
    """What the recycle bin told: records that left it for the living, and records that are nowhere any more."""

    restored: list[str]
    gone: list[str]


def read_bin(intake: Intake, page: PageTable, name: HubSpotName) -> Bin:
    """Add the recycle bin to a page table, and what was restored from it.

    There is no "archived since": the bin is listed whole, in a full extract and while it is small. A record that
    staging holds for archived and the bin no longer shows is read by its id: restored, or erased for good. After a
    full extract the same is asked of every record that it did not bring.
    """
    if intake.since is not None:
        with intake.wiring.database.transaction() as connection:
            known = staging.deleted_ids(connection, intake.source)
        if len(known) > SMALL_BIN:
            return Bin([], [])
        listed = _list_bin(intake, page, name)
        return read_again(intake, page, name, [one for one in known if one not in listed])
    _list_bin(intake, page, name)
    with intake.wiring.database.transaction() as connection:
        absent = staging.absent_ids(connection, intake.source, page, intake.began)
    return read_again(intake, page, name, absent)


def _list_bin(intake: Intake, page: PageTable, name: HubSpotName) -> set[str]:
    """Add every record of the recycle bin to a page table; return their ids."""
    listed: set[str] = set()
    with page.sink() as sink:
        for records in intake.wiring.hubspot.list_pages(name, properties(intake.source), archived=True):
            sink.add(flat(record, intake.source) for record in records)
            listed.update(str(record["id"]) for record in records)
    return listed


def read_again(intake: Intake, page: PageTable, name: HubSpotName, ids: Sequence[str]) -> Bin:
    """Read records by their ids into a page table; those neither live nor in the bin are gone (R81, R101).

    A merged-away id answers with its survivor, whose own row then names it among its merged ids.
    """
    live = _batch_read(intake, name, ids, archived=False)
    rest = [one for one in ids if one not in live]
    archived = _batch_read(intake, name, rest, archived=True)
    with page.sink() as sink:
        sink.add(flat(record, intake.source) for record in live.values())
        sink.add(flat(record, intake.source) for record in archived.values())
    return Bin(
        restored=[str(record["id"]) for record in live.values()],
        gone=[one for one in rest if one not in archived],
    )


def _batch_read(intake: Intake, name: HubSpotName, ids: Sequence[str], *, archived: bool) -> dict[str, dict[str, Any]]:
    """Return records by the id that was asked for, a hundred a call."""
    if not ids:
        return {}
    return intake.wiring.hubspot.batch_read(name, ids, properties(intake.source), archived=archived)
