"""The model is the one source of what settings mean; the shipped file and the tables say the same."""

import re
from pathlib import Path
from typing import get_args

import pytest

from accord.model.field_map import OFFERED_FIELDS, FieldRule
from accord.model.settings import Alerts, Budget, Caps, Settings, Wire, load_settings
from accord.model.settings_table import list_field_keys, list_settings, settings_yaml

FILE = Path(__file__).parents[3] / "config" / "accord.yaml"
SECTIONS = {"caps", "budget", "wire", "alerts"}
DRIVE_NO_RULE = {
    *(f"wire.{name}" for name in Wire.model_fields),
    *(f"alerts.{name}" for name in Alerts.model_fields),
    "caps.min_extract_share",
    "budget.hubspot_calls_in_10_seconds",
    "budget.hubspot_searches_a_second",
}


def test_the_shipped_file_is_made_from_the_model():
    made = settings_yaml(load_settings(FILE))
    assert FILE.read_text() == made, "run `accord settings --yaml > new.yaml && mv new.yaml config/accord.yaml`"


def test_every_setting_stands_in_the_shipped_file_with_its_default_and_its_meaning():
    text = FILE.read_text()
    for setting in [*list_settings(Settings()), *list_field_keys()]:
        name = setting.name.rpartition(".")[2]
        assert re.search(rf"^(# |  )?{name}:", text, re.MULTILINE), setting.name
        assert setting.meaning in text, setting.name
        assert not setting.is_changed or setting.name.startswith("fields."), setting.name
    assert load_settings(FILE) == Settings()


def test_every_setting_has_one_line_of_meaning_and_the_rule_it_drives():
    names = [setting.name for setting in list_settings(Settings())]
    expected = [name for name in Settings.model_fields if name not in SECTIONS]
    for section, model in (("caps", Caps), ("budget", Budget), ("wire", Wire), ("alerts", Alerts)):
        expected += [f"{section}.{name}" for name in model.model_fields]
    assert sorted(names) == sorted(expected)
    for setting in list_settings(Settings()):
        assert setting.meaning, setting.name
        assert "\n" not in setting.meaning, setting.name
        assert bool(setting.rules) != (setting.name in DRIVE_NO_RULE), setting.name


@pytest.mark.parametrize("model", [Settings, Caps, Budget, Wire, Alerts, FieldRule])
def test_a_setting_with_choices_names_each_of_them(model):
    for name, field in model.model_fields.items():
        for choice in get_args(field.annotation) if "Literal" in str(field.annotation) else ():
            assert str(choice) in field.description.replace("create a new one", "create"), name


@pytest.mark.parametrize("fields", [(), ({"salesforce": "Rating", "hubspot": "rating", "values": {"No": "off"}},)])
def test_what_is_printed_loads_as_what_was_in_force(tmp_path, fields):
    changed = Settings(inclusion_list="no: # 'VIPs'", enabled_at="2026-01-31T08:00:00Z", stage_order=(), fields=fields)
    (tmp_path / "accord.yaml").write_text(settings_yaml(changed))
    assert load_settings(tmp_path / "accord.yaml") == changed


def test_the_mappings_that_the_shipped_file_offers_load_once_the_sign_is_taken_away(tmp_path):
    text = FILE.read_text()
    assert text.count("  # - {") == len(OFFERED_FIELDS)
    (tmp_path / "accord.yaml").write_text(text.replace("  # - {", "  - {"))
    changed = load_settings(tmp_path / "accord.yaml")
    assert changed.fields == (*Settings().fields, *OFFERED_FIELDS)
    assert "# - {" not in settings_yaml(changed)


def test_no_line_of_the_shipped_file_is_too_long_to_review():
    assert max(map(len, FILE.read_text().splitlines())) <= 120
