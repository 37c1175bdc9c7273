"""What the wire asks of whoever counts calls; the counting itself is shared by all processes and lives in the store."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal, Protocol

from accord.model.errors import RateLimited

if TYPE_CHECKING:
    from accord.model.clock import Clock

PATIENCE_SECONDS = 60.0
"""A worker that waits longer than this for one call is better used elsewhere: its task is tried again later."""

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

    def welcome_in(self, bucket: Bucket) -> float:
        """Return the seconds for which the service still wants to be left alone, whoever was told so."""

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

    def welcome_in(self, bucket: Bucket) -> float:
        """Return 0."""
        return 0.0

    def observe(self, crm: Crm, used: int | None, remaining: int | None) -> None:
        """Forget it."""


def wait_turn(limiter: Limiter, clock: Clock, bucket: Bucket) -> None:
    """Reserve one call and return when it may be made.

    Whoever has waited asks once more: another process may have been told meanwhile to leave the service alone.

    Raises:
        QuotaExhausted: the budget of the day is used up.
        RateLimited: the service wants more patience than a worker should have; nothing was sent.
    """
    _wait(limiter, clock, bucket, limiter.take(bucket))


def wait_until_welcome(limiter: Limiter, clock: Clock, bucket: Bucket) -> None:
    """Return when the service does not want to be left alone any more; reserves nothing: a login is not counted.

    Raises:
        RateLimited: that takes more patience than a worker should have.
    """
    _wait(limiter, clock, bucket, limiter.welcome_in(bucket))


def _wait(limiter: Limiter, clock: Clock, bucket: Bucket, wait: float) -> None:
    """Sleep, and as long as somebody was told meanwhile to keep away."""
    while wait > 0:
        if wait > PATIENCE_SECONDS:
            raise RateLimited(f"{bucket}: the service wants to be left alone for another {wait:,.0f} s", wait)
        clock.sleep(wait)
        wait = limiter.welcome_in(bucket)


def seconds_of(retry_after: str | None) -> float | None:
    """Return the seconds in a Retry-After header, which may hold a number or a date; None where it holds neither."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None
