"""The records of one HubSpot object type: live, archived, merged away; in id order, and as search sees them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.sandbox.portal_schema import Kind

Record = dict[str, str]
"""Property names to texts; a property without value is left out."""


class Table:
    """Live and archived records of one object type.

    Attributes:
        live: id -> record.
        bin: id -> archived record; `archived_at` says since when.
        merged_into: id that was merged away -> id of the survivor.
        lagging: id -> versions that search still shows, as (visible until, record or None).
        version: grows with every change; `memo` holds what searches found at that version.
    """

    def __init__(self, kind: Kind, stamp: str) -> None:
        self.kind, self._stamp = kind, stamp
        self.live: dict[str, Record] = {}
        self.bin: dict[str, Record] = {}
        self.archived_at: dict[str, str] = {}
        self.merged_into: dict[str, str] = {}
        self.lagging: dict[str, list[tuple[float, Record | None]]] = {}
        self.version = 0
        self.memo: dict[str, list[int]] = {}
        self._order: list[int] = []
        self._log: list[tuple[str, int]] = []
        self._is_sorted = True

    def put(self, rid: str, record: Record) -> None:
        """Make a record live."""
        if rid not in self.live:
            number = int(rid)
            if self._order and number < self._order[-1]:
                insort(self._order, number)
            else:
                self._order.append(number)
        self.live[rid] = record
        self.touched(rid)

    def touched(self, rid: str) -> None:
        """Note the record's present stamp for `changed_between`."""
        entry = (self.live[rid][self._stamp], int(rid))
        self._moved()
        self._is_sorted = self._is_sorted and (not self._log or self._log[-1] <= entry)
        self._log.append(entry)

    def take(self, rid: str) -> Record:
        """Return a record that is live no more."""
        number = int(rid)
        self._moved()
        del self._order[bisect_left(self._order, number)]
        return self.live.pop(rid)

    def _moved(self) -> None:
        """Forget what searches found before."""
        self.version += 1
        self.memo.clear()

    def resolve(self, rid: str) -> str:
        """Return the id a merged-away id leads to, or the id itself."""
        while rid in self.merged_into:
            rid = self.merged_into[rid]
        return rid

    def ids_from(self, after: str, limit: int, *, archived: bool = False) -> list[str]:
        """Return up to `limit` ids in order, from the cursor on."""
        order = sorted(map(int, self.bin)) if archived else self._order
        start = bisect_left(order, int(after)) if after else 0
        return [str(number) for number in order[start : start + limit]]

    def changed_between(self, low: str, high: str) -> set[str]:
        """Return the ids of records one of whose versions was stamped in the interval, both ends included."""
        if not self._is_sorted:
            self._log.sort()
            self._is_sorted = True
        first = bisect_left(self._log, (low, -1))
        last = bisect_right(self._log, (high, 1 << 63))
        return {str(number) for _, number in self._log[first:last]}

    def searchable(self, rid: str, now: float) -> Record | None:
        """Return the version of a record that the search index holds."""
        versions = self.lagging.get(rid)
        if versions:
            for until, record in versions:
                if until > now:
                    return record
            del self.lagging[rid]
        return self.live.get(rid)

    def catch_up(self, now: float) -> None:
        """Forget the old versions that search no longer shows."""
        for rid in [rid for rid, versions in self.lagging.items() if versions[-1][0] <= now]:
            del self.lagging[rid]

    def searchable_ids(self) -> Iterator[str]:
        """Yield every id the search index may hold."""
        yield from self.live
        yield from [rid for rid in self.lagging if rid not in self.live]
