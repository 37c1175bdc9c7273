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
from oracle.random_worlds import random_contest, random_world
from tiny_worlds import grown

if TYPE_CHECKING:
    from random import Random

Row = dict[str, Any]


def natively(random: Random) -> Row:
    """A random world in which the native integration has paired many, some of them twice."""
    world = random.choice([random_world, random_contest])(random)
    accounts = [*(account["Id"] for account in world["sf"]["accounts"]), "A9"]
    for company in world["hs"]["companies"]:
        if random.random() < 0.6:
            company |= {"sfa": random.choice(accounts), "source": random.choice(["INTEGRATION", "CRM_UI"])}
        if random.random() < 0.5:
            company["domain"] = random.choice(["x.test", "y.test", "z.test"])
    return world


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


def _line(row: Row, names: WorldNames) -> str:
    parts = [row["reason"], names.accounts.short(row["account_key"]) or "-"]
    parts.append(names.companies.short(row["company_key"]) or "-")
    for side, known in (("account", names.accounts), ("company", names.companies)):
        other = known.short(row[f"other_{side}_key"])
        parts += [f"{side}={other}"] if other else []
    return " ".join([*parts, f"{row['people']}/{row['other_people']}"])
