"""A Salesforce call and its answer as values, so that a composite request can make calls of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import orjson

from accord.sandbox.salesforce_errors import SalesforceProblem

JSON = "application/json;charset=UTF-8"
"""Content type of every JSON answer (recorded)."""


@dataclass(frozen=True)
class Call:
    """One call below `/services/data/vNN.0/`.

    Attributes:
        version: such as `66.0`.
        path: decoded, without the part named above and without slashes at its ends.
        query: parameters of the address.
        headers: by lower-case name.
        caller: id of the user whose session it is.
    """

    method: str
    version: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    caller: str

    @property
    def root(self) -> str:
        """Return the address of the API version, without a slash at its end."""
        return f"/services/data/v{self.version}"

    def json(self) -> Any:
        """Return the parsed body.

        Raises:
            SalesforceProblem: JSON_PARSER_ERROR.
        """
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as problem:
            raise SalesforceProblem("JSON_PARSER_ERROR", f"Unexpected character: {problem.msg}") from None

    def json_object(self) -> dict[str, Any]:
        """Return the parsed body, which must be an object.

        Raises:
            SalesforceProblem: JSON_PARSER_ERROR.
        """
        body = self.json()
        if not isinstance(body, dict):
            raise SalesforceProblem("JSON_PARSER_ERROR", "The request body must be a JSON object")
        return body

    def option(self, header: str, name: str) -> str | None:
        """Return one value of a header of the form `name=value; name=value`, or None."""
        for part in self.headers.get(header, "").replace(",", ";").split(";"):
            key, _, value = part.strip().partition("=")
            if key.lower() == name.lower():
                return value.strip()
        return None


@dataclass(frozen=True)
class Answer:
    """What goes back: JSON content, or bytes in pieces when `media` is another type."""

    status: int = 200
    content: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON


def csv_pieces(
    header: Sequence[str], rows: Iterable[Sequence[str]], *, delimiter: str = ",", line_end: str = "\n"
) -> Iterator[bytes]:
    """Yield the bytes of a CSV in which everything is quoted, some thousand rows a piece.

    Quotes are doubled and newlines stay inside their quotes (RFC 4180), as in Bulk 2.0 results.
    """
    yield _lines([header], delimiter, line_end)
    rest = iter(rows)
    while some := list(islice(rest, 5000)):
        yield _lines(some, delimiter, line_end)


def _lines(rows: Iterable[Sequence[str]], delimiter: str, line_end: str) -> bytes:
    """Return a few rows as bytes."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL).writerows(rows)
    return text.getvalue().encode()
