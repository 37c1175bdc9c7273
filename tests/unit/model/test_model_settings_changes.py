"""A change of settings is told in words, of the field map mapping by mapping."""

import pytest

from accord.model.settings import Settings
from accord.model.settings_changes import change_words, difference_of

NAME = {"salesforce": "Name", "hubspot": "name"}
SITE = {"salesforce": "Site", "hubspot": "site"}
RATED = {"salesforce": "Rating", "hubspot": "rating", "kind": "picklist", "values": {"Hot": "high"}}


def told(before, after):
    dumps = (Settings(**settings).model_dump(mode="json") for settings in (before, after))
    return change_words(difference_of(*dumps))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param({}, {}, [], id="nothing"),
        pytest.param({}, {"caps": {"max_creates": 100}}, ["caps.max_creates: 25 -> 100"], id="nested"),
        pytest.param({}, {"sync_companies": True}, ["sync_companies: false -> true"], id="the switch"),
        pytest.param({}, {"inclusion_list": "VIPs"}, ["inclusion_list: none -> VIPs"], id="from none"),
        pytest.param({"inclusion_list": "VIPs"}, {}, ["inclusion_list: VIPs -> none"], id="to none"),
        pytest.param(
            {"stage_order": ["a", "b"]}, {"stage_order": []}, ["stage_order: a, b -> an empty list"], id="list"
        ),
        pytest.param(
            {"fields": [NAME]},
            {"fields": [SITE | {"rule": "two_way"}]},
            ["fields: Site with site (two_way) added", "fields: Name with name (prefer_salesforce) removed"],
            id="mappings come and go",
        ),
        pytest.param(
            {"fields": [NAME, SITE]},
            {"fields": [NAME | {"rule": "two_way", "hubspot": "title"}, SITE]},
            [
                "fields: Name with title: hubspot name -> title",
                "fields: Name with title: rule prefer_salesforce -> two_way",
            ],
            id="a mapping changes",
        ),
        pytest.param(
            {"fields": [RATED]},
            {"fields": [RATED | {"values": {"Hot": "warm", "Cold": "low"}}]},
            [
                "fields: Rating with rating: value Hot high -> warm",
                "fields: Rating with rating: value Cold none -> low",
            ],
            id="the value map changes",
        ),
        pytest.param(
            {"fields": [NAME, SITE]},
            {"fields": [SITE, NAME]},
            ["fields: the same mappings in another order"],
            id="order",
        ),
    ],
)
def test_what_changed_is_told(before, after, words):
    assert told(before, after) == words


def test_settings_that_came_or_went_with_a_version_are_told_apart_from_changes():
    assert change_words({"caps.max_creates": [None, 25], "old_name": [3, None]}) == [
        "caps.max_creates: 25 (a new setting)",
        "old_name: no longer a setting, it was 3",
    ]
