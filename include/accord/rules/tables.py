"""Frames of the snapshot as columns in order of their key, taken one by one: sorting whole frames costs more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.rules.records import Words

if TYPE_CHECKING:
    import numpy.typing as npt

    from accord.rules.arrays import Bools, Ints, Scalar


@dataclass(frozen=True)
class Table:
    """A frame whose columns are taken in order of its key, those that are asked for and no others.

    Attributes:
        frame: as the snapshot has it.
        order: of its rows, None where they stand in order.
    """

    frame: pd.DataFrame
    order: Ints | None

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Table:
        """Return the table of a frame with a column `key`."""
        is_sorted = frame["key"].is_monotonic_increasing
        return cls(frame, None if is_sorted else np.argsort(frame["key"].to_numpy()))

    def ints(self, column: str) -> Ints:
        """Return an int64 column."""
        return self._in_order(ints(self.frame, column))

    def bools(self, column: str) -> Bools:
        """Return a bool column."""
        return self._in_order(bools(self.frame, column))

    def since(self, column: str, moment: pd.Timestamp) -> Bools:
        """Return where a time is the moment or later; an unknown one is not."""
        return self._in_order((self.frame[column] >= moment).to_numpy(dtype=bool))

    def times(self, column: str) -> npt.NDArray[np.datetime64]:
        """Return a column of times, NaT where unknown."""
        return self._in_order(self.frame[column].to_numpy(dtype="datetime64[us]"))

    def words(self, column: str) -> Words:
        """Return a column of text."""
        return Words(self.frame[column].array, self.order)

    def differ(self, left: str, right: str) -> Bools:
        """Return where two columns of text differ."""
        return self._in_order((self.frame[left] != self.frame[right]).to_numpy(dtype=bool))

    def _in_order(self, values: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Return the values in order of the key."""
        return values if self.order is None else values.take(self.order)


def ints(frame: pd.DataFrame, column: str) -> Ints:
    """Return an int64 column."""
    return np.asarray(frame[column].to_numpy(), dtype=np.int64)


def bools(frame: pd.DataFrame, column: str) -> Bools:
    """Return a bool column."""
    return np.asarray(frame[column].to_numpy(), dtype=bool)
