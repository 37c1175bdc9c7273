"""A world file as data: read, completed from its defaults, checked key by key. The CRMs are not touched here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import yaml

from accord.sandbox.world_checks import refuse_contradictions
from accord.sandbox.world_values import (
    ACTIONS,
    CHOICES,
    FIELD,
    LINK,
    RESOLUTION,
    SECTIONS,
    WorldError,
    moment,
    names,
    text,
)
from accord.sandbox.world_yaml import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from accord.sandbox.world_values import Read

__all__ = ["World", "WorldError", "moment", "parse_world", "world_of"]

Row = dict[str, Any]

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
    defaults = _yaml(beside) if beside.exists() and beside != path else {}
    text = _text(path)
    title = next((line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")), "")
    return world_of(_yaml(path), defaults, str(path), title)


def world_of(raw: Row, defaults: Row | None = None, where: str = "world", title: str = "") -> World:
    """Return the world in a mapping.

    A reference to a record that the world does not have is a record that we cannot see (R4), and `unseen` names it; in
    `hs.assoc` it is an error, for nobody could have seen it.

    Raises:
        WorldError: a key is unknown, misplaced, its value impossible, or two of them contradict each other.
    """
    given = defaults or {}
    _known(raw, _TOP, where)
    sf, hs = _section(raw, "sf", where), _section(raw, "hs", where, extra=("assoc",))
    now = raw.get("now") or given.get("now") or date(2026, 1, 12)
    world = World(
        id=str(raw.get("id", where)),
        now=moment(now, f"{where}: now"),
        settings=_settings(raw, given, where),
        accounts=_rows(sf, "sf", "accounts", where),
        salesforce_contacts=_rows(sf, "sf", "contacts", where),
        leads=_rows(sf, "sf", "leads", where),
        companies=_rows(hs, "hs", "companies", where),
        contacts=_rows(hs, "hs", "contacts", where),
        assoc=tuple(_association(it, where) for it in _list(hs, "assoc", f"{where}: hs.assoc")),
        links=_memory(raw, "links", LINK, where, needed=("account", "company")),
        fields=_memory(raw, "fields", FIELD, where, needed=("name", "rule")),
        expect=_expected(raw, where),
        rules=tuple(map(str, _list(raw, "rules", f"{where}: rules"))),
        title=title,
        where=where,
        resolutions=tuple(_resolution(it, where) for it in _list(raw, "resolutions", f"{where}: resolutions")),
    )
    refuse_contradictions(world)
    return world


def _text(path: Path) -> str:
    """Return a file's text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise WorldError(f"{path}: cannot be read: {problem}") from problem


def _yaml(path: Path) -> Row:
    """Return a YAML mapping."""
    try:
        raw = read_yaml(_text(path))
    except yaml.YAMLError as problem:
        raise WorldError(f"{path}: no YAML: {' '.join(str(problem).split())}") from problem
    if not isinstance(raw, dict):
        raise WorldError(f"{path}: expected a mapping with the keys {', '.join(_TOP)}")
    return raw


def _known(row: Any, allowed: Sequence[str], where: str) -> None:
    """Refuse anything but a mapping of known keys."""
    if not isinstance(row, dict):
        raise WorldError(f"{where}: {row!r} is no mapping; expected the keys {', '.join(allowed)}")
    if unknown := sorted(str(key) for key in row if key not in allowed):
        raise WorldError(f"{where}: no such key {', '.join(unknown)}; allowed are {', '.join(allowed)}")


def _read(row: Any, readers: Mapping[str, Read], where: str, needed: Sequence[str] = ()) -> Row:
    """Return a mapping whose values were read key by key."""
    _known(row, tuple(readers), where)
    if missing := [key for key in needed if row.get(key) in (None, "")]:
        raise WorldError(f"{where}: {row!r} does not say {' and '.join(missing)}")
    return {key: readers[key](value, f"{where}: {key}") for key, value in row.items()}


def _list(part: Row, name: str, where: str) -> list[Any]:
    """Return a list, empty where nothing is written."""
    rows = part.get(name)
    if rows is None:
        return []
    if not isinstance(rows, list):
        raise WorldError(f"{where}: expected a list, found {rows!r}")
    return rows


def _settings(raw: Row, given: Row, where: str) -> Row:
    """Return the settings over the defaults, the lists among them read."""
    own, place = raw.get("settings") or {}, f"{where}: settings"
    if not isinstance(own, dict):
        raise WorldError(f"{place}: expected a mapping, found {own!r}")
    settings: Row = DEFAULT_SETTINGS | given.get("settings", {}) | own
    imported, listed = settings["import_accounts"], settings["inclusion_list"]
    return settings | {
        "enabled_at": moment(settings["enabled_at"], f"{place}.enabled_at"),
        "import_accounts": "all" if imported == "all" else names(imported, f"{place}.import_accounts"),
        "manual_sync": names(settings["manual_sync"], f"{place}.manual_sync"),
        "inclusion_list": None if listed is None else names(listed, f"{place}.inclusion_list"),
        "stage_order": names(settings["stage_order"], f"{place}.stage_order"),
        "pipeline_user": text(settings["pipeline_user"], f"{place}.pipeline_user"),
    }


def _section(raw: Row, name: str, where: str, extra: tuple[str, ...] = ()) -> Row:
    """Return the part of one CRM."""
    part = raw.get(name) or {}
    _known(part, (*SECTIONS[name], *extra), f"{where}: {name}")
    return dict(part)


def _rows(part: Row, crm: str, kind: str, where: str) -> tuple[Row, ...]:
    """Return the records of one kind, read key by key."""
    place, key = f"{where}: {crm}.{kind}", "Id" if crm == "sf" else "id"
    rows: list[Row] = []
    for row in _list(part, kind, place):
        named = row.get(key) if isinstance(row, dict) else None
        if isinstance(row, dict) and named in (None, ""):
            raise WorldError(f"{place}: record {len(rows) + 1} has no {key}: {row}")
        rows.append(_read(row, SECTIONS[crm][kind], place if named is None else f"{place}: {named}"))
    return tuple(rows)


def _memory(raw: Row, kind: str, readers: Mapping[str, Read], where: str, needed: Sequence[str]) -> tuple[Row, ...]:
    """Return what Accord remembers of one kind."""
    place = f"{where}: {kind}"
    return tuple(_read(it, readers, place, needed) for it in _list(raw, kind, place))


def _resolution(row: Any, where: str) -> Row:
    """Return one answer of a person."""
    place = f"{where}: resolutions"
    found = _read(row, RESOLUTION, place)
    named = {it for it in ("account", "company") if found.get(it)}
    if found.get("choice") not in CHOICES:
        raise WorldError(f"{place}: choice: {found.get('choice')!r}; allowed are {', '.join(CHOICES)}")
    fits = {"create": bool(named), "pair": len(named) == 2, "apart": len(named) == 2}
    if not fits.get(found["choice"], named == {"company"}):
        raise WorldError(
            f"{place}: {found['choice']} with {', '.join(sorted(named)) or 'nobody'}; pair and apart need account and "
            "company, create one of them, an open question the company"
        )
    return found


def _expected(raw: Row, where: str) -> tuple[Row, ...] | None:
    """Return the decisions that a world expects, None where it does not say."""
    if "expect" not in raw:
        return None
    for row in (rows := _list(raw, "expect", f"{where}: expect")):
        if not isinstance(row, dict) or row.get("target") is None:
            raise WorldError(f"{where}: expect: {row!r}; expected a decision such as {{target: A1, do: UPDATE}}")
        if row.get("do") not in ACTIONS:
            raise WorldError(
                f"{where}: expect: {row['target']}: do: {row.get('do')!r}; allowed are {', '.join(ACTIONS)}"
            )
    return tuple(rows)


def _association(row: Any, where: str) -> tuple[str, ...]:
    """Return one association."""
    fits = isinstance(row, list) and (len(row) == 2 or (len(row) == 3 and row[2] == "primary"))
    if not fits or any(it is None or isinstance(it, bool | list | dict) for it in row):
        raise WorldError(f"{where}: hs.assoc: {row!r}; expected [contact, company] or [contact, company, primary]")
    return tuple(str(it) for it in row)
