"""The switch of the settings page: off means that nothing is asked of either CRM."""

from __future__ import annotations

from playwright.sync_api import expect


def test_the_sync_is_switched_off_and_on(live, ann):
    page = ann.open("settings")
    expect(page.locator("#switch")).to_have_text("on")
    try:
        said = ann.confirm(page.locator("[data-opens=turn]"), "Turn off")
        expect(said).to_contain_text("Ann turned the sync off")
        expect(page.locator("#switch")).to_have_text("off")
        expect(ann.open("").locator("#health")).to_contain_text("Company sync is switched off")
        calls = live.calls()
        live.run()
        assert live.calls() == calls
    finally:
        page = ann.open("settings")
        said = ann.confirm(page.locator("[data-opens=turn]"), "Turn on")
    expect(said).to_contain_text("Ann turned the sync on")
    expect(page.locator("#switch")).to_have_text("on")
    expect(page.get_by_role("region", name="Sync companies")).to_contain_text("Turned on here by Ann")
    expect(page.locator("#changes")).to_contain_text("Ann")


def test_what_if_is_answered_without_storing_anything(live, ann):
    page = ann.open("settings")
    page.get_by_label("Setting", exact=False).first.select_option("on_tie")
    page.get_by_label("Value, as in the settings file").fill("create")
    page.get_by_role("button", name="Compare").click()
    expect(page.locator("#found")).to_contain_text("decided differently")
    expect(page.locator("#found")).to_contain_text("on_tie")
