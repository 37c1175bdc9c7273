"""`accord settings`: what is in force, who changed it when, and what is wrong with a file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from accord.cli import app
from accord.model.settings import Settings
from accord.store import switch
from accord.store.history import last_settings, record_settings

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def accord(*words, **environment):
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200", **environment})


@pytest.fixture
def recorded(database):
    """Three settings in force, one after the other, the last of them twice."""
    first = Settings(sync_companies=True, fields=[{"salesforce": "Name", "hubspot": "name"}])
    second = first.model_copy(update={"fields": (first.fields[0].model_copy(update={"rule": "two_way"}),)})
    record_settings(database, first, by="sync_accounts/1", at=NOON)
    record_settings(database, second, by="ann", at=NOON.replace(hour=13))
    record_settings(database, second, by="bob", at=NOON.replace(hour=14))
    return database


@pytest.mark.postgres
def test_the_history_says_who_changed_what_when_newest_first(recorded):
    found = accord("settings", "history", "--json", ACCORD_DATABASE_URL=recorded.dsn)
    newest, oldest = map(json.loads, found.stdout.splitlines())
    assert (newest["by"], newest["at"][:16]) == ("ann", "2026-11-01T13:00")
    assert newest["changes"] == ["fields: Name with name: rule prefer_salesforce -> two_way"]
    assert oldest["is_first"]
    assert not newest["is_first"]


@pytest.mark.postgres
def test_the_first_settings_are_told_as_what_differs_from_the_defaults(recorded):
    shown = accord("settings", "history", ACCORD_DATABASE_URL=recorded.dsn).stdout
    found = " ".join(shown.replace("│", " ").split())
    assert "installed, with the defaults but for:" in found
    assert "sync_companies: false -> true" in found
    assert "caps.max_creates" not in found


@pytest.mark.postgres
def test_without_any_run_there_is_no_history(database):
    found = accord("settings", "history", ACCORD_DATABASE_URL=database.dsn)
    assert found.exit_code == 0
    assert "No run has seen any settings yet" in found.stderr
    assert last_settings(database) is None


@pytest.mark.postgres
def test_the_settings_recorded_last_are_those_in_force(recorded):
    assert last_settings(recorded).fields[0].rule == "two_way"


@pytest.mark.postgres
def test_the_switch_of_the_console_is_told_beside_the_file(database, tmp_path):
    """Whichever of both was changed last holds, and it is said which that is, by whom."""
    file = tmp_path / "accord.yaml"
    file.write_text("sync_companies: false\n")

    def shown():
        found = accord("settings", "--json", "--settings", str(file), ACCORD_DATABASE_URL=database.dsn)
        rows = {it["name"]: it["value"] for it in map(json.loads, found.stdout.splitlines())}
        return rows["sync_companies"], " ".join(found.stderr.split())

    assert shown() == (False, "Switch: the file says off, and nobody turned it in the console.")
    switch.turn(database, Settings(sync_companies=False), is_on=True, by="Ann", at=NOON)
    is_on, said = shown()
    assert is_on is True
    assert "Switch: on, for Ann turned it on in the console, 2026-" in said
    assert "the file says off" in said
    file.write_text("sync_companies: true\n")
    assert "the file says on, and that holds: it was changed after Ann turned it on" in shown()[1]


def test_without_a_warehouse_the_file_is_shown_and_the_switch_called_unknown(tmp_path, monkeypatch):
    file = tmp_path / "accord.yaml"
    file.write_text("sync_companies: true\n")
    monkeypatch.chdir(tmp_path)
    for name in ("ACCORD_DATABASE_URL", "AIRFLOW_CONN_ACCORD_WAREHOUSE"):
        monkeypatch.delenv(name, raising=False)
    found = accord("settings", "--settings", str(file))
    assert found.exit_code == 0
    assert "not known: no warehouse is named" in " ".join(found.stderr.split())


def test_the_settings_in_force_are_shown_with_the_changed_ones_marked(tmp_path):
    file = tmp_path / "accord.yaml"
    file.write_text("caps: {max_creates: 100}\nfields: [{salesforce: Site, hubspot: site}]\n")
    shown = accord("settings", "--settings", str(file)).stdout
    assert "* caps.max_creates" in shown
    assert "* on_tie" not in shown
    assert "* Site with site" in shown
    rows = [json.loads(line) for line in accord("settings", "--settings", str(file), "--json").stdout.splitlines()]
    assert {row["name"] for row in rows if row["is_changed"]} == {"caps.max_creates", "fields"}


def test_a_settings_file_is_checked_and_every_mistake_printed(tmp_path):
    file = tmp_path / "accord.yaml"
    file.write_text("mode: plan\n")
    assert accord("settings", "check", str(file)).exit_code == 0
    file.write_text("mode: aply\nmodes: [red]\n")
    found = accord("settings", "check", str(file))
    assert found.exit_code == 1
    assert [line.partition(":")[0] for line in found.stdout.splitlines()] == ["line 1", "line 2"]


def test_a_person_on_the_command_line_is_who_changed_the_settings(monkeypatch):
    from accord.cli.reach import who

    monkeypatch.setenv("SUDO_USER", "ann")
    assert who() == "ann"
