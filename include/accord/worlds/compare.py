"""Whether decisions are those a world expects: complete, and equal in every key that is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Decision = Mapping[str, Any]


def differences(expected: Sequence[Decision], decided: Sequence[Decision]) -> list[str]:
    """Return one line per decision that is missing, and one per decision that nobody expects; order does not matter."""
    left = list(decided)
    lines = []
    for wanted in expected:
        match = next((it for it in left if _fits(wanted, it)), None)
        if match is None:
            lines.append(f"expected, but not decided: {dict(wanted)}")
        else:
            left.remove(match)
    return lines + [f"decided, but not expected: {dict(it)}" for it in left]


def _fits(wanted: Decision, decided: Decision) -> bool:
    """Return whether every key that is written is equal."""
    return all(_plain(value) == _plain(decided.get(key)) for key, value in wanted.items())


def _plain(value: Any) -> Any:
    """Return lists in one order, and a list of one as its only entry."""
    if isinstance(value, list | tuple):
        ordered = sorted(map(str, value))
        return ordered[0] if len(ordered) == 1 else ordered
    return None if value is None else str(value)
