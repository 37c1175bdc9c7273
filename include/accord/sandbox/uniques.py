"""Unique values of records: who holds which, per table and field. The index a CRM checks when it commits."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Taken(NamedTuple):
    """A value that belongs to another record."""

    field: str
    value: str
    holder: str


class Uniques:
    """Indexes of unique fields; each folds values as its field compares them."""

    def __init__(self) -> None:
        self._folds: dict[tuple[str, str], Callable[[str], str]] = {}
        self._holders: dict[tuple[str, str], dict[str, str]] = {}

    def add(self, table: str, field: str, fold: Callable[[str], str] = str) -> None:
        """Make a field unique."""
        self._folds[table, field], self._holders[table, field] = fold, {}

    def drop(self, table: str, field: str) -> None:
        """Forget a field, unique or not."""
        self._folds.pop((table, field), None)
        self._holders.pop((table, field), None)

    def knows(self, table: str, field: str) -> bool:
        """Return whether a field is unique."""
        return (table, field) in self._folds

    def holder(self, table: str, field: str, value: str) -> str | None:
        """Return the id of the record that holds a value."""
        if not self.knows(table, field):
            return None
        return self._holders[table, field].get(self._folds[table, field](value))

    def taken(self, table: str, rid: str, record: Mapping[str, str | None]) -> Iterator[Taken]:
        """Yield the values of a record that belong to another one."""
        for name, field in self._holders:
            value = record.get(field) if name == table else None
            holder = self.holder(table, field, value) if value else None
            if value and holder and holder != rid:
                yield Taken(field, value, holder)

    def move(self, table: str, rid: str, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> None:
        """Let a record give up the values it had and hold those it has."""
        for (name, field), holders in self._holders.items():
            if name != table:
                continue
            fold = self._folds[name, field]
            if (old := before.get(field)) and holders.get(fold(old)) == rid:
                del holders[fold(old)]
            if new := after.get(field):
                holders[fold(new)] = rid
