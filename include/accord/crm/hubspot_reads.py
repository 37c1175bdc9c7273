"""HubSpot reads of companies and contacts: list, search, count, batch read. Records are raw JSON, their values text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from accord.crm.hubspot_said import context
from accord.crm.shapes import agreed_read, objects
from accord.crm.values import parts, portal_record_id
from accord.model.errors import ContractBroken, ShortRead

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from accord.crm.hubspot_calls import HubSpotCalls
    from accord.crm.values import Record

ObjectType = Literal["companies", "contacts"]

_LIST_PAGE = 100
_SEARCH_PAGE = 200
_BATCH = 100
_BATCH_WITH_HISTORY = 50
_STAMP: Mapping[ObjectType, str] = {"companies": "hs_lastmodifieddate", "contacts": "lastmodifieddate"}
_MERGED = "hs_merged_object_ids"
MOST_PAGES = 250_000
"""Pages of one list: 25 million records at 100 a page; a list that goes on has lost its end."""


class HubSpotReads:
    """Reads the objects of one portal."""

    def __init__(self, calls: HubSpotCalls) -> None:
        self._calls = calls

    @agreed_read("HubSpot list")
    def list_from(
        self,
        object_type: ObjectType,
        properties: Sequence[str],
        *,
        archived: bool,
        associations: str | None,
        after: str | None,
    ) -> Iterator[tuple[list[Record], str | None]]:
        """Yield the records from a cursor on, 100 a page, each page with the cursor of the next; None with the last.

        The list has no total: compare the rows with `count`.

        Raises:
            ShortRead: a page pointed to itself, or to one that was read before.
        """
        seen = {after} if after else set[str]()
        while True:
            page = self._calls.read(
                self._calls.api.crm.objects.basic_api.get_page,
                object_type,
                limit=_LIST_PAGE,
                properties=list(properties),
                archived=archived,
                **({"after": after} if after else {}),
                **({"associations": [associations]} if associations else {}),
            )
            after = next_page(page, seen, f"list of {object_type}")
            yield results(page, f"list of {object_type}"), after
            if after is None:
                return

    @agreed_read("HubSpot search")
    def search_pages(
        self, object_type: ObjectType, properties: Sequence[str], since: datetime, until: datetime
    ) -> Iterator[list[Record]]:
        """Yield the records modified in [since, until], 200 a page, by id: no page meets the wall at 10,000 (R100).

        The index lags, so a record may have moved out of the window while it was read: a count that is short is read
        once more before it is believed, and rows then come twice.

        Raises:
            ShortRead: still fewer rows than the search itself counts.
        """
        window = {"operator": "BETWEEN", "value": _millis(since), "highValue": _millis(until)}
        yield from self._complete(object_type, properties, [{"propertyName": _STAMP[object_type], **window}])

    @agreed_read("HubSpot search")
    def made_without(
        self, object_type: ObjectType, properties: Sequence[str], without: str, since: datetime
    ) -> Iterator[list[Record]]:
        """Yield the records made since a moment in which a property is empty, as `search_pages` does."""
        filters = [
            {"propertyName": "createdate", "operator": "GTE", "value": _millis(since)},
            {"propertyName": without, "operator": "NOT_HAS_PROPERTY"},
        ]
        yield from self._complete(object_type, properties, filters)

    @agreed_read("HubSpot search")
    def count(self, object_type: ObjectType) -> int:
        """Return how many records are not archived, as the search index counts them."""
        body = {"filterGroups": [], "properties": ["hs_object_id"], "limit": 1}
        return _total(self._calls.read(self._calls.api.crm.objects.search_api.do_search, object_type, body))

    @agreed_read("HubSpot batch read")
    def batch_read(
        self,
        object_type: ObjectType,
        ids: Sequence[str],
        properties: Sequence[str],
        id_property: str | None,
        *,
        archived: bool,
    ) -> dict[str, Record]:
        """Return the records that exist, by the id or value they were asked for, 100 a call.

        A merged-away id answers with its survivor, whose own id differs.

        Raises:
            ShortRead: an id is neither answered nor said to be missing.
        """
        wanted = list(dict.fromkeys(ids if id_property else map(portal_record_id, ids)))
        asked = list(dict.fromkeys((*properties, id_property or _MERGED)))
        found: dict[str, Record] = {}
        for some in parts(wanted, _BATCH):
            here, unclear = self._read_batch(object_type, some, asked, id_property, archived)
            found |= here
            if unclear:
                # An answer may leave rows out once; whatever it leaves out again is worth a call of its own.
                there, unclear = self._read_batch(object_type, unclear, asked, id_property, archived)
                found |= there
            # A survivor that does not name the id it took in can only be told from the others alone.
            for one in unclear:
                alone, still_unclear = self._read_batch(object_type, [one], asked, id_property, archived)
                if still_unclear:
                    raise ShortRead(f"HubSpot: {object_type} {one} is neither answered nor said to be missing")
                found |= alone
        return found

    @agreed_read("HubSpot batch read with history")
    def changed_at(
        self, object_type: ObjectType, ids: Sequence[str], names: Sequence[str]
    ) -> Iterator[tuple[str, str, str]]:
        """Yield (record id, property, ISO time) of the latest change of each property, 50 records a call.

        Records and properties of which the answer says nothing are left out.
        """
        for some in parts(list(map(portal_record_id, ids)), _BATCH_WITH_HISTORY):
            body = {"inputs": [{"id": one} for one in some], "properties": [], "propertiesWithHistory": list(names)}
            answer = self._calls.read(self._calls.api.crm.objects.batch_api.read, object_type, body)
            for record in results(answer, f"batch read of {object_type} with history"):
                for name, versions in (record.get("propertiesWithHistory") or {}).items():
                    if versions:
                        yield str(record["id"]), name, max(version["timestamp"] for version in versions)

    def _complete(
        self, object_type: ObjectType, properties: Sequence[str], filters: Sequence[Mapping[str, str]]
    ) -> Iterator[list[Record]]:
        """Yield the pages of a search; where rows are missing, of a second one too.

        Raises:
            ShortRead: still fewer rows than the search itself counts.
        """
        for _ in range(2):
            rows, total = 0, 0
            for page, counted in self._search(object_type, properties, filters):
                total = counted if rows == 0 else total
                rows += len(page)
                if rows > 2 * total + _SEARCH_PAGE:
                    raise ShortRead(f"HubSpot search of {object_type}: {rows} records and no end, {total} were counted")
                yield page
            if rows >= total:
                return
        raise ShortRead(f"HubSpot search of {object_type}: {rows} records came, {total} were counted")

    def _search(
        self, object_type: ObjectType, properties: Sequence[str], filters: Sequence[Mapping[str, str]]
    ) -> Iterator[tuple[list[Record], int]]:
        """Yield each page of one search, with the rows that were left to read before it."""
        last = "0"
        while True:
            page = self._calls.read(
                self._calls.api.crm.objects.search_api.do_search, object_type, _search_body(filters, properties, last)
            )
            rows, total = results(page, f"search of {object_type}"), _total(page)
            yield rows, total
            if not rows or len(rows) >= total:
                return
            highest = max((row["id"] for row in rows), key=int)
            if int(highest) <= int(last):
                raise ShortRead(f"HubSpot search of {object_type}: the same page came twice")
            last = highest

    def _read_batch(
        self, object_type: ObjectType, wanted: Sequence[str], asked: list[str], id_property: str | None, archived: bool
    ) -> tuple[dict[str, Record], list[str]]:
        """Return the records by what they were asked for, and the ids that the answer does not account for."""
        body: dict[str, Any] = {"inputs": [{"id": one} for one in wanted], "properties": asked}
        if id_property:
            body["idProperty"] = id_property
        answer = self._calls.read(self._calls.api.crm.objects.batch_api.read, object_type, body, archived=archived)
        records = results(answer, f"batch read of {object_type}")
        known = {name: record for record in records for name in _names(record, id_property)}
        found = {one: known[one] for one in wanted if one in known}
        missing = {one for error in objects(answer.get("errors")) for one in context(error, "ids", "id")}
        unclear = [one for one in wanted if one not in found and one not in missing]
        if len(wanted) == len(records) == len(unclear) == 1:
            return {wanted[0]: records[0]}, []
        return found, unclear


def results(page: dict[str, Any], what: str) -> list[Record]:
    """Return the results of an answer.

    Raises:
        ContractBroken: it has none, not even an empty list.
    """
    rows = page.get("results")
    if not isinstance(rows, list):
        raise ContractBroken(f"HubSpot {what}: an answer without results")
    return rows


def next_page(page: dict[str, Any], seen: set[str], what: str) -> str | None:
    """Return the cursor of the next page and remember it, or None on the last page.

    Raises:
        ShortRead: the cursor was followed before, or there are more pages than any list has.
    """
    after = ((page.get("paging") or {}).get("next") or {}).get("after")
    if after is None:
        return None
    if str(after) in seen:
        raise ShortRead(f"HubSpot {what}: the same page came twice; it is to be read anew")
    seen.add(str(after))
    if len(seen) >= MOST_PAGES:
        raise ShortRead(f"HubSpot {what}: no end after {MOST_PAGES} pages; it is to be read anew")
    return str(after)


def _search_body(filters: Sequence[Mapping[str, str]], properties: Sequence[str], last: str) -> dict[str, Any]:
    """Return a search for what fits all filters, by id, from an id on."""
    beyond = {"propertyName": "hs_object_id", "operator": "GT", "value": last}
    return {
        "filterGroups": [{"filters": [*filters, beyond]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": _SEARCH_PAGE,
    }


def _millis(moment: datetime) -> str:
    """Return a moment as HubSpot's searches want it: milliseconds since 1970."""
    return str(int(moment.timestamp() * 1000))


def _total(page: dict[str, Any]) -> int:
    """Return the count in a search answer."""
    total = page.get("total")
    if not isinstance(total, int):
        raise ContractBroken("HubSpot search: an answer without a total")
    return total


def _names(record: Record, id_property: str | None) -> list[str]:
    """Return what a record may have been asked for: its own id and those it took in, or its value of a property."""
    properties = record.get("properties") or {}
    if id_property:
        return [properties.get(id_property) or ""]
    return [str(record["id"]), *filter(None, (properties.get(_MERGED) or "").split(";"))]
