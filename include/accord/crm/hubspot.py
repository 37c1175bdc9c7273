"""HubSpot as the steps see it: reads that are complete or raise, writes that answer for every row."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from accord.crm.hubspot_associate import HubSpotAssociate
from accord.crm.hubspot_links import HubSpotLinks, PropertyInfo
from accord.crm.hubspot_reads import HubSpotReads, ObjectType
from accord.crm.hubspot_writes import HubSpotWrites
from accord.crm.probe import HubSpotProbe
from accord.crm.shapes import agreed
from accord.crm.values import portal_record_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from accord.crm.answers import RowAnswer
    from accord.crm.hubspot_calls import HubSpotCalls
    from accord.crm.hubspot_links import AssociationRow
    from accord.crm.values import Record

__all__ = ["HubSpot", "ObjectType", "PropertyInfo"]


class HubSpot:
    """One portal. Made by `accord.crm.connect`.

    Records are HubSpot's own JSON: `{"id", "properties": {name: text or None}, "createdAt", "updatedAt", "archived"}`.
    Reads raise the error tree after their own retries. Writes return one `RowAnswer` a record, in input order, and
    raise only where certainly nothing was applied. None and an empty text clear a property.
    """

    def __init__(self, calls: HubSpotCalls, portal_id: str | None = None) -> None:
        self._calls = calls
        self._known_portal_id = portal_id
        self._reads = HubSpotReads(calls)
        self._links = HubSpotLinks(calls)
        self._writes = HubSpotWrites(calls)
        self._associate = HubSpotAssociate(calls)

    @cached_property
    def portal_id(self) -> str:
        """Return the id of the portal, asked for once if the connection does not say it."""
        with agreed("HubSpot account-info"):
            return self._known_portal_id or portal_record_id(self._calls.account()["portalId"])

    def probe(self) -> HubSpotProbe:
        """Return the calls that only a conformance check makes."""
        return HubSpotProbe(self._calls)

    def server_time(self) -> datetime:
        """Return HubSpot's clock, UTC: the only clock that marks are made of."""
        return self._calls.server_time()

    def list_pages(
        self,
        object_type: ObjectType,
        properties: Sequence[str],
        *,
        archived: bool = False,
        associations: str | None = None,
    ) -> Iterator[list[Record]]:
        """Yield all records (or those in the recycle bin), 100 a page; a list has no total, compare with `count`."""
        pages = self._reads.list_from(object_type, properties, archived=archived, associations=associations, after=None)
        return (records for records, _ in pages)

    def list_from(
        self, object_type: ObjectType, properties: Sequence[str], *, associations: str | None, after: str | None
    ) -> Iterator[tuple[list[Record], str | None]]:
        """Yield the living records from a cursor on, 100 a page, with the cursor of the next page; None: the last."""
        return self._reads.list_from(object_type, properties, archived=False, associations=associations, after=after)

    def search_pages(
        self, object_type: ObjectType, properties: Sequence[str], *, since: datetime, until: datetime
    ) -> Iterator[list[Record]]:
        """Yield the records modified in [since, until], 200 a page; raises ShortRead if some are missing."""
        return self._reads.search_pages(object_type, properties, since, until)

    def made_without(
        self, object_type: ObjectType, properties: Sequence[str], *, without: str, since: datetime
    ) -> Iterator[list[Record]]:
        """Yield the records made since a moment without a value of a property, 200 a page, as the index has it."""
        return self._reads.made_without(object_type, properties, without, since)

    def count(self, object_type: ObjectType) -> int:
        """Return how many records are not archived, as the search index, which lags, counts them."""
        return self._reads.count(object_type)

    def batch_read(
        self,
        object_type: ObjectType,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        id_property: str | None = None,
        archived: bool = False,
    ) -> dict[str, Record]:
        """Return the records that exist, by the id asked for (a merged one answers with its survivor), 100 a call."""
        return self._reads.batch_read(object_type, ids, properties, id_property, archived=archived)

    def changed_at(
        self, object_type: ObjectType, ids: Sequence[str], names: Sequence[str]
    ) -> Iterator[tuple[str, str, str]]:
        """Yield (record id, property, ISO time) of the latest change of each property, 50 records a call."""
        return self._reads.changed_at(object_type, ids, names)

    def association_rows(
        self, from_type: ObjectType, to_type: ObjectType, ids: Sequence[str]
    ) -> Iterator[list[AssociationRow]]:
        """Yield (from id, to id, type ids), 1,000 from ids a call; raises ShortRead if one is not answered."""
        return self._links.association_rows(from_type, to_type, ids)

    def list_members(self, list_id: str) -> Iterator[list[tuple[str, str]]]:
        """Yield (contact id, member since), 250 a page; raises ShortRead if members are missing."""
        return self._links.list_members(list_id)

    def find_list(self, name_or_id: str) -> dict[str, Any]:
        """Return `id`, `name`, `size` and `updatedAt` of a contact list; raises BadInput if there is none."""
        return self._links.find_list(name_or_id)

    def properties(self, object_type: ObjectType) -> dict[str, PropertyInfo]:
        """Return the properties of an object type by name."""
        return self._links.properties(object_type)

    def create_property(self, object_type: ObjectType, body: dict[str, Any]) -> None:
        """Create a property, unless it exists."""
        self._links.create_property(object_type, body)

    def owners(self) -> list[Record]:
        """Return all owners."""
        return self._links.owners()

    def upsert_companies(self, key_property: str, records: Sequence[Record]) -> list[RowAnswer]:
        """Return what became of each company, keyed by the value of its key property; at most 100, one call."""
        return self._writes.upsert(key_property, records)

    def update_companies(self, records: Sequence[Record]) -> list[RowAnswer]:
        """Return what became of each company, keyed by its `id`; at most 100, one call."""
        return self._writes.update(records)

    def archive_companies(self, ids: Sequence[str]) -> list[RowAnswer]:
        """Return what became of each company put into the recycle bin, keyed by its id; at most 100, one call."""
        return self._writes.archive(ids)

    def associate_default(self, pairs: Sequence[tuple[str, str]]) -> list[RowAnswer]:
        """Return what became of each (contact id, company id), keyed `contact:company`; at most 100, one call."""
        return self._associate.associate(pairs)

    def dissociate(self, pairs: Sequence[tuple[str, str]]) -> list[RowAnswer]:
        """Return the same of contacts and companies that belong together no longer, whatever their label was."""
        return self._associate.dissociate(pairs)

    def set_parents(self, pairs: Sequence[tuple[str, str]]) -> list[RowAnswer]:
        """Return what became of each (company id, parent id), keyed `company:parent`; at most 100, one call."""
        return self._associate.set_parents(pairs)

    def end_parents(self, pairs: Sequence[tuple[str, str]]) -> list[RowAnswer]:
        """Return the same of parents that are none any more; other associations of the two companies stay."""
        return self._associate.end_parents(pairs)
