"""What each call was for, and the smallest number of calls the services' own page and batch sizes allow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

GOAL = 1.02
"""How many times the floor we may spend."""
HUBSPOT_PAGE = 100
"""Records of a list page and of a batch."""
MEMBERS_PAGE = 250
"""Members of a list that one call reads."""
QUERY_PAGE = 2_000
"""Records of a page of a query, which is how few are read."""
BULK_QUERY = 3
"""Open, look, read the one page of results."""
BULK_WRITE = 7
"""Open, upload, close, look, read who succeeded, who failed, who was not processed."""

BIN = "recycle bin"
INCLUSION = "inclusion list"
_PURPOSES = (
    ("/oauth2/", "log-in"),
    ("/limits", "clock"),
    ("/describe", "field check"),
    ("/jobs/", "bulk"),
    ("/queryAll", "query"),
    ("/composite", "composite"),
    ("/account-info/", "portal id and clock"),
    ("/properties/", "field check"),
    ("/lists/", INCLUSION),
    ("/associations/", "associations"),
    ("/search", "search"),
    ("/batch/upsert", "upsert"),
    ("/batch/update", "update"),
    ("/batch/read", "read back"),
    ("/objects/", "list page"),
)

Calls = list[dict[str, Any]]


@dataclass(frozen=True)
class Line:
    """One comparison.

    Attributes:
        what: was done.
        ours: calls spent on it.
        floor: fewest calls it can take.
        beside: other calls of the same step, by purpose.
    """

    what: str
    ours: int
    floor: int
    beside: Mapping[str, int] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Return how many times the floor we spent."""
        return self.ours / self.floor

    @property
    def is_met(self) -> bool:
        """Return whether that is within the goal."""
        return self.ratio <= GOAL


def pages(records: int, size: int = HUBSPOT_PAGE) -> int:
    """Return how many pages or batches hold so many records; an empty answer is a page, too."""
    return max(1, ceil(records / size))


def purposes(calls: Calls, crm: str) -> Counter[str]:
    """Return how many calls of one CRM served each purpose."""
    counted: Counter[str] = Counter()
    for row in calls:
        if row["crm"] == crm:
            counted[_purpose(row["path"])] += row["calls"]
    return counted


def line(
    what: str,
    calls: Calls,
    crm: str,
    work: Collection[str],
    floor: int,
    *,
    bin_pages: int = 0,
    apart: Collection[str] = (),
) -> Line:
    """Return a comparison.

    Args:
        what: was done.
        calls: of the step.
        crm: whose calls count.
        work: the purposes that are held against the floor; the others are told beside it.
        floor: fewest calls it can take.
        bin_pages: list pages that read the recycle bin.
        apart: purposes that have a line of their own.
    """
    counted = purposes(calls, crm)
    counted["list page"] -= bin_pages
    counted[BIN] += bin_pages
    ours = sum(counted[name] for name in work)
    beside = {name: n for name, n in sorted(counted.items()) if n and name not in work and name not in apart}
    return Line(what, ours, floor, beside)


def told(counts: Mapping[str, int]) -> str:
    """Return counts as one line of text."""
    return ", ".join(f"{n:,} {name}" for name, n in counts.items())


def total(parts: Sequence[Calls]) -> Calls:
    """Return the calls of several steps together."""
    return [row for part in parts for row in part]


def _purpose(path: str) -> str:
    """Return what a call is for."""
    return next((purpose for part, purpose in _PURPOSES if part in path), path)
