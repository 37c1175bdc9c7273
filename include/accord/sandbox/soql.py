"""SOQL, the part that integrations use: one object, parent fields, conditions, order, limit, offset, COUNT().

Grammar: `SELECT path, .. | COUNT() FROM name [WHERE conditions] [ORDER BY path [ASC|DESC] [NULLS FIRST|LAST], ..]
[LIMIT n] [OFFSET n]`. AND and OR do not mix without parentheses, as in the real service.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from accord.sandbox.salesforce_errors import SalesforceProblem, malformed_query
from accord.sandbox.soql_words import Word, split

_RESERVED = {"FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT", "SELECT"}
_MAX_OFFSET = 2000
_MAX_LENGTH = 100_000


@dataclass(frozen=True)
class Path:
    """A field as written, `Name` or `Account.Name`, and its place in the text."""

    text: str
    at: int


@dataclass(frozen=True)
class Comparison:
    """`path operator value`; IN and NOT IN carry several values, all others one."""

    path: Path
    operator: str
    values: tuple[Word, ...]


@dataclass(frozen=True)
class Logic:
    """Several conditions joined by one word."""

    joined_by: Literal["AND", "OR"]
    parts: tuple[Condition, ...]


@dataclass(frozen=True)
class Negation:
    """NOT a condition."""

    part: Condition


Condition = Comparison | Logic | Negation


@dataclass(frozen=True)
class Order:
    """One term of ORDER BY; nulls come first unless said otherwise."""

    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A parsed query.

    Attributes:
        text: the query as written, for the caret in later errors.
        fields: what is selected; empty for `COUNT()`.
        sobject: the object as written, and its place.
    """

    text: str
    fields: tuple[Path, ...]
    sobject: Path
    where: Condition | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0

    @property
    def is_count(self) -> bool:
        """Return whether the query asks for the number of rows only."""
        return not self.fields


def parse(text: str) -> Query:
    """Return the query that the text says.

    Raises:
        SalesforceProblem: MALFORMED_QUERY with row, column and caret, or an offset or length out of range.
    """
    if len(text) > _MAX_LENGTH:
        raise SalesforceProblem(
            "QUERY_TOO_COMPLICATED", f"SOQL statements cannot be longer than {_MAX_LENGTH} characters"
        )
    return _Reader(text).query()


class _Reader:
    """Recursive descent over the words of one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = split(text)
        self.next = 0

    def query(self) -> Query:
        """Return the whole query; nothing may follow it."""
        self.expect("SELECT")
        fields = self.selection()
        self.expect("FROM")
        sobject = self.path()
        where = self.conditions() if self.accept("WHERE") else None
        order = self.orders() if self.accept("ORDER") else ()
        limit = self.number() if self.accept("LIMIT") else None
        offset = self.number() if self.accept("OFFSET") else 0
        if self.word.kind != "end":
            raise self.unexpected()
        if offset > _MAX_OFFSET:
            raise SalesforceProblem("NUMBER_OUTSIDE_VALID_RANGE", f"Maximum SOQL offset allowed is {_MAX_OFFSET}")
        return Query(self.text, fields, sobject, where, order, limit, offset)

    def selection(self) -> tuple[Path, ...]:
        """Return the selected fields, none for COUNT()."""
        if self.word.says("COUNT") and self.words[self.next + 1].says("("):
            self.next += 2
            self.expect(")")
            return ()
        fields = [self.path()]
        while self.accept(","):
            fields.append(self.path())
        return tuple(fields)

    def conditions(self) -> Condition:
        """Return conditions joined by AND or by OR; the two need parentheses to meet."""
        parts = [self.condition()]
        joined_by = self.word.text.upper()
        if not self.word.says("AND", "OR"):
            return parts[0]
        while self.accept(joined_by):
            parts.append(self.condition())
        if self.word.says("AND", "OR"):
            raise self.unexpected()
        return Logic("AND" if joined_by == "AND" else "OR", tuple(parts))

    def condition(self) -> Condition:
        """Return one comparison, a negation or what stands in parentheses."""
        if self.accept("NOT"):
            return Negation(self.condition())
        if self.accept("("):
            inner = self.conditions()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Comparison:
        """Return `path operator value`."""
        path = self.path()
        operator = self.word
        self.next += 1
        if operator.says("=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"):
            return Comparison(path, operator.text.upper().replace("<>", "!="), (self.literal(),))
        if operator.says("IN"):
            return Comparison(path, "IN", self.literals())
        if operator.says("NOT") and self.accept("IN"):
            return Comparison(path, "NOT IN", self.literals())
        self.next -= 1
        raise self.unexpected()

    def literals(self) -> tuple[Word, ...]:
        """Return the values in parentheses after IN."""
        self.expect("(")
        values = [self.literal()]
        while self.accept(","):
            values.append(self.literal())
        self.expect(")")
        return tuple(values)

    def literal(self) -> Word:
        """Return one value; a bare word must be null, true or false."""
        word = self.word
        if word.kind in {"string", "number", "date", "datetime"} or word.says("NULL", "TRUE", "FALSE"):
            self.next += 1
            return word
        raise self.unexpected()

    def orders(self) -> tuple[Order, ...]:
        """Return the terms after ORDER BY."""
        self.expect("BY")
        orders = [self.one_order()]
        while self.accept(","):
            orders.append(self.one_order())
        return tuple(orders)

    def one_order(self) -> Order:
        """Return one term: path, direction, place of the nulls."""
        path = self.path()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        if not self.accept("NULLS"):
            return Order(path, descending)
        last = self.accept("LAST")
        if not last:
            self.expect("FIRST")
        return Order(path, descending, nulls_last=last)

    def number(self) -> int:
        """Return a whole number that is not negative."""
        word = self.word
        if word.kind != "number" or not word.text.isdigit():
            raise self.unexpected()
        self.next += 1
        return int(word.text)

    def path(self) -> Path:
        """Return a name that is no keyword."""
        word = self.word
        if word.kind != "name" or word.text.upper() in _RESERVED:
            raise self.unexpected()
        self.next += 1
        return Path(word.text, word.at)

    @property
    def word(self) -> Word:
        """Return the word that comes next."""
        return self.words[self.next]

    def accept(self, name: str) -> bool:
        """Return whether the next word is the given one, and step over it if so."""
        found = self.word.says(name)
        self.next += found
        return found

    def expect(self, name: str) -> None:
        """Step over the given word; any other is unexpected."""
        if not self.accept(name):
            raise self.unexpected()

    def unexpected(self) -> SalesforceProblem:
        """Return the refusal of the next word."""
        word = self.word
        shown = word.text if word.kind == "end" else f"'{word.text}'"
        return malformed_query(self.text, word.at, f"unexpected token: {shown}")
