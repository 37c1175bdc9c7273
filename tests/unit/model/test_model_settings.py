from __future__ import annotations

import pytest

from accord.model.errors import BadSettings
from accord.model.settings import Settings, load_settings, parse_settings


@pytest.mark.rule("R2", "R94")
def test_a_new_installation_is_off_and_only_plans():
    assert Settings().sync_companies is False
    assert Settings().mode == "plan"


@pytest.mark.rule("R72")
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"sync_company": True}, "sync_company: no such setting"),
        ({"caps": {"max_create": 3}}, "caps.max_create: no such setting"),
        ({"caps": {"max_creates": -1}}, "caps.max_creates"),
        ({"mode": "aply"}, "mode"),
        ({"wire": {"hubspot_api_version": "v2"}}, "wire.hubspot_api_version"),
        ({"fields": [{"salesforce": "Name'; DROP", "hubspot": "name"}]}, "fields.0.salesforce"),
    ],
)
def test_a_mistake_in_the_settings_is_named_with_its_place(raw, said):
    with pytest.raises(BadSettings, match=r"accord\.yaml") as caught:
        parse_settings(raw, "accord.yaml")
    assert said in str(caught.value)


def test_every_mistake_is_listed_at_once():
    with pytest.raises(BadSettings) as caught:
        parse_settings({"mode": "x", "modes": 1, "on_tie": 3}, "f")
    assert all(name in str(caught.value) for name in ("mode:", "modes:", "on_tie:"))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadSettings, match=r"nowhere\.yaml"):
        load_settings(tmp_path / "nowhere.yaml")


def test_dates_without_a_zone_are_utc():
    assert parse_settings({"enabled_at": "2026-01-10"}, "f").enabled_at.isoformat() == "2026-01-10T00:00:00+00:00"
    assert parse_settings({"enabled_at": "2026-01-10T01:00+01:00"}, "f").enabled_at.hour == 1


def test_the_later_name_of_the_inclusion_list_is_understood():
    assert parse_settings({"inclusion_segment": "VIPs"}, "f").inclusion_list == "VIPs"
