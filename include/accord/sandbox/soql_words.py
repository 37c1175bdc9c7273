"""Words of a SOQL text: names, literals and signs, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from accord.sandbox.salesforce_errors import malformed_query

WordKind = Literal["string", "datetime", "date", "number", "name", "sign", "end"]

_WORD = re.compile(
    r"""
    (?P<string>'(?:\\.|[^'\\])*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<name>[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)*)
  | (?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)
    """,
    re.VERBOSE | re.DOTALL,
)
_BLANK = re.compile(r"\s*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}


@dataclass(frozen=True)
class Word:
    """One word: `text` as written (strings without their quotes, escapes still in), `at` its offset."""

    kind: WordKind
    text: str
    at: int

    def says(self, *names: str) -> bool:
        """Return whether this is one of the given keywords or signs; keywords know no case."""
        return self.kind in {"name", "sign"} and self.text.upper() in names


def split(soql: str) -> list[Word]:
    """Return the words of a query, the last one of kind `end`.

    Raises:
        SalesforceProblem: MALFORMED_QUERY, a string does not end or a character belongs to nothing.
    """
    words: list[Word] = []
    at = _after_blank(soql, 0)
    while at < len(soql):
        found = _WORD.match(soql, at)
        if found is None:
            # An unclosed quote swallows the rest of the text, as in the real service.
            wrong = "<EOF>" if soql[at] == "'" else f"'{soql[at]}'"
            raise malformed_query(soql, at, f"unexpected token: {wrong}")
        kind: WordKind = found.lastgroup  # type: ignore[assignment]
        words.append(Word(kind, found[0][1:-1] if kind == "string" else found[0], at))
        at = _after_blank(soql, found.end())
    return [*words, Word("end", "<EOF>", len(soql))]


def unescape(soql: str, word: Word) -> str:
    r"""Return the value of a string word: \n \r \t \b \f \" \' \\ \_ \% resolved.

    Raises:
        SalesforceProblem: MALFORMED_QUERY, another character follows a backslash.
    """

    def resolve(found: re.Match[str]) -> str:
        letter = found[1].lower()
        if letter not in _ESCAPED:
            raise malformed_query(soql, word.at, f"Illegal string literal escape sequence '\\{found[1]}'")
        return _ESCAPED[letter]

    return _ESCAPE.sub(resolve, word.text)


def like_pattern(soql: str, word: Word) -> re.Pattern[str]:
    """Return the pattern of a LIKE literal: `%` any text, `_` one character, both literal after a backslash."""
    parts: list[str] = []
    for found in re.finditer(r"\\.|.", word.text, re.DOTALL):
        piece = found[0]
        if piece in {"%", "_"}:
            parts.append(".*" if piece == "%" else ".")
        else:
            parts.append(re.escape(unescape(soql, Word("string", piece, word.at))))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _after_blank(soql: str, at: int) -> int:
    """Return the place of the next character that is no blank."""
    found = _BLANK.match(soql, at)
    return found.end() if found else at
