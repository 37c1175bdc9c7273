"""A real browser in front of a running stack: the one that is up, else a small demo that is stopped afterwards."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
_PROJECT = Path(__file__).parents[2]
_LAST = "test_hostile.py"
"""It changes every text of the world, so nothing is shown after it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = [it for it in items if Path(__file__).parent in it.path.parents]
    reason = "no Chromium is installed (Debian: apt-get install chromium), so nobody looks at the console in a browser"
    for it in here:
        # A run of Airflow takes as long as the machine lets it; the first test waits for a whole demo.
        it.add_marker(pytest.mark.timeout(900))
        if CHROMIUM is None:
            it.add_marker(pytest.mark.skip(reason=reason))
    items.sort(key=lambda it: it.path.name == _LAST)


@pytest.fixture(scope="session")
def live():
    """The stack that is up in this project, else a demo of 120 accounts."""
    from accord.demo.story import run_demo
    from accord.local.stack import Stack
    from browser.live import SYNC, Live

    stack = Stack(_PROJECT)
    found = Live.of(_PROJECT)
    try:
        if found is None:
            run_demo(stack, layout="local", accounts=120, months=2, seed=1)
        up = Live.of(_PROJECT)
        assert up is not None, "the demo did not come up"
        up.api.set_paused(SYNC, is_paused=False)
        yield up
        up.settle()
    finally:
        if found is None:
            stack.stop()


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium."""
    from playwright.sync_api import expect, sync_playwright

    from browser.visitor import ARGUMENTS

    # Patience costs nothing where all is well.
    expect.set_options(timeout=60_000)
    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.fixture
def guest(live, browser):
    """Somebody at the demo's own address, where nobody logs in."""
    from browser.visitor import visiting

    with visiting(browser, live.site) as found:
        yield found


@pytest.fixture(scope="session")
def guarded(live):
    """The same Airflow with logins: Ann may change DAGs, Vera may look."""
    from browser.live import with_logins

    with with_logins(live, {"Ann": "user", "Vera": "viewer"}) as site:
        yield site


@pytest.fixture(scope="session")
def anns(guarded, browser):
    """Ann's browser, logged in once."""
    from browser.visitor import visiting

    with visiting(browser, guarded) as found:
        found.log_in("Ann")
        yield found


@pytest.fixture
def ann(anns):
    """Ann, who may change DAGs; what she does is quiet and asks nobody else."""
    yield anns
    anns.was_quiet()
