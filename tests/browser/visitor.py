"""A person with a browser: what a page does beside what it shows is written down."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

from browser.live import PATIENCE

ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
SLOW = PATIENCE * 1000
"""Milliseconds for what waits for a run."""


class Visitor:
    """One person in front of one site."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.errors: list[str] = []
        self.strangers: list[str] = []
        self.dialogs: list[str] = []
        page.on("console", lambda it: self.errors.append(it.text) if it.type == "error" else None)
        page.on("pageerror", lambda it: self.errors.append(str(it)))
        page.on("request", lambda it: self._note(it.url))
        page.on("dialog", self._refuse)

    def open(self, path: str, **query: object) -> Page:
        """Open a page of the console itself and let it load all its parts."""
        asked = f"?{urlencode(query)}" if query else ""
        self.page.goto(f"{self.site}/accord/{path}{asked}")
        self.page.wait_for_load_state("networkidle")
        return self.page

    def log_in(self, name: str) -> None:
        """Log in at Airflow's own page."""
        self.page.goto(f"{self.site}/plugin/accord")
        self.page.locator("input[name=username]").fill(name)
        self.page.locator("input[name=password]").fill(f"password-{name}")
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.framed.locator("h1")).to_have_text("Overview")
        self.errors.clear()

    @property
    def framed(self):
        """The console within Airflow's own page."""
        return self.page.frame_locator("iframe")

    def confirm(self, opener: Locator, button: str) -> Locator:
        """Press a button that asks again, read what it asks, and press the button in there; what the page then says."""
        opener.click()
        dialog = self.page.locator("dialog[open]")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name=button, exact=True).click()
        expect(self.page.locator("dialog[open]")).to_have_count(0)
        return self.page.locator("#said")

    def tab_to(self, selector: str, most: int = 80) -> Locator:
        """Press the tab key until something has the focus, and is seen to have it."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                ring = self.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert ring != "none", f"{selector} has the focus and does not show it"
                return self.page.locator(":focus")
        raise AssertionError(f"{selector} is not reached with the keyboard")

    def until(self, path: str, selector: str) -> Locator:
        """Open a page again and again until something is on it."""
        deadline = time.monotonic() + PATIENCE
        while not self.open(path).locator(selector).count():
            assert time.monotonic() < deadline, f"no {selector} on /{path} in {PATIENCE} s"
            time.sleep(1)
        return self.page.locator(selector).first

    def was_quiet(self) -> None:
        """Nothing went wrong, nothing was asked of anybody else, nothing popped up."""
        assert (self.errors, self.strangers, self.dialogs) == ([], [], [])

    def _note(self, url: str) -> None:
        if urlsplit(url).scheme in {"http", "https", "ws", "wss"} and not url.startswith(f"{self.site}/"):
            self.strangers.append(url)

    def _refuse(self, dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()


@contextmanager
def visiting(browser: Browser, site: str, *, viewport=DESK, scheme: str = "light"):
    """A person who was never here before."""
    context = browser.new_context(viewport=viewport, color_scheme=scheme)
    context.set_default_timeout(120_000)
    try:
        yield Visitor(context.new_page(), site)
    finally:
        context.close()
