"""CSV as Bulk 2.0 speaks it: RFC 4180, utf-8, LF, and records counted without parsing them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from accord.crm.values import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from accord.crm.values import Record

CLEAR = "#N/A"
"""Bulk 2.0 clears a field on this text, and leaves it alone on an empty cell."""

# The longest text field of Salesforce holds 131,072 characters; the reader's own limit is one short of that.
csv.field_size_limit(2**20)


class RecordCount:
    """Counts the records of a CSV that goes by in pieces; a line break within quotes does not end a record.

    Attributes:
        is_broken: set where the pieces end before the CSV does.
        is_endless: set where they ended because there were too many.
    """

    def __init__(self) -> None:
        self.is_broken = self.is_endless = False
        self._line_ends = 0
        self._is_quoted = False
        self._last = b"\n"

    @property
    def records(self) -> int:
        """Return the records so far, without the header; a last line needs no line break."""
        return max(0, self._line_ends + (self._last != b"\n") - 1)

    def see(self, chunk: bytes) -> None:
        """Count a piece. A doubled quote closes and opens again, so every quote may be taken as one or the other."""
        for at, stretch in enumerate(chunk.split(b'"')):
            if at:
                self._is_quoted = not self._is_quoted
            if not self._is_quoted:
                self._line_ends += stretch.count(b"\n")
        self._last = chunk[-1:] or self._last


def encode(names: Sequence[str], records: Iterable[Record]) -> Iterator[bytes]:
    """Yield the header, then a line a record; None becomes `#N/A`, an empty text stays an empty cell."""
    yield _line(names)
    for record in records:
        yield _line([CLEAR if record[name] is None else plain(record[name]) for name in names])


def decode(body: bytes) -> list[dict[str, str]]:
    """Return the records of a whole CSV, by column name.

    Raises:
        ValueError: it is no CSV in utf-8, or a cell is longer than any of Salesforce's.
    """
    try:
        return list(csv.DictReader(io.StringIO(body.decode("utf-8"), newline="")))
    except csv.Error as problem:
        raise ValueError(str(problem)) from None


def _line(cells: Sequence[str]) -> bytes:
    """Return one record."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue().encode()
