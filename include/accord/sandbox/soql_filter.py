"""Conditions of a query as one function of a row, checked against the types of the fields first."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

from accord.sandbox.clock import salesforce_time
from accord.sandbox.salesforce_errors import SalesforceProblem, place
from accord.sandbox.soql import Comparison, Condition, Logic, Negation, Path, Query
from accord.sandbox.soql_words import Word, like_pattern, unescape

Row = dict[str, Any]
Predicate = Callable[[Row], bool]
Fold = Callable[[Any], Any]

ID_TYPES = frozenset({"id", "reference"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
_COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
_WORD_KIND = {"datetime": "datetime", "date": "date"} | dict.fromkeys(NUMBER_TYPES, "number")
_CALLED = {"datetime": "dateTime", "date": "date"} | dict.fromkeys(NUMBER_TYPES, "double")


@dataclass(frozen=True)
class Hop:
    """A step from a record to its parent: the relationship's name, the reference field, the parent's object."""

    relationship: str
    field: str
    sobject: str


@dataclass(frozen=True)
class Column:
    """A field of a query: its name as the schema spells it, its describe type, its value in a row."""

    name: str
    type: str
    get: Callable[[Row], Any]
    length: int = 0
    case_sensitive: bool = False
    hops: tuple[Hop, ...] = ()


Columns = Callable[[Path], Column]


def predicate(query: Query, columns: Columns) -> Predicate:
    """Return whether a row is in the query's WHERE, as a function of the row.

    Text compares without case unless the field is case-sensitive, ids by their first 15 characters, `!=` and
    NOT IN let empty fields through, `<` and `>` do not.

    Raises:
        SalesforceProblem: a field is unknown or a value does not fit its field's type.
    """
    return _all_rows if query.where is None else _condition(query, query.where, columns)


def sort(query: Query, columns: Columns, rows: list[Row]) -> list[Row]:
    """Return the rows in the order of ORDER BY; rows that tie stay in the order they came in."""
    for order in reversed(query.order):
        column = columns(order.path)
        key = _folding(column)
        empty = [row for row in rows if key(column.get(row)) is None]
        filled = [row for row in rows if key(column.get(row)) is not None]
        filled.sort(key=lambda row, key=key, get=column.get: key(get(row)), reverse=order.descending)  # type: ignore[misc]
        rows = filled + empty if order.nulls_last else empty + filled
    return rows


def _all_rows(_row: Row) -> bool:
    """Return True: a query without conditions."""
    return True


def _condition(query: Query, condition: Condition, columns: Columns) -> Predicate:
    """Return the function of one node."""
    if isinstance(condition, Comparison):
        return _comparison(query, condition, columns(condition.path))
    if isinstance(condition, Negation):
        part = _condition(query, condition.part, columns)
        return lambda row: not part(row)
    return _joined(condition, [_condition(query, part, columns) for part in condition.parts])


def _joined(logic: Logic, parts: list[Predicate]) -> Predicate:
    """Return the parts as one function that stops at the first answer."""
    if logic.joined_by == "AND":
        return reduce(lambda a, b: lambda row: a(row) and b(row), parts)
    return reduce(lambda a, b: lambda row: a(row) or b(row), parts)


def _comparison(query: Query, comparison: Comparison, column: Column) -> Predicate:
    """Return the function of one comparison."""
    if column.type == "textarea" and column.length > 255:
        raise _refused(query, comparison.path, f"field '{column.name}' can not be filtered in a query call")
    get, fold = column.get, _folding(column)
    if comparison.operator == "LIKE":
        return _like(query, comparison, column)
    values = [_value(query, column, word) for word in comparison.values]
    if comparison.operator in _COMPARE:
        return _ordered(_COMPARE[comparison.operator], get, fold, values[0])
    wanted = frozenset(values)
    if comparison.operator in {"=", "IN"}:
        return lambda row: fold(get(row)) in wanted
    return lambda row: fold(get(row)) not in wanted


def _ordered(compare: Callable[[Any, Any], bool], get: Callable[[Row], Any], fold: Fold, limit: Any) -> Predicate:
    """Return the function of `<` and its kin; an empty field is on no side."""

    def is_within(row: Row) -> bool:
        value = fold(get(row))
        return value is not None and limit is not None and compare(value, limit)

    return is_within


def _like(query: Query, comparison: Comparison, column: Column) -> Predicate:
    """Return the function of LIKE."""
    word = comparison.values[0]
    if word.kind != "string" or column.type in _WORD_KIND or column.type in ID_TYPES | {"boolean"}:
        raise SalesforceProblem(
            "INVALID_QUERY_FILTER_OPERATOR",
            f"{place(query.text, comparison.path.at)}invalid operator on {column.type} field",
        )
    matches, get = like_pattern(query.text, word).fullmatch, column.get
    return lambda row: matches(get(row) or "") is not None


def _folding(column: Column) -> Fold:
    """Return how values of this column are made comparable."""
    if column.type in ID_TYPES:
        return lambda value: value[:15] if value else None
    if column.type in {"boolean", *_WORD_KIND}:
        return lambda value: value
    return (lambda value: value or None) if column.case_sensitive else (lambda value: value.lower() if value else None)


def _value(query: Query, column: Column, word: Word) -> Any:
    """Return a literal in the comparable form of its column."""
    if word.says("NULL"):
        return None
    if column.type == "boolean":
        if not word.says("TRUE", "FALSE"):
            raise _wrong_type(query, column, word, "boolean and should not be enclosed in quotes")
        return word.says("TRUE")
    expected = _WORD_KIND.get(column.type, "string")
    if word.kind != expected:
        quotes = "should be enclosed in quotes" if expected == "string" else "should not be enclosed in quotes"
        raise _wrong_type(query, column, word, f"{_CALLED.get(column.type, 'string')} and {quotes}")
    return _PARSE.get(expected, _text)(query, column, word)


def _text(query: Query, column: Column, word: Word) -> str | None:
    """Return a text literal; an id must look like one."""
    text = unescape(query.text, word)
    if text and column.type in ID_TYPES and not (len(text) in {15, 18} and text.isascii() and text.isalnum()):
        raise SalesforceProblem(
            "INVALID_QUERY_FILTER_OPERATOR", f"{place(query.text, word.at)}invalid ID field: {text}"
        )
    folded: str | None = _folding(column)(text)
    return folded


def _moment(query: Query, _column: Column, word: Word) -> str:
    """Return a date-time literal in the form in which rows hold it."""
    try:
        moment = datetime.fromisoformat(word.text)
    except ValueError:
        raise SalesforceProblem("INVALID_FIELD", f"{place(query.text, word.at)}Invalid datetime: {word.text}") from None
    return salesforce_time(moment)


def _number(_query: Query, _column: Column, word: Word) -> float:
    """Return a number literal."""
    return float(word.text)


def _day(_query: Query, _column: Column, word: Word) -> str:
    """Return a date literal."""
    return word.text


_PARSE: dict[str, Callable[[Query, Column, Word], Any]] = {"datetime": _moment, "number": _number, "date": _day}


def _wrong_type(query: Query, column: Column, word: Word, expected: str) -> SalesforceProblem:
    """Return the refusal of a literal that does not fit its field."""
    message = f"value of filter criterion for field '{column.name}' must be of type {expected}"
    return SalesforceProblem("INVALID_FIELD", place(query.text, word.at) + message)


def _refused(query: Query, path: Path, message: str) -> SalesforceProblem:
    """Return the refusal of a field in this place of the query."""
    return SalesforceProblem("INVALID_FIELD", place(query.text, path.at) + message)
