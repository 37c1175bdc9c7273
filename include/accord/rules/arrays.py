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

_SLOTS_A_ROW = 8
_BEYOND = np.iinfo(np.int64).max

NOWHERE = -1
"""The position of a record that is not named, or that we cannot see."""


def place(keys: Ints | pd.Index, values: Ints) -> Ints:
    """Return the position of each value in the unique keys, NOWHERE for those that do not occur.

    Keys that are looked up more than once are given as an index, which remembers how.
    """
    if not len(keys) or not len(values):
        return filled(len(values))
    slots = None if isinstance(keys, pd.Index) else _slots(keys, values)
    if slots is None:
        index = keys if isinstance(keys, pd.Index) else pd.Index(keys)
        return np.asarray(index.get_indexer(pd.Index(values)), dtype=np.int64)
    size, of_keys, of_values = slots
    position = filled(size)
    position[of_keys] = np.arange(len(keys))
    return position[of_values]


def occurs(values: Ints, known: Ints) -> Bools:
    """Return for each value whether it is among the known ones, which may repeat."""
    if not len(known) or not len(values):
        return np.zeros(len(values), dtype=bool)
    slots = _slots(known, values)
    if slots is None:
        return _occurs_by_hash(values, known)
    size, of_known, of_values = slots
    return marked(of_known, size)[of_values]


def _occurs_by_hash(values: Ints, known: Ints) -> Bools:
    """Return the same by a hash table, which is made of the shorter of the two columns."""
    if len(known) < len(values):
        return place(pd.unique(known), values) >= 0
    code, asked = pd.factorize(values)
    return np.asarray(marked(place(asked, known), len(asked))[code], dtype=bool)


def _slots(keys: Ints, values: Ints) -> tuple[int, Ints, Ints] | None:
    """Return a number of slots and those of keys and values, None where keys lie too far apart for a slot each.

    Ids given out in sequence need no hash table: each number between the smallest and the largest has a slot. The last
    slot is nobody's, values beyond the keys have it.
    """
    low = int(keys.min())
    span = int(keys.max()) - low + 1
    if span > _SLOTS_A_ROW * (len(keys) + len(values)):
        return None
    # As unsigned numbers, values below the lowest key are beyond the highest one, too.
    distance = (values - low).view(np.uint64)
    return span + 1, keys - low, np.minimum(distance, np.uint64(span)).view(np.int64)


def at(column: npt.NDArray[Scalar], positions: Ints, missing: object) -> npt.NDArray[Scalar]:
    """Return the column's values at the positions, `missing` where a position is NOWHERE."""
    # NOWHERE counts from the end, so the value that stands there is the one it finds.
    return np.concatenate([column, np.asarray([missing], dtype=column.dtype)]).take(positions)


def marked(positions: Ints, size: int) -> Bools:
    """Return a column of `size` that is True at the positions; NOWHERE marks nothing."""
    mask = np.zeros(size + 1, dtype=bool)
    mask[positions] = True
    # NOWHERE counts from the end: what it marked is the one slot too many.
    return mask[:size]


def counted(positions: Ints, size: int) -> Ints:
    """Return how often each position from 0 to size - 1 occurs; NOWHERE is not counted."""
    return np.bincount(positions + 1, minlength=size + 1)[1:]


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
    best = group_max(groups, strength, size)
    top = strength == best[groups]
    chosen = filled(size, _BEYOND)
    np.minimum.at(chosen, groups[top], candidate[top])
    return np.where(chosen == _BEYOND, NOWHERE, chosen)


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
