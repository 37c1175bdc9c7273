"""When a company is the twin of one that Accord made just then (R105)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from accord.model.columns import PAIRS, conform
from accord.rules import decide, study
from accord.rules.races import raced_with
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


MANY = """
    old: [A1, A2, A3]
    links: [{account: A1, company: K1}, {account: A2, company: K2}]
    resolutions: [{account: A9, company: K9, choice: create}]
    sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: A2}, {Id: P3, AccountId: A3}]}
    aged: [K1, K2]
    hs:
      companies:
        - {id: K3, created: 2026-01-11T12:00:00Z, source: CRM_SETTING}
        - {id: K4, created: 2026-01-11T12:00:00Z, source: CRM_SETTING}
        - {id: K5, created: 2026-01-11T12:00:00Z, source: CRM_SETTING}
        - {id: K6, created: 2026-01-11T12:00:00Z, source: CRM_SETTING}
      contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P2}, {id: h3, sfc: P3}]
      assoc: [[h1, K3], [h2, K4], [h3, K5], [h1, K6], [h2, K6]]
"""


@pytest.mark.rule("R105")
@pytest.mark.parametrize(
    ("made", "taken", "raced"),
    [
        ("A1-K1-12", "", "K3-A1 K6-A1"),
        ("A2-K2-12", "", "K4-A2 K6-A2"),
        ("A1-K1-09 A1-K1-12", "", "K3-A1 K6-A1"),
        ("A1-K1-12 A1-K1-09", "", "K3-A1 K6-A1"),
        ("A1-K2-12", "", ""),
        ("A9-K9-12", "", ""),
        ("A3-K9-12", "", ""),
        ("A9-K2-12", "", ""),
        ("A2-K2-12", "A1-K6", "K4-A2"),
        ("A1-K1-12", "A3-K6", "K3-A1"),
    ],
)
def test_only_the_company_that_was_made_for_a_standing_pair_has_twins(made, taken, raced):
    """`A1-K1-12`: Accord made K1 for A1 at noon; in `taken` a company belongs to somebody by now."""
    links = f", {{account: {taken[:2]}, company: {taken[3:]}}}" if taken.startswith("A3") else ""
    world = MANY.replace("company: K2}]", f"company: K2}}{links}]")
    if taken.startswith("A1"):
        world = world.replace("account: A1, company: K1", "account: A1, company: K6")
    snapshot, policy, names = read_short(world)
    rows = [entry.split("-") for entry in made.split()]
    more = pd.DataFrame(
        {
            "account_key": [names.accounts.key(account) for account, _, _ in rows],
            "company_key": [names.companies.key(company) for _, company, _ in rows],
            "is_active": True,
            "company_made_at": pd.to_datetime([f"2026-01-11 {hour}:00" for _, _, hour in rows], utc=True).as_unit("us"),
        }
    )
    pairs = pd.concat([snapshot.pairs, conform(more, PAIRS, "pairs")], ignore_index=True)
    case = study(snapshot, policy)
    found = raced_with(case.records, case.identity, case.overlaps, pairs)
    shorts = [
        f"{names.companies.short(case.records.companies.key[at])}-{names.accounts.short(case.records.accounts.key[account])}"
        for at, account in enumerate(found)
        if account >= 0
    ]
    assert " ".join(sorted(shorts)) == raced
