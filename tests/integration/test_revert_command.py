"""`accord revert`: what it shows, what it asks, and what it says when it cannot."""

from __future__ import annotations

import json
from contextlib import contextmanager

import pytest
from revert_case import undo_of
from typer.testing import CliRunner

from accord.cli import app
from accord.cli import revert as command
from accord.model.errors import BadInput
from accord.steps.explain import explain

pytestmark = [pytest.mark.postgres, pytest.mark.rule("R104")]


@pytest.fixture
def life(database, monkeypatch):
    with undo_of(database) as life:
        life.work()

        @contextmanager
        def wiring(_settings):
            yield life.wiring()

        monkeypatch.setattr(command, "wiring", wiring)
        yield life


def accord(*words):
    return CliRunner().invoke(app, ["revert", *words])


def test_a_preview_shows_what_is_put_back_and_what_stays_then_it_is_undone(life):
    life.person("hubspot", "update", object="companies", id="K6", values={"numberofemployees": "700"})
    before = life.written()
    shown = accord("life/2", "--preview")
    assert shown.exit_code == 0, shown.output
    flat = " ".join(shown.output.split())
    assert "numberofemployees of company" in flat
    assert "was changed since" in flat
    assert "nobody asked to archive" in flat
    rows = [json.loads(line) for line in accord("life/2", "--preview", "--json").output.splitlines()]
    assert {row["op"] for row in rows} >= {"unpair", "unstage", "attach", "archive"}
    assert life.written() == before
    done = accord("life/2", "--archive-created", "--yes")
    assert done.exit_code == 0, done.output
    assert "To undo this again: accord revert revert/" in done.output
    assert set(life.difference(life.before, life.state())) == {("companies", "K6")}


def test_it_refuses_what_it_cannot_do_in_words(life):
    for words, said in (
        (("nowhere", "--yes"), "there is no run 'nowhere'"),
        (("life/2",), "nobody can be asked here"),
        (("life/2", "--yes", "--preview"), "give one of them"),
    ):
        with pytest.raises(BadInput, match=said):
            raise accord(*words).exception
    life.settings = life.settings.model_copy(update={"sync_companies": False})
    with pytest.raises(BadInput, match="company sync is off"):
        raise accord("life/2", "--yes").exception


def test_explain_tells_that_a_record_was_put_back_and_that_it_rests(life):
    life.undo()
    life.run()
    [told] = explain(life.database, life.ids["K3"])
    text = " ".join(" ".join([entry.sentence, *entry.details]) for entry in told.entries)
    assert "Put back as it was before run life/2" in text
    assert "Emptied the key field of" in text
    assert "undid its pairing or creation" in text
