"""With Airflow's own login on: nothing without it, a viewer looks and changes nothing, and no other site can act for Ann."""

from __future__ import annotations

import pytest
import requests
from playwright.sync_api import expect

from accord.console.app import console_app, rules_of
from browser.live import RECORD, REVERT, SYNC
from browser.visitor import visiting
from console_pages import contents
from integration.test_console_rights import EFFECTS, LINKS

# A form of one's own page, sent as htmx sends it.
SEND = """([path, form]) => fetch(path, {method: "POST", body: new URLSearchParams(form), headers: {"HX-Request": "true",
  ...JSON.parse(document.body.getAttribute("hx-headers"))}}).then(async it => [it.status, await it.text()])"""
PAGES = ("", "records", "plan", "reviews", "errors", "runs", "settings")


def started(live):
    """How many runs there are of each DAG that a button starts."""
    return {dag_id: len(live.api.runs(dag_id)) for dag_id in (SYNC, RECORD, REVERT)}


def test_nothing_is_reached_without_a_login(live, guarded):
    """Route by route of the console as it is built, also with a token that nobody gave out."""
    before = contents(live.database)
    for path, methods, _ in rules_of(console_app()):
        for method in methods:
            for extra in ({}, {"cookies": {"_token": "x.y.z"}}, {"headers": {"Authorization": "Bearer x.y.z"}}):
                address = f"{guarded}/accord{path}"
                form = EFFECTS.get(path) if method == "POST" else None
                answer = requests.request(method, address, params=LINKS.get(path), data=form, timeout=60, **extra)
                assert answer.status_code in ({401} if not extra else {401, 403}), (method, path, extra)
                assert "sync_accounts" not in answer.text
    for path in ("docs", "redoc", "openapi.json"):
        assert requests.get(f"{guarded}/accord/{path}", timeout=60).status_code == 404
    assert contents(live.database) == before


def test_airflow_asks_for_a_login_before_it_shows_the_console(guarded, browser):
    with visiting(browser, guarded) as stranger:
        stranger.page.goto(f"{guarded}/plugin/accord")
        expect(stranger.page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(stranger.page.locator("iframe")).to_have_count(0)
        stranger.page.goto(f"{guarded}/accord/runs")
        expect(stranger.page.locator("main")).to_contain_text("Log in to Airflow, then open this page again.")
        expect(stranger.page.locator("table")).to_have_count(0)


def test_a_viewer_sees_every_page_and_changes_nothing(live, guarded, browser):
    record = live.value("SELECT account_id FROM sync.pairs WHERE is_active LIMIT 1")
    review = live.value("SELECT id FROM sync.reviews ORDER BY state = 'open' DESC, id LIMIT 1")
    run = live.value("SELECT run_id FROM sync.runs WHERE plan_digest IS NOT NULL ORDER BY started_at LIMIT 1")
    with visiting(browser, guarded) as vera:
        vera.log_in("Vera")
        for path in (
            *PAGES,
            f"records?q={record}",
            f"reviews/one?id={review}",
            f"runs/one?run={run.replace('+', '%2B')}",
        ):
            page = vera.open(path)
            expect(page.locator("h1")).to_be_visible()
            assert page.locator("[hx-post]:not(:has(#sync-now:disabled))").count() == 0, path
            assert page.locator("[data-opens], [data-choice]").count() == 0, path
        expect(vera.open("records", q=record).locator("#sync-now")).to_be_disabled()
        vera.was_quiet()

        before, runs = contents(live.database), started(live)
        for path, form in EFFECTS.items():
            status, said = vera.page.evaluate(
                SEND, [f"/accord{path}", {"id": record} if path == "/records/sync" else form]
            )
            assert status == 403, path
            assert "You may not change the DAG" in said
        assert (contents(live.database), started(live)) == (before, runs)


@pytest.mark.parametrize("mode", ["no-cors", "cors"])
def test_another_site_cannot_act_for_whoever_is_logged_in(live, ann, mode):
    """The other port of this machine counts as the same site, so that the browser sends Ann's cookie along."""
    other = ann.page.context.new_page()
    other.goto(f"{live.site}/api/v2/version")
    before, sent, answers = contents(live.database), [], []
    other.on("request", lambda it: sent.append(it.method) if "/settings/switch" in it.url else None)
    other.on("response", lambda it: answers.append(it.status) if "/settings/switch" in it.url else None)
    other.evaluate(
        """([address, mode]) => fetch(address, {method: "POST", mode, credentials: "include",
          body: new URLSearchParams({answer: "off"})}).catch(it => String(it))""",
        [f"{ann.site}/accord/settings/switch", mode],
    )
    other.close()
    # With cors the browser keeps the answer to itself.
    assert (sent, answers) == (["POST"], [403] if mode == "no-cors" else [])
    assert contents(live.database) == before


def test_no_other_site_shows_the_console_in_a_frame(live, ann):
    other = ann.page.context.new_page()
    other.goto(f"{live.site}/api/v2/version")
    other.evaluate(
        """address => new Promise(done => { const it = document.createElement("iframe"); it.src = address;
          it.onload = it.onerror = done; document.body.append(it); })""",
        f"{ann.site}/accord/settings",
    )
    assert all("settings" not in it.url for it in other.frames if it != other.main_frame)
    other.close()
