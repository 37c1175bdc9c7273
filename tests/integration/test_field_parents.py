"""Parents the whole way (R65): a company stands below the company of its account's parent, and below no other."""

from __future__ import annotations

import pytest
from field_case import Case

from accord.model.settings import FieldRule
from accord.sandbox.families import SHOWN
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of

pytestmark = pytest.mark.postgres

OLD = {"Created": "2024-01-01", "Modified": "2025-01-01"}
WORLD = {
    "id": "PARENTS",
    "sf": {"accounts": [{"Id": f"A{n}", "Name": f"Firm {n}", **OLD} for n in range(1, 5)]},
    "hs": {
        "companies": [
            *({"id": f"K{n}", "name": f"Firm {n}", "created": "2024-01-01", "sfa": f"A{n}"} for n in range(1, 4)),
            {"id": "K9", "name": "Nobody's", "created": "2024-01-01"},
        ]
    },
}
NAME = FieldRule(salesforce="Name", hubspot="name")
PARENT = FieldRule(salesforce="ParentId", hubspot=SHOWN, kind="parent", rule="always_salesforce")
SET, END = "companies/companies/batch/create", "companies/companies/batch/labels/archive"


class Parents(Case):
    def __init__(self, sandbox, database):
        super().__init__(sandbox, database, (NAME, PARENT))
        self.ids, self.portal = sandbox.world.ids, sandbox.crms.portal
        self.run()

    def below(self, account, parent):
        """Let a person give an account a parent, or take it away."""
        self.account(account, ParentId=self.ids.get(parent, parent))

    def parent(self, company="K1"):
        """Return the short name of a company's parent, as both the association and the property say."""
        rid = self.ids.get(company, company)
        linked, shown = self.portal.parents.get(rid), self.portal.tables["companies"].live[rid].get(SHOWN)
        assert linked == shown
        return next((key for key, real in self.sandbox.world.ids.items() if real == linked), linked)

    def links(self):
        """Return the writes that the pipeline made to associations of companies, in order."""
        return [entry.op for entry in self.sandbox.journal.by("pipeline") if SHOWN in entry.after]

    def writes(self):
        """Return what the ledger holds of parents: op, state, what was before, what was written."""
        rows = self.database.rows("SELECT * FROM sync.intents WHERE op IN ('parent', 'unparent') ORDER BY seq")
        return [(row["op"], row["state"], row["before"][SHOWN], row["fields"][SHOWN]) for row in rows]


@pytest.fixture
def case(database):
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        yield Parents(sandbox, database)


def test_a_parent_is_set_changed_and_cleared(case):
    """R64, R65"""
    case.below("A1", "A2")
    assert case.run() == 1
    assert case.parent() == "K2"
    assert case.run() == 0
    case.below("A1", "A3")
    case.run()
    assert case.parent() == "K3"
    case.below("A1", None)
    assert case.run() == 1
    assert case.parent() is None
    assert case.run() == 0
    two, three = case.ids["K2"], case.ids["K3"]
    assert case.writes() == [
        ("parent", "confirmed", None, two),
        ("unparent", "confirmed", two, None),
        ("parent", "confirmed", None, three),
        ("unparent", "confirmed", three, None),
    ]


def test_a_portal_that_refuses_a_second_parent_gets_the_new_one_all_the_same(case):
    case.sandbox.crms.switches.patch({"second_parent": "refused"})
    for parent in ("A2", "A3"):
        case.below("A1", parent)
        case.run()
    assert case.parent() == "K3"
    assert case.links() == ["associate", "dissociate", "associate"]


def test_hubspots_own_change_is_written_over_and_what_stood_before_stays(case):
    """R65, R68"""
    case.act(crm="hubspot", op="set_parent", company=case.ids["K3"], parent=case.ids["K2"])
    case.below("A1", "A2")
    case.run()
    case.act(crm="hubspot", op="set_parent", company=case.ids["K1"], parent=case.ids["K9"])
    case.run()
    assert (case.parent(), case.parent("K3")) == ("K2", "K2")
    assert case.run() == 0


def test_other_fields_of_the_same_company_go_with_it_and_the_parent_is_no_property(case):
    case.account("A1", Name="Renamed", ParentId=case.ids["A2"])
    case.run()
    assert (case.company("K1")["name"], case.parent()) == ("Renamed", "K2")
    assert case.said(SHOWN) == []


def test_a_parent_made_in_the_same_run_is_written_by_the_next_one(case):
    values = {"Name": "Mother"}
    case.act(crm="salesforce", op="create", object="Account", values=values)
    mother = case.sandbox.journal.entries[-1].id
    case.act(crm="salesforce", op="create", object="Account", values={"Name": "Daughter", "ParentId": mother})
    daughter = case.sandbox.journal.entries[-1].id
    case.run()
    assert case.links() == []
    assert case.run() == 1
    assert case.parent(case.partner(daughter)) == case.partner(mother)
    assert case.run() == 0


def test_a_company_that_is_paired_now_gets_its_parent_at_once(case):
    company = case.portal.create("companies", {"name": "Branch"})
    person = case.portal.create("contacts", {"email": "ann@branch.test"})
    case.portal.associate(person, company)
    values = {"Name": "Branch", "ParentId": case.ids["A2"]}
    case.act(crm="salesforce", op="create", object="Account", values=values)
    account = case.sandbox.journal.entries[-1].id
    values = {"LastName": "Ann", "Email": "ann@branch.test", "AccountId": account}
    case.act(crm="salesforce", op="create", object="Contact", values=values)
    case.run()
    assert (case.partner(account), case.parent(company)) == (company, "K2")
    assert case.run() == 0


def test_a_parent_that_is_not_paired_is_left_out_said_once_and_written_when_it_is(case):
    case.account("A1", Name="Renamed", ParentId=case.ids["A4"])
    case.run()
    case.account("A1", Name="Renamed again")
    case.run()
    assert (case.company("K1")["name"], case.parent()) == ("Renamed again", None)
    assert [case.run(), case.run()] == [0, 0]
    assert case.decided() == []
    assert case.said(SHOWN) == ["parent_not_paired"]
    case.account("A4", Name="Touched")
    case.run()
    assert case.parent() is None
    assert case.run() == 1
    assert case.parent() == case.partner(case.ids["A4"])


def test_merges_of_the_parent_are_followed_on_either_side(case):
    """R73, R77"""
    case.below("A1", "A2")
    case.run()
    merged = case.portal.create("companies", {"name": "Twin"})
    case.act(crm="hubspot", op="merge", object="companies", primary=case.ids["K2"], other=merged)
    case.run()
    kept = case.partner(case.ids["A2"])
    assert case.parent() == kept != case.ids["K2"]
    case.act(crm="salesforce", op="merge", object="Account", winner=case.ids["A4"], losers=[case.ids["A2"]])
    case.run()
    assert case.partner(case.ids["A4"]) == case.parent() == kept
    case.act(crm="salesforce", op="merge", object="Account", winner=case.ids["A3"], losers=[case.ids["A4"]])
    case.run()
    assert case.parent() == "K3"
    assert case.run() == 0
    assert case.said(SHOWN) == []


def test_a_company_never_comes_to_stand_above_itself(case):
    """The portal's own parents count, too; once the circle is gone the parent is written."""
    case.act(crm="hubspot", op="set_parent", company=case.ids["K2"], parent=case.ids["K1"])
    case.below("A1", "A2")
    case.below("A3", "A3")
    assert [case.run(), case.run()] == [0, 0]
    assert (case.parent("K1"), case.parent("K3")) == (None, None)
    assert case.said(SHOWN) == ["parent_cycle", "parent_cycle"]
    case.act(crm="hubspot", op="set_parent", company=case.ids["K2"], parent=None)
    case.run()
    assert (case.parent("K1"), case.parent("K2"), case.parent("K3")) == ("K2", None, None)


def test_a_circle_that_is_turned_round_in_one_run_is_none(case):
    case.below("A1", "A2")
    case.run()
    case.below("A1", None)
    case.below("A2", "A1")
    case.run()
    assert (case.parent("K1"), case.parent("K2")) == (None, "K1")


@pytest.mark.parametrize("verb", ["drop_after_commit", "drop_before", "late_commit"])
@pytest.mark.parametrize("path", [SET, END])
def test_a_lost_answer_is_read_again_and_settled(case, path, verb):
    case.below("A1", "A2")
    case.run()
    case.below("A1", "A3")
    case.sandbox.crms.faults.arm([{"crm": "hubspot", "path": path, "do": verb, "seconds": 20}])
    case.run()
    assert case.parent() == "K3"
    assert {state for _, state, *_ in case.writes()} == {"confirmed"}
    assert case.run() == 0


def test_a_parent_that_somebody_changed_meanwhile_is_decided_again(case):
    case.below("A1", "A2")
    case.run()
    case.below("A1", "A3")
    case.sandbox.crms.switches.patch({"search_lag_seconds": 100_000})
    case.act(crm="hubspot", op="set_parent", company=case.ids["K1"], parent=case.ids["K9"])
    case.run()
    assert case.parent() == "K9"
    assert [state for _, state, *_ in case.writes()] == ["confirmed", "superseded", "superseded"]
    case.sandbox.clock.advance(100_000)
    case.run()
    assert case.parent() == "K3"


def test_nothing_is_undone_where_a_new_parent_moves_no_timestamp(case):
    case.sandbox.crms.switches.patch({"parent_moves_stamp": False})
    for parent, expected in (("A2", "K2"), ("A3", "K3"), (None, None)):
        case.below("A1", parent)
        case.run()
        assert [case.run(), case.run()] == [0, 0]
        assert case.parent() == expected


def test_a_parent_that_is_refused_is_said_and_tried_again_later(case):
    case.below("A1", "A2")
    case.sandbox.crms.faults.arm([{"crm": "hubspot", "path": SET, "do": "status", "status": 400, "times": 0}])
    case.run()
    assert [(op, state) for op, state, *_ in case.writes()] == [("parent", "rejected")]
    case.sandbox.crms.faults.clear()
    case.run()
    assert case.parent() is None
    case.sandbox.clock.advance(3600)
    case.run()
    assert case.parent() == "K2"
