"""Rows as a CSV file that a spreadsheet opens."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from accord.model.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows for a spreadsheet: UTF-8 with its mark, and nothing that it would take for a formula.

    Raises:
        BadInput: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    except OSError as problem:
        raise BadInput(f"--csv {path}: {problem.strerror}") from None


def _harmless(value: Any) -> Any:
    """Return a value that no spreadsheet works out."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
