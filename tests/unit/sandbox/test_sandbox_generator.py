"""The made world: the same for the same seed, with everything that makes matching hard, and a judge who knows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from accord.model.ids import company_origin_key
from accord.sandbox.control import full_state
from accord.sandbox.core import Crms
from accord.sandbox.generator import LIST_NAME, generate
from accord.sandbox.judge import summary, violations

UNTIL = datetime(2026, 11, 1, tzinfo=UTC)


def made(accounts: int, seed: int = 1) -> Crms:
    crms = Crms(UNTIL)
    generate(crms, accounts=accounts, seed=seed, until=UNTIL)
    return crms


@pytest.fixture(scope="module")
def crms() -> Crms:
    return made(2000)


def test_the_same_seed_makes_the_same_world():
    assert full_state(made(50)) == full_state(made(50))
    assert full_state(made(50)) != full_state(made(50, seed=2))


def test_sizes_follow_the_number_of_accounts(crms: Crms):
    sizes = {name: len(table) / 2000 for name, table in crms.org.tables.items()}
    sizes |= {kind: len(table.live) / 2000 for kind, table in crms.portal.tables.items()}
    wanted = {"Account": 1, "Contact": 4, "Lead": 0.3, "companies": 0.8, "contacts": 3.6}
    assert {name: sizes[name] for name in wanted} == pytest.approx(wanted, rel=0.12)


def test_everything_that_makes_matching_hard_is_there(crms: Crms):
    accounts, people = crms.org.tables["Account"].values(), crms.org.tables["Contact"].values()
    companies = crms.portal.tables["companies"]
    domains = Counter(it["domain"] for it in companies.live.values() if "domain" in it)
    stored = Counter(it["salesforceaccountid"][:15] for it in companies.live.values() if "salesforceaccountid" in it)
    found = {
        "subsidiaries": any("ParentId" in it for it in accounts),
        "person accounts": any(it["IsPersonAccount"] for it in accounts),
        "merged accounts": any("MasterRecordId" in it for it in accounts),
        "deleted accounts": any(it["IsDeleted"] for it in accounts),
        "line ends in streets": any("\n" in it.get("BillingStreet", "") for it in accounts),
        "names beyond ASCII": any(not it["Name"].isascii() for it in accounts),
        "accounts without website": any("Website" not in it for it in accounts),
        "private contacts": any("AccountId" not in it for it in people),
        "people with free mail": any(it["Email"].endswith("@gmail.com") for it in people),
        "e-mails in capitals": any(it["Email"].startswith(" ") for it in people),
        "converted leads": any(it["IsConverted"] for it in crms.org.tables["Lead"].values()),
        "shared domains": max(domains.values()) > 1,
        "archived companies": bool(companies.bin),
        "merged companies": bool(companies.merged_into),
        "twins": max(stored.values()) > 1,
        "names too long for Salesforce": any(len(it["name"]) > 255 for it in companies.live.values()),
        "a list": bool(crms.portal.lists.by_id["3"].members) and crms.portal.lists.by_id["3"].name == LIST_NAME,
    }
    assert [name for name, is_there in found.items() if not is_there] == []


def test_creations_are_spread_over_the_months_before(crms: Crms):
    days = sorted(it["CreatedDate"][:10] for it in crms.org.tables["Account"].values())
    assert days[0] >= (UNTIL - timedelta(days=184)).date().isoformat()
    assert days[-1] == UNTIL.date().isoformat() or days[-1] == (UNTIL - timedelta(days=1)).date().isoformat()
    assert len({day[:7] for day in days}) >= 6
    assert sum(day >= (UNTIL - timedelta(days=3)).date().isoformat() for day in days) > 60


def test_nothing_is_held_against_the_pipeline_before_it_acts(crms: Crms):
    assert violations(crms) == []
    assert summary(crms)["pipeline_writes"] == {}


def test_the_judge_sees_wrong_partners_twins_and_records_paired_twice():
    crms = made(60)
    truths, firms = crms.org.truth, crms.portal.truth
    account = next(it for it in truths if not crms.org.tables["Account"][it]["IsDeleted"])
    strangers = [it for it in crms.portal.tables["companies"].live if firms[it] != truths[account]][:1]
    key = company_origin_key(crms.org.org_id, account)
    with crms.acting("pipeline"):
        for company in strangers:
            crms.portal.update("companies", company, {"accord_key": key})
        crms.portal.update("companies", strangers[0], {"accord_key": ""})
        twin = crms.portal.create("companies", {"name": "T", "accord_key": key})
        crms.portal.update("companies", twin, {"accord_key": ""})
        crms.portal.create("companies", {"name": "T", "accord_key": key})
        crms.portal.update("companies", strangers[0], {"salesforceaccountid": account})
    assert {it.what for it in violations(crms)} == {
        "paired with the wrong organisation",
        "account paired twice",
        "twin created",
    }
