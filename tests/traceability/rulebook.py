"""The rules as docs/rules.yaml lists them, and how their numbers are found in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

_NUMBER = re.compile(r"\bR(\d+)(b?)\b(?:-R(\d+)\b)?")


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        number: such as R19b.
        meaning: one sentence.
        family: the heading it stands under.
        not_ours: why there is nothing of ours that carries it, "" for all that Accord decides.
        gap: what of it does not exist yet.
    """

    number: str
    meaning: str
    family: str
    not_ours: str = ""
    gap: str = ""


def read_rulebook(root: Path) -> dict[str, Rule]:
    """Return the rules by number, in the order of the list."""
    raw = yaml.safe_load((root / "docs" / "rules.yaml").read_text(encoding="utf-8"))
    not_ours, gaps = raw["not_ours"] or {}, raw["gaps"] or {}
    return {
        number: Rule(number, meaning, family, not_ours.get(number, ""), gaps.get(number, ""))
        for family, rules in raw["families"].items()
        for number, meaning in rules.items()
    }


def numbers_in(text: str, *, with_ranges: bool) -> set[str]:
    """Return the rules that a text names; R17-R19 is three of them where ranges count, and none where they do not."""
    found: set[str] = set()
    for first, letter, last in _NUMBER.findall(text):
        if not last:
            found.add(f"R{first}{letter}")
        elif with_ranges:
            found |= {f"R{number}" for number in range(int(first), int(last) + 1)}
    return found
