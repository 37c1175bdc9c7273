"""Lifecycle stages from contacts to companies (R52-R61) and mapped fields of a pair (R62-R67)."""

from __future__ import annotations

from oracle.contest import Contest
from oracle.pairs import Pairs
from oracle.reading import Decision, Record, World, moment, natural


def stage_rows(world: World, pairs: Pairs, staff: dict[str, dict[str, bool]]) -> list[Decision]:
    """Return a SET_STAGE for every company that a changed primary person is ahead of; R23 and R78 are left alone."""
    frozen = pairs.closed - pairs.orphans
    rows = [_stage_row(world, k, staff.get(k, {})) for k in world.live_companies() if k not in frozen]
    return [row for row in rows if row]


def field_rows(world: World, contest: Contest) -> list[Decision]:
    """Return the SET_FIELD rows of the world's one pair, from before or from this run, unless it is contradicted."""
    if not contest.taken:
        return []
    moves = [(field["name"], _field_move(field)) for field in world.fields]
    return [{"target": name, "do": "SET_FIELD", "side": move[0], "value": move[1]} for name, move in moves if move]


def _stage_row(world: World, company: str, people: dict[str, bool]) -> Decision | None:
    """The furthest of the changed people, forward only; what has no rank neither moves nor is moved (R53-R59)."""
    order: list[str] = list(world.settings["stage_order"])
    now = world.companies[company].get("stage")
    changed = [h for h, is_primary in people.items() if is_primary and _has_moved(world.hs_contacts[h])]
    ranked = sorted((h for h in changed if world.hs_contacts[h]["stage"] in order), key=natural)
    if not ranked or (now and now not in order):
        return None
    ahead = max(ranked, key=lambda h: order.index(world.hs_contacts[h]["stage"]))
    stage = world.hs_contacts[ahead]["stage"]
    if now and order.index(stage) <= order.index(now):
        return None
    return {"target": company, "do": "SET_STAGE", "value": stage, "because": ahead}


def _has_moved(contact: Record) -> bool:
    """A contact that was never seen before has not moved (R52, R55, R56, R60)."""
    return "was" in contact and bool(contact.get("stage")) and contact["stage"] != (contact["was"] or "")


def _field_move(field: Record) -> tuple[str, str | None] | None:
    """Return (side that is written, value), None where nothing moves."""
    base, sf, hs = (field.get(key) or None for key in ("base", "sf", "hs"))
    if sf == hs or field["rule"] == "dont_sync":
        return None
    if field["rule"] == "two_way":
        return _latest(field, base, sf, hs)
    if sf is not None:
        return "hs", sf
    if base is None:
        return ("sf", hs) if field["rule"] == "prefer_salesforce" else None
    return ("sf", hs) if field["rule"] == "prefer_salesforce" and hs != base else ("hs", None)


def _latest(field: Record, base: str | None, sf: str | None, hs: str | None) -> tuple[str, str | None]:
    """The side that changed last wins, a deletion is a change, Salesforce wins a draw (R66)."""
    if sf == base:
        return "sf", hs
    if hs == base:
        return "hs", sf
    sf_at, hs_at = moment(field.get("sf_at")), moment(field.get("hs_at"))
    return ("sf", hs) if hs_at and (sf_at is None or hs_at > sf_at) else ("hs", sf)
