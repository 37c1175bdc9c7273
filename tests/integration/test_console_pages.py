"""The pages of the console over a small world that was run the whole way."""

from __future__ import annotations

import pytest

from console_pages import Pages, console_of, texts
from small_runs import SmallRuns
from tiny_worlds import grown

pytestmark = pytest.mark.postgres

WORLD = {
    "new": ["A1", "A2", "A3"],
    "aged": ["K1", "K2", "K3"],
    "shared": {"A1": {"K1": 2}, "A2": {"K2": 1, "K3": 1}},
}


@pytest.fixture
def runs(database, tmp_path, monkeypatch):
    """A world with a pair, a tie and a creation, run once."""
    named = grown(WORLD)
    for it in named["sf"]["accounts"]:
        it["Name"] = f"Account {it['Id']}"
    for it in named["hs"]["companies"]:
        it["name"] = f"Company {it['id']}"
    with SmallRuns.start(named) as sandbox, console_of(database, tmp_path, monkeypatch):
        small = SmallRuns(sandbox, database)
        small.run()
        yield small


def test_every_page_shows_what_was_done(runs):
    pages = Pages("viewer")
    overview = texts(pages.tree("/"))
    assert "1 questions wait" in overview
    assert "sync/1" in overview
    assert "Account A3" in texts(pages.tree("/records", q="account"))
