"""What HubSpot refuses in the properties of one record, and how it stores the rest. All values are texts."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from accord.sandbox.clock import hubspot_time
from accord.sandbox.portal_schema import NAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accord.sandbox.portal_schema import Kind, Property

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_DOMAIN = re.compile(r"^(?:[a-z]+://)?(?:www\.)?([^/?#:]+).*$", re.DOTALL)
_LONGEST = 65_536


class Problem(Exception):
    """One record refused, in HubSpot's words.

    Attributes:
        status: HTTP status where the record came alone.
        category: VALIDATION_ERROR, CONFLICT or OBJECT_NOT_FOUND.
        details: rows of `errors` in the body.
        context: names to lists of texts.
    """

    def __init__(
        self,
        status: int,
        category: str,
        message: str,
        *,
        details: list[dict[str, Any]] | None = None,
        context: dict[str, list[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.category, self.message = status, category, message
        self.details, self.context = details or [], context or {}


def invalid(problems: list[dict[str, Any]]) -> Problem:
    """Return the error for property values that were not valid."""
    shown = ",".join(
        '{{"isValid":false,"message":"{}","error":"{}","name":"{}"}}'.format(
            it["message"].replace('"', '\\"'), it["code"], it["name"]
        )
        for it in problems
    )
    details = [
        {"message": it["message"], "code": it["code"], "context": {"propertyName": [it["name"]]}} for it in problems
    ]
    return Problem(400, "VALIDATION_ERROR", f"Property values were not valid: [{shown}]", details=details)


def missing(kind: Kind, ids: list[str]) -> Problem:
    """Return the error for ids that name no live record."""
    text = (
        f"Could not get some {NAMES[kind].upper()} objects, they may be deleted or not exist. Check that ids are valid."
    )
    return Problem(404, "OBJECT_NOT_FOUND", text, context={"ids": ids})


def stored(
    properties: Mapping[str, Property], values: Mapping[str, Any], *, strip_domain: bool, with_read_only: bool = False
) -> dict[str, str | None]:
    """Return values as they are stored: null is dropped (it clears nothing), "" becomes None (it clears).

    Raises:
        Problem: a property does not exist, is read-only, or a value does not fit; every one is named.
    """
    kept: dict[str, str | None] = {}
    problems = []
    for name, value in values.items():
        spec = properties.get(name)
        if spec is None:
            problems.append(_problem(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif spec.is_read_only and not with_read_only:
            text = f'"{name}" is a read only property; its value cannot be set.'
            problems.append(_problem(name, "READ_ONLY_VALUE", text))
        elif value == "":
            kept[name] = None
        elif value is not None:
            try:
                kept[name] = _fitting(spec, value, strip_domain=strip_domain)
            except ValueError as problem:
                problems.append(_problem(name, *problem.args))
    if problems:
        raise invalid(problems)
    return kept


def _problem(name: str, code: str, message: str) -> dict[str, str]:
    """Return one refused property."""
    return {"name": name, "code": code, "message": message}


def _fitting(spec: Property, value: Any, *, strip_domain: bool) -> str:
    """Return one value as text in the form its type has.

    Raises:
        ValueError: it does not fit; the arguments are code and message.
    """
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if len(text) > _LONGEST:
        raise ValueError("INVALID_STRING_VALUE", f"{spec.name} exceeds the maximum length of {_LONGEST} characters")
    match spec.type:
        case "number":
            return _number(text)
        case "datetime" | "date":
            return _moment(spec, text)
        case "enumeration" | "bool" if spec.options and text not in {it.value for it in spec.options}:
            allowed = ", ".join(it.value for it in spec.options)
            raise ValueError("INVALID_OPTION", f"{text} was not one of the allowed options: [{allowed}]")
    return _text(spec.name, text, strip_domain=strip_domain)


def _text(name: str, text: str, *, strip_domain: bool) -> str:
    """Return a text; e-mails and domains have a form of their own."""
    if name == "email":
        text = text.strip().lower()
        if not _EMAIL.match(text):
            raise ValueError("INVALID_EMAIL", f"Email address {text} is invalid")
    if name == "domain":
        text = text.strip().lower()
        return _DOMAIN.sub(r"\1", text) if strip_domain else text
    return text


def _number(text: str) -> str:
    """Return a number as text."""
    try:
        float(text)
    except ValueError:
        raise ValueError("INVALID_INTEGER", f"{text} was not a valid number.") from None
    return text


def _moment(spec: Property, text: str) -> str:
    """Return a date or time in HubSpot's form; epoch milliseconds are accepted on write."""
    try:
        moment = moment_of(text)
    except ValueError:
        raise ValueError("INVALID_DATE", f"{text} was not a valid date.") from None
    return moment.date().isoformat() if spec.type == "date" else hubspot_time(moment)


def moment_of(text: str) -> datetime:
    """Return a time given in ISO form or epoch milliseconds, UTC.

    Raises:
        ValueError: it is neither.
    """
    if re.fullmatch(r"-?\d+", text):
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
