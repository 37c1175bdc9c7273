"""What the Salesforce side remembers between calls: sessions, open queries, bulk jobs, dates of its schema."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.model.ids import salesforce_id

if TYPE_CHECKING:
    from datetime import datetime

    from accord.sandbox.bulk_jobs import IngestJob, QueryJob
    from accord.sandbox.salesforce_query import Result

_MAX_CURSORS = 10


@dataclass
class Session:
    """One login.

    Attributes:
        host: where its API calls must go; empty if the login did not say which host it was sent to.
        calls_left: calls until it expires; None: it lives.
    """

    token: str
    user: str
    host: str
    calls_left: int | None


class Desk:
    """Memory of one org's API; none of it is a record.

    Attributes:
        sessions: by token.
        cursors: locator -> the result that its pages are cut from; the oldest is lost when an eleventh opens.
        query_jobs, ingest_jobs: Bulk 2.0 jobs by id, until they are deleted.
        schema_dates: object -> (fingerprint of its visible fields, since when), for If-Modified-Since.
        day_began: start of the 24 hours that calls are counted in.
    """

    def __init__(self) -> None:
        self.sessions: dict[str, Session] = {}
        self.cursors: dict[str, Result] = {}
        self.query_jobs: dict[str, QueryJob] = {}
        self.ingest_jobs: dict[str, IngestJob] = {}
        self.schema_dates: dict[str, tuple[str, datetime]] = {}
        self.day_began: datetime | None = None
        self.bulk_batches = 0
        self._numbers = itertools.count(1)

    def new_id(self, prefix: str) -> str:
        """Return a new 18-character id: 750 a job, 01g a query locator."""
        return salesforce_id(f"{prefix}Qy{next(self._numbers):010d}")

    def open_cursor(self, result: Result) -> str:
        """Return the locator under which the rest of a result can be fetched."""
        locator = self.new_id("01g")
        self.cursors[locator] = result
        while len(self.cursors) > _MAX_CURSORS:
            del self.cursors[next(iter(self.cursors))]
        return locator
