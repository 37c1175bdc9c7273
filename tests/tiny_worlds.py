"""Worlds of a few lines for the tests of the rules: what stands in `shared` grows into people on both sides."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from accord.rules import decide
from accord.sandbox.world_parse import world_of
from accord.worlds.decisions import world_decisions
from accord.worlds.frames import snapshot_of

if TYPE_CHECKING:
    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot
    from accord.worlds.names import WorldNames

NEW, OLD = "2026-01-11", "2024-03-01"
MOVES = ("attach", "associate", "warn")
"""What is compared although a line does not say it: whom a decision moves, and what it warns of."""


def decided(text: str) -> list[dict[str, Any]]:
    """Return the decisions on a world written short.

    `new` and `old` are accounts, `fresh` and `aged` companies; `shared: {A1: {K1: 2/1}}` are two people of A1 at K1,
    one of them with K1 as primary company (a plain 2: both). `sf`, `hs`, `links`, `settings` are as in any world.
    """
    snapshot, policy, names = read_short(text)
    return world_decisions(decide(snapshot, policy), names)


@cache
def read_short(text: str) -> tuple[Snapshot, Policy, WorldNames]:
    """Return what the rules are given of a world written short; they leave it as it is, so it is read once."""
    return snapshot_of(world_of(grown(yaml.safe_load(text))))


def grown(short: dict[str, Any]) -> dict[str, Any]:
    """Return the complete world of a short one."""
    sf, hs = dict(short.get("sf") or {}), dict(short.get("hs") or {})
    accounts = [{"Id": it, "Created": NEW} for it in short.get("new", [])]
    accounts += [{"Id": it, "Created": OLD} for it in short.get("old", [])]
    companies = [{"id": it, "created": NEW, "source": "CRM_UI"} for it in short.get("fresh", [])]
    companies += [{"id": it, "created": OLD, "source": "CRM_UI"} for it in short.get("aged", [])]
    contacts, people, assoc = _people(short.get("shared", {}))
    sf |= {"accounts": accounts + sf.get("accounts", []), "contacts": contacts + sf.get("contacts", [])}
    hs |= {"companies": companies + hs.get("companies", []), "contacts": people + hs.get("contacts", [])}
    hs["assoc"] = assoc + hs.get("assoc", [])
    kept = {key: short[key] for key in ("settings", "links", "fields", "resolutions") if key in short}
    return {"id": "TINY", "sf": sf, "hs": hs, **kept}


def _people(shared: dict[str, dict[str, Any]]) -> tuple[list[Any], list[Any], list[Any]]:
    contacts, people, assoc = [], [], []
    for account, companies in shared.items():
        for company, amount in companies.items():
            total, _, primaries = str(amount).partition("/")
            for number in range(1, int(total) + 1):
                name = f"{account}{company}{number}"
                contacts.append({"Id": f"p{name}", "AccountId": account})
                people.append({"id": f"s{name}", "sfc": f"p{name}"})
                is_primary = number <= int(primaries or total)
                assoc.append([f"s{name}", company, *(["primary"] if is_primary else [])])
    return contacts, people, assoc


def check(case: str) -> None:
    """Assert that a short world is decided as the lines after its `---` say, completely.

    A line is `target action reason key=value ...`; `-` stands for a reason that is not looked at, commas make lists.
    """
    text, expected = case.split("---")
    found = {(row["target"], row["do"]): row for row in decided(text)}
    wanted = {
        (row["target"], row["do"]): row
        for row in map(_expectation, filter(None, map(str.strip, expected.splitlines())))
    }
    assert found.keys() == wanted.keys()
    for key, row in wanted.items():
        always = {name: row.get(name) for name in MOVES}
        assert {name: found[key].get(name) for name in always | row} == always | row


def _expectation(line: str) -> dict[str, Any]:
    target, do, reason, *rest = line.split()
    row: dict[str, Any] = {"target": target, "do": do} | ({} if reason == "-" else {"reason": reason})
    for name, _, value in (it.partition("=") for it in rest):
        many = name in {"attach", "associate"} or "," in value
        row[name] = value.split(",") if many else {"null": None}.get(value, value)
    return row
