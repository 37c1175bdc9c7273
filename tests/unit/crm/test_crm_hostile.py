"""Answers that nobody agreed to (F59): whatever a service sends, a call ends in one of Accord's own errors."""

import contextlib
import gzip
import json
import resource
import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.crm import hubspot_reads, hubspot_said, salesforce_said
from accord.crm.answers import Answer, Lost, problem, row
from accord.model.errors import AccordError, ContractBroken, ServiceUnavailable, ShortRead
from wire_server import TOKEN_PATH, Reply, WireServer, hubspot_on, login_reply, salesforce_app, salesforce_on

ACCOUNT = "001Qy00000002bJIAQ"
WINDOW = {"since": datetime(2026, 1, 1, tzinfo=UTC), "until": datetime(2026, 1, 2, tzinfo=UTC)}
DEEP = b"[" * 100_000 + b"]" * 100_000

NAMES = (
    *("results", "paging", "next", "after", "total", "errors", "context", "id", "ids", "properties", "message"),
    *("success", "records", "totalSize", "done", "nextRecordsUrl", "fields", "compositeResponse", "referenceId"),
    *("httpStatusCode", "body", "state", "errorCode", "statusCode", "category", "name", "type", "from", "to", "new"),
    *("list", "listId", "portalId", "organization_id", "user_id", "duplicateResult", "matchResults", "matchRecords"),
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from([ACCOUNT, "1", "q0", "JobComplete"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)
HUBSPOT_READS = {
    "list": lambda it: list(it.list_pages("companies", ["name"])),
    "search": lambda it: list(it.search_pages("companies", ["name"], **WINDOW)),
    "count": lambda it: it.count("companies"),
    "batch read": lambda it: it.batch_read("companies", ["1"], ["name"]),
    "history": lambda it: list(it.changed_at("companies", ["1"], ["name"])),
    "associations": lambda it: list(it.association_rows("contacts", "companies", ["1"])),
    "members": lambda it: list(it.list_members("1")),
    "list by id": lambda it: it.find_list("1"),
    "properties": lambda it: it.properties("companies"),
    "owners": lambda it: it.owners(),
}
SALESFORCE_READS = {
    "userinfo": lambda it: it.org_id,
    "describe": lambda it: it.describe("Account"),
    "count": lambda it: it.count({"a": "SELECT COUNT() FROM Account"}),
    "counts": lambda it: it.count({str(n): "SELECT COUNT() FROM Account" for n in range(2)}),
    "query": lambda it: list(it.query_pages("SELECT Id FROM Account")),
    "read": lambda it: it.read("Account", "Id", [ACCOUNT], ["Id"]),
    "field history": lambda it: list(it.changed_at([ACCOUNT], ["Name"])),
    "bulk query": lambda it: [list(page) for page in it.bulk_pages("SELECT Id FROM Account")],
}
HUBSPOT_WRITES = {
    "upsert": lambda it: it.upsert_companies("accord_key", [{"accord_key": "k", "name": "A"}]),
    "update": lambda it: it.update_companies([{"id": "1", "name": "A"}]),
    "associate": lambda it: it.associate_default([("1", "2")]),
    "parents": lambda it: it.set_parents([("1", "2")]),
}
SALESFORCE_WRITES = {
    "upsert": lambda it: it.upsert_accounts("K__c", [{"K__c": "k", "Name": "A"}]),
    "update": lambda it: it.update("Account", [{"Id": ACCOUNT, "Name": "A"}]),
    "composite": lambda it: it.upsert_accounts("K__c", [{"K__c": f"k{n}", "Name": "A"} for n in range(201)]),
    "bulk": lambda it: it.bulk_upsert("Account", "K__c", [{"K__c": "k", "Name": "A"}]),
}
QUIETLY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class Said:
    """A service that answers everything with the body of the moment."""

    body: object = b""
    status = 200

    def __call__(self, request):
        return login_reply() if request.path == TOKEN_PATH else Reply(self.body, self.status)


def bulk_rows(salesforce):
    """Read a bulk query to its end."""
    return [b"".join(page) for page in salesforce.bulk_pages("SELECT Id FROM Account")]


@pytest.fixture
def said():
    answer = Said()
    with WireServer(answer) as server:
        answer.hubspot, answer.salesforce = hubspot_on(server), salesforce_on(server)
        yield answer


@pytest.mark.parametrize("name", HUBSPOT_READS)
@given(body=VALUES)
@QUIETLY
def test_f59_any_answer_to_a_hubspot_read_is_rows_or_one_error(said, name, body):
    said.body, said.status = body, 200
    with contextlib.suppress(AccordError):
        HUBSPOT_READS[name](said.hubspot)


@pytest.mark.parametrize("name", SALESFORCE_READS)
@given(body=VALUES)
@QUIETLY
def test_f59_any_answer_to_a_salesforce_read_is_rows_or_one_error(said, name, body):
    said.body, said.status = body, 200
    said.salesforce.__dict__.pop("_identity", None)
    with contextlib.suppress(AccordError):
        SALESFORCE_READS[name](said.salesforce)


@pytest.mark.parametrize("name", HUBSPOT_WRITES)
@given(body=VALUES, status=st.sampled_from([200, 201, 207, 400, 409, 500]))
@QUIETLY
def test_f59_any_answer_to_a_hubspot_write_is_an_answer_a_row_or_one_error(said, name, body, status):
    said.body, said.status = body, status
    with contextlib.suppress(AccordError):
        assert all(one.record_id is None or one.record_id.isdigit() for one in HUBSPOT_WRITES[name](said.hubspot))


@pytest.mark.parametrize("name", SALESFORCE_WRITES)
@given(body=VALUES, status=st.sampled_from([200, 201, 400, 500]))
@QUIETLY
def test_f59_any_answer_to_a_salesforce_write_is_an_answer_a_row_or_one_error(said, name, body, status):
    said.body, said.status = body, status
    with contextlib.suppress(AccordError):
        assert all(one.record_id in {None, ACCOUNT} for one in SALESFORCE_WRITES[name](said.salesforce))


@given(body=VALUES, status=st.integers(300, 599))
def test_f59_any_refusal_is_classified_and_fits_a_line(body, status):
    for refused in (
        salesforce_said.call_said(status, body),
        salesforce_said.row_said(body),
        hubspot_said.call_said(status, {}, json.dumps(body).encode()),
    ):
        text = str(problem("HubSpot POST x", refused))
        assert text.isprintable()
        assert len(text) < 20_000
        assert row("k", refused).code.isprintable()


@pytest.mark.parametrize("status", [200, 201, 400, 500])
def test_f59_json_a_hundred_thousand_deep_is_no_answer(said, status):
    said.body, said.status = DEEP, status
    for read in ("count", "list"):
        with pytest.raises(AccordError):
            HUBSPOT_READS[read](said.hubspot)
    for read in ("describe", "query", "userinfo"):
        with pytest.raises(AccordError):
            SALESFORCE_READS[read](said.salesforce)
    wrote = [*HUBSPOT_WRITES["upsert"](said.hubspot), *SALESFORCE_WRITES["upsert"](said.salesforce)]
    assert {one.answer for one in wrote} <= {Answer.AMBIGUOUS, Answer.REJECTED}


def test_f59_a_login_answer_a_hundred_thousand_deep_is_no_session():
    with WireServer(lambda _: Reply(DEEP)) as server, pytest.raises(ServiceUnavailable):
        salesforce_on(server).describe("Account")


@pytest.mark.parametrize("status", [200, 400])
def test_f59_a_gzip_bomb_is_cut_off_and_costs_little_memory(status):
    """One MB on the wire is a GB unpacked."""
    bomb = gzip.compress(b" " * 2**20, 9)
    bomb = b"".join(bomb for _ in range(1024))
    reply = Reply(bomb, status, {"Content-Encoding": "gzip", "Content-Type": "application/json"})
    with WireServer(lambda _: reply) as server:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with pytest.raises(AccordError, match="longer than"):
            hubspot_on(server).create_property("companies", {})
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 400 * 1024


def test_f59_a_list_that_never_ends_is_given_up(monkeypatch):
    """Each page is new and names another one; without a limit only the day's calls would end it."""
    monkeypatch.setattr(hubspot_reads, "MOST_PAGES", 20)
    pages = iter(range(10**6))

    def answer(_):
        number = next(pages)
        return {"results": [{"id": str(number), "properties": {}}], "paging": {"next": {"after": f"c{number}"}}}

    with WireServer(answer) as server:
        with pytest.raises(ShortRead, match="pages"):
            list(hubspot_on(server).list_pages("companies", ["name"]))
        assert len(server.requests) == 20


def test_f59_a_search_that_invents_records_for_ever_is_given_up():
    ids = iter(range(1, 10**9))

    def answer(_):
        return {"total": 100, "results": [{"id": str(next(ids)), "properties": {}}]}

    with WireServer(answer) as server:
        with pytest.raises(ShortRead):
            list(hubspot_on(server).search_pages("companies", ["name"], **WINDOW))
        assert len(server.requests) < 3000


@pytest.mark.parametrize("rows", [0, 1])
def test_f59_a_query_that_never_ends_is_given_up(rows):
    pages = iter(range(10**6))

    def answer(_):
        row = {"attributes": {}, "Id": ACCOUNT}
        path = f"/services/data/v66.0/query/01g-{next(pages)}"
        return {"totalSize": 3, "done": False, "records": [row] * rows, "nextRecordsUrl": path}

    with WireServer(salesforce_app(answer)) as server:
        with pytest.raises(ShortRead):
            list(salesforce_on(server).query_pages("SELECT Id FROM Account"))
        assert len(server.requests) < 10


@pytest.mark.parametrize("csv", [b"Id\n", b"Id\n001Qy00000002bJIAQ\n"])
def test_f59_a_bulk_query_that_never_ends_is_given_up(csv):
    pages = iter(range(10**6))

    def answer(request):
        if request.method == "POST":
            return {"id": "750Qy00000002bJIAQ"[:15]}
        if not request.path.partition("?")[0].endswith("results"):
            return {"state": "JobComplete", "numberRecordsProcessed": 3}
        return Reply(csv, headers={"Content-Type": "text/csv", "Sforce-Locator": f"L{next(pages)}"})

    with WireServer(salesforce_app(answer)) as server:
        with pytest.raises(ShortRead):
            bulk_rows(salesforce_on(server))
        assert len(server.requests) < 15


def test_f59_a_page_with_more_rows_than_were_asked_for_is_cut_off(monkeypatch):
    monkeypatch.setattr("accord.crm.salesforce_bulk._LONGEST_PAGE", 2**20)
    job = {"id": "750Qy00000002bJ", "state": "JobComplete", "numberRecordsProcessed": 1}

    def answer(request):
        if not request.path.partition("?")[0].endswith("results"):
            return job
        return Reply(b"Id\n" + b"x" * 2**23, headers={"Content-Type": "text/csv"})

    with WireServer(salesforce_app(answer)) as server, pytest.raises(Lost, match="longer than"):
        bulk_rows(salesforce_on(server))


def test_f59_an_endless_drip_within_a_bulk_page_ends_at_the_deadline():
    job = {"id": "750Qy00000002bJ", "state": "JobComplete", "numberRecordsProcessed": 1}

    def answer(request):
        if not request.path.partition("?")[0].endswith("results"):
            return job
        return Reply(b"x" * 1000, headers={"Content-Type": "text/csv"}, deed="drip")

    with WireServer(salesforce_app(answer)) as server:
        begun = time.monotonic()
        with pytest.raises(ServiceUnavailable):
            bulk_rows(salesforce_on(server))
        assert time.monotonic() - begun < 5


@pytest.mark.parametrize("trouble", [Reply({"status": "error", "policyName": "DAILY"}, 429), Reply({}, 401)])
def test_a_bulk_job_that_cannot_be_watched_is_ambiguous_and_not_unsent(trouble):
    """The job runs from its close on: a limit met afterwards must not read as "nothing was applied"."""

    def answer(request):
        if request.method == "GET":
            return (
                Reply([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests"}], 403)
                if (trouble.status == 429)
                else trouble
            )
        return Reply(b"", 201) if request.method == "PUT" else {"id": "750Qy00000002bJ", "state": "UploadComplete"}

    with WireServer(salesforce_app(answer)) as server:
        (one,) = SALESFORCE_WRITES["bulk"](salesforce_on(server))
    assert one.answer is Answer.AMBIGUOUS


@pytest.mark.parametrize("bad", ["https://evil.example/x", "", None, 7.5, {"id": 1}, "001Qy00000002bJIAX"])
def test_a_result_without_a_record_id_proves_nothing(bad):
    """F5: a 2xx that cannot be read is neither done nor failed."""
    with WireServer(lambda _: {"results": [{"id": bad, "objectWriteTraceId": "0"}]}) as server:
        assert [one.answer for one in HUBSPOT_WRITES["update"](hubspot_on(server))] == [Answer.AMBIGUOUS]
    with WireServer(salesforce_app(lambda _: [{"success": True, "id": bad, "errors": []}])) as server:
        assert [one.answer for one in SALESFORCE_WRITES["update"](salesforce_on(server))] == [Answer.AMBIGUOUS]


def test_an_agreed_shape_is_named_where_it_is_missing():
    unnamed = {"fields": [{"label": "no name"}]}
    with (
        WireServer(salesforce_app(lambda _: unnamed)) as server,
        pytest.raises(ContractBroken, match="describe"),
    ):
        salesforce_on(server).describe("Account")
