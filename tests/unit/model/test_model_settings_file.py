"""Mistakes in a settings file are refused with line, name and what to write instead; nothing passes in silence."""

from pathlib import Path

import pytest

from accord.model.errors import BadSettings
from accord.model.settings import Settings, load_settings, problems_of


@pytest.fixture
def file(tmp_path):
    return tmp_path / "accord.yaml"


def problems(file, text):
    file.write_text(text)
    return problems_of(file)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("default_objekt: Lead", "line 1: default_objekt: no such setting; did you mean default_object?"),
        pytest.param("caps: {max_create: 3}", "did you mean max_creates?"),
        pytest.param("max_creates: 3", "did you mean caps.max_creates?", id="of another section"),
        pytest.param("caps: {on_tie: review}", "did you mean on_tie?", id="of no section"),
        pytest.param("inclusion_segmant: x", "did you mean inclusion_segment?", id="the later name"),
        pytest.param("caps: {zzz: 3}", "there are max_creates, max_changed_share, min_extract_share"),
        pytest.param("fields: [{salesforce: Name, hubspot: name, kin: text}]", "fields.0.kin: no such setting"),
        pytest.param("inclusion_list: a\ninclusion_segment: b", "another name of inclusion_list", id="both names"),
        pytest.param("on_tie: off", "on_tie: YAML reads this as false, as it does on, off, yes and no; write review"),
        pytest.param("inclusion_list: no", "YAML reads this as false", id="a list called no"),
        pytest.param(
            "caps:\n  max_creates: yes", "line 2: caps.max_creates: YAML reads this as true", id="yes is no 1"
        ),
        pytest.param("inclusion_list: []", "inclusion_list: expected text, found a list"),
        pytest.param("pipeline_user: 5", "pipeline_user: is read as the number 5; put quotes around it"),
        pytest.param("wire: {salesforce_api_version: 66.0}", "is read as the number 66.0; put quotes around it"),
        pytest.param("stage_order: lead", "stage_order: expected a list, such as [first, second], found lead"),
        pytest.param("stage_order: [lead, customer, lead]", "lead stands there twice; each stage has one rank (R61)"),
        pytest.param("caps:", "line 1: caps: is empty; write a value, or leave the line out for the default"),
        pytest.param("caps: [1]", "caps: expected settings below it (name: value), found a list"),
        pytest.param("fields: [{hubspot: name}]", "fields.0.salesforce: is missing"),
        pytest.param("enabled_at: tomorrow", "enabled_at: tomorrow is no date: write 2026-01-31"),
        pytest.param("true: 1", "Keys should be strings", id="a key that is a flag"),
    ],
)
def test_a_mistake_says_what_to_write_instead(file, text, said):
    assert said in " | ".join(problems(file, text))


def test_every_mistake_is_listed_in_the_order_of_the_file(file):
    text = "modes: x\nmode: x\nfields:\n  - {salesforce: Id, hubspot: id}\ncaps:\n  max_creates: -1\n"
    assert [line.split(": ")[:2] for line in problems(file, text)] == [
        ["line 1", "modes"],
        ["line 2", "mode"],
        ["line 4", "fields.0"],
        ["line 6", "caps.max_creates"],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mode: plan\nmode: apply\n", "mode stands there twice (lines 1 and 2)"),
        ("caps:\n  max_creates: 1\n  max_creates: 9\n", "caps.max_creates stands there twice (lines 2 and 3)"),
        ("fields:\n  - {salesforce: A, hubspot: a, hubspot: b}\n", "fields.0.hubspot stands there twice"),
    ],
)
def test_a_key_that_stands_there_twice_is_refused(file, text, said):
    file.write_text(text)
    with pytest.raises(BadSettings) as caught:
        load_settings(file)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing but a remark\n", "---\n", "{}"])
def test_an_empty_file_holds_the_defaults(file, text):
    file.write_text(text)
    assert load_settings(file) == Settings()


@pytest.mark.parametrize(
    "text",
    ["- a list", "just words", "a: [unclosed", "\x00", "a: 1\n---\nb: 2\n", "x: !!python/name:os.system", "[" * 5000],
)
def test_a_file_that_is_no_mapping_is_refused_by_name(file, text):
    file.write_text(text)
    with pytest.raises(BadSettings, match=r"accord\.yaml"):
        load_settings(file)


def test_a_file_that_is_no_text_is_refused_by_name(file):
    file.write_bytes(b"mode: \xff\xfe")
    with pytest.raises(BadSettings, match=r"accord\.yaml: cannot be read"):
        load_settings(file)


def test_an_anchor_within_itself_ends(file):
    assert "fields" in " ".join(problems(file, "fields: &all\n  - *all\n"))


def test_the_id_of_a_list_needs_no_quotes(file):
    file.write_text("inclusion_list: 123\n")
    assert load_settings(file).inclusion_list == "123"


def test_a_file_that_is_fine_has_no_problems():
    assert problems_of(Path(__file__).parents[3] / "config" / "accord.yaml") == []
