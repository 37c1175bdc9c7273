"""Every method of the wire against the sandbox, which was written by others from the vendors' documents."""

from datetime import timedelta

import pytest

from accord.crm.answers import Answer
from accord.crm.connect import HubSpotLogin, SalesforceLogin, connect_hubspot, connect_salesforce
from accord.crm.csv_rows import decode
from accord.model.errors import BadCredentials, QuotaExhausted, ServiceUnavailable, ShortRead
from accord.model.settings import Wire
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from wire_server import FakeClock, RecordingLimiter

WIRE = Wire()

WORLD = {
    "id": "CRM",
    "settings": {"enabled_at": "2026-01-10", "inclusion_list": ["h1", "h2"]},
    "sf": {"accounts": [{"Id": "A1", "Name": "Müller\nGmbH"}, {"Id": "A2", "Deleted": True}], "contacts": [], "leads": []},
    "hs": {
        "companies": [{"id": "K1"}, {"id": "K2"}],
        "contacts": [{"id": "h1", "email": "a@x.test"}, {"id": "h2", "email": "b@x.test"}, {"id": "h3", "email": "c@x.test"}],
        "assoc": [["h1", "K1", "primary"], ["h2", "K1"]],
    },
}  # fmt: skip


@pytest.fixture
def sandbox():
    with Sandbox.start(world=world_of(WORLD)) as running:
        yield running


@pytest.fixture
def salesforce(sandbox):
    login = SalesforceLogin("acme.my", "consumer-key", "consumer-secret", sandbox_url=sandbox.url)
    return connect_salesforce(login, WIRE, RecordingLimiter(), FakeClock())


@pytest.fixture
def hubspot(sandbox):
    login = HubSpotLogin(next(iter(sandbox.crms.portal.tokens)), sandbox.url, is_sandbox=True)
    return connect_hubspot(login, WIRE, RecordingLimiter(), FakeClock())


@pytest.fixture(params=["v3", "2026-03", "2026-09"])
def any_hubspot(request, sandbox):
    login = HubSpotLogin(next(iter(sandbox.crms.portal.tokens)), sandbox.url, is_sandbox=True)
    wire = WIRE.model_copy(update={"hubspot_api_version": request.param})
    return connect_hubspot(login, wire, RecordingLimiter(), FakeClock())


def test_the_org_says_who_and_when_it_is(salesforce, sandbox):
    assert salesforce.org_id == sandbox.crms.org.org_id
    assert salesforce.user_id.startswith("005")
    assert salesforce.server_time() == sandbox.clock.now().replace(microsecond=0)


def test_the_key_field_is_described(salesforce):
    field = salesforce.describe("Account")["Accord_Key__c"]
    assert field.external_id
    assert field.unique
    assert field.case_sensitive
    assert field.length >= 64


def test_rest_bulk_and_count_see_the_same_accounts_deleted_ones_too(salesforce):
    soql = "SELECT Id, Name, IsDeleted FROM Account"
    by_rest = {row["Id"]: row["Name"] for rows in salesforce.query_pages(soql) for row in rows}
    by_bulk = {row["Id"]: row["Name"] for page in salesforce.bulk_pages(soql) for row in decode(b"".join(page))}
    assert by_rest == by_bulk
    assert "Müller\nGmbH" in by_bulk.values()
    counts = salesforce.count({"accounts": "SELECT COUNT() FROM Account", "leads": "SELECT COUNT() FROM Lead"})
    assert counts == {"accounts": 2, "leads": 0}


def test_accounts_are_read_by_id_and_by_key(salesforce, sandbox):
    (done,) = salesforce.upsert_accounts("Accord_Key__c", [{"Accord_Key__c": "hs-1-2", "Name": "O'Neil \\ Söhne"}])
    assert (done.answer, done.created) == (Answer.APPLIED, True)
    fields = ["Id", "Name", "Accord_Key__c"]
    by_id = salesforce.read("Account", "Id", [done.record_id], fields)
    assert by_id == salesforce.read("Account", "Accord_Key__c", ["hs-1-2", "hs-1-3"], fields)
    assert by_id[0]["Name"] == "O'Neil \\ Söhne"


def test_a_second_upsert_is_an_update(salesforce):
    record = {"Accord_Key__c": "hs-1-2", "Name": "A"}
    first, second = (salesforce.upsert_accounts("Accord_Key__c", [record])[0] for _ in range(2))
    assert (first.record_id, first.created, second.created) == (second.record_id, True, False)


def test_a_thousand_accounts_are_upserted_in_one_call(salesforce, sandbox):
    records = [{"Accord_Key__c": f"hs-1-{at}", "Name": f"A{at}"} for at in range(1000)]
    records[500]["Name"] = "x" * 256
    answers = salesforce.upsert_accounts("Accord_Key__c", records)
    assert [one.key for one in answers] == [record["Accord_Key__c"] for record in records]
    assert [at for at, one in enumerate(answers) if one.answer is not Answer.APPLIED] == [500]
    assert answers[500].code == "STRING_TOO_LONG"


@pytest.mark.parametrize("empty", ["204", "header"])
def test_bulk_writes_clear_and_leave_alone_as_rest_writes_do(salesforce, sandbox, empty):
    sandbox.crms.switches.patch({"empty_bulk_result": empty})
    start = [{"Accord_Key__c": key, "Name": key, "Phone": "1", "Fax": "2"} for key in ("r", "b")]
    salesforce.bulk_upsert("Account", "Accord_Key__c", start)
    change = {"Name": 'say "hi",\nall', "Phone": None, "Fax": ""}
    salesforce.upsert_accounts("Accord_Key__c", [{"Accord_Key__c": "r"} | change])
    (answer,) = salesforce.bulk_upsert("Account", "Accord_Key__c", [{"Accord_Key__c": "b"} | change])
    assert (answer.answer, answer.created) == (Answer.APPLIED, False)
    rows = salesforce.read("Account", "Accord_Key__c", ["r", "b"], ["Name", "Phone", "Fax"])
    assert rows == [{"Name": 'say "hi",\nall', "Phone": None, "Fax": "2"}] * 2


def test_updates_by_id_answer_for_a_record_that_is_gone(salesforce, sandbox):
    records = [{"Id": sandbox.world.ids["A1"], "Name": "B"}, {"Id": "001000000000009AAA", "Name": "C"}]
    for answers in (salesforce.update("Account", records), salesforce.bulk_upsert("Account", None, records)):
        assert [one.answer for one in answers] == [Answer.APPLIED, Answer.REJECTED]


def test_the_portal_says_who_and_when_it_is(any_hubspot, sandbox):
    assert any_hubspot.portal_id == str(sandbox.crms.portal.portal_id)
    assert any_hubspot.server_time() == sandbox.clock.now().replace(microsecond=0)


def test_list_search_and_count_see_the_same_contacts(any_hubspot, sandbox):
    listed = {row["id"] for rows in any_hubspot.list_pages("contacts", ["email"]) for row in rows}
    now = sandbox.clock.now()
    pages = any_hubspot.search_pages("contacts", ["email"], since=now - timedelta(days=9999), until=now)
    assert {row["id"] for rows in pages for row in rows} == listed
    assert any_hubspot.count("contacts") == len(listed) == 3


def test_everybody_associated_is_found_and_nobody_is_no_failure(any_hubspot, sandbox):
    ids = sandbox.world.ids
    rows = [
        row
        for rows in any_hubspot.association_rows("contacts", "companies", [ids["h1"], ids["h2"], ids["h3"]])
        for row in rows
    ]
    assert sorted(row[:2] for row in rows) == sorted([(ids["h1"], ids["K1"]), (ids["h2"], ids["K1"])])
    assert {row[0]: 1 in row[2] for row in rows} == {ids["h1"]: True, ids["h2"]: False}


def test_the_inclusion_list_is_found_by_name_and_by_id(any_hubspot, sandbox):
    found = any_hubspot.find_list(sandbox.world.list_id)
    assert any_hubspot.find_list(found["name"]) == found
    members = {contact for rows in any_hubspot.list_members(found["id"]) for contact, _ in rows}
    assert members == {sandbox.world.ids["h1"], sandbox.world.ids["h2"]}


def test_a_unique_property_is_created_once(hubspot):
    body = {
        "name": "other_key",
        "label": "Key",
        "groupName": "companyinformation",
        "type": "string",
        "fieldType": "text",
    }
    for _ in range(2):
        hubspot.create_property("companies", body | {"hasUniqueValue": True})
    assert hubspot.properties("companies")["other_key"].has_unique_value
    assert hubspot.owners() == []


@pytest.mark.parametrize("traces", [True, False])
def test_companies_are_upserted_row_by_row_with_and_without_partial_answers(hubspot, sandbox, traces):
    sandbox.crms.switches.patch({"upsert_needs_trace_ids": traces})
    records = [{"accord_key": f"k{at}", "name": f"C{at}", "lifecyclestage": "lead"} for at in range(100)]
    records[37]["lifecyclestage"] = "nonsense"
    answers = hubspot.upsert_companies("accord_key", records)
    assert [one.key for one in answers if one.answer is not Answer.APPLIED] == ["k37"]
    assert all(one.created for one in answers if one.answer is Answer.APPLIED)
    again = hubspot.upsert_companies("accord_key", records[:1])
    assert (again[0].record_id, again[0].created) == (answers[0].record_id, False)


def test_a_company_is_read_by_key_updated_cleared_and_associated(hubspot, sandbox):
    (made,) = hubspot.upsert_companies("accord_key", [{"accord_key": "k", "name": "C", "domain": "c.test"}])
    (changed, gone) = hubspot.update_companies([{"id": made.record_id, "domain": None}, {"id": "99", "name": "x"}])
    assert (changed.answer, gone.answer) == (Answer.APPLIED, Answer.REJECTED)
    found = hubspot.batch_read("companies", ["k", "nobody"], ["name", "domain"], id_property="accord_key")
    assert list(found) == ["k"]
    assert found["k"]["properties"]["domain"] in {None, ""}
    contact = sandbox.world.ids["h3"]
    for _ in range(2):
        (linked,) = hubspot.associate_default([(contact, made.record_id)])
        assert linked.answer is Answer.APPLIED
    assert [row[:2] for rows in hubspot.association_rows("contacts", "companies", [contact]) for row in rows] == [
        (contact, made.record_id)
    ]


# --- faults

WRITES = {
    "salesforce": ("salesforce", "composite/sobjects", lambda s, _: s.upsert_accounts("Accord_Key__c", [{"Accord_Key__c": "k", "Name": "A"}])),
    "hubspot": ("hubspot", "companies/batch/upsert", lambda _, h: h.upsert_companies("accord_key", [{"accord_key": "k", "name": "A"}])),
}  # fmt: skip


@pytest.mark.parametrize("crm", WRITES)
@pytest.mark.parametrize(
    "verb", ["drop_before", "drop_after_commit", "status_after_commit", "truncate", "html", "reset", "redirect"]
)
def test_a_write_in_trouble_is_ambiguous_or_done_and_never_twice(sandbox, salesforce, hubspot, crm, verb):
    system, path, write = WRITES[crm]
    sandbox.crms.faults.arm([{"crm": system, "path": path, "do": verb}])
    (row,) = write(salesforce, hubspot)
    assert row.answer is Answer.AMBIGUOUS
    created = [entry for entry in sandbox.journal.entries if entry.op == "create" and entry.system == system]
    assert len(created) <= 1
    (row,) = write(salesforce, hubspot)
    assert row.answer is Answer.APPLIED
    created = [entry for entry in sandbox.journal.entries if entry.op == "create" and entry.system == system]
    assert len(created) == 1


@pytest.mark.parametrize("verb", ["drop_before", "status", "truncate", "html", "reset"])
def test_a_read_in_trouble_is_tried_again(sandbox, salesforce, hubspot, verb):
    sandbox.crms.faults.arm(
        [
            {"crm": "salesforce", "path": "queryAll", "do": verb},
            {"crm": "hubspot", "path": "objects/companies", "do": verb},
        ]
    )
    assert sum(len(rows) for rows in salesforce.query_pages("SELECT Id FROM Account")) == 2
    assert sum(len(rows) for rows in hubspot.list_pages("companies", ["name"])) == 2


@pytest.mark.parametrize("verb", ["half_page", "empty_page"])
def test_a_half_answer_is_a_short_read(sandbox, salesforce, hubspot, verb):
    faults = [
        {"path": path, "do": verb, "times": 0} for path in ("queryAll", "contacts/search", "/results", "memberships")
    ]
    sandbox.crms.faults.arm(faults)
    soql, now = "SELECT Id FROM Account", sandbox.clock.now()
    with pytest.raises(ShortRead):
        list(salesforce.query_pages(soql))
    with pytest.raises((ShortRead, ServiceUnavailable)):
        [b"".join(page) for page in salesforce.bulk_pages(soql)]
    with pytest.raises(ShortRead):
        list(hubspot.search_pages("contacts", ["email"], since=now - timedelta(days=9999), until=now))
    with pytest.raises(ShortRead):
        list(hubspot.list_members(sandbox.world.list_id))


def test_a_session_that_expires_is_renewed_once_and_then_given_up(sandbox, salesforce):
    sandbox.crms.switches.patch({"session_calls": 3})
    for _ in range(6):
        salesforce.describe("Account")
    with pytest.raises(BadCredentials):
        salesforce.describe("Account")


def test_the_end_of_the_day_is_told_from_a_wrong_login(sandbox, salesforce):
    sandbox.crms.switches.patch({"daily_api_requests": 0})
    with pytest.raises(QuotaExhausted):
        salesforce.describe("Account")
