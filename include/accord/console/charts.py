"""Numbers by day as bars and a line: geometry only, a template draws it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

_WIDTH, _HEIGHT, _LEFT, _BASE, _TOP = 720, 220, 84, 186, 20
_SERIES = 6
"""Colours there are; what has no colour of its own is summed up as the last one."""


@dataclass(frozen=True)
class Bar:
    """One bar; `label` says what it stands for."""

    series: int
    x: float
    y: float
    width: float
    height: float
    label: str


@dataclass(frozen=True)
class Chart:
    """A drawn chart, and the same numbers as a table."""

    name: str
    title: str
    top: int
    series: list[str]
    bars: list[Bar]
    line: str
    ticks: list[tuple[float, str, str]]
    columns: list[str]
    table: list[tuple[str, list[int]]]
    width: int = _WIDTH
    height: int = _HEIGHT
    left: int = _LEFT
    base: int = _BASE


def stacked(name: str, title: str, days: Sequence[date], values: Mapping[str, Sequence[int]]) -> Chart:
    """Return a bar a day, the series of greatest sum first; series beyond the sixth are summed up."""
    ranked = sorted(values, key=lambda it: (-sum(values[it]), it))
    kept = {it: list(values[it]) for it in ranked[: _SERIES - 1]}
    rest = ranked[_SERIES - 1 :]
    if rest:
        kept["other"] = [sum(values[it][n] for it in rest) for n in range(len(days))]
    top = max((sum(it[n] for it in kept.values()) for n in range(len(days))), default=0) or 1
    bars = list(_bars(days, kept, top))
    return _chart(name, title, days, kept, top, bars=bars, line="", series=list(kept))


def curve(name: str, title: str, days: Sequence[date], what: str, values: Sequence[int]) -> Chart:
    """Return a line over the days."""
    top = max(values, default=0) or 1
    step = (_WIDTH - _LEFT) / max(len(days), 1)
    points = [f"{_LEFT + step * (n + 0.5):.1f},{_y(value, top):.1f}" for n, value in enumerate(values)]
    return _chart(name, title, days, {what: list(values)}, top, bars=[], line=" ".join(points), series=[])


def _bars(days: Sequence[date], kept: Mapping[str, Sequence[int]], top: int) -> list[Bar]:
    """Return the bars, those of a day upon each other."""
    step = (_WIDTH - _LEFT) / max(len(days), 1)
    found = []
    for n, day in enumerate(days):
        below = 0
        for series, (text, numbers) in enumerate(kept.items()):
            if numbers[n]:
                y, foot = _y(below + numbers[n], top), _y(below, top)
                label = f"{day}: {numbers[n]:,} {text}"
                x = round(_LEFT + step * n + 1, 1)
                found.append(Bar(series, x, round(y, 1), round(max(step - 2, 1), 1), round(foot - y, 1), label))
                below += numbers[n]
    return found


def _y(value: int, top: int) -> float:
    """Return how far from above a value stands."""
    return _BASE - (_BASE - _TOP) * value / top


def _chart(
    name: str,
    title: str,
    days: Sequence[date],
    kept: Mapping[str, Sequence[int]],
    top: int,
    *,
    bars: list[Bar],
    line: str,
    series: list[str],
) -> Chart:
    """Return a chart with its days below and its table."""
    ticks = [(float(_LEFT), str(days[0]), "start"), (float(_WIDTH), str(days[-1]), "end")] if days else []
    table = [
        (str(day), [numbers[n] for numbers in kept.values()])
        for n, day in enumerate(days)
        if any(numbers[n] for numbers in kept.values())
    ]
    return Chart(name, title, top, series, bars, line, ticks, list(kept), table)
