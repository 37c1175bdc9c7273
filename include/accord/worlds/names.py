"""Short ids of a world as int64 keys and back: the keys that its records have in the sandbox."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from accord.model.ids import NONE, hubspot_key, salesforce_key

if TYPE_CHECKING:
    from accord.sandbox.world_ids import IdKind, WorldIds


@dataclass(frozen=True)
class Names:
    """The keys of one kind of record."""

    kind: IdKind
    ids: WorldIds

    def key(self, short: object) -> int:
        """Return the key of an id that the world mentions, NONE for None."""
        return NONE if short is None else self._key_of(self.ids.real(self.kind, short))

    def short(self, key: int) -> str | None:
        """Return the id of a key, None for NONE."""
        return self._shorts.get(int(key))

    @cached_property
    def _shorts(self) -> dict[int, str]:
        return {self._key_of(real): short for real, short in self.ids.shorts.get(self.kind, {}).items()}

    def _key_of(self, real: str) -> int:
        return hubspot_key(real) if self.kind in {"companies", "contacts"} else salesforce_key(real)


@dataclass(frozen=True)
class WorldNames:
    """The names of every kind of record in a world."""

    accounts: Names
    contacts: Names
    leads: Names
    companies: Names
    persons: Names


def names_of(ids: WorldIds) -> WorldNames:
    """Return the names of a world whose ids are given."""
    return WorldNames(
        accounts=Names("Account", ids),
        contacts=Names("Contact", ids),
        leads=Names("Lead", ids),
        companies=Names("companies", ids),
        persons=Names("contacts", ids),
    )
