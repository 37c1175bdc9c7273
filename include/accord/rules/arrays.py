"""Joins and group sums on whole int64 columns: what the rules are written in. No rule is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

Scalar = TypeVar("Scalar", bound=np.generic)

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NOWHERE = -1
"""The position of a record that is not named, or that we cannot see."""


def place(keys: Ints | pd.Index, values: Ints) -> Ints:
    """Return the position of each value in the unique keys, NOWHERE for those that do not occur.

    Keys that are looked up more than once are given as an index, which remembers how.
    """
    if not len(keys) or not len(values):
        return filled(len(values))
    index = keys if isinstance(keys, pd.Index) else pd.Index(keys)
    return np.asarray(index.get_indexer(pd.Index(values)), dtype=np.int64)


def occurs(values: Ints, known: Ints) -> Bools:
    """Return for each value whether it is among the known ones, which may repeat."""
    if not len(known):
        return np.zeros(len(values), dtype=bool)
    return place(pd.unique(known), values) >= 0


def at(column: npt.NDArray[Scalar], positions: Ints, missing: object) -> npt.NDArray[Scalar]:
    """Return the column's values at the positions, `missing` where a position is NOWHERE."""
    found = np.full(len(positions), missing, dtype=column.dtype)
    named = positions >= 0
    found[named] = column[positions[named]]
    return found


def marked(positions: Ints, size: int) -> Bools:
    """Return a column of `size` that is True at the positions; NOWHERE marks nothing."""
    mask = np.zeros(size, dtype=bool)
    mask[positions[positions >= 0]] = True
    return mask


def counted(positions: Ints, size: int) -> Ints:
    """Return how often each position from 0 to size - 1 occurs; NOWHERE is not counted."""
    return np.bincount(positions[positions >= 0], minlength=size)


def filled(size: int, value: int = NOWHERE) -> Ints:
    """Return an int64 column of `size` equal values."""
    return np.full(size, value, dtype=np.int64)


def group_max(groups: Ints, values: Ints, size: int) -> Ints:
    """Return the largest value of each group from 0 to size - 1, NOWHERE for a group without rows."""
    best = filled(size)
    np.maximum.at(best, groups, values)
    return best


def strongest(groups: Ints, strength: Ints, candidate: Ints, size: int) -> Ints:
    """Return for each group its candidate of greatest strength, the smallest one on a tie; NOWHERE without rows.

    Positions follow keys, so the smallest position is the smallest key and row order decides nothing (R27).
    """
    chosen = filled(size)
    order = np.lexsort((-candidate, strength))
    chosen[groups[order]] = candidate[order]
    return chosen


def distinct(codes: Ints) -> Ints:
    """Return the positions of the first row of each run of equal codes; the codes are sorted."""
    if not len(codes):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])


def components(left: Ints, right: Ints, left_size: int, right_size: int) -> Ints:
    """Return for each edge left-right the label of its connected component: the smallest left node in it."""
    label = np.arange(left_size, dtype=np.int64)
    while True:
        meeting = filled(right_size, left_size)
        np.minimum.at(meeting, right, label[left])
        lower = label.copy()
        np.minimum.at(lower, left, meeting[right])
        # Jump to the label of the label: long chains of ties then close in a few turns.
        lower = lower[lower]
        if np.array_equal(lower, label):
            return label[left]
        label = lower


def texts(words: Sequence[str], code: Ints | Bools) -> pd.api.extensions.ExtensionArray:
    """Return the word of each code as a text column."""
    return pd.array(list(words) or [""], dtype="str").take(np.asarray(code, dtype=np.int64))
