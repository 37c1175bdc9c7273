"""Worlds: read with clear errors, loaded with real-looking ids, shown again in their own short keys."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from accord.model.ids import salesforce_id
from accord.sandbox.core import Crms
from accord.sandbox.world import LoadedWorld, WorldError, load_world, parse_world, world_of
from accord.sandbox.world_checks import unseen
from hubspot_inprocess import ask

WORLDS = Path(__file__).parents[4] / "shared/worlds"
PAIR: dict[str, Any] = {
    "id": "PAIR",
    "settings": {"inclusion_list": ["h1"]},
    "sf": {
        "accounts": [{"Id": "A1", "Created": date(2024, 3, 1), "Modified": date(2026, 1, 11), "By": "U_PIPE"}],
        "contacts": [{"Id": "P1", "AccountId": "A1", "Email": " Ann@ACME.test "}, {"Id": "P2", "AccountId": None}],
    },
    "hs": {
        "companies": [{"id": "K1", "created": date(2024, 3, 2), "source": "CRM_UI", "sfa": "A1", "merged": ["K8"]}],
        "contacts": [{"id": "h1", "email": "ann@acme.test", "sfc": "P1", "was": "lead", "stage": "customer"}],
        "assoc": [["h1", "K1", "primary"]],
    },
    "links": [{"account": "A1", "company": "K8"}],
}


def loaded(**changes: Any) -> LoadedWorld:
    return load_world(world_of(PAIR | changes), Crms())


def test_defaults_fill_what_a_world_leaves_out():
    world = world_of(PAIR)
    assert world.now == datetime(2026, 1, 12, tzinfo=UTC)
    assert world.settings["enabled_at"] == datetime(2026, 1, 10, tzinfo=UTC)
    assert (world.settings["default_object"], world.settings["inclusion_list"]) == ("Contact", ["h1"])


def test_ids_look_real_and_are_the_same_every_time():
    first, second = loaded(), loaded()
    assert first.ids == second.ids
    assert salesforce_id(first.ids["A1"]) == first.ids["A1"]
    assert (first.ids["A1"][:3], first.ids["P1"][:3], first.ids["U_PIPE"][:3]) == ("001", "003", "005")
    assert first.ids["K1"].isdigit()
    assert first.short("companies", first.ids["K1"]) == "K1"


def test_an_id_that_looks_real_stays_as_it_is():
    account, firm = "0012800000CXn0kAAD", "123456"
    sf, hs = {"accounts": [{"Id": account}]}, {"companies": [{"id": firm}]}
    world = loaded(sf=sf, hs=hs, links=[], settings={})
    assert (world.ids[account], world.ids[firm]) == (account, firm)


def test_records_are_as_the_apis_show_them():
    world = loaded()
    account = world.crms.org.tables["Account"][world.ids["A1"]]
    assert account["LastModifiedDate"] == "2026-01-11T00:00:00.000+0000"
    assert account["LastModifiedById"] == world.crms.org.pipeline_user
    assert "AccountId" not in world.crms.org.tables["Contact"][world.ids["P2"]]
    status, firm = ask(world.crms, "GET", f"/crm/v3/objects/companies/{world.ids['K8']}?properties=salesforceaccountid")
    assert (status, firm["id"]) == (200, world.ids["K1"])
    assert firm["properties"]["salesforceaccountid"] == world.ids["A1"]
    assert world.crms.clock.now() == datetime(2026, 1, 12, tzinfo=UTC)
    assert not world.crms.journal.entries


def test_a_record_that_another_one_lists_as_merged_is_gone_and_of_two_survivors_the_first_has_it():
    firms = [{"id": "K3", "merged": ["K1"]}, {"id": "K2", "merged": ["K1"]}, {"id": "K1"}]
    world = loaded(hs={"companies": firms}, links=[], settings={})
    assert world.ids["K1"] not in world.crms.portal.tables["companies"].live
    assert world.crms.portal.tables["companies"].resolve(world.ids["K1"]) == world.ids["K2"]


def test_the_pipelines_memory_stays_out_of_the_crms():
    world = loaded()
    assert "accord_key" not in world.crms.portal.tables["companies"].live[world.ids["K1"]]
    assert world.crms.portal.tables["contacts"].live[world.ids["h1"]]["lifecyclestage"] == "customer"


def test_the_state_comes_back_in_short_keys_and_new_records_get_stable_names():
    world = loaded()
    with world.crms.acting("pipeline"):
        world.crms.portal.create(
            "companies", {"name": "New", "accord_key": f"sf-{world.crms.org.org_id[:15]}-{world.ids['A1']}"}
        )
        world.crms.org.create("Account", {"Name": "Newer"})
    for _ in range(2):
        state = world.render()
        assert [it["Id"] for it in state["sf"]["accounts"]] == ["A1", "new_account_1"]
        assert [(it["id"], it.get("key")) for it in state["hs"]["companies"]] == [("K1", None), ("new_company_1", "A1")]
    assert state["hs"]["assoc"] == [["h1", "K1", "primary"]]
    assert state["hs"]["companies"][0]["merged"] == ["K8"]


def test_mapped_fields_become_a_field_and_a_property_of_the_pair():
    rows = [{"name": "f1", "rule": "two_way", "base": "A", "sf": None, "hs": "X", "hs_at": "2026-01-11T09:00"}]
    world = loaded(fields=rows)
    assert world.crms.portal.tables["companies"].live[world.ids["K1"]]["f1"] == "X"
    assert "f1__c" in world.crms.org.fields["Account"]
    assert world.world.fields[0]["hs_at"] == datetime(2026, 1, 11, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sfx": {}}, "no such key sfx; allowed are id, now"),
        ({"sf": {"account": []}}, "sf: no such key account; allowed are accounts, contacts, leads"),
        (
            {"sf": {"accounts": [{"Id": "A1", "Crated": 1}]}},
            "sf.accounts: A1: no such key Crated; allowed are Id, Name",
        ),
        ({"sf": {"accounts": [{"Name": "x"}]}}, "sf.accounts: record 1 has no Id"),
        ({"sf": {"accounts": [{"Id": "A1"}, {"Id": "A1"}]}}, "A1 occurs twice"),
        ({"now": "yesterday"}, "now: 'yesterday' is no date; write 2026-01-11"),
        ({"hs": {"assoc": [["h1"]]}}, r"hs.assoc: \['h1'\]; expected"),
        ({"hs": {"assoc": [["h1", "K1"]]}}, "hs.assoc: h1 is no record of this world"),
        ({"sf": {"accounts": [{"Id": "A1", "Name": True}]}}, "A1: Name: true is no text; write it in quotes"),
        ({"sf": {"accounts": [{"Id": "A1", "Master": "A2"}]}}, "A1: Master without Deleted: true"),
        ({"sf": {"accounts": [{"Id": "0012800000CXn0k"}, {"Id": "0012800000CXn0kAAD"}]}}, "occurs twice"),
        ({"sf": {"accounts": {"Id": "A1"}}}, "sf.accounts: expected a list"),
        (
            {"hs": {"companies": [{"id": "K1", "merged": "K2"}]}},
            r"K1: merged: 'K2' is no list of ids; write \[K1, K2\]",
        ),
        (
            {"hs": {"companies": [{"id": f"K{n}", "archived": True, "merged": [f"K{3 - n}"]} for n in (1, 2)]}},
            "lead back",
        ),
        (
            {
                "hs": {
                    "companies": [{"id": "K1"}, {"id": "K2"}],
                    "contacts": [{"id": "h1"}],
                    "assoc": [["h1", "K1", "primary"], ["h1", "K2", "primary"]],
                }
            },
            "K1 and K2 are both primary for h1",
        ),
        (
            {"links": [{"account": "A1", "company": "K1"}, {"account": "A2", "company": "K1"}]},
            "company: K1 occurs twice",
        ),
        ({"links": [{"account": "A1"}]}, r"links: \{'account': 'A1'\} does not say company"),
        ({"fields": [{"rule": "two_way"}]}, "fields: .* does not say name"),
        ({"fields": [{"name": "f1", "rule": "two_way"}], "sf": {}}, "fields: they are those of a pair"),
        ({"fields": [{"name": "f1", "rule": "two_way", "sf": ["x"]}]}, r"fields: sf: \['x'\] is no text"),
        ({"sf": {"accounts": [{"Id": "A1", "Created": "9999-12-31"}]}}, "A1: Created: .* is out of range"),
        ({"sf": {"accounts": [{"Id": "A1", "Name": "a\0b"}]}}, "A1: Name: .* holds a character that is no text"),
        ({"hs": {"assoc": [["h1", None]]}}, r"hs.assoc: \['h1', None\]; expected"),
        ({"resolutions": [{"account": "A1", "choice": "pair"}]}, "pair with account; pair and apart need"),
        ({"resolutions": [{"account": "A1", "choice": "yes"}]}, "choice: 'yes'; allowed are pair"),
        ({"settings": {"manual_sync": "K1"}}, "settings.manual_sync: 'K1' is no list of ids"),
        ({"settings": ["K1"]}, "settings: expected a mapping"),
    ],
)
def test_a_world_that_cannot_be_understood_says_where_and_what_is_allowed(changes: dict[str, Any], message: str):
    with pytest.raises(WorldError, match=message):
        world_of(PAIR | changes, where="w.yaml")


def test_a_reference_to_nobody_is_named_for_it_may_be_a_slip():
    leads = [{"Id": "L1", "ConvertedContactId": "P1"}]
    world = world_of(
        {
            "sf": {"accounts": [{"Id": "A1", "Deleted": True, "Master": "A8"}], "leads": leads},
            "hs": {"companies": [{"id": "K1", "sfa": "A1", "merged": ["K2"]}], "contacts": [{"id": "h1", "sfc": "P9"}]},
            "links": [{"account": "A1", "company": "K2"}, {"account": "A7", "company": "K1"}],
        }
    )
    assert [line.partition(" is no record")[0] for line in unseen(world)] == [
        "sf.accounts: A1: Master: A8",
        "sf.leads: L1: ConvertedContactId: P1",
        "hs.contacts: h1: sfc: P9",
        "links: {'account': 'A7', 'company': 'K1'}: account: A7",
    ]


def test_a_file_takes_its_defaults_from_beside_it(tmp_path: Path):
    (tmp_path / "defaults.yaml").write_text("now: 2026-02-01\nsettings: {default_object: Lead}\n")
    (tmp_path / "w.yaml").write_text("# What it is about\nid: W\nsettings: {max_creates: 3}\n")
    world = parse_world(tmp_path / "w.yaml")
    assert (world.title, world.now.month) == ("What it is about", 2)
    assert (world.settings["default_object"], world.settings["max_creates"]) == ("Lead", 3)


@pytest.mark.parametrize("text", ["[1, 2]", "a: b: c", "\t", "sf: {}\nsf: {}", "[1]: 2"])
def test_a_file_that_is_no_mapping_is_named(tmp_path: Path, text: str):
    (tmp_path / "w.yaml").write_text(text)
    with pytest.raises(WorldError, match=r"w\.yaml"):
        parse_world(tmp_path / "w.yaml")


@pytest.mark.skipif(not WORLDS.exists(), reason="the collection of worlds is not on this machine")
@pytest.mark.parametrize(
    "path", sorted(it for it in WORLDS.glob("*.yaml") if it.stem != "defaults"), ids=lambda it: it.stem
)
def test_every_world_loads_and_comes_back_as_it_was(path: Path):
    world = load_world(parse_world(path), Crms())
    written, state = yaml.safe_load(path.read_text()), world.render()
    for crm, key in (("sf", "Id"), ("hs", "id")):
        for kind, rows in (written.get(crm) or {}).items():
            if kind == "assoc":
                assert sorted(rows) == state["hs"]["assoc"]
            else:
                assert sorted(row[key] for row in rows) == [row[key] for row in state[crm][kind]]
