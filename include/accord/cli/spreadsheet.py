"""Rows as a CSV file that a spreadsheet opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.errors import BadInput
from accord.model.spreadsheet import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    """Write rows for a spreadsheet: UTF-8 with its mark, and nothing that it would take for a formula.

    Raises:
        BadInput: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines(csv_text(columns, rows))
    except OSError as problem:
        raise BadInput(f"--csv {path}: {problem.strerror}") from None
