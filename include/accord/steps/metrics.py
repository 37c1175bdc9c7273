"""A run as metrics: what it did is counted up, how things stand after it is a gauge. Pure; nothing is sent here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.store.measured import Measured

ACTIONS = (
    "LINK", "RELINK", "CREATE_COMPANY", "CREATE_ACCOUNT", "UPDATE", "SET_STAGE", "SKIP", "WAIT", "REVIEW", "HOLD",
)  # fmt: skip
CRMS = ("salesforce", "hubspot")
_ENDS = {"writes": "confirmed", "rejected": "rejected", "held": "held"}
"""Name of a metric -> the state in the ledger that it counts."""


@dataclass(frozen=True)
class Metric:
    """One value.

    Attributes:
        name: with dots, the action or CRM as its last part, so that it says all of it where tags are not sent.
        kind: `count` adds up over runs, `gauge` is how it is now.
        value: in the unit that docs/watching.md names.
    """

    name: str
    kind: Literal["count", "gauge"]
    value: float


def metrics_of(measured: Measured) -> list[Metric]:
    """Return the metrics of a run; a count of nothing is sent as well, so that a series begins before its trouble."""
    return [*_counts(measured), *_gauges(measured)]


def _counts(measured: Measured) -> Iterator[Metric]:
    """Yield what the run did."""
    for action in ACTIONS:
        yield Metric(f"accord.decisions.{action.lower()}", "count", measured.decisions.get(action, 0))
    for name, state in _ENDS.items():
        for crm in CRMS:
            yield Metric(f"accord.{name}.{crm}", "count", measured.writes.get((crm, state), 0))


def _gauges(measured: Measured) -> Iterator[Metric]:
    """Yield how things stand; what is not known is left out."""
    for crm in CRMS:
        if crm in measured.lag_seconds:
            yield Metric(f"accord.lag.{crm}", "gauge", round(measured.lag_seconds[crm], 1))
        if crm in measured.calls_left:
            yield Metric(f"accord.calls_left.{crm}", "gauge", measured.calls_left[crm])
    yield Metric("accord.refused", "gauge", sum(measured.refused.values()))
