"""Where a page of rows begins: after the last row of the page before, never by counting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BETWEEN = "|"


def place(text: str, parts: int) -> list[str] | None:
    """Return the parts of a place, None at the beginning.

    Raises:
        BadInput: this is no place of such a list.
    """
    if not text:
        return None
    found = text.split(_BETWEEN)
    if len(found) != parts or "\x00" in text:
        raise BadInput("This is no place in the list: begin at its first page.")
    return found


def place_after(rows: Sequence[Mapping[str, Any]], page: int, *columns: str) -> str:
    """Return the place of the next page, "" where there is none; `rows` holds one row more than a page if there is."""
    if len(rows) <= page:
        return ""
    return _BETWEEN.join(str(rows[page - 1][column]) for column in columns)
