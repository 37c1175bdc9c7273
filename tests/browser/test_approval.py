"""A capped plan waits for a person, who rejects or approves that very plan; who it was is recorded."""

from __future__ import annotations

import uuid

from playwright.sync_api import expect

from browser.live import SYNC


def waiting_plan(ann):
    """The page of the plan that waits, reached as a person does: by the overview's word that one waits."""
    link = ann.until("", "#airflow a")
    link.click()
    expect(ann.page.locator("#waiting")).to_be_visible()
    return ann.page.locator("main > p a").first.inner_text()


def test_a_capped_plan_is_rejected_then_approved(live, ann):
    with live.settings(caps={"max_creates": 0}):
        name = f"Capped {uuid.uuid4().hex[:8]} GmbH"
        account = live.account(name, f"{uuid.uuid4().hex}@capped.test")
        live.begin()
        run = waiting_plan(ann)
        row = ann.page.locator("#rows tr", has_text=name)
        expect(row).to_contain_text("Create a company")
        expect(row).to_contain_text("held")

        # Another digest is another plan, whatever the page shows.
        ann.page.evaluate("document.querySelectorAll('[name=digest]').forEach(it => it.value = '0'.repeat(64))")
        said = ann.confirm(ann.page.get_by_role("button", name="Approve"), "Approve and write")
        expect(said).to_contain_text("made anew")
        assert ann.errors
        ann.errors.clear()

        ann.open("plan", run=run)
        said = ann.confirm(ann.page.locator("[data-opens=reject]"), "Reject")
        expect(said).to_contain_text("rejected: nothing of it is written. Recorded: Ann")
        expect(ann.page.locator("#answered")).to_have_text("Ann answered: Reject.")
        live.finished(SYNC, run.partition("/")[2])
        assert not live.partner(account)
        ann.open("runs/one", run=run)
        expect(ann.page.locator("main")).to_contain_text("Rejected by Ann")

        again = live.begin()
        run = waiting_plan(ann)
        said = ann.confirm(ann.page.locator("[data-opens=approve]"), "Approve and write")
        expect(said).to_contain_text("approved: it is written now. Recorded: Ann")
        # Other settings would give another plan, which nobody has approved.
        live.finished(SYNC, run.partition("/")[2])
        live.finished(SYNC, again)
    company = live.partner(account)
    made = live.stage.control("state", full=1)["hubspot"]["companies"]
    assert [it["name"] for it in made if it["hs_object_id"] == company] == [name]
    page = ann.open("runs/one", run=run)
    expect(page.locator("main")).to_contain_text("Approved by Ann.")
