"""Several world files at once: each good one is decided and shown, each bad one is named, nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from accord.cli import app
from accord.worlds import show

GOOD = "id: GOOD\nsf: {accounts: [{Id: A1, Created: 2026-01-11}]}\n"
BAD = {
    "flag": ("sf: {accounts: [{Id: A1, Deleted: yes please}]}", "sf.accounts: A1: Deleted: 'yes please' is neither"),
    "twice": ("sf: {accounts: [{Id: A1}, {Id: A1}]}", "sf.accounts: A1 occurs twice"),
    "key": ("hs: {companies: [{id: K1, nam: x}]}", "hs.companies: K1: no such key nam"),
    "date": ("sf: {accounts: [{Id: A1, Created: soon}]}", "sf.accounts: A1: Created: 'soon' is no date"),
    "no_day": ("sf: {accounts: [{Id: A1, Created: 2026-13-45}]}", "sf.accounts: A1: Created: '2026-13-45' is no date"),
    "key_twice": ("sf: {accounts: [{Id: A1, Name: x, Name: y}]}", "the key 'Name' stands there twice"),
    "no_id": ("hs: {companies: [{id: K1}, {name: x}]}", "hs.companies: record 2 has no id"),
    "nobody": ("hs: {companies: [{id: K1}], assoc: [[h1, K1]]}", "hs.assoc: h1 is no record"),
    "do": ("expect: [{target: A1, do: CREATE}]", "expect: A1: do: 'CREATE'; allowed are LINK"),
    "setting": ("settings: {max_creates: many}", "max_creates: should be a valid integer"),
    "unknown_setting": ("settings: {on_ties: review}", "on_ties: no such setting"),
    "yaml": ("{{", "no YAML"),
}


def run(*files: Path | str) -> tuple[int, list[dict[str, object]], str]:
    result = CliRunner().invoke(app, ["world", "decide", "--json", *map(str, files)])
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_named_and_the_others_are_decided(tmp_path: Path, case: str):
    text, message = BAD[case]
    for name, content in (("a.yaml", GOOD), ("b.yaml", text), ("c.yaml", GOOD)):
        (tmp_path / name).write_text(content)

    code, answers, said = run(*sorted(tmp_path.glob("*.yaml")))

    assert code == 1
    assert [answer.get("id") for answer in answers] == ["GOOD", None, "GOOD"]
    assert answers[1]["file"] == str(tmp_path / "b.yaml")
    for told in (str(answers[1]["error"]), said):
        assert "b.yaml" in told
        assert message in told


def test_a_reference_to_nobody_is_said_and_decided(tmp_path: Path):
    (tmp_path / "a.yaml").write_text("id: FAR\nhs: {companies: [{id: K1, sfa: A9}]}\n")

    code, answers, said = run(tmp_path / "a.yaml")

    assert (code, answers[0]["decisions"][0]["reason"]) == (0, "account_not_visible")  # type: ignore[index]
    assert "hs.companies: K1: sfa: A9 is no record of this world" in said


def test_a_surprise_in_one_file_stops_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(GOOD.replace("GOOD", name))
    decide = show.snapshot_of
    monkeypatch.setattr(show, "snapshot_of", lambda world: decide(None if world.id == "a" else world))

    code, answers, said = run(*sorted(tmp_path.glob("*.yaml")))

    assert (code, [answer.get("id") for answer in answers]) == (1, [None, "b"])
    assert "a.yaml: AttributeError" in said


def test_a_file_that_is_not_there_stops_nobody(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(GOOD)

    code, answers, said = run(tmp_path / "none.yaml", tmp_path / "a.yaml")

    assert (code, [answer.get("id") for answer in answers]) == (1, [None, "GOOD"])
    assert "none.yaml" in said


def test_what_differs_from_the_expectation_is_exit_code_1(tmp_path: Path):
    (tmp_path / "a.yaml").write_text(GOOD + "expect: []\n")
    assert run(tmp_path / "a.yaml")[0] == 1


def test_control_characters_of_a_file_reach_no_terminal(tmp_path: Path):
    (tmp_path / "a.yaml").write_text('id: "\\e[31mRED"\nsf: {accounts: [{Id: "A\\e[2J", Created: 2026-01-11}]}\n')

    result = CliRunner().invoke(app, ["world", "decide", str(tmp_path / "a.yaml")])

    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- {do: explode}", "fault 1: do: explode is no verb"),
        ("- {do: reset}\n- {do: reset, crm: sap}", "fault 2: crm: sap"),
        ("do: reset", "expected a list of faults"),
    ],
)
def test_a_bad_fault_file_is_the_one_that_is_named(tmp_path: Path, text: str, message: str):
    world, faults = tmp_path / "good.yaml", tmp_path / "faults.yaml"
    world.write_text(GOOD)
    faults.write_text(text)

    result = CliRunner().invoke(app, ["world", "run", str(world), "--faults", str(faults)])

    said = result.stderr + str(result.exception)
    assert result.exit_code != 0
    assert f"{faults}: {message}" in said
    assert "good.yaml" not in said
