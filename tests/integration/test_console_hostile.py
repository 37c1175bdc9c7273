"""A world whose every text is an attack: the console shows it as text, and nothing of a page derives from it."""

from __future__ import annotations

import csv
import io
import re

import pytest

from accord.store.database import Database
from console_pages import Airflow, Pages, console_of
from hostile_texts import EVIL, MARK, poison
from small_runs import SmallRuns
from tiny_worlds import grown

pytestmark = pytest.mark.postgres

WORLD = {
    "new": ["A1", "A2", "A3"],
    "aged": ["K1", "K2", "K3"],
    "shared": {"A1": {"K1": 2}, "A2": {"K2": 1, "K3": 1}},
}
ECHO = {("input", "value")}
"""Where the text that was searched for stands again."""


@pytest.fixture(scope="module")
def hostile(postgres_server, migrated_template, tmp_path_factory):
    """Every text of both CRMs, of both logins and of the pipeline's memory is an attack."""
    world = grown(WORLD)
    for number, it in enumerate([*world["sf"]["accounts"], *world["hs"]["companies"]]):
        it["Name" if "Id" in it else "name"] = f"{EVIL}{number}"
    for it in world["sf"]["accounts"]:
        it["Website"] = f"javascript:{MARK}()"
    database = Database(postgres_server.create_database("console_hostile", template=migrated_template))
    with (
        pytest.MonkeyPatch.context() as patch,
        SmallRuns.start(world) as sandbox,
        console_of(database, tmp_path_factory.mktemp("console"), patch),
    ):
        runs = SmallRuns(sandbox, database)
        runs.run()
        poison(database)
        yield runs
    postgres_server.drop_database("console_hostile")


PAGES = {
    "/": {}, "/records": {"q": EVIL}, "/records ": {"q": MARK}, "/plan": {}, "/plan/fields": {"run": "sync/1"},
    "/plan ": {"run": EVIL}, "/reviews": {}, "/reviews/one": {"id": 1}, "/reviews/candidates": {"id": 1},
    "/reviews ": {"state": "gone"}, "/errors": {}, "/errors ": {"family": EVIL[:40], "code": EVIL[:100]}, "/runs": {},
    "/runs/one": {"run": "sync/1"}, "/settings": {}, "/settings/what-if": {"name": "on_tie", "value": "create"},
}  # fmt: skip


@pytest.mark.parametrize("path", [*PAGES, "account", "review", "company", "contact"])
def test_no_element_and_no_attribute_comes_from_a_text(hostile, path):
    pages = Pages("user", Airflow())
    cards = {"account": "A1", "review": "A2", "company": "K1", "contact": "sA1K11"}
    if path in cards:
        path, query = "/records/card", {"id": hostile.ids[cards[path]]}
    else:
        path, query = path.strip(), PAGES[path]
    answer = pages.get(path, **query)
    tree = pages.tree(path, **query)
    text = answer.text
    assert "1234000" not in text, "a template was worked out"
    assert not tree.xpath("//script[not(@src)] | //iframe | //object | //embed | //img | //base | //form[@action='x']")
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert MARK not in element.tag
        for name, value in element.attrib.items():
            assert not name.startswith("on"), (element.tag, name)
            assert MARK not in name
            assert not re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE), (name, value)
            if MARK in value and (element.tag, name) not in ECHO:
                # A text may only be the encoded part of a query of our own.
                assert name in {"href", "hx-get"}, (element.tag, name)
                assert value.startswith("/"), value
                assert not set("<>\"' ") & set(value), value


def test_hostile_texts_are_there_to_be_read(hostile):
    """Otherwise the test above would look at nothing."""
    pages = Pages("user")
    for path in ("/", "/records", "/plan", "/reviews", "/errors", "/runs", "/settings"):
        assert (
            f"<img src=x onerror={MARK}"
            in pages.tree(path, **({"q": MARK} if path == "/records" else {})).text_content()
        )


def test_hostile_texts_are_no_formulas(hostile):
    with hostile.database.transaction() as connection:
        connection.execute("UPDATE staging.salesforce_accounts SET name = '=HYPERLINK(\"x\")'")
        connection.execute("UPDATE staging.hubspot_companies SET name = E'\\t@SUM(1)'")
    text = Pages("viewer").get("/plan.csv", run="sync/1").text.removeprefix("\ufeff")
    cells = [it for row in csv.reader(io.StringIO(text)) for it in row]
    assert '\'=HYPERLINK("x")' in cells
    assert "'\t@SUM(1)" in cells
    assert not [it for it in cells if it[:1] in {"=", "+", "-", "@", "\t", "\r"}]


def test_no_text_turns_the_rest_of_its_line(hostile):
    """After U+202E an id would be read from its end."""
    with hostile.database.transaction() as connection:
        connection.execute("UPDATE staging.hubspot_companies SET name = %s", ["Acme \u202eLLC\u2066"])
    text = Pages("viewer").get("/records/card", id=hostile.ids["K1"]).text
    assert "Acme \ufffdLLC\ufffd" in text
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", text)
