"""A world file as data: read, completed from its defaults, checked key by key. The CRMs are not touched here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Row = dict[str, Any]

SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "sf": {
        "accounts": (
            "Id", "Name", "Website", "Created", "Modified", "By", "Deleted", "Master", "Person", "OriginKey", "Parent",
            "Phone",
        ),
        "contacts": ("Id", "AccountId", "Email", "Name", "Created", "Modified", "By", "Deleted", "Master"),
        "leads": (
            "Id", "Email", "Name", "Created", "Modified", "By", "Deleted", "Master", "ConvertedContactId",
            "ConvertedAccountId",
        ),
    },
    "hs": {
        "companies": (
            "id", "name", "domain", "website", "created", "modified", "source", "sfa", "stage", "merged", "archived",
            "key", "phone",
        ),
        "contacts": (
            "id", "email", "created", "modified", "sfc", "sfl", "was", "stage", "archived", "merged", "sfa", "source",
        ),
    },
}  # fmt: skip
"""Record kinds of both CRMs and the short keys each may have."""
DEFAULT_SETTINGS: dict[str, Any] = {
    "sync_companies": True,
    "enabled_at": date(2026, 1, 10),
    "default_object": "Contact",
    "inclusion_list": None,
    "import_accounts": [],
    "manual_sync": [],
    "pipeline_user": "U_PIPE",
    "backfill_companies": False,
    "on_tie": "review",
    "recreate_deleted": False,
    "attach_private_contacts": True,
    "max_creates": 25,
    "stage_order": [
        "subscriber", "lead", "marketingqualifiedlead", "salesqualifiedlead", "opportunity", "customer", "evangelist",
    ],
}  # fmt: skip
_TOP = ("id", "now", "settings", "sf", "hs", "links", "fields", "expect", "rules", "basis", "resolutions")
_FIELD_KEYS = ("name", "rule", "base", "sf", "hs", "sf_at", "hs_at")


class WorldError(ValueError):
    """A world cannot be understood; the message names the file, the key and what is allowed."""


@dataclass(frozen=True)
class World:
    """A small complete state of both CRMs, the pipeline's memory of earlier runs, and what must be decided.

    Rows keep the short keys of the file; `links`, the `was` of contacts, `fields`, `settings["import_accounts"]` and
    `settings["manual_sync"]` are the pipeline's memory and never loaded into a CRM.

    Attributes:
        settings: the file's settings over the defaults; `enabled_at` is a time, UTC.
        now: where the clock stands.
        assoc: [contact, company] or [contact, company, "primary"].
        expect: the complete list of decisions, as written; None where the file does not say.
    """

    id: str
    now: datetime
    settings: Mapping[str, Any]
    accounts: tuple[Row, ...]
    salesforce_contacts: tuple[Row, ...]
    leads: tuple[Row, ...]
    companies: tuple[Row, ...]
    contacts: tuple[Row, ...]
    assoc: tuple[tuple[str, ...], ...]
    links: tuple[Row, ...] = ()
    fields: tuple[Row, ...] = ()
    expect: tuple[Row, ...] | None = None
    rules: tuple[str, ...] = ()
    title: str = ""
    where: str = ""
    resolutions: tuple[Row, ...] = field(default=())


def parse_world(path: Path) -> World:
    """Return the world in a YAML file, completed from the `defaults.yaml` beside it or from equal built-in defaults.

    Raises:
        WorldError: the file or a key in it cannot be understood.
    """
    beside = path.parent / "defaults.yaml"
    defaults = _read(beside) if beside.exists() and beside != path else {}
    text = _text(path)
    title = next((line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")), "")
    return world_of(_read(path), defaults, str(path), title)


def world_of(raw: Row, defaults: Row | None = None, where: str = "world", title: str = "") -> World:
    """Return the world in a mapping.

    Raises:
        WorldError: a key is unknown, misplaced or its value impossible.
    """
    given = defaults or {}
    _known(raw, _TOP, where)
    sf, hs = _section(raw, "sf", where), _section(raw, "hs", where, extra=("assoc",))
    settings = DEFAULT_SETTINGS | given.get("settings", {}) | (raw.get("settings") or {})
    now = raw.get("now", given.get("now", date(2026, 1, 12)))
    world = World(
        id=str(raw.get("id", where)),
        now=moment(now, f"{where}: now"),
        settings=settings | {"enabled_at": moment(settings["enabled_at"], f"{where}: settings.enabled_at")},
        accounts=_rows(sf, "sf", "accounts", where),
        salesforce_contacts=_rows(sf, "sf", "contacts", where),
        leads=_rows(sf, "sf", "leads", where),
        companies=_rows(hs, "hs", "companies", where),
        contacts=_rows(hs, "hs", "contacts", where),
        assoc=tuple(_association(it, where) for it in hs.get("assoc") or []),
        links=tuple(_mapping(it, ("account", "company", "active"), f"{where}: links") for it in raw.get("links") or []),
        fields=tuple(_field(it, where) for it in raw.get("fields") or []),
        expect=tuple(raw["expect"] or []) if "expect" in raw else None,
        rules=tuple(map(str, raw.get("rules") or [])),
        title=title,
        where=where,
        resolutions=tuple(raw.get("resolutions") or []),
    )
    _refuse_dangling(world)
    return world


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
    return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


def _text(path: Path) -> str:
    """Return a file's text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise WorldError(f"{path}: cannot be read: {problem}") from problem


def _read(path: Path) -> Row:
    """Return a YAML mapping."""
    try:
        raw = yaml.safe_load(_text(path))
    except yaml.YAMLError as problem:
        raise WorldError(f"{path}: no YAML: {' '.join(str(problem).split())}") from problem
    if not isinstance(raw, dict):
        raise WorldError(f"{path}: expected a mapping with the keys {', '.join(_TOP)}")
    return raw


def _known(row: Any, allowed: tuple[str, ...], where: str) -> None:
    """Refuse anything but a mapping of known keys."""
    if not isinstance(row, dict):
        raise WorldError(f"{where}: {row!r} is no mapping; expected the keys {', '.join(allowed)}")
    if unknown := sorted(str(key) for key in row if key not in allowed):
        raise WorldError(f"{where}: no such key {', '.join(unknown)}; allowed are {', '.join(allowed)}")


def _mapping(row: Any, allowed: tuple[str, ...], where: str) -> Row:
    """Return a mapping of known keys."""
    _known(row, allowed, where)
    return dict(row)


def _section(raw: Row, name: str, where: str, extra: tuple[str, ...] = ()) -> Row:
    """Return the part of one CRM."""
    part = raw.get(name) or {}
    _known(part, (*SECTIONS[name], *extra), f"{where}: {name}")
    return dict(part)


def _rows(part: Row, crm: str, name: str, where: str) -> tuple[Row, ...]:
    """Return the records of one kind; each has an id of its own and known keys."""
    rows, key = part.get(name) or [], "Id" if crm == "sf" else "id"
    place = f"{where}: {crm}.{name}"
    if not isinstance(rows, list):
        raise WorldError(f"{place}: expected a list of records")
    for row in rows:
        _known(row, SECTIONS[crm][name], place)
        if row.get(key) in {None, ""}:
            raise WorldError(f"{place}: a record without {key}")
    ids = [str(row[key]) for row in rows]
    if twice := sorted({it for it in ids if ids.count(it) > 1}):
        raise WorldError(f"{place}: {', '.join(twice)} occurs twice; every record needs an id of its own")
    return tuple({**row, key: str(row[key])} for row in rows)


def _association(row: Any, where: str) -> tuple[str, ...]:
    """Return one association."""
    fits = isinstance(row, list) and (len(row) == 2 or (len(row) == 3 and row[2] == "primary"))
    if not fits:
        raise WorldError(f"{where}: hs.assoc: {row!r}; expected [contact, company] or [contact, company, primary]")
    return tuple(str(it) for it in row)


def _field(row: Any, where: str) -> Row:
    """Return one mapped field with its times."""
    found = _mapping(row, _FIELD_KEYS, f"{where}: fields")
    for name in ("sf_at", "hs_at"):
        if found.get(name) is not None:
            found[name] = moment(found[name], f"{where}: fields.{found.get('name')}.{name}")
    return found


def _refuse_dangling(world: World) -> None:
    """Refuse associations whose ends are no records of the world."""
    contacts, companies = {it["id"] for it in world.contacts}, {it["id"] for it in world.companies}
    for contact, company, *_ in world.assoc:
        if contact not in contacts or company not in companies:
            missing = contact if contact not in contacts else company
            raise WorldError(f"{world.where}: hs.assoc: {missing} is no record of this world")
