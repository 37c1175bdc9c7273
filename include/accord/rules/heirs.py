"""Merged records: where each of them lives on (R73, R77, R80)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE, Bools, Ints, at, place

_DOUBLINGS = 6
"""A turn goes twice as far as the one before: chains of 64 merges are followed to their end."""


@dataclass(frozen=True)
class Heirs:
    """Which record a merged one lives on in; unique `old` keys and the `new` key of each, chains already followed."""

    old: Ints
    new: Ints

    @classmethod
    def of(cls, survivors: Ints, merged: Ints, live: Ints) -> Heirs:
        """Return the heirs in a list of merges; a live survivor is believed before a gone one, then the smallest."""
        real = survivors != merged
        survivors, merged = survivors[real], merged[real]
        gone = place(live, survivors) < 0
        order = np.lexsort((survivors, gone, merged))
        old, first = np.unique(merged[order], return_index=True)
        new = survivors[order][first]
        for _ in range(_DOUBLINGS if len(old) else 0):
            following = at(new, place(old, new), NONE)
            moved = following != NONE
            if not moved.any():
                break
            new = np.where(moved, following, new)
        return cls(old, new)

    def follow(self, keys: Ints) -> Ints:
        """Return the keys, those of merged records replaced by their heir's."""
        if not len(self.old):
            return keys
        found = place(self.old, keys)
        return np.where(found >= 0, self.new[found], keys)


def survivors(key: Ints, is_live: Bools, master_key: Ints) -> Ints:
    """Return where each account's chain of merges ends; NOWHERE if that account cannot be seen."""
    heir = np.arange(len(key), dtype=np.int64)
    merged = np.flatnonzero(~is_live & (master_key != NONE))
    heir[merged] = place(key, master_key[merged])
    for _ in range(_DOUBLINGS if len(merged) else 0):
        heir[merged] = at(heir, heir[merged], NOWHERE)
    return heir
