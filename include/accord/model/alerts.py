"""When people are told: only when a state changes, never because it still lasts. Pure; nothing is stored or sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

Kind = Literal["failed", "errors", "approval", "budget", "lag", "unusual", "late"]
TITLES: Mapping[Kind, str] = {
    "failed": "Run failed",
    "errors": "Completed with errors",
    "approval": "Approval waiting",
    "budget": "API budget low",
    "lag": "CRM not read",
    "unusual": "Unusual counts",
    "late": "Run is late",
}
RUNS_TO_COMPARE = 30
_FEWEST_TO_COMPARE = 5


@dataclass(frozen=True)
class Reading:
    """What one thing that is watched shows now.

    Attributes:
        kind: what is watched.
        subject: of which DAG, CRM, family of errors or plan.
        is_on: whether somebody should look; None: too near to the limit to say, so it stays what it was.
        text: why, in one sentence.
    """

    kind: Kind
    subject: str
    is_on: bool | None
    text: str


@dataclass(frozen=True)
class Change:
    """What people are told: that something begins, or that it is over."""

    kind: Kind
    subject: str
    is_over: bool
    text: str

    @property
    def title(self) -> str:
        """Return what it is about, short enough for a subject line."""
        return f"{'Over: ' if self.is_over else ''}{TITLES[self.kind]} ({self.subject})"


def changes(standing: Collection[tuple[Kind, str]], readings: Iterable[Reading]) -> list[Change]:
    """Return which alerts begin and which are over; of two readings of one thing the last counts.

    Args:
        standing: kind and subject of what people were told and is not over.
        readings: what was looked at; what was not looked at stays as it is.
    """
    latest = {(it.kind, it.subject): it for it in readings}
    return [
        Change(it.kind, it.subject, not it.is_on, it.text)
        for place, it in latest.items()
        if it.is_on is not None and it.is_on != (place in standing)
    ]


def unusual_counts(
    now: Mapping[str, int], before: Sequence[Mapping[str, int]], *, times: float, at_least: int
) -> dict[str, tuple[int, int]]:
    """Return the counts that are far above all runs before, each with the highest of those.

    Args:
        now: counts of a run.
        before: those of the runs before it; fewer than five tell nothing.
        times: how many times the highest is unusual.
        at_least: smaller counts are never unusual.
    """
    if len(before) < _FEWEST_TO_COMPARE:
        return {}
    highest = {name: max(int(it.get(name) or 0) for it in before) for name in now}
    return {name: (n, highest[name]) for name, n in now.items() if n >= at_least and n > times * highest[name]}
