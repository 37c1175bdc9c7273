import json
import math

import pytest
import simple_salesforce

from accord.crm.answers import Answer
from accord.crm.connect import SalesforceLogin, connect_through, session_for
from accord.model.errors import (
    BadCredentials,
    BadSettings,
    ContractBroken,
    MissingField,
    QuotaExhausted,
    RateLimited,
    ServiceUnavailable,
    ShortRead,
)
from wire_server import (
    QUICK,
    SESSION,
    FakeClock,
    RecordingLimiter,
    Reply,
    WireServer,
    login_reply,
    salesforce_app,
    salesforce_on,
)

ONE, TWO = "001Qy00000002bJIAQ", "001Qy00000002bKIAQ"
EXPIRED = Reply([{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}], 401)
UPSERTED = {"id": ONE, "success": True, "errors": [], "created": True}


def page(rows, total, after=None):
    more = {"nextRecordsUrl": after} if after else {}
    return {
        "totalSize": total,
        "done": after is None,
        "records": [{"attributes": {}, "Id": row} for row in rows],
        **more,
    }


def in_turn(*replies):
    """Return an app that gives these replies one after the other, the last one for ever."""
    left = list(replies)
    return salesforce_app(lambda _: left.pop(0) if len(left) > 1 else left[0])


def rows_of(salesforce, soql="SELECT Id FROM Account"):
    return [row["Id"] for rows in salesforce.query_pages(soql) for row in rows]


def upsert(server, *records, **options):
    return salesforce_on(server, **options).upsert_accounts("Accord_Key__c", [*records])


def account(key, **fields):
    return {"Accord_Key__c": key, "Name": "A"} | fields


# --- sessions


def test_hole_4_an_expired_session_is_renewed_once_and_the_same_call_made_again():
    with WireServer(in_turn(EXPIRED, [UPSERTED])) as server:
        (row,) = upsert(server, account("k"))
        first, second = (one for one in server.requests if one.method == "PATCH")
        assert row.answer is Answer.APPLIED
        assert first.body == second.body
        assert first.headers["sforce-duplicate-rule-header"] == second.headers["sforce-duplicate-rule-header"]
        assert len(server.paths("/services/oauth2/token")) == 2


def test_hole_4_a_session_that_is_never_accepted_costs_two_logins_and_two_calls():
    with WireServer(in_turn(EXPIRED)) as server:
        salesforce = salesforce_on(server)
        for _ in range(3):
            with pytest.raises(BadCredentials):
                salesforce.describe("Account")
        assert len(server.paths("/services/oauth2/token")) == 2
        assert len(server.requests) <= 2 + 4


def test_hole_4_the_library_alone_would_log_in_without_end():
    """Pins the upstream bug: SFType recurses on 401 without a counter."""
    logins = []

    def app(request):
        if request.path.endswith("/token"):
            logins.append(1)
            return login_reply() if len(logins) < 30 else Reply({"error": "enough"}, 400)
        return EXPIRED

    with WireServer(app) as server:
        session = session_for(SalesforceLogin(sandbox_url=server.url), QUICK)
        client = simple_salesforce.Salesforce(
            consumer_key="k", consumer_secret="s", domain="acme.my", session=session, version="66.0"
        )
        with pytest.raises(Exception, match="enough"):
            client.Account.create({"Name": "A"})
    assert len(logins) == 30


def hook_login(session):
    return simple_salesforce.Salesforce(
        consumer_key="k", consumer_secret="s", domain="acme.my", session=session, version="66.0"
    )


def test_a_hook_whose_login_meets_trouble_is_no_wrong_password():
    replies = [Reply({}, 503), login_reply()]
    with WireServer(lambda r: replies.pop(0) if r.path.endswith("/token") else {"fields": []}) as server:
        session = session_for(SalesforceLogin(sandbox_url=server.url), QUICK)
        salesforce = connect_through(lambda: hook_login(session), session, QUICK, RecordingLimiter(), FakeClock())
        assert salesforce.describe("Account") == {}


def test_hole_4_a_client_of_the_hook_cannot_log_in_by_itself_any_more():
    with WireServer(in_turn(EXPIRED)) as server:
        session = session_for(SalesforceLogin(sandbox_url=server.url), QUICK)

        salesforce = connect_through(lambda: hook_login(session), session, QUICK, RecordingLimiter(), FakeClock())
        with pytest.raises(BadCredentials):
            salesforce.describe("Account")
        assert len(server.paths("/services/oauth2/token")) == 2


def test_a_given_session_is_used_and_never_renewed():
    with WireServer(in_turn(EXPIRED)) as server:
        login = {"consumer_key": None, "session_id": SESSION, "instance_url": "https://acme.my.salesforce.com"}
        with pytest.raises(BadCredentials):
            salesforce_on(server, **login).describe("Account")
        assert server.paths() == ["/services/data/v66.0/sobjects/Account/describe"]


def test_an_incomplete_login_is_refused_before_any_call():
    with WireServer(lambda _: None) as server:
        with pytest.raises(BadSettings, match="incomplete"):
            salesforce_on(server, consumer_secret=None)
        with pytest.raises(BadSettings, match="My Domain"):
            salesforce_on(server, domain="login")


@pytest.mark.parametrize(
    "trouble", [Reply({}, 503), Reply({"error": "slow"}, 429), Reply(b"<html>", 200), Reply(b"<html>", 502)]
)
def test_a_token_endpoint_in_trouble_is_no_wrong_password(trouble):
    replies = [trouble, login_reply()]
    with WireServer(lambda r: replies.pop(0) if r.path.endswith("/token") else {"fields": []}) as server:
        assert salesforce_on(server).describe("Account") == {}


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client", "unsupported_grant_type"])
def test_a_refused_login_is_bad_credentials(error):
    with WireServer(lambda _: Reply({"error": error, "error_description": "no"}, 400)) as server:
        with pytest.raises(BadCredentials, match=error):
            salesforce_on(server).describe("Account")
        assert len(server.requests) == 1


# --- reads


def test_the_pages_of_a_query_are_followed_and_attributes_left_out():
    after = "/services/data/v66.0/query/01gQy0000000001IAA-2000"
    with WireServer(in_turn(page([ONE], 2, after), page([TWO], 2))) as server:
        assert list(salesforce_on(server).query_pages("SELECT Id FROM Account")) == [[{"Id": ONE}], [{"Id": TWO}]]
        assert server.requests[-1].path == after


@pytest.mark.parametrize("total", [0, 1, 3])
def test_other_than_the_counted_rows_is_a_short_read(total):
    with WireServer(in_turn(page([ONE, TWO], total))) as server, pytest.raises(ShortRead):
        rows_of(salesforce_on(server))


def test_a_page_that_points_to_itself_ends():
    after = "/services/data/v66.0/query/01gQy0000000001IAA-2000"
    with WireServer(in_turn(page([ONE], 9, after))) as server, pytest.raises(ShortRead, match="twice"):
        rows_of(salesforce_on(server))


@pytest.mark.parametrize(
    "after", ["https://evil.example/x", "/services/data/v66.0/sobjects/Account", "//evil.example/", ""]
)
def test_hole_6_a_next_page_that_is_no_page_of_a_query_is_not_followed(after):
    answer = page([ONE], 9) | {"done": False, "nextRecordsUrl": after}
    with WireServer(in_turn(answer)) as server:
        with pytest.raises(ContractBroken):
            rows_of(salesforce_on(server))
        assert len(server.paths("/services/data")) == 1


def test_html_instead_of_json_is_said_plainly_after_retries():
    clock = FakeClock()
    with WireServer(in_turn(Reply(b"<html>Scheduled maintenance</html>"))) as server:
        with pytest.raises(ServiceUnavailable, match=r"expected JSON, got text/html; .*check the address"):
            salesforce_on(server, clock).describe("Account")
        assert len(server.paths("/services/data")) == 5
        assert len(clock.sleeps) == 4


@pytest.mark.parametrize("trouble", [Reply({}, 500), Reply({}, 503), Reply(b"[[[" * 100_000), Reply(deed="drop")])
def test_a_read_is_tried_again_after_trouble(trouble):
    with WireServer(in_turn(trouble, page([ONE], 1))) as server:
        assert rows_of(salesforce_on(server)) == [ONE]


def test_a_field_that_does_not_exist_is_named():
    body = [{"errorCode": "INVALID_FIELD", "message": "No such column 'Nme' on entity 'Account'."}]
    with WireServer(in_turn(Reply(body, 400))) as server, pytest.raises(MissingField, match="Nme"):
        rows_of(salesforce_on(server))


def test_five_counts_are_one_call():
    names = list("abcde")

    def app(request):
        parts = request.json()["compositeRequest"]
        body = [
            {"referenceId": p["referenceId"], "httpStatusCode": 200, "body": {"totalSize": at}}
            for at, p in enumerate(parts)
        ]
        return {"compositeResponse": body[::-1]}

    with WireServer(salesforce_app(app)) as server:
        counts = salesforce_on(server).count(dict.fromkeys(names, "SELECT COUNT() FROM Account"))
        assert counts == dict(zip(names, range(5), strict=True))
        assert len(server.paths("/services/data")) == 1


def test_a_value_cannot_leave_its_literal():
    with WireServer(in_turn(page([], 0))) as server:
        salesforce_on(server).read("Account", "Accord_Key__c", ["a' OR Id != '\\"], ["Id"])
        query = server.requests[-1].path
        assert "a%5C%27+OR+Id+%21%3D+%5C%27%5C%5C%27" in query


@pytest.mark.parametrize(("sobject", "field"), [("Account WHERE", "Id"), ("Account", "Id) OR (Name"), ("../x", "Id")])
def test_what_is_no_identifier_does_not_become_part_of_a_query(sobject, field):
    with WireServer(in_turn(page([], 0))) as server, pytest.raises(ContractBroken):
        salesforce_on(server).read(sobject, field, [ONE], ["Id"])


def test_two_thousand_keys_are_read_in_one_call():
    def app(request):
        parts = request.json()["compositeRequest"]
        return {"compositeResponse": [
            {"referenceId": p["referenceId"], "httpStatusCode": 200, "body": page([], 0)} for p in parts
        ]}  # fmt: skip

    with WireServer(salesforce_app(app)) as server:
        keys = [f"hs-1-{at}" for at in range(2000)]
        assert salesforce_on(server).read("Account", "Accord_Key__c", keys, ["Id"]) == []
        assert len(server.paths("/services/data")) == 1


def test_the_servers_clock_is_that_of_an_answer_just_seen_and_costs_a_call_only_later():
    headers = {"Date": "Mon, 12 Jan 2026 10:00:00 GMT", "Sforce-Limit-Info": "api-usage=18/5000"}
    limiter, clock = RecordingLimiter(), FakeClock()
    with WireServer(in_turn(Reply({"x": 1}, 200, headers))) as server:
        salesforce = salesforce_on(server, clock=clock, limiter=limiter)
        salesforce.server_time()
        assert limiter.taken == []
        clock.sleep(6)
        salesforce.server_time()
    assert limiter.taken == ["salesforce"]
    assert ("salesforce", 18, 4982) in limiter.observed


# --- writes


def test_a_write_answers_for_every_row_in_order():
    refused = {
        "success": False,
        "errors": [{"statusCode": "STRING_TOO_LONG", "message": "too long", "fields": ["Name"]}],
    }
    with WireServer(in_turn([UPSERTED, refused])) as server:
        done, bad = upsert(server, account("a"), account("b"))
    assert (done.key, done.answer, done.record_id, done.created) == ("a", Answer.APPLIED, ONE, True)
    assert (bad.key, bad.answer, bad.code) == ("b", Answer.REJECTED, "STRING_TOO_LONG")


@pytest.mark.parametrize(
    "reply",
    [
        Reply([UPSERTED]),
        Reply([UPSERTED, UPSERTED, UPSERTED]),
        Reply([UPSERTED, {"id": TWO}]),
        Reply([]),
        Reply(b""),
        Reply(b'[{"id":"001'),
        Reply(b"<html>ok</html>"),
        Reply({"message": "fine"}),
        Reply([UPSERTED, UPSERTED], 500),
        Reply({}, 504),
        Reply({}, 302, {"Location": "https://evil.example"}),
        Reply(deed="drop"),
    ],
)
def test_hole_2_an_answer_that_does_not_match_its_inputs_is_ambiguous_and_not_resent(reply):
    with WireServer(in_turn(reply)) as server:
        answers = upsert(server, account("a"), account("b"))
        assert answers[-1].answer is Answer.AMBIGUOUS
        assert len(server.paths("/services/data")) == 1


def test_hole_2_201_instead_of_200_changes_nothing():
    with WireServer(in_turn(Reply([UPSERTED], 201))) as server:
        assert upsert(server, account("a"))[0].answer is Answer.APPLIED


def test_hole_3_a_limit_is_waited_for_because_nothing_was_applied():
    clock, limiter = FakeClock(), RecordingLimiter()
    limited = Reply([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentPerOrgLongTxn"}], 403)
    with WireServer(in_turn(limited, [UPSERTED])) as server:
        assert upsert(server, account("a"), clock=clock, limiter=limiter)[0].answer is Answer.APPLIED
    assert limiter.blocked == [("salesforce", 10.0)]
    assert clock.sleeps[0] >= 10


def test_a_long_wait_is_left_to_the_scheduler():
    """477 during a migration may last a day; a worker that sleeps through it does nothing else."""
    with WireServer(in_turn(Reply({}, 477))) as server, pytest.raises(RateLimited) as caught:
        salesforce_on(server).describe("Account")
    assert caught.value.retry_after_seconds == 3600


def test_the_end_of_the_days_calls_stops_a_write_with_nothing_applied():
    over = Reply([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}], 403)
    with WireServer(in_turn(over)) as server, pytest.raises(QuotaExhausted):
        upsert(server, account("a"))


def composite(*parts):
    return {"compositeResponse": [
        {"referenceId": f"part{at}", "httpStatusCode": status, "body": body} for at, (status, body) in enumerate(parts)
    ]}  # fmt: skip


def many(count):
    return [account(f"k{at}") for at in range(count)]


def test_a_thousand_accounts_are_one_call_of_five_collections():
    with WireServer(in_turn(composite(*[(200, [UPSERTED] * 200)] * 5))) as server:
        answers = upsert(server, *many(1000))
        assert [one.key for one in answers] == [f"k{at}" for at in range(1000)]
        assert {one.answer for one in answers} == {Answer.APPLIED}
        body = server.requests[-1].json()
        assert [len(part["body"]["records"]) for part in body["compositeRequest"]] == [200] * 5


def test_the_parts_of_a_composite_answer_each_for_themselves():
    limit = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    answer = composite((200, [UPSERTED] * 200), (403, limit), (503, []), (200, [UPSERTED]))
    with WireServer(in_turn(answer)) as server:
        found = [one.answer for one in upsert(server, *many(1000))]
    assert found[::200] == [Answer.APPLIED, Answer.QUOTA, Answer.AMBIGUOUS, Answer.AMBIGUOUS, Answer.AMBIGUOUS]


def test_a_composite_of_nothing_but_one_missing_field_raises_it():
    wrong = (400, [{"errorCode": "INVALID_FIELD", "message": "No such column 'Nme' on sobject of type Account"}])
    with WireServer(in_turn(composite(wrong, wrong))) as server, pytest.raises(MissingField, match="Nme"):
        upsert(server, *many(400))


def test_none_clears_an_empty_text_leaves_alone_and_numbers_keep_their_form():
    with WireServer(in_turn([UPSERTED])) as server:
        upsert(server, account("a", Phone=None, Fax="", Zip="01234", Employees=7))
        (record,) = server.requests[-1].json()["records"]
    assert record == {
        "attributes": {"type": "Account"}, "Accord_Key__c": "a", "Name": "A", "Phone": None, "Zip": "01234", "Employees": 7,
    }  # fmt: skip


@pytest.mark.parametrize("value", [math.nan, math.inf, "\ud800", [1], {"a": 1}])
def test_what_cannot_be_sent_is_rejected_and_the_rest_of_the_batch_goes_on(value):
    with WireServer(in_turn([UPSERTED])) as server:
        bad, good = upsert(server, account("a", Name=value), account("b"))
        assert (bad.answer, bad.code) == (Answer.REJECTED, "BAD_VALUE")
        assert good.answer is Answer.APPLIED
        assert [one["Accord_Key__c"] for one in json.loads(server.requests[-1].body)["records"]] == ["b"]


def test_a_key_twice_and_a_batch_too_long_are_refused_before_any_call():
    with WireServer(in_turn([])) as server:
        with pytest.raises(ContractBroken, match="twice"):
            upsert(server, account("a"), account("a"))
        with pytest.raises(ContractBroken, match="limit is 1000"):
            upsert(server, *many(1001))
        with pytest.raises(ContractBroken, match="twice"):
            salesforce_on(server).update("Account", [{"Id": ONE}, {"Id": ONE[:15]}])
        assert server.requests == []


def test_an_update_names_the_record_as_collections_expect():
    with WireServer(in_turn([{"id": ONE, "success": True, "errors": []}])) as server:
        (row,) = salesforce_on(server).update("Contact", [{"Id": ONE, "AccountId": TWO}])
        (record,) = server.requests[-1].json()["records"]
    assert record == {"attributes": {"type": "Contact"}, "id": ONE, "AccountId": TWO}
    assert (row.key, row.answer, row.created) == (ONE, Answer.APPLIED, None)


def test_the_orgs_duplicate_rule_is_never_bypassed():
    with WireServer(in_turn([UPSERTED])) as server:
        upsert(server, account("a"))
        assert "allowSave=false" in server.requests[-1].headers["sforce-duplicate-rule-header"]
