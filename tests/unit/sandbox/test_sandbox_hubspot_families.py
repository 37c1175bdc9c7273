"""Parents and children of companies in the sandbox's HubSpot: associations 13 and 14 and the property that shows them."""

from __future__ import annotations

import pytest

from hubspot_inprocess import ask, company, portal

PATH = "/crm/v4/associations/companies/companies/batch"
COMPANIES = "/crm/v3/objects/companies"


def typed(start, end, kind=14):
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}]
    return {"inputs": [{"from": {"id": start}, "to": {"id": end}, "types": types}]}


def shown(crms, rid):
    return crms.portal.tables["companies"].live[rid].get("hs_parent_company_id")


def read(crms, rid):
    """Return (other company, type id) of the associations of a company."""
    _, body = ask(crms, "POST", f"{PATH}/read", {"inputs": [{"id": rid}]})
    rows = body["results"][0]["to"] if body["results"] else []
    return [(str(row["toObjectId"]), row["associationTypes"][0]["typeId"]) for row in rows]


def test_a_parent_is_set_from_either_end_and_shown_on_both():
    crms = portal()
    top, one, two = company(crms), company(crms), company(crms)
    assert ask(crms, "POST", f"{PATH}/create", typed(one, top))[0] == 201
    assert ask(crms, "POST", f"{PATH}/create", typed(top, two, 13))[0] == 201
    assert (read(crms, one), read(crms, top)) == ([(top, 14)], [(one, 13), (two, 13)])
    assert (shown(crms, one), shown(crms, two)) == (top, top)
    assert [(it.op, it.id) for it in crms.journal.by("pipeline")] == [("associate", one), ("associate", two)]
    ask(crms, "POST", f"{PATH}/create", typed(one, top))
    assert len(list(crms.journal.by("pipeline"))) == 2


@pytest.mark.parametrize("path", ["archive", "labels/archive"])
def test_a_parent_is_ended_and_one_that_is_none_is_left_alone(path):
    crms = portal()
    top, other, child = company(crms), company(crms), company(crms)
    ask(crms, "POST", f"{PATH}/create", typed(child, top))
    for parent, left in ((other, top), (top, None)):
        body = (
            typed(child, parent) if "labels" in path else {"inputs": [{"from": {"id": child}, "to": [{"id": parent}]}]}
        )
        assert ask(crms, "POST", f"{PATH}/{path}", body) == (204, None)
        assert shown(crms, child) == left
    assert read(crms, child) == []


@pytest.mark.parametrize(("rule", "status", "parent"), [("replaces", 201, "new"), ("refused", 207, "old")])
def test_a_second_parent_takes_the_place_of_the_first_or_is_refused(rule, status, parent):
    crms = portal(second_parent=rule)
    firms = {"old": company(crms), "new": company(crms)}
    child = company(crms)
    ask(crms, "POST", f"{PATH}/create", typed(child, firms["old"]))
    assert ask(crms, "POST", f"{PATH}/create", typed(child, firms["new"]))[0] == status
    assert read(crms, child) == [(firms[parent], 14)]


def test_nobody_is_their_own_parent_and_the_property_is_read_only():
    crms = portal()
    one, two = company(crms), company(crms)
    _, body = ask(crms, "POST", f"{PATH}/create", typed(one, one))
    assert "cannot be associated to itself" in body["errors"][0]["message"]
    properties = {"properties": {"hs_parent_company_id": two}}
    status, body = ask(crms, "PATCH", f"{COMPANIES}/{one}", properties)
    assert (status, body["errors"][0]["code"]) == (400, "READ_ONLY_VALUE")


def test_an_archived_parent_is_hidden_until_it_is_restored():
    crms = portal()
    top, child = company(crms), company(crms)
    ask(crms, "POST", f"{PATH}/create", typed(child, top))
    crms.portal.archive("companies", top)
    assert (shown(crms, child), read(crms, child)) == (None, [])
    crms.portal.restore("companies", top)
    assert (shown(crms, child), read(crms, child)) == (top, [(top, 14)])


def test_a_merged_company_keeps_parent_and_children():
    crms = portal()
    top, one, two, leaf = (company(crms) for _ in range(4))
    for child, parent in ((two, top), (leaf, one), (one, two)):
        ask(crms, "POST", f"{PATH}/create", typed(child, parent))
    _, body = ask(crms, "POST", f"{COMPANIES}/merge", {"primaryObjectId": one, "objectIdToMerge": two})
    merged = body["id"]
    assert (shown(crms, merged), shown(crms, leaf)) == (top, merged)
    assert (read(crms, merged), read(crms, leaf)) == ([(top, 14), (leaf, 13)], [(merged, 14)])


def test_a_new_parent_moves_the_childs_stamp_or_not():
    for moves in (True, False):
        crms = portal(parent_moves_stamp=moves)
        crms.clock.freeze()
        top, child = company(crms), company(crms)
        before = crms.portal.tables["companies"].live[child]["hs_lastmodifieddate"]
        crms.clock.advance(60)
        ask(crms, "POST", f"{PATH}/create", typed(child, top))
        assert (crms.portal.tables["companies"].live[child]["hs_lastmodifieddate"] != before) == moves
