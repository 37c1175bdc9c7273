"""Records that have nothing to do with the rest of a world."""

from __future__ import annotations

from copy import deepcopy
from random import Random

from oracle.random_records import NEW, OLD, Record, chance

STRANGERS = {"A70", "K70"}


def with_strangers(random: Random, world: Record) -> Record:
    """Return the world with an account, a company or both, paired or not, old or new, with people or without."""
    crowded = deepcopy(world)
    sf, hs = crowded["sf"], crowded["hs"]
    side, made, has_people = random.choice(["sf", "hs", "both", "pair"]), random.choice([NEW, OLD]), chance(random, 0.6)
    if side != "hs":
        _add(sf, "accounts", {"Id": "A70", "Created": made, "Modified": made, "By": "U_REP"})
    if side != "sf":
        _add(hs, "companies", {"id": "K70", "created": made, "source": random.choice(["CRM_UI", "CRM_SETTING"])})
    if side == "pair":
        _add(crowded, "links", {"account": "A70", "company": "K70"})
    if has_people and side != "hs":
        _add(sf, "contacts", {"Id": "P70", "AccountId": "A70", "Email": "z70@z.test"})
    if has_people and side != "sf":
        email = random.choice(["z70@z.test", "y70@z.test"])
        _add(hs, "contacts", {"id": "h70", "email": email, "was": "lead", "stage": "customer"})
        _add(hs, "assoc", ["h70", "K70", "primary"])
    if chance(random, 0.3):
        _add(sf, "contacts", {"Id": "P71", "AccountId": None, "Email": "p71@z.test"})
        _add(sf, "leads", {"Id": "L70", "Email": "l70@z.test"})
        _add(hs, "contacts", {"id": "h71", "email": "h71@z.test"})
    return crowded


def _add(part: Record, kind: str, row: object) -> None:
    part[kind] = [*(part.get(kind) or []), row]
