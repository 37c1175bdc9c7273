"""HubSpot as the steps see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from accord.crm.answers import RowAnswer

ObjectType = Literal["companies", "contacts"]


@dataclass(frozen=True)
class PropertyInfo:
    """One property of an object type; `options` are internal values in display order."""

    name: str
    type: str
    field_type: str
    has_unique_value: bool
    read_only: bool
    options: tuple[str, ...]


class HubSpot:
    """One portal."""

    portal_id: str

    def server_time(self) -> datetime:
        raise NotImplementedError

    def list_pages(
        self,
        object_type: ObjectType,
        properties: Sequence[str],
        *,
        archived: bool = False,
        associations: str | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        raise NotImplementedError

    def search_pages(
        self, object_type: ObjectType, properties: Sequence[str], *, since: datetime, until: datetime
    ) -> Iterator[list[dict[str, Any]]]:
        raise NotImplementedError

    def count(self, object_type: ObjectType) -> int:
        raise NotImplementedError

    def batch_read(
        self,
        object_type: ObjectType,
        ids: Sequence[str],
        properties: Sequence[str],
        *,
        id_property: str | None = None,
        archived: bool = False,
    ) -> dict[str, dict[str, Any]]:
        raise NotImplementedError

    def association_rows(
        self, from_type: ObjectType, to_type: ObjectType, ids: Sequence[str]
    ) -> Iterator[list[tuple[str, str, tuple[int, ...]]]]:
        raise NotImplementedError

    def list_members(self, list_id: str) -> Iterator[list[tuple[str, str]]]:
        raise NotImplementedError

    def find_list(self, name_or_id: str) -> dict[str, Any]:
        raise NotImplementedError

    def properties(self, object_type: ObjectType) -> dict[str, PropertyInfo]:
        raise NotImplementedError

    def create_property(self, object_type: ObjectType, body: dict[str, Any]) -> None:
        raise NotImplementedError

    def owners(self) -> list[dict[str, Any]]:
        raise NotImplementedError

    def upsert_companies(self, key_property: str, records: Sequence[dict[str, Any]]) -> list[RowAnswer]:
        raise NotImplementedError

    def update_companies(self, records: Sequence[dict[str, Any]]) -> list[RowAnswer]:
        raise NotImplementedError

    def associate_default(self, pairs: Sequence[tuple[str, str]]) -> list[RowAnswer]:
        raise NotImplementedError
