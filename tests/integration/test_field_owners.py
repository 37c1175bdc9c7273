"""Owners the whole way (R69): the same person by e-mail on both sides, or left as they are and said."""

from __future__ import annotations

import pytest
from field_case import Case

from accord.model.ids import salesforce_id
from accord.model.scope import Scope
from accord.model.settings import FieldRule
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of

pytestmark = pytest.mark.postgres

WORLD = {
    "id": "OWNERS",
    "sf": {"accounts": [{"Id": "A1", "Name": "Acme", "Phone": "1", "Created": "2024-01-01", "Modified": "2025-01-01"}]},
    "hs": {"companies": [{"id": "K1", "name": "Acme", "phone": "1", "created": "2024-01-01", "sfa": "A1"}]},
}
PHONE = FieldRule(salesforce="Phone", hubspot="phone")
OWNER = FieldRule(salesforce="OwnerId", hubspot="hubspot_owner_id", kind="owner", rule="two_way")
BOB, CY, CY_AGAIN, DEE = (salesforce_id(f"005Qy000000009{n}") for n in range(4))
NOT_MATCHED = "owner_not_matched"


class Owners(Case):
    def __init__(self, sandbox, database):
        super().__init__(sandbox, database, (PHONE, OWNER))
        org, self.rep = sandbox.crms.org, sandbox.crms.org.person
        for user, name in ((BOB, "bob"), (CY, "cy"), (CY_AGAIN, "cy"), (DEE, "dee")):
            org.load("User", {"Id": user, "Email": f"{name}@acme.test", "LastName": name, "IsActive": True})
        self.seats = sandbox.crms.portal.owners
        for owner, name in (("1", "Rep"), ("2", "bob"), ("3", "cy"), ("4", "eve")):
            self.seat(owner, f"{name}@acme.test")
        sandbox.crms.portal.tables["companies"].live[sandbox.world.ids["K1"]]["hubspot_owner_id"] = "1"
        self.run()

    def seat(self, owner, email):
        self.seats.append({"id": owner, "email": email, "archived": False})

    def owners(self, account="A1", company="K1"):
        """Return who owns both sides of a pair."""
        return self.account(account)["OwnerId"], self.company(company).get("hubspot_owner_id")


@pytest.fixture
def case(database):
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        yield Owners(sandbox, database)


def test_an_owner_follows_the_last_change_in_both_directions(case):
    """R69"""
    assert case.written == 0
    case.account("A1", OwnerId=BOB)
    case.run()
    assert case.owners() == (BOB, "2")
    case.company("K1", hubspot_owner_id="1")
    case.run()
    assert case.owners() == (case.rep, "1")
    assert case.run() == 0
    assert case.said("hubspot_owner_id") + case.said("OwnerId") == []


def test_a_user_without_a_seat_is_left_out_said_once_and_written_when_there_is_one(case):
    """R69"""
    case.account("A1", OwnerId=DEE, Phone="2")
    case.run()
    assert (case.company("K1")["phone"], *case.owners()) == ("2", DEE, "1")
    assert [(row["name"], row["held"]) for row in case.decided()] == [("hubspot_owner_id", NOT_MATCHED), ("phone", "")]
    case.account("A1", Phone="3")
    case.run()
    assert case.company("K1")["phone"] == "3"
    assert [case.run(), case.run()] == [0, 0]
    assert case.decided() == []
    assert case.said("hubspot_owner_id") == [NOT_MATCHED]
    case.seat("5", "Dee@acme.test ")
    case.run()
    assert case.owners() == (DEE, "5")
    assert case.run() == 0


def test_an_owner_who_is_no_user_is_left_out_said_once_and_written_when_there_is_one(case):
    """R69"""
    case.company("K1", hubspot_owner_id="4", phone="4")
    for phone in ("5", "6"):
        case.account("A1", Phone=phone)
        case.run()
        assert (case.company("K1")["phone"], *case.owners()) == (phone, case.rep, "4")
    assert case.said("OwnerId") == [NOT_MATCHED]
    eve = salesforce_id("005Qy0000000099")
    case.sandbox.crms.org.load("User", {"Id": eve, "Email": "eve@acme.test", "LastName": "Eve", "IsActive": True})
    case.run()
    assert case.owners() == (eve, "4")
    assert case.run() == 0


def test_of_two_changes_that_wait_the_later_one_counts(case):
    """R66, R69: nobody's later choice is written over because an older one can be written by now."""
    case.account("A1", OwnerId=DEE)
    case.run()
    case.company("K1", hubspot_owner_id="4")
    case.run()
    case.seat("5", "dee@acme.test")
    case.run()
    assert case.owners() == (DEE, "4")


def test_an_e_mail_that_two_users_share_is_nobodys(case):
    """R69"""
    case.company("K1", hubspot_owner_id="3")
    case.run()
    assert case.owners() == (case.rep, "3")
    assert case.said("OwnerId") == [NOT_MATCHED]
    case.account("A1", OwnerId=CY)
    case.run()
    assert case.owners() == (CY, "3")
    case.sandbox.crms.org.tables["User"][CY_AGAIN]["IsActive"] = False
    assert case.run() == 0
    assert case.owners() == (CY, "3")


def test_an_account_keeps_its_owner_where_hubspots_is_cleared(case):
    case.company("K1", hubspot_owner_id="", phone="9")
    case.run()
    assert case.owners() == (case.rep, None)
    assert case.said("OwnerId") == ["required"]
    assert case.run() == 0
    case.account("A1", OwnerId=BOB)
    case.run()
    assert case.owners() == (BOB, "2")


def test_who_leaves_changes_nothing_and_who_comes_back_is_matched_again(case):
    """R69"""
    rep = case.sandbox.crms.org.tables["User"][case.rep]
    rep["IsActive"] = False
    assert case.run() == 0
    assert case.decided() == []
    case.company("K1", hubspot_owner_id="2")
    case.run()
    assert case.owners() == (BOB, "2")
    case.company("K1", hubspot_owner_id="1")
    case.run()
    assert case.owners() == (BOB, "1")
    assert case.said("OwnerId") == [NOT_MATCHED]
    rep["IsActive"] = True
    case.run()
    assert case.owners() == (case.rep, "1")
    assert case.run() == 0


def test_what_differed_when_owners_were_mapped_stays_whoever_comes_and_goes(case):
    """R68"""
    other = case.sandbox.crms.portal.create("companies", {"name": "Known", "hubspot_owner_id": "2"})
    account = case.sandbox.crms.org.create(
        "Account", {"Name": "Known", "OwnerId": DEE}, stamp="2024-01-01T00:00:00.000Z"
    )
    case.sandbox.crms.portal.tables["companies"].live[other]["salesforceaccountid"] = account
    case.run()
    case.seat("5", "dee@acme.test")
    case.run()
    case.seats.pop()
    case.run()
    assert case.company(other)["hubspot_owner_id"] == "2"
    assert case.sandbox.crms.org.tables["Account"][account]["OwnerId"] == DEE


def test_a_company_made_from_an_account_has_its_owner(case):
    """R69"""
    made = {}
    for name, owner in (("Bobs", BOB), ("Dees", DEE)):
        case.act(crm="salesforce", op="create", object="Account", values={"Name": name, "OwnerId": owner})
        made[name] = case.sandbox.crms.journal.entries[-1].id
    case.run()
    company = {name: case.company(case.partner(account)) for name, account in made.items()}
    assert company["Bobs"]["hubspot_owner_id"] == "2"
    assert "hubspot_owner_id" not in company["Dees"]
    case.run()
    assert case.said("hubspot_owner_id") == [NOT_MATCHED]
    case.seat("5", "dee@acme.test")
    case.run()
    assert case.company(case.partner(made["Dees"]))["hubspot_owner_id"] == "5"
    assert case.run() == 0


def test_an_account_made_from_a_company_has_its_owner_and_salesforces_own_choice_is_no_change(case):
    """R69"""
    owner_of = {"2": BOB, "4": case.sandbox.crms.org.pipeline_user, "": case.sandbox.crms.org.pipeline_user}
    made = {}
    for owner in owner_of:
        case.act(
            crm="hubspot", op="create", object="companies", values={"name": f"Of {owner}", "hubspot_owner_id": owner}
        )
        made[owner] = case.sandbox.crms.journal.entries[-1].id
        case.run(Scope("record", record_id=made[owner], requested_by="Ann"))
    case.sandbox.crms.switches.patch({"search_lag_seconds": 0})
    for _ in range(2):
        assert case.run() == 0
    for owner, user in owner_of.items():
        account = case.partner(made[owner])
        assert case.sandbox.crms.org.tables["Account"][account]["OwnerId"] == user
        assert case.company(made[owner]).get("hubspot_owner_id", "") == owner
    eve = salesforce_id("005Qy0000000099")
    case.sandbox.crms.org.load("User", {"Id": eve, "Email": "eve@acme.test", "LastName": "Eve", "IsActive": True})
    case.run()
    assert case.sandbox.crms.org.tables["Account"][case.partner(made["4"])]["OwnerId"] == eve


def test_nobody_is_asked_for_owners_that_are_not_mapped(case):
    asked = case.sandbox.crms.calls["hubspot", "GET", "/crm/v3/owners"]
    assert asked == case.runs
    case.settings = case.settings.model_copy(update={"fields": (PHONE, OWNER.model_copy(update={"rule": "dont_sync"}))})
    case.run()
    assert case.sandbox.crms.calls["hubspot", "GET", "/crm/v3/owners"] == asked
