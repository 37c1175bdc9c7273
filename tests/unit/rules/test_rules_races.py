"""When a company is the twin of one that Accord made just then (R105)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from accord.rules import decide
from accord.worlds.decisions import world_decisions
from tiny_worlds import read_short

WORLD = """
    old: [A1]
    links: [{account: A1, company: K1}]
    sf: {contacts: [{Id: P1, AccountId: A1}]}
    hs:
      companies: [{id: K1, created: 2026-01-11T12:00:00Z}, {id: K2, CREATED source: CRM_SETTING}]
      contacts: [{id: h1, sfc: P1}]
      assoc: [[h1, K1], [h1, K2, primary]]
"""
TWIN = {"do": "REVIEW", "reason": "race_with_auto_create", "rule": "R105", "with": "A1", "runner_up": "K1"}
ACCOUNT = {"do": "CREATE_ACCOUNT", "reason": "auto_created_and_default_contact", "rule": "R31"}


def of_k2(created: str, made_at: str | None, **changes: str) -> dict[str, str]:
    text = WORLD.replace("CREATED", f"created: {created}," if created else "")
    for old, new in changes.items():
        text = text.replace(old, new)
    snapshot, policy, names = read_short(text)
    pairs = snapshot.pairs.assign(company_made_at=pd.Timestamp(made_at or "NaT", tz="UTC").as_unit("us"))
    [row] = [
        it for it in world_decisions(decide(replace(snapshot, pairs=pairs), policy), names) if it["target"] == "K2"
    ]
    return row


@pytest.mark.rule("R105")
@pytest.mark.parametrize("created", ["2026-01-11T11:00:00Z", "2026-01-11T12:00:05Z", "2026-01-11T13:00:00Z", ""])
def test_a_company_made_by_hubspot_while_we_made_ours_is_asked_about(created):
    row = of_k2(created, "2026-01-11T12:00:00")
    assert {name: row.get(name) for name in TWIN} == TWIN


@pytest.mark.rule("R105")
@pytest.mark.parametrize(
    ("created", "made_at"),
    [("2026-01-11T10:59:59Z", "2026-01-11T12:00:00"), ("2026-01-11T13:00:01Z", "2026-01-11T12:00:00"),
     ("2026-01-11T12:00:05Z", None)],
    ids=["long before", "long after", "our company was there before"],
)  # fmt: skip
def test_any_other_company_made_by_hubspot_goes_its_way(created, made_at):
    row = of_k2(created, made_at)
    assert {name: row.get(name) for name in ACCOUNT} == ACCOUNT


@pytest.mark.rule("R105")
def test_a_company_that_a_person_made_is_no_twin():
    assert of_k2("2026-01-11T12:00:05Z", "2026-01-11T12:00:00", CRM_SETTING="CRM_UI")["rule"] == "R34"
