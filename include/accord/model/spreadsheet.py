"""Rows as CSV that a spreadsheet opens, and in which it finds nothing to work out."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CHUNK = 500


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield CSV text piece by piece, its mark of UTF-8 first; of each row the named columns."""
    file = io.StringIO()
    file.write("\ufeff")
    writer = csv.DictWriter(file, columns, extrasaction="ignore")
    writer.writeheader()
    for number, row in enumerate(rows):
        writer.writerow({name: harmless(value) for name, value in row.items()})
        if number % _CHUNK == _CHUNK - 1:
            yield file.getvalue()
            file.seek(0)
            file.truncate()
    yield file.getvalue()


def harmless(value: Any) -> Any:
    """Return a value that no spreadsheet works out: a formula becomes a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
