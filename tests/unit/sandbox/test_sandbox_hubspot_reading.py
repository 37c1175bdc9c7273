"""Reading from the sandbox's HubSpot: pages, search and its lag and wall, lists, limits, both spellings of paths."""

from __future__ import annotations

import pytest

from accord.sandbox.hubspot_http import SERVICE
from accord.sandbox.wire import Call
from hubspot_inprocess import KEY, ask, company, contact, portal, where

COMPANIES, CONTACTS = "/crm/v3/objects/companies", "/crm/v3/objects/contacts"


def test_pages_follow_each_other_even_when_the_cursors_record_goes():
    crms = portal()
    ids = [company(crms) for _ in range(5)]
    _, page = ask(crms, "GET", f"{COMPANIES}?limit=2")
    crms.portal.archive("companies", page["paging"]["next"]["after"])
    _, rest = ask(crms, "GET", f"{COMPANIES}?limit=2&after={page['paging']['next']['after']}")
    assert [it["id"] for it in rest["results"]] == ids[3:]
    assert "paging" not in rest


@pytest.mark.parametrize(
    ("path", "status"), [("?limit=100", 200), ("?limit=101", 400), ("?limit=51&propertiesWithHistory=name", 400)]
)
def test_a_page_has_at_most_a_hundred_records(path: str, status: int):
    assert ask(portal(), "GET", COMPANIES + path)[0] == status


def test_unknown_properties_are_dropped_and_empty_ones_are_null():
    crms = portal()
    company(crms)
    _, page = ask(crms, "GET", f"{COMPANIES}?properties=phone,nonsense")
    assert page["results"][0]["properties"].keys() == {"phone", "createdate", "hs_lastmodifieddate", "hs_object_id"}
    assert page["results"][0]["properties"]["phone"] is None


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (("name", "EQ", "beta"), "B"),
        (("name", "NEQ", "Beta"), "AC"),
        (("numberofemployees", "GT", "9"), "BC"),
        (("numberofemployees", "BETWEEN", "5", "10"), "AB"),
        (("phone", "HAS_PROPERTY"), "C"),
        (("phone", "NOT_HAS_PROPERTY"), "AB"),
        (("name", "CONTAINS_TOKEN", "cob*"), "C"),
        (("createdate", "GTE", "0"), "ABC"),
        (("hs_lastmodifieddate", "LT", "0"), ""),
    ],
)
def test_search_filters(condition: tuple[str, ...], found: str):
    crms = portal()
    for name, size, phone in (("Alpha", "5", ""), ("Beta", "10", ""), ("Cobalt", "100", "1")):
        company(crms, name=name, numberofemployees=size, phone=phone)
    _, body = ask(crms, "POST", f"{COMPANIES}/search", where(condition, properties=["name"]))
    assert "".join(it["properties"]["name"][0] for it in body["results"]) == found
    assert body["total"] == len(found)


def test_in_takes_a_list_of_values():
    crms = portal()
    for name in ("Alpha", "Beta", "Gamma"):
        company(crms, name=name)
    wish = {"filterGroups": [{"filters": [{"propertyName": "name", "operator": "IN", "values": ["alpha", "gamma"]}]}]}
    assert ask(crms, "POST", f"{COMPANIES}/search", wish)[1]["total"] == 2


def test_a_keyset_inside_a_window_finds_each_record_once():
    crms = portal(enforce_rate_limits=False)
    ids = [company(crms) for _ in range(7)]
    seen: list[str] = []
    while True:
        wish = where(
            ("hs_lastmodifieddate", "BETWEEN", "0", "9999999999999"),
            ("hs_object_id", "GT", seen[-1] if seen else "0"),
            sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            limit=3,
        )
        rows = ask(crms, "POST", f"{COMPANIES}/search", wish)[1]["results"]
        if not rows:
            break
        seen += [it["id"] for it in rows]
    assert seen == ids


@pytest.mark.parametrize(("after", "limit", "status"), [("9800", 200, 200), ("9801", 200, 400), ("0", 201, 400)])
def test_search_ends_at_the_ten_thousandth_result(after: str, limit: int, status: int):
    assert ask(portal(), "POST", f"{COMPANIES}/search", {"after": after, "limit": limit})[0] == status


@pytest.mark.parametrize("groups", [6, 1])
def test_a_search_has_a_limited_number_of_filters(groups: int):
    many = [{"propertyName": "name", "operator": "HAS_PROPERTY"}] * (7 if groups == 1 else 1)
    wish = {"filterGroups": [{"filters": many}] * groups}
    assert ask(portal(), "POST", f"{COMPANIES}/search", wish)[0] == 400


def test_search_shows_a_write_late_and_reading_by_id_at_once():
    crms = portal(search_lag_seconds=30)
    crms.clock.freeze()
    rid = company(crms)
    assert ask(crms, "GET", f"{COMPANIES}/{rid}")[0] == 200
    assert ask(crms, "POST", f"{COMPANIES}/search", {})[1]["total"] == 0
    crms.clock.advance(31)
    crms.portal.update("companies", rid, {"name": "New"})
    crms.portal.archive("companies", company(crms))
    _, body = ask(crms, "POST", f"{COMPANIES}/search", {})
    assert [it["properties"]["name"] for it in body["results"]] == ["Acme"]
    crms.clock.advance(31)
    assert ask(crms, "POST", f"{COMPANIES}/search", {})[1]["results"][0]["properties"]["name"] == "New"


def test_members_come_in_the_order_of_joining():
    crms = portal()
    crms.clock.freeze()
    people = [contact(crms, f"{n}@x.test") for n in range(3)]
    list_id = crms.portal.lists.make("L")
    for rid in (people[2], people[0], people[1]):
        crms.clock.advance(1)
        ask(crms, "PUT", f"/crm/v3/lists/{list_id}/memberships/add", [rid])
    path = f"/crm/v3/lists/{list_id}/memberships/join-order?limit=2"
    _, first = ask(crms, "GET", path)
    _, last = ask(crms, "GET", f"{path}&after={first['paging']['next']['after']}")
    assert [it["recordId"] for it in first["results"] + last["results"]] == [people[2], people[0], people[1]]
    assert (first["total"], "paging" in last) == (3, False)
    assert ask(crms, "GET", f"/crm/v3/lists/{list_id}/memberships/join-order?limit=251")[0] == 400


def test_lists_are_found_by_name():
    crms = portal()
    list_id = crms.portal.lists.make("Sync us")
    assert ask(crms, "GET", "/crm/v3/lists/object-type-id/0-1/name/Sync us")[1]["list"]["listId"] == list_id
    assert ask(crms, "GET", "/crm/v3/lists/object-type-id/0-1/name/Other")[0] == 404


def test_a_dynamic_list_is_not_changed_by_hand():
    crms = portal()
    list_id = crms.portal.lists.make("L", processing="DYNAMIC")
    assert ask(crms, "PUT", f"/crm/v3/lists/{list_id}/memberships/add", [contact(crms, "a@x.test")])[0] == 400


def test_a_property_is_made_once():
    crms = portal()
    wish = {"name": "k", "label": "K", "groupName": "companyinformation", "type": "string", "fieldType": "text"}
    wish |= {"hasUniqueValue": True}
    assert [ask(crms, "POST", "/crm/v3/properties/companies", wish)[0] for _ in range(2)] == [201, 409]
    assert ask(crms, "GET", "/crm/v3/properties/companies/k")[1]["hasUniqueValue"] is True


def test_association_reads_take_a_thousand_inputs():
    path = "/crm/v4/associations/companies/contacts/batch/read"
    rows = [{"id": str(n)} for n in range(1001)]
    assert ask(portal(), "POST", path, {"inputs": rows})[0] == 400
    assert ask(portal(), "POST", path, {"inputs": rows[:1000]})[0] == 207


@pytest.mark.parametrize("key", ["", "Bearer wrong", "Basic pat-na1-sandbox"])
def test_a_wrong_key_is_refused(key: str):
    status, body = ask(portal(), "GET", COMPANIES, headers={"authorization": key})
    assert (status, body["category"]) == (401, "INVALID_AUTHENTICATION")


@pytest.mark.parametrize(
    ("switch", "method", "path", "policy", "wait"),
    [
        ({"ten_secondly_limit": 2}, "GET", COMPANIES, "TEN_SECONDLY_ROLLING", 10),
        ({"secondly_search_limit": 2}, "POST", f"{COMPANIES}/search", "SECONDLY", 1),
    ],
)
def test_a_full_window_is_refused_until_it_has_moved_on(switch, method, path, policy, wait):
    crms = portal(**switch)
    crms.clock.freeze()
    body = {} if method == "POST" else None
    answers = [ask(crms, method, path, body) for _ in range(3)]
    assert [status for status, _ in answers] == [200, 200, 429]
    assert answers[2][1]["policyName"] == policy
    crms.clock.advance(wait)
    assert ask(crms, method, path, body)[0] == 200


def test_the_daily_limit_ends_at_midnight():
    crms = portal(daily_limit=1)
    crms.clock.freeze()
    assert [ask(crms, "GET", COMPANIES)[0] for _ in range(2)] == [200, 429]
    assert ask(crms, "GET", COMPANIES)[1]["policyName"] == "DAILY"
    crms.clock.advance(86_400)
    assert ask(crms, "GET", COMPANIES)[0] == 200


@pytest.mark.parametrize("is_on", [True, False])
def test_a_refusal_says_when_to_come_back_where_the_switch_is_on(is_on: bool):
    crms = portal(ten_secondly_limit=0, retry_after=is_on)
    answer = SERVICE.answer(crms, Call("GET", COMPANIES, headers=KEY))
    assert (answer.status, "retry-after" in answer.headers) == (429, is_on)


def test_search_shows_no_rate_headers_and_other_calls_do():
    crms = portal()
    shown = [
        "x-hubspot-ratelimit-remaining" in SERVICE.answer(crms, Call(method, path, headers=KEY, body=b"{}")).headers
        for method, path in (("GET", COMPANIES), ("POST", f"{COMPANIES}/search"))
    ]
    assert shown == [True, False]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/crm/objects/2026-03/companies", None),
        ("POST", "/crm/objects/2026-09/companies/search", {}),
        ("POST", "/crm/associations/2026-09/contacts/companies/batch/read", {"inputs": [{"id": "1"}]}),
        ("POST", "/crm/lists/2026-03/search", {}),
        ("GET", "/crm/properties/2026-09/companies", None),
        ("GET", "/crm/owners/2026-03", None),
        ("GET", "/account-info/2026-03/details", None),
    ],
)
def test_the_dated_paths_answer_too(method: str, path: str, body: object):
    crms = portal()
    assert ask(crms, method, path, body)[0] in {200, 207}
    assert all("{" not in template or "unknown" not in template for _, _, template in crms.calls)
