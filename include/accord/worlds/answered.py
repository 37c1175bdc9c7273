"""What the answers of people did to the pairs that a world says Accord remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.sandbox.world_ids import comparable

if TYPE_CHECKING:
    from accord.sandbox.world_ids import IdKind
    from accord.sandbox.world_parse import Row, World


def is_active(world: World, link: dict[str, Any]) -> bool:
    """Return whether a pair still stands; an answer that says apart, or another partner, ended it.

    Merges are followed: an answer about a record that was merged since is one about its survivor.
    """
    return bool(link.get("active", True)) and not any(_ends(world, answer, link) for answer in world.resolutions)


def _ends(world: World, answer: Row, link: Row) -> bool:
    """Return whether an answer contradicts a pair."""
    if answer["choice"] not in {"pair", "apart"}:
        return False
    merged = {it: row["id"] for row in world.companies for it in row.get("merged") or [] if it != row["id"]}
    masters = {row["Id"]: row["Master"] for row in world.accounts if row.get("Master")}
    same_account = _today("Account", masters, answer["account"]) == _today("Account", masters, link["account"])
    same_company = _today("companies", merged, answer["company"]) == _today("companies", merged, link["company"])
    return same_account and same_company if answer["choice"] == "apart" else same_account != same_company


def _today(kind: IdKind, into: dict[str, str], record: str) -> str:
    """Return the record at the end of the merges, in the spelling that all of one id have in common."""
    step = {comparable(kind, loser): comparable(kind, survivor) for loser, survivor in into.items()}
    at, seen = comparable(kind, record), set[str]()
    while at in step and at not in seen:
        seen.add(at)
        at = step[at]
    return at
