"""What a record may hold before it is sent, checked here because the services and clients would change it silently."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any, TypeVar

from accord.crm.answers import Answer, RowAnswer
from accord.model.errors import ContractBroken
from accord.model.ids import hubspot_id, salesforce_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")

Record = dict[str, Any]
T = TypeVar("T")


def identifier(name: str) -> str:
    """Return the name of an object or field if it is one: letters, digits and underscores.

    Raises:
        ContractBroken: it holds anything else, so it must not become part of a query or an address.
    """
    if not _IDENTIFIER.match(name):
        raise ContractBroken(f"{name[:60]!r} is not the name of an object or field")
    return name


def org_record_id(value: Any) -> str:
    """Return a Salesforce id, 18 characters, fit for a query or a path.

    Raises:
        ContractBroken: it is none.
    """
    return _id(salesforce_id, value)


def portal_record_id(value: Any) -> str:
    """Return a HubSpot id, digits, fit for a body or a path.

    Raises:
        ContractBroken: it is none.
    """
    return _id(hubspot_id, value)


def batch_keys(keys: Sequence[str], most: int) -> None:
    """Check that a batch can be sent as one.

    Raises:
        ContractBroken: it is longer than `most`, or names a record twice: both services then refuse the rows.
    """
    if len(keys) > most:
        raise ContractBroken(f"a batch of {len(keys)} records: the limit is {most}")
    if len(set(keys)) != len(keys):
        twice = sorted({key for key in keys if keys.count(key) > 1})
        raise ContractBroken(f"a batch names {', '.join(twice[:5])} twice: keep one of them")


def unsendable(record: Record) -> str:
    """Return why a record cannot be sent as it is, or an empty text.

    JSON has no NaN and no infinity, and neither service stores a lone surrogate.
    """
    for name, value in record.items():
        if isinstance(value, float) and not math.isfinite(value):
            return f"{name} is {value}: not a number that can be sent"
        if not isinstance(value, str | bool | int | float | None):
            return f"{name} is a {type(value).__name__}: only text, numbers, true, false and null can be sent"
        if isinstance(value, str) and not _is_encodable(value):
            return f"{name} holds half of a character pair: not text that can be sent"
    return ""


def refuse_unsendable(keys: Sequence[str], records: Sequence[Record]) -> dict[str, RowAnswer]:
    """Return the rejections of the records that cannot be sent, by key."""
    reasons = {key: unsendable(record) for key, record in zip(keys, records, strict=True)}
    return {
        key: RowAnswer(key, Answer.REJECTED, code="BAD_VALUE", message=reason)
        for key, reason in reasons.items()
        if reason
    }


def parts(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield the items in order, so many at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def plain(value: Any) -> str:
    """Return a value in the form both services read: numbers as in JSON, `true`, `false`."""
    return value if isinstance(value, str) else json.dumps(value, allow_nan=False)


def _id(check: Callable[[str], str], value: Any) -> str:
    """Return what a check makes of an id; one that is none is a mistake of the caller."""
    try:
        return check(str(value))
    except ValueError as no_id:
        raise ContractBroken(str(no_id)) from None


def _is_encodable(text: str) -> bool:
    """Return whether the text has a UTF-8 form."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
