"""How records, numbers and times are named in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from accord.model.facts import Record

CRM = {"salesforce": "Salesforce", "hubspot": "HubSpot"}
SOMEBODY = "a record that is not named"


def named(record: Record | None) -> str:
    """Return kind, name and id of a record: `company Acme (123)`."""
    if record is None:
        return SOMEBODY
    return f"{what(record)} {record.name} ({record.id})" if record.name else f"{what(record)} {record.id}"


def what(record: Record) -> str:
    """Return the kind of a record; contacts exist in both CRMs, so theirs is said."""
    return f"{CRM[record.system]} contact" if record.kind == "contact" else record.kind


def count(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 person`, `3 people`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def people(number: int) -> str:
    """Return how many people."""
    return count(number, "person", "people")


def moment(at: datetime | None) -> str:
    """Return a time to the minute; all times are UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "an unknown time"


def listed(parts: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def capital(text: str) -> str:
    """Return a text that begins like a sentence."""
    return text[:1].upper() + text[1:]


def readable(code: str) -> str:
    """Return a code that nobody has put into words yet so that it can be read."""
    return code.replace("_", " ")


def value(text: object) -> str:
    """Return a value as it is shown beside another one."""
    return "blank" if text is None or text == "" else f'"{text}"'
