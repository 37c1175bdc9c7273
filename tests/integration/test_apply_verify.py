"""After the writes: values that do not stand, stages that did not move, and twins that HubSpot made meanwhile."""

from __future__ import annotations

import pytest
from apply_fakes import World

from accord.crm.answers import Answer, RowAnswer
from accord.steps.apply import apply
from accord.steps.prepare import prepare
from accord.steps.verify import verify

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(database):
    return World(database)


def applied(world, extra=()):
    run = world.begin()
    world.stage()
    apply(world.wiring, run, world.decide(run, extra))
    return run


def test_what_was_written_stands(world):
    world.account(1)
    world.company(7)
    checked = verify(world.wiring, applied(world))
    assert checked == {"verified": 4, "not_as_written": 0, "raced": 0, "unaccounted": 0}


def test_a_stage_that_hubspot_did_not_move_is_reported(world):
    world.company(7, wants_account=False, lifecyclestage="lead")
    world.hubspot.fail("update_companies", lambda row: RowAnswer(row["id"], Answer.APPLIED, row["id"], False))
    run = applied(world, [("hubspot", "7", "SET_STAGE", None, "customer")])
    assert verify(world.wiring, run)["not_as_written"] == 1
    assert world.database.rows("SELECT code FROM sync.outcomes") == [{"code": "not_moved"}]


@pytest.mark.rule("R105")
def test_a_twin_that_hubspot_made_for_the_same_person_is_put_up_for_review(world):
    account = world.account(1)
    world.people[account] = [("associate", "501")]
    run = applied(world)
    world.hubspot.add("8", name="a1", hs_object_source_label="CRM_SETTING", createdate=world.clock.at.isoformat())
    world.hubspot.add("9", name="old", hs_object_source_label="CRM_SETTING")
    world.hubspot.links |= {("501", "8"), ("501", "9")}
    assert verify(world.wiring, run)["raced"] == 1
    [review] = world.database.rows("SELECT * FROM sync.reviews")
    assert (review["reason"], review["record_id"]) == ("race_with_auto_create", "8")
    assert review["candidates"] == [account, world.pairs()[0][1]]


def test_prepare_makes_the_property_once_and_explains_the_field(world):
    world.hubspot.has_key = world.salesforce.has_key = False
    made = []

    def create_property(object_type, body):
        made.append((object_type, body["name"]))
        world.hubspot.has_key = True

    world.hubspot.create_property = create_property
    first, second = prepare(world.wiring), prepare(world.wiring)
    assert made == [("companies", "accord_key")]
    assert any("<CustomField" in paragraph for paragraph in first["to_do"])
    assert second["done"] == ["HubSpot company property accord_key is ready"]
