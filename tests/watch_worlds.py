"""Worlds as watching sees them: `sfa` of a company is what the native integration says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from accord.model import columns
from accord.model.findings import NATIVE
from accord.model.policy import Policy
from accord.model.snapshot import Snapshot
from accord.rules.watch import Watched, compare
from accord.sandbox.world_parse import world_of
from accord.worlds.frames import snapshot_of
from accord.worlds.names import WorldNames
from oracle.random_histories import delete_some, links, merge_some, resolutions
from oracle.random_records import chance, ids
from oracle.random_worlds import random_contest, random_history, random_world
from tiny_worlds import grown

if TYPE_CHECKING:
    from random import Random

Row = dict[str, Any]


def natively(random: Random) -> Row:
    """A random world in which the native integration has paired many, some of them twice, some with what is gone."""
    world = random.choice([random_world, random_contest, random_history, _crossed, _crossed])(random)
    accounts, companies = world["sf"]["accounts"], world["hs"]["companies"]
    for account in accounts:
        account |= _known(random, "Name", "Website", 0.4)
        if chance(random, 0.05):
            account["Person"] = True
    for company in companies:
        company |= _known(random, "name", "domain", 0.5)
        if chance(random, 0.6):
            company |= {
                "sfa": random.choice([*ids(accounts) * 3, "A9"]),
                "source": random.choice(["INTEGRATION", "CRM_UI"]),
            }
    return world


def _known(random: Random, name: str, site: str, share: float) -> Row:
    """Return a name and a domain of very few, so that they meet."""
    looks = {name: random.choice(["Acme", "Beta"]), site: random.choice(["x.test", "y.test", "z.test"])}
    return {key: value for key, value in looks.items() if chance(random, share)}


def _crossed(random: Random) -> Row:
    """Return a world in which many accounts share one or two people with many companies: ties behind ties (R17-R20)."""
    accounts, companies = (
        [f"{kind}{n}" for n in range(1, random.randint(least, 5) + 1)] for kind, least in (("A", 2), ("K", 3))
    )
    primaries = random.choice(["", "", "/0"])
    shared = {
        account: {company: f"{random.choice([0, 0, 1, 1, 2])}{primaries}" for company in companies}
        for account in accounts
    }
    world = grown({"old": accounts, "aged": companies, "shared": shared})
    records, places = world["sf"]["accounts"], world["hs"]["companies"]
    delete_some(random, records)
    for place in places:
        place["created"] = random.choice(["2023-05-05", "2024-03-01", None])
        if chance(random, 0.15):
            place["archived"] = True
        if chance(random, 0.3):
            world["hs"]["contacts"] += [{"id": f"g{place['id']}{n}"} for n in (1, 2)]
            world["hs"]["assoc"] += [[f"g{place['id']}{n}", place["id"]] for n in (1, 2)]
    merge_some(random, places, [])
    world["settings"] = {"on_tie": random.choice(["review", "review", "review", "oldest"])}
    world["settings"]["min_shared_contacts"] = random.choice([1, 1, 1, 2])
    return world | {"links": links(random, records, places), "resolutions": resolutions(random, records, places)}


def seen(raw: Row) -> tuple[Snapshot, pd.DataFrame, Policy, WorldNames]:
    """Return what the comparison is given for a world, and the names of its keys."""
    world = world_of(raw)
    snapshot, policy, names = snapshot_of(world)
    rows = [
        {
            "company_key": names.companies.key(row["id"]),
            "account_key": names.accounts.key(row["sfa"]),
            "is_made": row.get("source") == "INTEGRATION",
        }
        for row in world.companies
        if row.get("sfa") is not None
    ]
    native = columns.conform(pd.DataFrame(rows), NATIVE, "native") if rows else columns.empty(NATIVE)
    return snapshot, native, policy, names


def watched(text: str) -> tuple[Watched, list[str]]:
    """Return what watching a short world (`tiny_worlds.decided`) comes to, and its findings as lines.

    A line is `reason account company [account=other] [company=other] people/other people`.
    """
    snapshot, native, policy, names = seen(grown(yaml.safe_load(text)))
    result = compare(snapshot, native, policy)
    return result, [_line(row, names) for row in result.findings.to_dict("records")]


def check(case: str) -> None:
    """Assert that watching a short world comes to the findings below its `---`, and to no others."""
    world, expected = case.split("---")
    assert watched(world)[1] == [line.strip() for line in expected.splitlines() if line.strip()]


def _line(row: Row, names: WorldNames) -> str:
    parts = [row["reason"], names.accounts.short(row["account_key"]) or "-"]
    parts.append(names.companies.short(row["company_key"]) or "-")
    for side, known in (("account", names.accounts), ("company", names.companies)):
        other = known.short(row[f"other_{side}_key"])
        parts += [f"{side}={other}"] if other else []
    return " ".join([*parts, f"{row['people']}/{row['other_people']}"])
