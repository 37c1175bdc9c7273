"""`python -m browser.pictures`: pictures of the console for the documentation, taken of the demo that is up."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from browser.conftest import CHROMIUM
from browser.live import Live
from browser.visitor import ARGUMENTS, DESK, PHONE, visiting

PROJECT = Path(__file__).parents[2]
TO = PROJECT / "docs" / "images"
PAIRED = "SELECT record_id FROM sync.decisions WHERE action = 'LINK' AND shared_people > 1 ORDER BY record_id LIMIT 1"
PLANNED = "SELECT run_id FROM sync.decisions JOIN sync.runs USING (run_id) WHERE action = 'CREATE_COMPANY' ORDER BY started_at DESC LIMIT 1"
REVIEW = "SELECT id FROM sync.reviews WHERE state = 'open' ORDER BY id LIMIT 1"
# Name of the picture: path, query, light or dark, size, and whether Airflow's own page is around it.
PICTURES = {
    "overview": ("", {}, "light", DESK, True),
    "record": ("records", {"q": PAIRED}, "light", DESK, False),
    "plan": ("plan", {"run": PLANNED}, "dark", DESK, False),
    "review": ("reviews/one", {"id": REVIEW}, "light", DESK, False),
    "settings": ("settings", {}, "dark", DESK, False),
    "phone": ("", {}, "dark", PHONE, False),
}


def main() -> int:
    """Write every picture; 1 where something is missing that they are taken with or of."""
    live = Live.of(PROJECT)
    if live is None or CHROMIUM is None:
        sys.stderr.write("Pictures are taken of the demo with Chromium: run `make demo` first, and install chromium.\n")
        return 1
    TO.mkdir(exist_ok=True)
    expect.set_options(timeout=60_000)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        for name, (path, query, scheme, viewport, is_framed) in PICTURES.items():
            with visiting(browser, live.site, viewport=viewport, scheme=scheme) as guest:
                asked = {key: live.value(it) if it.startswith("SELECT") else it for key, it in query.items()}
                if is_framed:
                    guest.page.goto(f"{live.site}/plugin/accord")
                    expect(guest.framed.locator("#airflow p").first).to_be_visible()
                else:
                    guest.open(path, **asked)
                guest.page.screenshot(path=TO / f"{name}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
