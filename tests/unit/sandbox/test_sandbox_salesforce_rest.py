"""The REST side through simple-salesforce: login, queries, records, describe, limits."""

import jwt
import pytest
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from salesforce_inprocess import add_accounts, login, make_crms, session_on

API = "https://acme.my.salesforce.com/services/data/v66.0"


@pytest.fixture
def crms():
    return make_crms()


@pytest.fixture
def sf(crms):
    return login(crms)


def refusal(error):
    return error.value.content[0]


# --- login


def test_client_credentials_give_a_session_on_the_host_that_was_asked(sf):
    assert sf.sf_instance == "acme.my.salesforce.com"
    assert sf.query("SELECT Id FROM Organization")["totalSize"] == 1


def test_client_credentials_are_refused_on_the_shared_login_host(crms):
    answer = session_on(crms).post(
        "https://login.salesforce.com/services/oauth2/token",
        {"grant_type": "client_credentials", "client_id": "a", "client_secret": "b"},
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_a_wrong_secret_is_refused(crms):
    crms.switches.patch({"consumer_secret": "right"})
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid_client"):
        login(crms)


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "client_id": "k", "client_secret": "s", "username": "u", "password": "p"},
        {"grant_type": "refresh_token", "client_id": "k", "client_secret": "s", "refresh_token": "r"},
        {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": jwt.encode({"iss": "k"}, "x" * 32)},
    ],
)
def test_other_grants_give_a_session_too(crms, form):
    answer = session_on(crms).post("https://login.salesforce.com/services/oauth2/token", form).json()
    assert answer["access_token"] in crms.desk.sessions
    assert answer.keys() == {"access_token", "instance_url", "id", "token_type", "issued_at", "signature"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "magic", "client_id": "k"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "invalid_client_id"),
        ({"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "no.jwt"}, "invalid_client_id"),
    ],
)
def test_a_login_that_is_none_is_refused_with_an_object(crms, form, error):
    answer = session_on(crms).post("https://acme.my.salesforce.com/services/oauth2/token", form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_calls_must_go_to_the_instance_that_the_login_named(crms):
    crms.switches.patch({"instance_host": "na1.my.salesforce.com"})
    sf = login(crms)
    assert sf.sf_instance == "na1.my.salesforce.com"
    elsewhere = sf.session.get(f"{API}/limits", headers=sf.headers)
    assert (elsewhere.status_code, elsewhere.json()[0]["errorCode"]) == (400, "URL_NOT_RESET")


def test_without_a_session_nothing_is_answered(crms):
    answer = session_on(crms).get(f"{API}/limits", headers={"Authorization": "Bearer made-up"})
    assert (answer.status_code, answer.json()) == (
        401,
        [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}],
    )


def test_an_expired_session_is_renewed_by_the_client_once(crms):
    crms.switches.patch({"session_calls": 1})
    sf = login(crms)
    assert [sf.query("SELECT Id FROM Account")["totalSize"] for _ in range(3)] == [0, 0, 0]


def test_sessions_can_be_refused_for_good(crms, sf):
    crms.switches.patch({"sessions_refused": True})
    with pytest.raises(SalesforceExpiredSession):
        sf.query("SELECT Id FROM Account")


def test_the_user_info_names_user_and_org(crms, sf):
    info = sf.oauth2("userinfo")
    assert (info["user_id"], info["organization_id"]) == (crms.org.pipeline_user, crms.org.org_id)


# --- limits


def test_every_answer_carries_the_usage_of_the_day(crms, sf):
    sf.query("SELECT Id FROM Account")
    sf.query("SELECT Id FROM Account")
    assert sf.api_usage["api-usage"].used == crms.org.calls_used == 2
    assert sf.limits()["DailyApiRequests"] == {"Max": 100_000, "Remaining": 99_997}


def test_the_daily_limit_refuses_until_24_hours_have_passed(crms, sf):
    crms.switches.patch({"daily_api_requests": 1})
    sf.query("SELECT Id FROM Account")
    with pytest.raises(SalesforceRefusedRequest) as error:
        sf.query("SELECT Id FROM Account")
    assert refusal(error)["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    crms.clock.advance(24 * 3600)
    sf.query("SELECT Id FROM Account")


def test_record_counts_leave_out_what_has_no_records(crms, sf):
    add_accounts(crms, "A", "B")
    counts = sf.restful("limits/recordCount", params={"sObjects": "Account,Contact"})
    assert counts == {"sObjects": [{"count": 2, "name": "Account"}]}


# --- queries


def test_large_results_come_in_pages_of_2000(crms, sf):
    add_accounts(crms, *(f"A{n}" for n in range(4500)))
    first = sf.query("SELECT Id FROM Account")
    assert (first["totalSize"], first["done"], len(first["records"])) == (4500, False, 2000)
    assert len({row["Id"] for row in sf.query_all_iter("SELECT Id FROM Account")}) == 4500


def test_the_page_size_is_a_wish_of_at_least_200(crms, sf):
    add_accounts(crms, *(f"A{n}" for n in range(450)))
    sf.headers["Sforce-Query-Options"] = "batchSize=10"
    assert len(sf.query("SELECT Id FROM Account")["records"]) == 200


def test_a_lost_cursor_is_an_invalid_query_locator(crms, sf):
    add_accounts(crms, *(f"A{n}" for n in range(2001)))
    pages = sf.query_all_iter("SELECT Id FROM Account")
    next(pages)
    for _ in range(10):
        sf.query("SELECT Id FROM Account")
    with pytest.raises(SalesforceMalformedRequest) as error:
        list(pages)
    assert refusal(error)["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_query_all_shows_the_bin_and_who_won_a_merge(crms, sf):
    winner, loser = add_accounts(crms, "Winner", "Loser")
    with crms.acting("person"):
        crms.org.merge("Account", winner, [loser])
    soql = "SELECT Id, IsDeleted, MasterRecordId FROM Account WHERE IsDeleted = true"
    assert sf.query(soql)["records"] == []
    (row,) = sf.query(soql, include_deleted=True)["records"]
    assert (row["Id"], row["MasterRecordId"]) == (loser, winner)


def test_parent_fields_come_as_objects_and_a_missing_parent_as_null(crms, sf):
    (account,) = add_accounts(crms, "Acme")
    with crms.acting("person"):
        crms.org.create("Contact", {"LastName": "One", "AccountId": account})
        crms.org.create("Contact", {"LastName": "Two"})
    rows = sf.query("SELECT LastName, Account.Name, Owner.Name FROM Contact ORDER BY LastName")["records"]
    assert rows[0]["Account"]["Name"] == "Acme"
    assert rows[0]["Account"]["attributes"]["url"].endswith(f"/Account/{account}")
    assert rows[1]["Account"] is None
    assert rows[1]["Owner"]["Name"] == "Rep"


def test_times_are_written_as_salesforce_writes_them_and_empty_fields_as_null(crms, sf):
    add_accounts(crms, "Acme")
    (row,) = sf.query("SELECT CreatedDate, Website FROM Account")["records"]
    assert row["CreatedDate"].endswith(".000+0000")
    assert row["Website"] is None


def test_a_hidden_field_is_gone_from_describe_queries_and_writes(crms, sf):
    (account,) = add_accounts(crms, "Acme")
    crms.org.hidden.add(("Account", "Website"))
    assert "Website" not in {field["name"] for field in sf.Account.describe()["fields"]}
    with pytest.raises(SalesforceMalformedRequest) as read:
        sf.query("SELECT Website FROM Account")
    with pytest.raises(SalesforceMalformedRequest) as written:
        sf.Account.update(account, {"Website": "acme.test"})
    assert refusal(read)["errorCode"] == refusal(written)["errorCode"] == "INVALID_FIELD"


# --- records


def test_a_record_lives_from_create_to_delete(crms, sf):
    made = sf.Account.create({"Name": "Acme", "NumberOfEmployees": 5})
    assert made == {"id": made["id"], "success": True, "errors": []}
    assert sf.Account.update(made["id"], {"name": "Acme 2", "NumberOfEmployees": None}) == 204
    read = sf.Account.get(made["id"])
    assert (read["Name"], read["NumberOfEmployees"], read["attributes"]["type"]) == ("Acme 2", None, "Account")
    assert sf.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as error:
        sf.Account.get(made["id"])
    assert refusal(error) == {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}
    assert {entry.caller for entry in crms.journal.entries} == {"pipeline"}


def test_an_unknown_id_or_object_is_not_found(sf):
    for call in (lambda: sf.Account.get("001000000000000AAA"), lambda: sf.Foo.get("1"), lambda: sf.Foo.describe()):
        with pytest.raises(SalesforceResourceNotFound) as error:
            call()
        assert refusal(error)["errorCode"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("values", "code", "fields"),
    [
        ({}, "REQUIRED_FIELD_MISSING", ["Name"]),
        ({"Name": "x" * 256}, "STRING_TOO_LONG", ["Name"]),
        ({"Name": "A", "Nope": 1}, "INVALID_FIELD", None),
        ({"Name": "A", "MasterRecordId": None}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["MasterRecordId"]),
        ({"Name": "A", "ParentId": "nonsense"}, "MALFORMED_ID", ["ParentId"]),
        ({"Name": "A", "ParentId": "001000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY", ["ParentId"]),
        ({"Name": "A", "NumberOfEmployees": "many"}, "INVALID_TYPE_ON_FIELD_IN_RECORD", ["NumberOfEmployees"]),
        ({"Name": "forbidden"}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", ["Name"]),
    ],
)
def test_a_refused_record_names_code_and_fields(crms, sf, values, code, fields):
    crms.switches.patch({"account_validation_rule": "forbidden"})
    with pytest.raises(SalesforceMalformedRequest) as error:
        sf.Account.create(values)
    assert (refusal(error)["errorCode"], refusal(error).get("fields")) == (code, fields)
    assert crms.journal.entries == []


def test_an_upsert_by_key_creates_then_changes(crms, sf):
    path = "sobjects/Account/Accord_Key__c/hs-1-2"
    first = sf.restful(path, method="PATCH", json={"Name": "Acme"})
    second = sf.restful(path, method="PATCH", json={"Name": "Acme GmbH"})
    assert (first["created"], second["created"], first["id"]) == (True, False, second["id"])
    assert sf.Account.get_by_custom_id("Accord_Key__c", "hs-1-2")["Name"] == "Acme GmbH"


def test_a_key_that_several_records_have_answers_300_with_their_addresses(crms, sf):
    with crms.acting("person"):
        for name in ("One", "Two"):
            crms.org.create("Contact", {"LastName": name, "Email": "shared@acme.test"})
    with pytest.raises(SalesforceMoreThanOneRecord) as error:
        sf.Contact.get_by_custom_id("Email", "shared@acme.test")
    assert len(error.value.content) == 2


def test_a_unique_value_is_refused_with_the_id_that_has_it(crms, sf):
    (holder,) = add_accounts(crms, "Holder", Accord_Key__c="hs-1-2")
    with pytest.raises(SalesforceMalformedRequest) as error:
        sf.Account.create({"Name": "Second", "Accord_Key__c": "hs-1-2"})
    assert refusal(error)["errorCode"] == "DUPLICATE_VALUE"
    assert holder[:15] in refusal(error)["message"]


@pytest.mark.parametrize(
    ("rule", "header", "is_saved"),
    [("alert", "", False), ("alert", "allowSave=true", True), ("block", "allowSave=true", False), ("off", "", True)],
)
def test_a_duplicate_rule_alerts_or_blocks(crms, sf, rule, header, is_saved):
    (holder,) = add_accounts(crms, "Acme")
    crms.switches.patch({"duplicate_rule": rule})
    headers = {"Sforce-Duplicate-Rule-Header": f"{header}; includeRecordDetails=true"}
    if is_saved:
        assert sf.Account.create({"Name": "Acme"}, headers=headers)["success"]
        return
    with pytest.raises(SalesforceMalformedRequest) as error:
        sf.Account.create({"Name": "Acme"}, headers=headers)
    found = refusal(error)["duplicateResult"]["matchResults"][0]["matchRecords"][0]["record"]["Id"]
    assert (refusal(error)["errorCode"], found) == ("DUPLICATES_DETECTED", holder)


def test_a_locked_row_is_free_after_a_while(crms, sf):
    (account,) = add_accounts(crms, "Acme")
    crms.org.locked[account] = 1
    with pytest.raises(SalesforceMalformedRequest) as error:
        sf.Account.update(account, {"Name": "B"})
    assert refusal(error)["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert sf.Account.update(account, {"Name": "B"}) == 204


def test_deleted_and_updated_name_what_changed_in_a_span(crms, sf):
    kept, gone = add_accounts(crms, "Kept", "Gone")
    sf.Account.delete(gone)
    start = crms.clock.now().replace(microsecond=0)
    crms.clock.advance(5)
    span = {"start": start.isoformat(), "end": crms.clock.now().isoformat()}
    deleted = sf.restful("sobjects/Account/deleted/", params=span)
    updated = sf.restful("sobjects/Account/updated/", params=span)
    assert [row["id"] for row in deleted["deletedRecords"]] == [gone]
    assert updated["ids"] == [kept]


def test_deleted_refuses_a_span_older_than_the_bin(crms, sf):
    with pytest.raises(SalesforceMalformedRequest) as error:
        sf.restful("sobjects/Account/deleted/", params={"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"})
    assert refusal(error)["errorCode"] == "INVALID_REPLICATION_DATE"


# --- describe


def test_describe_shows_what_preflight_must_know_of_the_key_field(sf):
    (key,) = [field for field in sf.Account.describe()["fields"] if field["name"] == "Accord_Key__c"]
    assert {name: key[name] for name in ("externalId", "unique", "caseSensitive", "length", "updateable")} == {
        "externalId": True,
        "unique": True,
        "caseSensitive": True,
        "length": 64,
        "updateable": True,
    }


def test_an_unchanged_schema_is_not_described_again(crms, sf):
    url = f"{API}/sobjects/Account/describe"
    seen = sf.session.get(url, headers=sf.headers).headers["Last-Modified"]
    headers = sf.headers | {"If-Modified-Since": seen}
    assert sf.session.get(url, headers=headers).status_code == 304
    crms.clock.advance(60)
    crms.org.hidden.add(("Account", "Fax"))
    assert sf.session.get(url, headers=headers).status_code == 200


def test_all_objects_are_listed(sf):
    assert {"Account", "Contact", "Lead", "User"} <= {it["name"] for it in sf.describe()["sobjects"]}
