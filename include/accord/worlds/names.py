"""Short ids of a world as int64 keys and back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.model.ids import NONE, hubspot_key, salesforce_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accord.sandbox.world import LoadedWorld

_FULL_SALESFORCE_ID = re.compile(r"[A-Za-z0-9]{18}\Z")


@dataclass(frozen=True)
class Names:
    """The keys of one kind of record; they order like the ids do for a reader (K2 before K10).

    Attributes:
        keys: comparable id -> key.
        shorts: key -> id as the world writes it.
    """

    keys: dict[str, int]
    shorts: dict[int, str]

    @classmethod
    def of(cls, mentioned: Iterable[object]) -> Names:
        """Return keys for all ids that are mentioned; None is no id. The first mention decides how one is written."""
        written: dict[str, str] = {}
        for short in mentioned:
            if short is not None:
                written.setdefault(_comparable(str(short)), str(short))
        keys = {name: place for place, name in enumerate(sorted(written, key=natural), start=1)}
        return cls(keys, {key: written[name] for name, key in keys.items()})

    def key(self, short: object) -> int:
        """Return the key of an id, NONE for None."""
        return NONE if short is None else self.keys[_comparable(str(short))]

    def short(self, key: int) -> str | None:
        """Return the id of a key, None for NONE."""
        return self.shorts.get(int(key))


@dataclass(frozen=True)
class WorldNames:
    """The names of every kind of record in a world."""

    accounts: Names
    contacts: Names
    leads: Names
    companies: Names
    persons: Names


def names_of(loaded: LoadedWorld) -> WorldNames:
    """Return the names of a world in the sandbox: its records have the keys of their real ids there."""
    salesforce = _named(loaded, salesforce_key, lambda real: not real.isdigit())
    hubspot = _named(loaded, hubspot_key, str.isdigit)
    return WorldNames(salesforce, salesforce, salesforce, hubspot, hubspot)


def _named(loaded: LoadedWorld, key: Callable[[str], int], is_ours: Callable[[str], bool]) -> Names:
    """Return the names of one CRM's records."""
    shorts = {key(real): short for real, short in loaded.shorts.items() if is_ours(real)}
    return Names({short: number for number, short in shorts.items()}, shorts)


def natural(short: str) -> list[tuple[int, str]]:
    """Return a sort key that reads numbers as numbers."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", short)]


def _comparable(short: str) -> str:
    """Return the id as it is compared: a Salesforce id without its three check characters (R22)."""
    return short[:15] if _FULL_SALESFORCE_ID.match(short) else short
