"""What the answers of people did to the pairs that a world says Accord remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.sandbox.world_ids import comparable

if TYPE_CHECKING:
    from accord.sandbox.world_parse import World


def is_active(world: World, link: dict[str, Any]) -> bool:
    """Return whether a pair still stands; an answer that says apart, or another partner, ended it."""
    return bool(link.get("active", True)) and not any(_ends(answer, link) for answer in world.resolutions)


def _ends(answer: dict[str, Any], link: dict[str, Any]) -> bool:
    """Return whether an answer contradicts a pair."""
    if answer["choice"] not in {"pair", "apart"}:
        return False
    same_account = comparable("Account", answer["account"]) == comparable("Account", link["account"])
    same_company = comparable("companies", answer["company"]) == comparable("companies", link["company"])
    return same_account and same_company if answer["choice"] == "apart" else same_account != same_company
