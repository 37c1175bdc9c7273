import gzip
import json
import logging
import math
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import hubspot
import pytest

from accord.crm.answers import Answer
from accord.crm.hubspot_client import dated
from accord.model.errors import (
    BadCredentials,
    BadInput,
    ContractBroken,
    MissingField,
    MissingPermission,
    QuotaExhausted,
    RateLimited,
    ServiceUnavailable,
    ShortRead,
)
from wire_server import HUBSPOT_TOKEN, QUICK, FakeClock, RecordingLimiter, Reply, WireServer, hubspot_on

CHILD_TO_PARENT = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 14}
SINCE, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)


def record(record_id, **properties):
    return {"id": str(record_id), "properties": properties, "archived": False}


def page(*records, after=None, **more):
    return {"results": list(records), **({"paging": {"next": {"after": after}}} if after else {}), **more}


def in_turn(*replies):
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def query(request):
    return parse_qs(urlsplit(request.path).query)


def inputs(request):
    return request.json()["inputs"]


# --- the client


def test_hole_5_the_client_alone_waits_for_ever():
    """Pins the upstream gap: no timeout, and three silent retries of a dropped GET."""
    rest = hubspot.HubSpot(access_token="x").crm.objects.basic_api.api_client.rest_client
    assert "timeout" not in rest.pool_manager.connection_pool_kw
    assert "retries" not in rest.pool_manager.connection_pool_kw


def test_hole_2_the_client_alone_loses_the_body_of_a_200_it_expects_as_201():
    """Pins hubspot-api-python#448: batch create maps 201 and 207 only."""
    with WireServer(lambda _: page(record(1))) as server:
        client = hubspot.HubSpot(access_token="x", host=server.url)
        assert client.crm.companies.batch_api.create({"inputs": [{"properties": {"name": "a"}}]}) is None


def test_hole_3_a_dropped_read_is_sent_again_by_us_and_counted():
    limiter = RecordingLimiter()
    with WireServer(in_turn(Reply(deed="drop"), {"total": 4, "results": []})) as server:
        assert hubspot_on(server, limiter=limiter).count("companies") == 4
        assert len(server.requests) == 2
    assert limiter.taken == ["hubspot_search"] * 2


def test_the_api_objects_are_made_once():
    with WireServer(lambda _: page()) as server:
        api = hubspot_on(server)._calls.api
        assert api.crm.objects.basic_api is api.crm.objects.basic_api


def test_answers_may_be_compressed():
    packed = Reply(gzip.compress(json.dumps({"total": 5, "results": []}).encode()), 200, {"Content-Encoding": "gzip"})
    with WireServer(lambda _: packed) as server:
        assert hubspot_on(server).count("companies") == 5
        assert server.requests[0].headers["accept-encoding"] == "gzip"
        assert server.requests[0].headers["authorization"] == f"Bearer {HUBSPOT_TOKEN}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/crm/v3/objects/companies/search", "/crm/objects/2026-09/companies/search"),
        (
            "/crm/v4/associations/contacts/companies/batch/read",
            "/crm/associations/2026-09/contacts/companies/batch/read",
        ),
        ("/crm/v3/lists/5/memberships/join-order", "/crm/lists/2026-09/5/memberships/join-order"),
        ("/crm/v3/properties/companies", "/crm/properties/2026-09/companies"),
        ("/crm/v3/owners", "/crm/owners/2026-09"),
        ("/account-info/v3/details", "/account-info/2026-09/details"),
    ],
)
def test_dated_versions_have_other_paths(path, expected):
    assert dated(path, "2026-09") == expected
    assert dated(path, "v3") == path


def test_a_dated_search_still_counts_as_a_search():
    limiter = RecordingLimiter()
    with WireServer(lambda _: {"total": 0, "results": []}) as server:
        wire = QUICK.model_copy(update={"hubspot_api_version": "2026-09"})
        hubspot_on(server, limiter=limiter, wire=wire).count("companies")
        assert server.paths() == ["/crm/objects/2026-09/companies/search"]
    assert limiter.taken == ["hubspot_search"]


def test_the_calls_of_the_day_are_noted():
    headers = {"X-HubSpot-RateLimit-Daily": "1000", "X-HubSpot-RateLimit-Daily-Remaining": "990"}
    limiter = RecordingLimiter()
    with WireServer(lambda _: Reply({"total": 0, "results": []}, 200, headers)) as server:
        hubspot_on(server, limiter=limiter).count("companies")
    assert limiter.observed == [("hubspot", 10, 990)]


def test_the_servers_clock_is_told():
    answer = Reply({"portalId": 7}, 200, {"Date": "Mon, 12 Jan 2026 10:00:00 GMT"})
    with WireServer(lambda _: answer) as server:
        # http.server sends a Date of its own before ours; the first one counts for urllib3 as "a, b".
        server._server.RequestHandlerClass.date_time_string = lambda *_: "Mon, 12 Jan 2026 10:00:00 GMT"
        assert hubspot_on(server).server_time().year == 2026


# --- limits and refusals


def limited(policy, **headers):
    return Reply({"status": "error", "errorType": "RATE_LIMIT", "policyName": policy}, 429, headers)


def test_hole_3_a_429_stops_the_bucket_for_everybody_and_waits():
    clock, limiter = FakeClock(), RecordingLimiter()
    with WireServer(in_turn(limited("TEN_SECONDLY_ROLLING"), page(record(1)))) as server:
        assert list(hubspot_on(server, clock, limiter).list_pages("companies", ["name"]))
    assert limiter.blocked == [("hubspot", 10.0)]
    assert clock.sleeps[0] >= 10


def test_the_days_limit_is_not_waited_for():
    clock = FakeClock()
    with WireServer(lambda _: limited("DAILY")) as server:
        with pytest.raises(QuotaExhausted, match="next window"):
            hubspot_on(server, clock).count("companies")
        assert len(server.requests) == 1
    assert clock.sleeps == []


def test_a_portal_in_migration_is_left_to_the_scheduler():
    with WireServer(lambda _: Reply({}, 477, {"Retry-After": "7200"})) as server, pytest.raises(RateLimited) as caught:
        hubspot_on(server).count("companies")
    assert caught.value.retry_after_seconds == 7200


def test_a_locked_portal_is_waited_for_at_least_two_seconds():
    clock = FakeClock()
    with WireServer(in_turn(Reply({}, 423), {"total": 1, "results": []})) as server:
        assert hubspot_on(server, clock).count("companies") == 1
    assert clock.sleeps[0] >= 2


def test_a_missing_scope_is_named():
    body = {"category": "MISSING_SCOPES", "message": "x", "context": {"requiredGranularScopes": ["crm.lists.read"]}}
    with WireServer(lambda _: Reply(body, 403)) as server, pytest.raises(MissingPermission, match=r"crm\.lists\.read"):
        list(hubspot_on(server).list_members("5"))


def test_a_revoked_key_stops_at_once():
    body = {"category": "INVALID_AUTHENTICATION", "message": "no"}
    with WireServer(lambda _: Reply(body, 401)) as server:
        with pytest.raises(BadCredentials):
            hubspot_on(server).count("companies")
        assert len(server.requests) == 1


def test_html_instead_of_json_is_said_plainly_after_retries():
    with WireServer(lambda _: Reply(b"<html>")) as server:
        with pytest.raises(ServiceUnavailable, match=r"expected a JSON object, got text/html; .*check the address"):
            hubspot_on(server).count("companies")
        assert len(server.requests) == 5


# --- reads


def test_a_list_is_followed_to_its_end_a_hundred_a_page():
    with WireServer(in_turn(page(record(1), after="1"), page(record(2)))) as server:
        pages = list(hubspot_on(server).list_pages("companies", ["name", "domain"], associations="contacts"))
        assert [[row["id"] for row in rows] for rows in pages] == [["1"], ["2"]]
        first, second = map(query, server.requests)
    assert first == {
        "limit": ["100"], "properties": ["name", "domain"], "archived": ["False"], "associations": ["contacts"],
    } or first["archived"] == ["false"]  # fmt: skip
    assert second["after"] == ["1"]


def test_a_list_that_points_to_itself_ends():
    with WireServer(lambda _: page(record(1), after="1")) as server, pytest.raises(ShortRead, match="twice"):
        list(hubspot_on(server).list_pages("companies", ["name"]))


class Index:
    """A search index over these ids; `hide` leaves some out of the pages but not out of the count."""

    def __init__(self, ids, hide=()):
        self.ids, self.hide, self.bodies = sorted(ids), set(hide), []

    def __call__(self, request):
        body = request.json()
        self.bodies.append(body)
        last = int(body["filterGroups"][0]["filters"][1]["value"])
        left = [one for one in self.ids if one > last]
        shown = [one for one in left if one not in self.hide][: body["limit"]]
        return {"total": len(left), "results": [record(one) for one in shown]}


def search(index, **options):
    with WireServer(index) as server:
        pages = hubspot_on(server, **options).search_pages("companies", ["name"], since=SINCE, until=UNTIL)
        return [int(row["id"]) for rows in pages for row in rows]


@pytest.mark.rule("R100")
@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 10_001])
def test_a_search_reads_every_id_past_the_wall_at_ten_thousand(count):
    index = Index(range(1, count + 1))
    assert search(index) == list(range(1, count + 1))
    assert len(index.bodies) == max(1, -(-count // 200))
    assert all("after" not in body for body in index.bodies)


@pytest.mark.rule("R100")
def test_a_search_is_one_fixed_window_by_id():
    index = Index([5])
    search(index)
    (body,) = index.bodies
    window, beyond = body["filterGroups"][0]["filters"]
    assert (window["propertyName"], window["operator"]) == ("hs_lastmodifieddate", "BETWEEN")
    assert (window["value"], window["highValue"]) == ("1767225600000", "1767312000000")
    assert beyond == {"propertyName": "hs_object_id", "operator": "GT", "value": "0"}
    assert body["sorts"] == [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]


def test_contacts_have_a_stamp_of_another_name():
    with WireServer(Index([])) as server:
        list(hubspot_on(server).search_pages("contacts", ["email"], since=SINCE, until=UNTIL))
        filters = server.requests[0].json()["filterGroups"][0]["filters"]
    assert filters[0]["propertyName"] == "lastmodifieddate"


def test_a_short_search_is_read_once_more_before_it_is_believed():
    index = Index(range(1, 301), hide={7})

    def heals(request):
        if len(index.bodies) == 2:
            index.hide.clear()
        return index(request)

    with WireServer(heals) as server:
        pages = hubspot_on(server).search_pages("companies", ["name"], since=SINCE, until=UNTIL)
        assert {int(row["id"]) for rows in pages for row in rows} == set(range(1, 301))


def test_a_search_that_stays_short_is_an_error():
    with pytest.raises(ShortRead, match="299 records came, 300 were counted"):
        search(Index(range(1, 301), hide={7}))


@pytest.mark.rule("R100")
def test_a_search_that_repeats_its_page_ends():
    same = {"total": 900, "results": [record(1)]}
    with pytest.raises(ShortRead, match="twice"):
        search(lambda _: same)


def batch_read(answer, ids, **options):
    with WireServer(answer) as server:
        found = hubspot_on(server).batch_read("companies", ids, ["name"], **options)
        return found, server.requests


def missing(*ids):
    return {"category": "OBJECT_NOT_FOUND", "message": "Could not get some", "context": {"ids": list(ids)}}


def test_a_batch_read_tells_missing_ids_by_leaving_them_out():
    answer = Reply(page(record(2), record(1), errors=[missing("3")], numErrors=1), 207)
    found, requests = batch_read(lambda _: answer, ["1", "2", "3", "1"])
    assert {asked: row["id"] for asked, row in found.items()} == {"1": "1", "2": "2"}
    assert len(requests) == 1


def test_a_merged_id_answers_with_its_survivor():
    answer = page(record(9, hs_merged_object_ids="1;2"), record(3))
    found, _ = batch_read(lambda _: answer, ["1", "2", "3"])
    assert {asked: row["id"] for asked, row in found.items()} == {"1": "9", "2": "9", "3": "3"}


def test_a_survivor_that_does_not_name_what_it_took_in_is_asked_for_alone():
    def app(request):
        asked = [one["id"] for one in inputs(request)]
        return page(*[record({"1": 9}.get(one, one)) for one in asked])

    found, requests = batch_read(app, ["1", "3"])
    assert {asked: row["id"] for asked, row in found.items()} == {"1": "9", "3": "3"}
    assert len(requests) == 2


def test_an_id_that_is_neither_answered_nor_missing_is_a_short_read():
    with pytest.raises(ShortRead, match="companies 3"):
        batch_read(
            lambda request: page(*[record(one["id"]) for one in inputs(request) if one["id"] != "3"]), ["1", "3"]
        )


def test_a_read_by_another_property_answers_by_its_value():
    answer = Reply(page(record(5, accord_key="k1"), errors=[missing("k2")]), 207)
    found, requests = batch_read(lambda _: answer, ["k1", "k2"], id_property="accord_key")
    assert found["k1"]["id"] == "5"
    assert requests[0].json()["idProperty"] == "accord_key"
    assert "accord_key" in requests[0].json()["properties"]


def test_a_hundred_ids_are_one_call():
    _, requests = batch_read(
        lambda r: page(*[record(one["id"]) for one in inputs(r)]), [str(one) for one in range(1, 251)]
    )
    assert [len(inputs(request)) for request in requests] == [100, 100, 50]


def links(source, *targets, after=None):
    to = [{"toObjectId": one, "associationTypes": [{"typeId": 279}, {"typeId": 1}]} for one in targets]
    return {"from": {"id": str(source)}, "to": to} | ({"paging": {"next": {"after": after}}} if after else {})


def nobody(source):
    return {
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No company is associated with contact {source}.",
        "context": {"fromObjectId": [str(source)]},
    }


def associations(answer, ids):
    with WireServer(answer) as server:
        found = [row for rows in hubspot_on(server).association_rows("contacts", "companies", ids) for row in rows]
        return found, server.requests


@pytest.mark.parametrize("status", [200, 207])
def test_nobody_associated_is_an_answer_and_no_failure(status):
    found, _ = associations(
        lambda _: Reply(page(links(1, 10, 11), errors=[nobody(2)], numErrors=1), status), ["1", "2"]
    )
    assert found == [("1", "10", (1, 279)), ("1", "11", (1, 279))]


def test_an_id_without_any_answer_is_a_short_read():
    with pytest.raises(ShortRead, match="1 of 2"):
        associations(lambda _: page(links(1, 10)), ["1", "2"])


def test_an_id_that_is_left_out_once_is_asked_for_once_more():
    def app(request):
        asked = [one["id"] for one in inputs(request)]
        return page(links(1, 10)) if asked == ["1", "2"] else page(links(2, 20))

    found, requests = associations(app, ["1", "2"])
    assert [row[:2] for row in found] == [("1", "10"), ("2", "20")]
    assert [inputs(request) for request in requests] == [[{"id": "1"}, {"id": "2"}], [{"id": "2"}]]


def test_a_record_with_more_links_than_a_page_is_read_on():
    def app(request):
        (first, *_) = inputs(request)
        return page(links(1, 11)) if first.get("after") == "x" else page(links(1, 10, after="x"), links(2, 20))

    found, requests = associations(app, ["1", "2"])
    assert [row[:2] for row in found] == [("1", "10"), ("2", "20"), ("1", "11")]
    assert inputs(requests[1]) == [{"id": "1", "after": "x"}]


def test_links_that_point_to_the_same_page_end():
    with pytest.raises(ShortRead, match="twice"):
        associations(lambda _: page(links(1, 10, after="x")), ["1"])


def test_a_thousand_ids_are_one_call_of_associations():
    ids = [str(one) for one in range(1, 1502)]
    _, requests = associations(lambda r: page(*[links(one["id"]) for one in inputs(r)]), ids)
    assert [len(inputs(request)) for request in requests] == [1000, 501]


def member(contact):
    return {"recordId": str(contact), "membershipTimestamp": "2026-01-01T00:00:00Z"}


def test_the_members_of_a_list_are_followed_and_counted():
    with WireServer(in_turn(page(member(1), after="a", total=2), page(member(2), total=2))) as server:
        assert [row for rows in hubspot_on(server).list_members("5") for row in rows] == [
            ("1", "2026-01-01T00:00:00Z"),
            ("2", "2026-01-01T00:00:00Z"),
        ]
        assert query(server.requests[0])["limit"] == ["250"]


def test_fewer_members_than_counted_is_a_short_read():
    with WireServer(lambda _: page(member(1), total=2)) as server, pytest.raises(ShortRead):
        list(hubspot_on(server).list_members("5"))


FOUND = {"listId": "5", "name": "VIPs", "objectTypeId": "0-1", "additionalProperties": {"hs_list_size": "3"}}


@pytest.mark.parametrize("asked", ["5", "VIPs", "a/b ?#"])
def test_a_list_is_found_by_id_or_by_name(asked):
    with WireServer(lambda _: {"list": FOUND | {"updatedAt": "x"}}) as server:
        assert hubspot_on(server).find_list(asked) == {"id": "5", "name": "VIPs", "size": 3, "updatedAt": "x"}
        assert server.paths()[0].rpartition("/")[2] in {"5", "VIPs", "a%2Fb%20%3F%23"}


@pytest.mark.parametrize(
    "reply", [Reply({"category": "OBJECT_NOT_FOUND"}, 404), {"list": FOUND | {"objectTypeId": "0-2"}}]
)
@pytest.mark.parametrize("asked", ["5", "VIPs", "..", ""])
def test_a_list_that_is_none_says_which_setting_to_correct(reply, asked):
    with WireServer(lambda _: reply) as server, pytest.raises(BadInput, match="inclusion_list"):
        hubspot_on(server).find_list(asked)


@pytest.mark.parametrize(("empty", "asked"), [(0, 1), (2, 3)])
def test_properties_that_are_answered_without_any_are_asked_for_again(empty, asked):
    """Else the key property seems to be gone, and pairs are made without a key (F23, F33)."""
    row = {"name": "accord_key", "type": "string", "fieldType": "text", "hasUniqueValue": True}
    answers = iter([*[page()] * empty, page(row)])
    with WireServer(lambda _: next(answers)) as server:
        assert set(hubspot_on(server).properties("companies")) == {"accord_key"}
        assert len(server.requests) == asked


def test_properties_that_are_never_there_end_the_read():
    with WireServer(lambda _: page()) as server, pytest.raises(ShortRead, match="companies"):
        hubspot_on(server).properties("companies")


def test_the_options_of_a_property_come_in_display_order():
    row = {
        "name": "lifecyclestage", "type": "enumeration", "fieldType": "radio", "hasUniqueValue": False,
        "modificationMetadata": {"readOnlyValue": True},
        "options": [{"value": "b", "displayOrder": 2}, {"value": "a", "displayOrder": 1}],
    }  # fmt: skip
    with WireServer(lambda _: page(row)) as server:
        found = hubspot_on(server).properties("companies")["lifecyclestage"]
    assert found.options == ("a", "b")
    assert found.read_only


def test_a_property_that_exists_is_left_as_it_is():
    with WireServer(lambda _: Reply({"category": "CONFLICT"}, 409)) as server:
        hubspot_on(server).create_property("companies", {"name": "accord_key"})


def test_owners_are_followed_to_the_end():
    with WireServer(in_turn(page({"id": "1"}, after="1"), page({"id": "2"}))) as server:
        assert [one["id"] for one in hubspot_on(server).owners()] == ["1", "2"]


# --- writes


class Companies:
    """Upserts what it is sent; refuses by rule, for the whole batch or with trace ids row by row."""

    def __init__(self, bad=(), *, whole_batch=False, code="INVALID_OPTION"):
        self.bad, self.whole_batch, self.code, self.applied = set(bad), whole_batch, code, []

    def __call__(self, request):
        refused = [one for one in inputs(request) if one["id"] in self.bad]
        error = {"category": "VALIDATION_ERROR", "message": "no", "errors": [{"message": "no", "code": self.code}]}
        if refused and self.whole_batch:
            return Reply({"status": "error", **error}, 400)
        good = [one for one in inputs(request) if one not in refused]
        self.applied += [one["id"] for one in good]
        done = [record(900 + at, **one["properties"]) | {"new": True} for at, one in enumerate(good)]
        errors = [error | {"context": {"objectWriteTraceId": [one["objectWriteTraceId"]]}} for one in refused]
        return Reply(page(*reversed(done), errors=errors), 207 if errors else 200)


def upsert(answer, *records, **options):
    with WireServer(answer) as server:
        return hubspot_on(server, **options).upsert_companies("accord_key", [*records]), server.requests


def company(key, **properties):
    return {"accord_key": key, "name": key} | properties


def test_rows_are_matched_by_key_whatever_their_order():
    answers, requests = upsert(Companies(), *map(company, "abc"))
    assert [(one.key, one.record_id, one.created) for one in answers] == [
        ("a", "900", True),
        ("b", "901", True),
        ("c", "902", True),
    ]
    first = inputs(requests[0])[0]
    assert (first["idProperty"], first["id"], first["properties"]["accord_key"]) == ("accord_key", "a", "a")
    assert len({one["objectWriteTraceId"] for one in inputs(requests[0])}) == 3


def test_one_bad_row_is_rejected_alone_by_its_trace_id():
    answers, requests = upsert(Companies({"b"}), *map(company, "abc"))
    assert [one.answer for one in answers] == [Answer.APPLIED, Answer.REJECTED, Answer.APPLIED]
    assert answers[1].code == "INVALID_OPTION"
    assert len(requests) == 1


def test_a_batch_refused_as_a_whole_is_halved_down_to_the_bad_row():
    keys = [f"k{at}" for at in range(100)]
    service = Companies({"k37"}, whole_batch=True)
    answers, requests = upsert(service, *map(company, keys))
    assert [one.key for one in answers if one.answer is Answer.REJECTED] == ["k37"]
    assert sorted(service.applied) == sorted(set(keys) - {"k37"})
    assert len(requests) <= 15


def test_a_property_that_does_not_exist_concerns_the_whole_batch_and_is_not_halved():
    with WireServer(Companies({"a"}, whole_batch=True, code="PROPERTY_DOESNT_EXIST")) as server:
        with pytest.raises(MissingField):
            hubspot_on(server).upsert_companies("accord_key", [*map(company, "ab")])
        assert len(server.requests) == 1


def test_trouble_in_the_second_half_does_not_hide_what_the_first_applied():
    replies = [Reply({"category": "VALIDATION_ERROR"}, 400), page(record(1, accord_key="a")), limited("DAILY")]
    answers, _ = upsert(lambda _: replies.pop(0), *map(company, "ab"))
    assert [one.answer for one in answers] == [Answer.APPLIED, Answer.QUOTA]


@pytest.mark.parametrize(
    "reply",
    [
        page(record(1, accord_key="a")),
        page(),
        {},
        Reply(b""),
        Reply(b"null"),
        Reply(b'{"results":[{"id"'),
        Reply(b"<html>ok</html>"),
        Reply({}, 500),
        Reply({}, 502),
        Reply({}, 524),
        Reply({}, 408),
        Reply({}, 302),
        Reply(deed="drop"),
        Reply(deed="hang"),
    ],
)
def test_hole_2_a_row_without_an_answer_is_ambiguous_and_not_resent(reply):
    answers, requests = upsert(lambda _: reply, *map(company, "ab"))
    assert answers[1].answer is Answer.AMBIGUOUS
    assert len(requests) == 1


@pytest.mark.parametrize("status", [200, 201, 202, 207])
def test_hole_2_the_kind_of_success_does_not_matter(status):
    answers, _ = upsert(lambda _: Reply(page(record(1, accord_key="a")), status), company("a"))
    assert answers[0].answer is Answer.APPLIED


def test_hole_3_a_limited_write_is_sent_again_because_nothing_was_applied():
    limiter = RecordingLimiter()
    answers, requests = upsert(
        in_turn(limited("TEN_SECONDLY_ROLLING"), page(record(1, accord_key="a"))), company("a"), limiter=limiter
    )
    assert answers[0].answer is Answer.APPLIED
    assert len(requests) == 2


def test_a_locked_portal_answers_locked_for_every_row():
    answers, _ = upsert(lambda _: Reply({}, 423), *map(company, "ab"))
    assert {one.answer for one in answers} == {Answer.LOCKED}


def test_a_taken_value_names_who_has_it():
    conflict = {"category": "CONFLICT", "message": "exists. Existing ID: 17", "context": {"objectWriteTraceId": ["0"]}}
    answers, _ = upsert(lambda _: Reply(page(errors=[conflict]), 207), company("a"))
    assert (answers[0].answer, answers[0].candidates) == (Answer.EXISTS, ("17",))


def test_none_and_an_empty_text_clear_and_numbers_keep_their_form():
    _, requests = upsert(Companies(), company("a", phone=None, fax="", zip="01234", count=7, flag=True))
    assert inputs(requests[0])[0]["properties"] == {
        "accord_key": "a", "name": "a", "phone": "", "fax": "", "zip": "01234", "count": "7", "flag": "true",
    }  # fmt: skip


def test_what_cannot_be_sent_is_rejected_and_the_rest_of_the_batch_goes_on():
    answers, requests = upsert(Companies(), company("a", size=math.nan), company("b"))
    assert [one.answer for one in answers] == [Answer.REJECTED, Answer.APPLIED]
    assert [one["id"] for one in inputs(requests[0])] == ["b"]


def test_a_key_twice_and_a_batch_too_long_are_refused_before_any_call():
    with WireServer(Companies()) as server:
        portal = hubspot_on(server)
        with pytest.raises(ContractBroken, match="twice"):
            portal.upsert_companies("accord_key", [company("a"), company("a")])
        with pytest.raises(ContractBroken, match="limit is 100"):
            portal.upsert_companies("accord_key", [company(f"k{at}") for at in range(101)])
        with pytest.raises(ContractBroken, match="twice"):
            portal.update_companies([{"id": "1"}, {"id": "1"}])
        assert server.requests == []


def test_an_update_of_a_record_that_is_gone_is_rejected():
    answer = Reply(page(record(1), errors=[missing("2")]), 207)
    with WireServer(lambda _: answer) as server:
        done, gone = hubspot_on(server).update_companies([{"id": "1", "name": "x"}, {"id": "2", "name": "y"}])
        assert inputs(server.requests[0])[0] == {"id": "1", "properties": {"name": "x"}, "objectWriteTraceId": "0"}
    assert (done.answer, done.created) == (Answer.APPLIED, None)
    assert (gone.answer, gone.code) == (Answer.REJECTED, "OBJECT_NOT_FOUND")


def associate(answer, *pairs):
    with WireServer(answer) as server:
        return hubspot_on(server).associate_default([*pairs]), server.requests


def test_an_association_is_answered_in_either_direction_and_shape():
    answer = page(
        {"from": {"id": "9"}, "to": {"id": "1"}, "associationSpec": {"associationTypeId": 280}},
        {"fromObjectId": 2, "toObjectId": 9, "labels": []},
    )
    answers, requests = associate(lambda _: answer, ("1", "9"), ("2", "9"), ("3", "9"))
    assert [(one.key, one.answer) for one in answers] == [
        ("1:9", Answer.APPLIED),
        ("2:9", Answer.APPLIED),
        ("3:9", Answer.AMBIGUOUS),
    ]
    assert inputs(requests[0])[0] == {"from": {"id": "1"}, "to": {"id": "9"}}
    assert requests[0].path == "/crm/v4/associations/contacts/companies/batch/associate/default"


def test_an_association_with_somebody_who_is_gone_is_rejected():
    error = {"category": "VALIDATION_ERROR", "message": "2 is not a valid ID", "context": {"id": ["2"]}}
    done = {"from": {"id": "1"}, "to": {"id": "9"}}
    answers, _ = associate(lambda _: Reply(page(done, errors=[error]), 207), ("1", "9"), ("2", "9"))
    assert [one.answer for one in answers] == [Answer.APPLIED, Answer.REJECTED]


def parents(method, answer, *pairs):
    with WireServer(answer) as server:
        return getattr(hubspot_on(server), method)([*pairs]), server.requests


def test_a_parent_is_set_by_type_14_from_the_child():
    done = {"fromObjectTypeId": "0-2", "fromObjectId": 1, "toObjectTypeId": "0-2", "toObjectId": 9, "labels": []}
    error = {"category": "VALIDATION_ERROR", "message": "2 is not a valid ID", "context": {"id": ["2"]}}
    answers, (sent,) = parents("set_parents", lambda _: Reply(page(done, errors=[error]), 207), ("1", "9"), ("2", "9"))
    assert [(one.key, one.answer) for one in answers] == [("1:9", Answer.APPLIED), ("2:9", Answer.REJECTED)]
    assert sent.path == "/crm/v4/associations/companies/companies/batch/create"
    assert inputs(sent)[0] == {"from": {"id": "1"}, "to": {"id": "9"}, "types": [CHILD_TO_PARENT]}


def test_only_the_label_of_an_ended_parent_is_taken_away():
    answers, (sent,) = parents("end_parents", lambda _: Reply(b"", 204), ("1", "9"), ("2", "9"))
    assert [(one.key, one.answer) for one in answers] == [("1:9", Answer.APPLIED), ("2:9", Answer.APPLIED)]
    assert sent.path == "/crm/v4/associations/companies/companies/batch/labels/archive"
    assert inputs(sent)[1] == {"from": {"id": "2"}, "to": {"id": "9"}, "types": [CHILD_TO_PARENT]}


def test_an_end_that_is_answered_with_anything_but_204_is_read_again():
    answers, _ = parents("end_parents", lambda _: Reply(page(errors=[]), 207), ("1", "9"))
    assert [one.answer for one in answers] == [Answer.AMBIGUOUS]


def test_nothing_of_an_answer_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    upsert(Companies({"b"}), company("a", name="Confidential Ltd"), company("b"))
    assert "Confidential" not in caplog.text
