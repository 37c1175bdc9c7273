"""Salesforce as the steps see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from accord.crm.answers import RowAnswer


@dataclass(frozen=True)
class FieldInfo:
    """One field of a describe answer, as this user may use it."""

    name: str
    type: str
    length: int
    createable: bool
    updateable: bool
    nillable: bool
    external_id: bool
    unique: bool
    case_sensitive: bool
    picklist: tuple[str, ...]


class Salesforce:
    """One org."""

    org_id: str
    user_id: str

    def server_time(self) -> datetime:
        raise NotImplementedError

    def describe(self, sobject: str) -> dict[str, FieldInfo]:
        raise NotImplementedError

    def count(self, soql_by_name: dict[str, str]) -> dict[str, int]:
        raise NotImplementedError

    def query_pages(self, soql: str) -> Iterator[list[dict[str, Any]]]:
        raise NotImplementedError

    def bulk_pages(self, soql: str) -> Iterator[Iterator[bytes]]:
        raise NotImplementedError

    def read(self, sobject: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[dict[str, Any]]:
        raise NotImplementedError

    def upsert_accounts(self, key_field: str, records: Sequence[dict[str, Any]]) -> list[RowAnswer]:
        raise NotImplementedError

    def update(self, sobject: str, records: Sequence[dict[str, Any]]) -> list[RowAnswer]:
        raise NotImplementedError

    def bulk_upsert(self, sobject: str, key_field: str | None, records: Sequence[dict[str, Any]]) -> list[RowAnswer]:
        raise NotImplementedError
