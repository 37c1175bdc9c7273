"""Sync now on the card of a record, then undoing what it did, with the preview first."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.live import RECORD
from browser.visitor import SLOW

LEFT_ALONE = (
    "SELECT d.record_id FROM sync.decisions d JOIN staging.hubspot_companies c ON c.id = d.record_id"
    " WHERE d.action = 'SKIP' AND d.rule = 'R39' AND NOT EXISTS"
    " (SELECT FROM sync.pairs p WHERE p.company_id = d.record_id AND p.is_active) ORDER BY 1 LIMIT 1"
)


@pytest.fixture(scope="module")
def company(live):
    """A company that the rules leave alone, and its name."""
    found = live.value(LEFT_ALONE)
    return found, live.value("SELECT name FROM staging.hubspot_companies WHERE id = %s", found)


@pytest.fixture(scope="module")
def synced(live, anns, company):
    """The run that Ann started from the card of that company, which she looked for by its name."""
    record_id, name = company
    page = anns.open("records")
    page.get_by_role("searchbox").fill(name)
    page.keyboard.press("Enter")
    page.locator(f"main a[href$='q={record_id}']").click()
    card = page.locator("#card")
    expect(card.locator("h2").first).to_contain_text(name)
    expect(card).to_contain_text("Not paired")
    card.locator("#sync-now").click()
    state = page.locator("#sync [data-state]")
    expect(state).to_contain_text("Sync by hand")
    expect(page.locator("#sync [data-state=success]")).to_be_visible(timeout=SLOW)
    expect(card).to_contain_text("Paired with")
    page.get_by_role("link", name="What it did").click()
    expect(page.locator("h1")).to_contain_text(f"Run {RECORD}/")
    return page.locator("h1").inner_text().removeprefix("Run ")


def test_sync_now_makes_the_account_and_shows_it_finish(live, ann, synced, company):
    page = ann.open("runs/one", run=synced)
    expect(page.locator("#writes")).to_contain_text("Create account in Salesforce")
    account = live.value("SELECT account_id FROM sync.pairs WHERE company_id = %s AND is_active", company[0])
    accounts = live.stage.control("state", full=1)["salesforce"]["Account"]
    assert [it["Name"] for it in accounts if it["Id"] == account] == [company[1]]
    started = [it for it in live.api.runs(RECORD) if f"{RECORD}/{it['dag_run_id']}" == synced]
    assert [it["triggering_user_name"] for it in started] == ["Ann"]


def test_a_run_is_undone_after_its_preview(live, ann, synced, company):
    account = live.value("SELECT account_id FROM sync.pairs WHERE company_id = %s AND is_active", company[0])
    writes = live.stage.writes()
    page = ann.open("runs/one", run=synced)
    page.get_by_label("Records it made").select_option("true")
    page.locator("#preview-revert").click()
    preview = page.locator("#revert [data-state=success]")
    expect(preview).to_be_visible(timeout=SLOW)
    expect(preview.locator("caption").first).to_have_text("What is undone, and what stays")
    expect(preview).to_contain_text(account)
    assert live.stage.writes() == writes, "a preview wrote something"
    assert live.partner(account) == company[0]
    ann.confirm(page.get_by_role("button", name="Undo this run"), "Undo it")
    expect(page.locator("#revert p[data-state=success]")).to_be_visible(timeout=SLOW)
    assert not live.partner(account)
    accounts = live.stage.control("state", full=1)["salesforce"]["Account"]
    assert [it["IsDeleted"] for it in accounts if it["Id"] == account] == [True]
    page.get_by_role("link", name="what the revert did").click()
    expect(page.locator("main")).to_contain_text("What is undone, and what stays")
