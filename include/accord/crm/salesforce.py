"""Salesforce as the steps see it: reads that are complete or raise, writes that answer for every row."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from accord.crm.probe import SalesforceProbe
from accord.crm.salesforce_bulk import SalesforceBulk
from accord.crm.salesforce_ingest import SalesforceIngest
from accord.crm.salesforce_reads import FieldInfo, SalesforceReads
from accord.crm.salesforce_writes import SalesforceWrites

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from accord.crm.answers import RowAnswer
    from accord.crm.salesforce_calls import SalesforceCalls
    from accord.crm.values import Record

__all__ = ["FieldInfo", "Salesforce"]


class Salesforce:
    """One org. Made by `accord.crm.connect`; logs in at the first call, at most twice in its life.

    Reads raise the error tree after their own retries. Writes return one `RowAnswer` a record, in input order, and
    raise only where certainly nothing was applied. None clears a field, an empty text leaves it alone.
    """

    def __init__(self, calls: SalesforceCalls) -> None:
        self._calls = calls
        self._reads = SalesforceReads(calls)
        self._bulk = SalesforceBulk(calls)
        self._writes = SalesforceWrites(calls)
        self._ingest = SalesforceIngest(calls)

    @cached_property
    def _identity(self) -> tuple[str, str]:
        """Return the ids of org and user."""
        return self._reads.identity()

    @property
    def org_id(self) -> str:
        """Return the id of the org, 18 characters."""
        return self._identity[0]

    @property
    def user_id(self) -> str:
        """Return the id of the user that is logged in, 18 characters."""
        return self._identity[1]

    def probe(self) -> SalesforceProbe:
        """Return the calls that only a conformance check makes."""
        return SalesforceProbe(self._calls)

    def server_time(self) -> datetime:
        """Return Salesforce's clock, UTC: the only clock that marks are made of."""
        return self._calls.server_time()

    def describe(self, sobject: str) -> dict[str, FieldInfo]:
        """Return the fields of an object that this user may see, by name."""
        return self._reads.describe(sobject)

    def count(self, soql_by_name: dict[str, str]) -> dict[str, int]:
        """Return how many rows each `SELECT COUNT() FROM …` counts, deleted ones too; five queries are one call."""
        return self._reads.count(soql_by_name)

    def query_pages(self, soql: str) -> Iterator[list[Record]]:
        """Yield the rows of a REST query, 2,000 a page, deleted ones too; raises ShortRead if some are missing."""
        return self._reads.query_pages(soql)

    def bulk_pages(self, soql: str) -> Iterator[Iterator[bytes]]:
        """Yield pages of a bulk query, deleted rows too: each one CSV with header, utf-8, in pieces as they arrive.

        Read a page to its end before asking for the next. Raises ShortRead if records are missing.
        """
        return self._bulk.pages(soql)

    def read(self, sobject: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Record]:
        """Return the rows whose Id or unique field is one of the values, deleted ones too; 2,000 values a call."""
        return self._reads.read(sobject, field, values, fields)

    def changed_at(self, ids: Sequence[str], names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Yield (account id, field, ISO time) of the tracked changes of some fields of accounts, in no order."""
        return self._reads.changed_at(ids, names)

    def upsert_accounts(self, key_field: str, records: Sequence[Record]) -> list[RowAnswer]:
        """Return what became of each account, keyed by the value of its key field; at most 1,000, one call."""
        return self._writes.upsert("Account", key_field, records)

    def update(self, sobject: str, records: Sequence[Record]) -> list[RowAnswer]:
        """Return what became of each record, keyed by its `Id`; at most 1,000, one call."""
        return self._writes.update(sobject, records)

    def delete(self, ids: Sequence[str]) -> list[RowAnswer]:
        """Return what became of each record put into the recycle bin, keyed by its id; at most 200, one call."""
        return self._writes.delete(ids)

    def bulk_upsert(self, sobject: str, key_field: str | None, records: Sequence[Record]) -> list[RowAnswer]:
        """Return what became of each record, keyed by its key field, through bulk jobs; None or `Id` updates by id."""
        return self._ingest.upsert(sobject, key_field, records)
