"""Tries a call again where that does no harm. The clients' own retries are off: they resend creates, unbudgeted."""

from __future__ import annotations

import logging
import random
from typing import TYPE_CHECKING, TypeVar

from accord.crm.answers import Lost, NoSession
from accord.crm.limits import PATIENCE_SECONDS
from accord.model.errors import RateLimited, ServiceUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.model.clock import Clock

log = logging.getLogger(__name__)

_TRIES = 5
_FIRST_PAUSE_SECONDS = 2.0  # HubSpot asks for at least two seconds after a 423

T = TypeVar("T")


def read_again(call: Callable[[], T], clock: Clock) -> T:
    """Return what a call that changes nothing returns, tried again after limits, 5xx, timeouts and broken answers.

    Raises:
        RateLimited: the service wants more patience than a worker should have.
        ServiceUnavailable: the last of five tries failed too.
    """
    return _again(call, clock, retry_lost=True)


def write_again(call: Callable[[], T], clock: Clock) -> T:
    """Return what a write returns, tried again only where the last try certainly changed nothing.

    Raises:
        Lost: sent, and no usable answer came back; never resent from here.
        RateLimited: see `read_again`.
        ServiceUnavailable: never connected, or locked, in five tries.
    """
    return _again(call, clock, retry_lost=False)


def _again(call: Callable[[], T], clock: Clock, *, retry_lost: bool) -> T:
    """Return what the first successful try returns."""
    for attempt in range(1, _TRIES):
        try:
            return call()
        except RateLimited as limit:
            if limit.retry_after_seconds > PATIENCE_SECONDS:
                raise
            pause = limit.retry_after_seconds
        except ServiceUnavailable as trouble:
            if isinstance(trouble, NoSession) or (isinstance(trouble, Lost) and not retry_lost):
                raise
            log.info("try %d of %d: %s", attempt, _TRIES, trouble)
            pause = _FIRST_PAUSE_SECONDS * 2 ** (attempt - 1)
        clock.sleep(pause * (1 + random.random() / 4))
    return call()
