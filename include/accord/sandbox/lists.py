"""HubSpot lists: named sets of records with the time each one joined."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accord.sandbox.clock import hubspot_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord.sandbox.clock import VirtualClock
    from accord.sandbox.journal import Journal


@dataclass(slots=True)
class RecordList:
    """One list.

    Attributes:
        list_id: ILS list id.
        processing_type: MANUAL, SNAPSHOT or DYNAMIC; only the first two can be changed by hand.
        members: record id -> when it joined.
        memo: the members in some order, under a key that says of which moment.
    """

    list_id: str
    name: str
    created_at: str
    updated_at: str
    object_type_id: str = "0-1"
    processing_type: str = "MANUAL"
    version: int = 1
    members: dict[str, str] = field(default_factory=dict)
    memo: dict[str, list[tuple[str, int]]] = field(default_factory=dict)


class Lists:
    """The lists of a portal, all of contacts.

    Attributes:
        by_id: list id -> list.
    """

    def __init__(self, clock: VirtualClock, journal: Journal) -> None:
        self._clock, self._journal = clock, journal
        self.by_id: dict[str, RecordList] = {}

    def make(self, name: str, members: Iterable[str] = (), *, processing: str = "MANUAL") -> str:
        """Return the id of a new list."""
        now = hubspot_time(self._clock.now())
        list_id = str(max(map(int, self.by_id), default=2) + 1)
        joined = dict.fromkeys(members, now)
        self.by_id[list_id] = RecordList(list_id, name, now, now, processing_type=processing, members=joined)
        return list_id

    def change(self, list_id: str, add: Iterable[str], remove: Iterable[str]) -> tuple[list[str], list[str]]:
        """Return the ids that joined and that left a list."""
        it = self.by_id[list_id]
        now = hubspot_time(self._clock.now())
        joined = [rid for rid in dict.fromkeys(add) if rid not in it.members]
        left = [rid for rid in dict.fromkeys(remove) if rid in it.members]
        it.members.update(dict.fromkeys(joined, now))
        for rid in left:
            del it.members[rid]
        if joined or left:
            it.updated_at = now
            it.memo.clear()
            self._journal.write("hubspot", "list", "lists", list_id, {}, {"joined": joined, "left": left})
        return joined, left

    def forget(self, rid: str, *, successor: str = "") -> None:
        """Take a record that is gone off every list, its successor in its place."""
        for it in self.by_id.values():
            at = it.members.pop(rid, None)
            if at is not None and successor:
                it.members[successor] = at
            it.memo.clear()
