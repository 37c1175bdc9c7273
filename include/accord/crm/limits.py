"""What the wire asks of whoever counts calls; the counting itself is shared by all processes and lives in the store."""

from __future__ import annotations

from typing import Literal, Protocol

Bucket = Literal["salesforce", "hubspot", "hubspot_search"]
Crm = Literal["salesforce", "hubspot"]


class Limiter(Protocol):
    """Says when the next call may be made."""

    def take(self, bucket: Bucket, calls: int = 1) -> float:
        """Reserve calls and return the seconds to wait before making them (0: now); the caller waits, then calls.

        Raises:
            QuotaExhausted: the budget of the day is used up; nothing is reserved.
        """

    def block(self, bucket: Bucket, seconds: float) -> None:
        """Reserve nothing in this bucket for so long, because the service said so (Retry-After)."""

    def observe(self, crm: Crm, used: int | None, remaining: int | None) -> None:
        """Take note of what the service says of the day's calls, whoever spent them.

        Never raises: the answer in hand may be that of a write. Below the reserve it is the next `take` that raises.
        """


class NoLimit:
    """Lets every call pass: for a connection test, and where somebody else counts."""

    def take(self, bucket: Bucket, calls: int = 1) -> float:
        """Return 0."""
        return 0.0

    def block(self, bucket: Bucket, seconds: float) -> None:
        """Forget it."""

    def observe(self, crm: Crm, used: int | None, remaining: int | None) -> None:
        """Forget it."""
