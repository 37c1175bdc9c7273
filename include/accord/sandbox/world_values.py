"""What each short key of a world may hold: one value in, the same value plain, or a clear error."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Read = Callable[[Any, str], Any]


_FIRST_YEAR, _LAST_YEAR = 1700, 2261
"""Salesforce knows no earlier year, a column of times in nanoseconds no later one."""


class WorldError(ValueError):
    """A world cannot be understood; the message names the file, the key and what is allowed."""


def moment(value: Any, where: str) -> datetime:
    """Return a date or time of a world as a time, UTC; a date is midnight.

    Raises:
        WorldError: it is neither.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise WorldError(f"{where}: {value!r} is no date; write 2026-01-11 or 2026-01-11T08:00") from None
    if not isinstance(value, datetime):
        raise WorldError(f"{where}: {value!r} is no date; write 2026-01-11 or 2026-01-11T08:00")
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise WorldError(f"{where}: {value} is out of range; write a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def text(value: Any, where: str) -> str | None:
    """Return one value as text, None for a blank one.

    Raises:
        WorldError: it is a list, a mapping, one of the words that YAML reads as true or false, or no text at all.
    """
    if isinstance(value, bool):
        raise WorldError(f"{where}: {str(value).lower()} is no text; write it in quotes if it is one")
    if isinstance(value, list | dict):
        raise WorldError(f"{where}: {value!r} is no text")
    found = "" if value is None else str(value)
    if any(it == "\0" or "\ud800" <= it <= "\udfff" for it in found):
        raise WorldError(f"{where}: {found!r} holds a character that is no text")
    return found or None


def name(value: Any, where: str) -> str:
    """Return the id that a record must have.

    Raises:
        WorldError: there is none.
    """
    found = text(value, where)
    if found is None:
        raise WorldError(f"{where}: a record needs an id")
    return found


def names(value: Any, where: str) -> list[str]:
    """Return a list of ids; null is an empty one.

    Raises:
        WorldError: it is no list, or holds something that is no id.
    """
    if value is None:
        return []
    if not isinstance(value, list):
        raise WorldError(f"{where}: {value!r} is no list of ids; write [K1, K2]")
    return [name(it, where) for it in value]


def flag(value: Any, where: str) -> bool:
    """Return true or false; null is false.

    Raises:
        WorldError: it is neither.
    """
    if value is None or isinstance(value, bool):
        return bool(value)
    raise WorldError(f"{where}: {value!r} is neither true nor false")


def maybe(read: Read) -> Read:
    """Return a reader that lets null and the empty text through as None."""
    return lambda value, where: None if value is None or value == "" else read(value, where)


_MOMENT = maybe(moment)
_FATE: dict[str, Read] = {"Deleted": flag, "Master": text}
_HISTORY: dict[str, Read] = {"Created": _MOMENT, "Modified": _MOMENT, "By": text}
_BORN: dict[str, Read] = {"created": _MOMENT, "modified": _MOMENT, "source": text}

SECTIONS: Mapping[str, Mapping[str, Mapping[str, Read]]] = {
    "sf": {
        "accounts": {
            **{"Id": name, "Name": text, "Website": text, **_HISTORY, **_FATE},
            **{"Person": flag, "OriginKey": text, "Parent": text, "Phone": text},
        },
        "contacts": {"Id": name, "AccountId": text, "Email": text, "Name": text, **_HISTORY, **_FATE},
        "leads": {
            **{"Id": name, "Email": text, "Name": text, **_HISTORY, **_FATE},
            **{"ConvertedContactId": text, "ConvertedAccountId": text},
        },
    },
    "hs": {
        "companies": {
            **{"id": name, "name": text, "domain": text, "website": text, **_BORN, "sfa": text, "stage": text},
            **{"merged": names, "archived": flag, "key": text, "phone": text},
        },
        "contacts": {
            **{"id": name, "email": text, **_BORN, "sfc": text, "sfl": text, "was": text, "stage": text},
            **{"archived": flag, "merged": names, "sfa": text},
        },
    },
}
"""Record kinds of both CRMs, the short keys each may have, and how their values are read."""

LINK: Mapping[str, Read] = {"account": name, "company": name, "active": flag}
FIELD: Mapping[str, Read] = {
    **{"name": name, "rule": name, "base": text, "sf": text, "hs": text},
    **{"sf_at": _MOMENT, "hs_at": _MOMENT},
}
RESOLUTION: Mapping[str, Read] = {"account": text, "company": text, "choice": text}
CHOICES = ("pair", "apart", "create", "tie_between_accounts", "tie_between_companies")
"""What a person answered to a review; the reason of one on a company that is still open (R47)."""
ACTIONS = (
    "LINK", "CREATE_COMPANY", "CREATE_ACCOUNT", "UPDATE", "RELINK", "SKIP", "WAIT", "REVIEW", "HOLD", "SET_STAGE",
    "SET_FIELD",
)  # fmt: skip
"""What a decision may do."""
