"""Every page with the demo's world: whole, quiet, narrow enough, for the keyboard and the screen reader, light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser.visitor import PHONE, visiting

PAIRED = "SELECT account_id FROM sync.pairs WHERE is_active ORDER BY account_id LIMIT 1"
PLANNED = (
    "SELECT run_id FROM sync.decisions JOIN sync.runs USING (run_id) WHERE action = 'LINK' ORDER BY started_at LIMIT 1"
)
REVIEW = "SELECT id FROM sync.reviews WHERE state = 'open' ORDER BY id LIMIT 1"
# Path, its query, its heading, and what a keyboard has to reach there.
PAGES = {
    "overview": ("", {}, "Overview", "#last-runs a"),
    "search": ("records", {"q": "a"}, "Records", "[role=search] button"),
    "card": ("records", {"q": PAIRED}, "Records", "#sync-now"),
    "plan": ("plan", {"run": PLANNED}, "Plan of a run", "a[download]"),
    "fields": ("plan/fields", {"run": PLANNED}, "Mapped fields of a plan", "main a"),
    "reviews": ("reviews", {}, "Reviews", "#reviews a"),
    "review": ("reviews/one", {"id": REVIEW}, "Review", "[data-choice=pair]"),
    "errors": ("errors", {}, "Errors", "main a"),
    "runs": ("runs", {}, "Runs", "#runs a"),
    "run": ("runs/one", {"run": PLANNED}, "Run ", "#preview-revert"),
    "settings": ("settings", {}, "Settings", "[data-opens=turn]"),
}
NAVIGATION = ["Overview", "Records", "Plan", "Reviews", "Errors", "Runs", "Settings"]

# What a screen reader stumbles over; each finding names the element.
STUMBLES = """() => {
  const seen = it => it.checkVisibility(), name = it => it.outerHTML.slice(0, 120), found = [];
  const heads = [...document.querySelectorAll("h1, h2, h3, h4")].filter(seen).map(it => [+it.tagName[1], it]);
  if (heads.filter(([level]) => level === 1).length !== 1) found.push("not one h1");
  heads.forEach(([level, it], n) => { if (level - (n ? heads[n - 1][0] : 0) > 1) found.push("a level is left out: " + name(it)); });
  for (const it of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!it.labels.length && !it.ariaLabel) found.push("no label: " + name(it));
  for (const it of document.querySelectorAll("button, a[href]"))
    if (!it.textContent.trim() && !it.ariaLabel) found.push("no text: " + name(it));
  for (const it of document.querySelectorAll("table"))
    if (!it.caption && !it.closest("details")) found.push("no caption: " + name(it));
  for (const it of document.querySelectorAll("th")) if (!it.scope) found.push("no scope: " + name(it));
  const ids = [...document.querySelectorAll("[id]")].map(it => it.id);
  for (const it of new Set(ids.filter((id, n) => ids.indexOf(id) !== n))) found.push("an id twice: " + it);
  for (const it of document.querySelectorAll("[aria-labelledby], [aria-describedby]"))
    for (const id of ((it.getAttribute("aria-labelledby") || "") + " " + (it.getAttribute("aria-describedby") || "")).split(" "))
      if (id && !document.getElementById(id)) found.push("named by nothing: " + name(it));
  if (document.documentElement.lang !== "en" || !document.querySelector("main") || !document.querySelector("header nav"))
    found.push("no language or no landmark");
  return found;
}"""

# Texts that stand out from their ground by less than WCAG AA asks for.
FAINT = """() => {
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => { const [r, g, b] = rgb(text).map(it => { it /= 255; return it <= .03928 ? it / 12.92 : ((it + .055) / 1.055) ** 2.4; });
    return .2126 * r + .7152 * g + .0722 * b; };
  const ground = it => { for (; it; it = it.parentElement) { const c = getComputedStyle(it).backgroundColor; if (rgb(c)[3] !== 0) return c; }
    return "rgb(255, 255, 255)"; };
  const found = [];
  for (const it of document.querySelectorAll("body *")) {
    if (![...it.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !it.checkVisibility() || it.closest("svg, .unseen, .skip, [disabled]")) continue;
    const [a, b] = [light(getComputedStyle(it).color), light(ground(it))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) found.push(((a + .05) / (b + .05)).toFixed(1) + " " + it.outerHTML.slice(0, 120));
  }
  return found;
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def asked(live, name):
    """Path and query of a page, with what the world holds."""
    path, query, *_ = PAGES[name]
    return path, {key: live.value(it) if it.startswith("SELECT") else it for key, it in query.items()}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_and_quiet(live, guest, name):
    """Light on a desk: title, headings and labels, nothing from elsewhere, and the keyboard reaches what it is for."""
    path, query = asked(live, name)
    page = guest.open(path, **query)
    expect(page.locator("h1")).to_contain_text(PAGES[name][2])
    assert page.locator("header nav a").all_inner_texts() == NAVIGATION
    assert page.title().endswith("· Accord")
    assert page.evaluate(STUMBLES) == []
    assert page.evaluate(FAINT) == []
    assert page.locator("[hx-trigger=load]:empty").count() == (1 if name in {"plan"} else 0), "a part was not loaded"
    guest.page.locator("body").press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    guest.tab_to(PAGES[name][3])
    guest.was_quiet()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_a_phone_in_the_dark(live, browser, name):
    """Wide tables scroll within themselves; the page does not."""
    path, query = asked(live, name)
    with visiting(browser, live.site, viewport=PHONE, scheme="dark") as guest:
        page = guest.open(path, **query)
        assert page.evaluate(TOO_WIDE) <= 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 28)"
        assert page.evaluate(FAINT) == []
        guest.was_quiet()


def test_the_console_is_in_airflows_navigation_and_follows_its_theme(live, guest):
    guest.page.goto(live.site)
    guest.page.get_by_role("link", name="Accord").click()
    for title in NAVIGATION:
        guest.framed.get_by_role("navigation", name="Accord", exact=True).get_by_role("link", name=title).click()
        expect(guest.framed.locator("h1")).to_contain_text(title)
        expect(guest.framed.locator("header [aria-current=page]")).to_have_text(title)
    assert guest.page.url.startswith(f"{live.site}/plugin/accord")
    for theme, ground in (("dark", "rgb(20, 23, 28)"), ("light", "rgb(255, 255, 255)")):
        guest.page.evaluate("it => localStorage.setItem('theme', it)", theme)
        guest.page.goto(f"{live.site}/plugin/accord")
        expect(guest.framed.locator("html")).to_have_attribute("data-theme", theme)
        expect(guest.framed.locator("body")).to_have_css("background-color", ground)
        assert guest.framed.locator("body").evaluate(TOO_WIDE) <= 0
    guest.was_quiet()


def test_a_run_of_airflow_has_its_plan_as_a_tab(live, guest):
    run = live.value(PLANNED)
    dag_id, _, run_id = run.partition("/")
    guest.page.goto(f"{live.site}/dags/{dag_id}/runs/{run_id}")
    guest.page.get_by_role("link", name="Accord plan").click()
    expect(guest.framed.locator("h1")).to_have_text("Plan of a run")
    expect(guest.framed.locator("main")).to_contain_text(run)
    guest.framed.locator("main a", has_text=run).click()
    expect(guest.framed.locator("h1")).to_have_text(f"Run {run}")
    guest.framed.get_by_role("link", name="In Airflow").click()
    guest.page.wait_for_url(f"{live.site}/dags/{dag_id}/runs/*")
    expect(guest.page.locator("iframe")).to_have_count(0)
    guest.was_quiet()


def test_a_dialog_is_worked_with_the_keyboard(live, guest):
    page = guest.open("settings")
    guest.tab_to("[data-opens=turn]").press("Enter")
    dialog = page.get_by_role("dialog", name="Turn the sync off?")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null"), "the focus is not in the dialog"
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.evaluate("document.activeElement.dataset.opens") == "turn"
    expect(page.locator("#switch")).to_have_text("on")
    guest.was_quiet()


def test_a_plan_is_taken_away_as_csv(live, guest):
    page = guest.open("plan", run=live.value(PLANNED))
    with page.expect_download() as taken:
        page.get_by_role("link", name="Export as CSV").click()
    lines = taken.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("system,record_id,action")
    assert len(lines) == 1 + live.value("SELECT count(*) FROM sync.decisions WHERE run_id = %s", live.value(PLANNED))
