"""The real id of everything that a world mentions, and the short key of every real id."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import count, islice
from typing import TYPE_CHECKING, Literal

from accord.model.ids import salesforce_id, salesforce_key
from accord.sandbox.org import record_id
from accord.sandbox.org_schema import PREFIXES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accord.sandbox.world_parse import World

IdKind = Literal["Account", "Contact", "Lead", "User", "companies", "contacts"]

_FULL = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\Z")
_DIGITS = re.compile(r"[1-9][0-9]{0,17}\Z")
_ORIGIN_KEY = re.compile(r"(?:hs|sf)-[^-]*-(.+)\Z")
_FIRST_MADE: dict[IdKind, int] = {"companies": 29_100_000_001, "contacts": 211_100_000_001}
_FIRST_MADE_SALESFORCE = 10_001


@dataclass(frozen=True)
class WorldIds:
    """Real ids by kind and short key, and back. A company and an account may have the same short key.

    Ids are made so that their int8 keys order as a reader orders the short keys (K2 before K10): of equally good
    records the one that is named is then the same here, in the pure core and for whoever reads the file.

    Attributes:
        reals: kind -> comparable short key -> real id; one that was real already leads to its full form.
        shorts: kind -> real id -> short key as it was first written, records before references to them.
    """

    reals: dict[IdKind, dict[str, str]] = field(default_factory=dict)
    shorts: dict[IdKind, dict[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, world: World) -> WorldIds:
        """Return ids for all records of a world and for all that it only refers to; users are named by the loader."""
        ids = cls()
        for kind, mentioned in _mentioned(world).items():
            written = [str(it) for it in mentioned if it not in {None, ""}]
            made = _made(kind, written)
            for short in written:
                ids.name(kind, short, _real(kind, short) or made[short])
        return ids

    def name(self, kind: IdKind, short: str, real: str) -> str:
        """Remember and return the real id of a short key."""
        self.reals.setdefault(kind, {})[comparable(kind, short)] = real
        self.shorts.setdefault(kind, {}).setdefault(real, short)
        return real

    def find(self, kind: IdKind, short: object) -> str | None:
        """Return the real id of a short key, None where the world mentions no such thing."""
        return self.reals.get(kind, {}).get(comparable(kind, str(short)))

    def real(self, kind: IdKind, short: object) -> str:
        """Return the real id of a short key that the world mentions."""
        return self.reals[kind][comparable(kind, str(short))]

    def short(self, kind: str, real: str) -> str:
        """Return the short key of a real id, or the id itself where it has none."""
        return next((shorts[real] for name, shorts in self.shorts.items() if name == kind and real in shorts), real)

    def flat(self) -> dict[str, str]:
        """Return short key -> real id whatever the kind; of several the Salesforce record."""
        pairs = [(short, real) for shorts in self.shorts.values() for real, short in shorts.items()]
        return dict(reversed(pairs))


def origin_of(key: object, known: Iterable[str] = ()) -> str | None:
    """Return the record that a key field names, None where it is empty or somebody else's text.

    Args:
        key: `hs-<portal>-<company>`, `sf-<org>-<account>` (a world has one org and one portal, whatever is written
            there), or the short key alone.
        known: short keys that are taken for one although they have a dash in them.
    """
    text = "" if key is None else str(key)
    ours = _ORIGIN_KEY.match(text)
    if ours:
        return ours[1]
    return text if text and ("-" not in text or text in set(known)) else None


def looks_real(kind: IdKind, short: object) -> bool:
    """Return whether an id could be one of the CRM's own, 15 characters included."""
    return _real(kind, str(short)) is not None


def natural(short: str) -> list[tuple[int, str]]:
    """Return a sort key that reads numbers as numbers."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", short)]


def _mentioned(world: World) -> dict[IdKind, list[object]]:
    """Return every id that a world writes anywhere, by kind; the records themselves come first."""
    accounts, contacts, leads = world.accounts, world.salesforce_contacts, world.leads
    companies, people, memory = world.companies, world.contacts, (*world.links, *world.resolutions)
    company_ids, account_ids = [it["id"] for it in companies], [it["Id"] for it in accounts]
    return {
        "Account": [
            *account_ids,
            *_named(accounts, "Master", "Parent"),
            *_named(contacts, "AccountId"),
            *_named(leads, "ConvertedAccountId"),
            *_named((*companies, *people), "sfa"),
            *(origin_of(it.get("key"), account_ids) for it in companies),
            *_named(memory, "account"),
        ],
        "Contact": [
            *_named(contacts, "Id"),
            *_named(contacts, "Master"),
            *_named(leads, "ConvertedContactId"),
            *_named(people, "sfc"),
        ],
        "Lead": [*_named(leads, "Id"), *_named(leads, "Master"), *_named(people, "sfl")],
        "companies": [
            *company_ids,
            *_merged(companies),
            *(origin_of(it.get("OriginKey"), company_ids) for it in accounts),
            *_named(memory, "company"),
        ],
        "contacts": [*_named(people, "id"), *_merged(people), *(world.settings.get("inclusion_list") or [])],
    }


def _named(rows: Iterable[dict[str, object]], *keys: str) -> Iterator[object]:
    """Yield what the rows have under the keys."""
    return (row.get(key) for row in rows for key in keys)


def _merged(rows: Iterable[dict[str, object]]) -> Iterator[object]:
    """Yield the ids that were merged into the rows."""
    return (merged for row in rows for merged in row.get("merged") or [])  # type: ignore[attr-defined]


def comparable(kind: IdKind, short: str) -> str:
    """Return what two spellings of one id have in common: 15 and 18 characters are one (R22)."""
    return _real(kind, short) or short


def _real(kind: IdKind, short: str) -> str | None:
    """Return the full form of an id that looks real, None for a short key."""
    if kind in _FIRST_MADE:
        return short if _DIGITS.match(short) else None
    return salesforce_id(short[:15]) if _FULL.match(short) and short.startswith(PREFIXES[kind]) else None


def _made(kind: IdKind, written: Iterable[str]) -> dict[str, str]:
    """Return an id for every short key that is none itself; always the same ones for the same short keys."""
    reals = {real for short in written if (real := _real(kind, short))}
    shorts = sorted({short for short in written if _real(kind, short) is None}, key=natural)
    if kind in _FIRST_MADE:
        fresh = (str(number) for number in count(_FIRST_MADE[kind]))
        return dict(zip(shorts, (it for it in fresh if it not in reals), strict=False))
    fresh = (record_id(PREFIXES[kind], number) for number in count(_FIRST_MADE_SALESFORCE))
    enough = islice((it for it in fresh if it not in reals), len(shorts))
    return dict(zip(shorts, sorted(enough, key=salesforce_key), strict=True))
