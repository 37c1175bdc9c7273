"""Collections and composite requests: what happens to each of many records in one call."""

import pytest
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from salesforce_inprocess import add_accounts, login, make_crms

KEY = "composite/sobjects/Account/Accord_Key__c"


@pytest.fixture
def crms():
    return make_crms()


@pytest.fixture
def sf(crms):
    return login(crms)


def record(**values):
    return {"attributes": {"type": "Account"}, **values}


def keyed(key, name):
    return record(Accord_Key__c=key, Name=name)


def send(sf, method, path, records, *, all_or_none=False):
    return sf.restful(path, method=method, json={"allOrNone": all_or_none, "records": records})


def codes(rows):
    return [row["success"] or row["errors"][0]["statusCode"] for row in rows]


def names(crms):
    return {row["Name"] for row in crms.org.rows("Account")}


def test_an_upsert_by_key_answers_row_by_row_in_input_order(crms, sf):
    add_accounts(crms, "Old", Accord_Key__c="hs-1-2")
    rows = send(sf, "PATCH", KEY, [keyed("hs-1-1", "New"), keyed("hs-1-2", "Renamed"), keyed("hs-1-3", "x" * 300)])
    assert [row.get("created") for row in rows] == [True, False, None]
    assert codes(rows) == [True, True, "STRING_TOO_LONG"]
    assert "id" not in rows[2]
    assert names(crms) == {"New", "Renamed"}


def test_an_upsert_sent_twice_makes_one_account(crms, sf):
    first, second = (send(sf, "PATCH", KEY, [keyed("hs-1-1", "Acme")]) for _ in range(2))
    assert first[0]["id"] == second[0]["id"]
    assert len(names(crms)) == 1


def test_keys_keep_their_letter_case(crms, sf):
    rows = send(sf, "PATCH", KEY, [keyed("hs-1-a", "One"), keyed("hs-1-A", "Two")])
    assert [row["created"] for row in rows] == [True, True]


@pytest.mark.parametrize("code", ["DUPLICATE_VALUE", "DUPLICATE_EXTERNAL_ID"])
def test_one_key_twice_in_a_call_refuses_both_rows(crms, sf, code):
    crms.switches.patch({"same_key_twice": code})
    rows = send(sf, "PATCH", KEY, [keyed("hs-1-1", "One"), keyed("hs-1-1", "Two"), keyed("hs-1-2", "Three")])
    assert codes(rows) == [code, code, True]


def test_null_clears_and_a_missing_field_stays(crms, sf):
    (account,) = add_accounts(crms, "Acme", Website="acme.test", Phone="1")
    send(sf, "PATCH", "composite/sobjects", [record(Id=account, Website=None)])
    row = crms.org.get("Account", account)
    assert ("Website" in row, row["Phone"]) == (False, "1")


def test_all_or_none_takes_everything_back(crms, sf):
    (old,) = add_accounts(crms, "Old", Accord_Key__c="hs-1-1")
    before, entries = dict(crms.org.get("Account", old)), len(crms.journal.entries)
    rows = send(
        sf, "PATCH", KEY, [keyed("hs-1-1", "Renamed"), keyed("hs-1-2", "New"), keyed("hs-1-3", "")], all_or_none=True
    )
    assert codes(rows) == ["ALL_OR_NONE_OPERATION_ROLLED_BACK"] * 2 + ["REQUIRED_FIELD_MISSING"]
    assert (crms.org.get("Account", old), len(crms.journal.entries)) == (before, entries)
    assert send(sf, "PATCH", KEY, [keyed("hs-1-2", "New")])[0]["created"]


def test_create_update_and_delete_by_id(crms, sf):
    made = send(sf, "POST", "composite/sobjects", [record(Name="One"), record(Name="Two")])
    assert all("created" not in row for row in made)
    one, two = (row["id"] for row in made)
    changed = send(sf, "PATCH", "composite/sobjects", [record(id=one, Name="Uno"), record(Name="Nobody")])
    assert codes(changed) == [True, "MISSING_ARGUMENT"]
    gone = sf.restful("composite/sobjects", method="DELETE", params={"ids": f"{two},{two}"})
    assert codes(gone) == [True, "ENTITY_IS_DELETED"]
    assert names(crms) == {"Uno"}


def test_retrieve_answers_null_for_what_is_not_there(crms, sf):
    (account,) = add_accounts(crms, "Acme")
    asked = {"ids": ["001000000000000AAA", account[:15]], "fields": ["Id", "Name"]}
    rows = sf.restful("composite/sobjects/Account", method="POST", json=asked)
    assert [row and row["Name"] for row in rows] == [None, "Acme"]


@pytest.mark.parametrize(
    ("path", "records", "error"),
    [
        (KEY, [keyed(f"hs-1-{n}", "A") for n in range(201)], "EXCEEDED_ID_LIMIT"),
        (KEY, [], "REQUIRED_FIELD_MISSING"),
        (KEY, ["text"], "JSON_PARSER_ERROR"),
    ],
)
def test_a_collection_that_is_none_is_refused_as_a_whole(crms, sf, path, records, error):
    with pytest.raises(SalesforceMalformedRequest) as refused:
        send(sf, "PATCH", path, records)
    assert refused.value.content[0]["errorCode"] == error
    assert names(crms) == set()


def test_a_field_that_is_no_external_id_is_no_key(sf):
    with pytest.raises(SalesforceResourceNotFound, match="Provided external ID field"):
        send(sf, "PATCH", "composite/sobjects/Account/Phone", [record(Phone="1", Name="A")])


@pytest.mark.parametrize("shows", [True, False])
def test_a_duplicate_rule_refuses_a_row_with_or_without_the_records_it_found(crms, sf, shows):
    (holder,) = add_accounts(crms, "Acme")
    crms.switches.patch({"duplicate_rule": "block", "duplicate_result_in_collections": shows})
    sf.headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true; includeRecordDetails=true"
    (error,) = send(sf, "PATCH", KEY, [keyed("hs-1-1", "Acme")])[0]["errors"]
    assert (error["statusCode"], "duplicateResult" in error, holder in str(error)) == (
        "DUPLICATES_DETECTED",
        shows,
        shows,
    )


def test_a_key_without_unique_index_can_be_ambiguous(crms, sf):
    with crms.acting("person"):
        for name in ("One", "Two"):
            crms.org.create("Contact", {"LastName": name, "Email": "shared@acme.test"})
    contact = {"attributes": {"type": "Contact"}, "Email": "shared@acme.test", "LastName": "Three"}
    assert codes(send(sf, "PATCH", "composite/sobjects/Contact/Email", [contact])) == ["DUPLICATE_EXTERNAL_ID"]


def part(number, method, path, body=None):
    url = f"/services/data/v66.0/{path}"
    return {"method": method, "url": url, "referenceId": f"p{number}"} | ({"body": body} if body else {})


def compose(sf, *parts):
    return sf.restful("composite", method="POST", json={"compositeRequest": list(parts)})["compositeResponse"]


def test_five_collections_of_200_are_one_call_of_the_day(crms, sf):
    used = crms.org.calls_used
    parts = [part(n, "PATCH", KEY, {"records": [keyed(f"hs-{n}-{m}", f"A{m}") for m in range(200)]}) for n in range(5)]
    rows = [row for answer in compose(sf, *parts) for row in answer["body"]]
    assert (len(rows), {row["created"] for row in rows}) == (1000, {True})
    assert crms.org.calls_used == used + 1


def test_each_part_has_a_status_of_its_own(sf):
    answers = compose(
        sf,
        part(1, "GET", "query?q=SELECT COUNT() FROM Account"),
        part(2, "GET", "query/?q=SELECT+Id+FROM+Foo"),
        part(3, "GET", "sobjects/Foo"),
        part(4, "DELETE", "sobjects/Account/001000000000000AAA"),
    )
    assert [answer["httpStatusCode"] for answer in answers] == [200, 400, 404, 404]
    assert answers[1]["body"][0]["errorCode"] == "INVALID_TYPE"


def test_a_part_can_use_the_answer_of_an_earlier_one(crms, sf):
    compose(
        sf,
        part(1, "POST", "sobjects/Account", {"Name": "Acme"}),
        part(2, "POST", "sobjects/Contact", {"LastName": "One", "AccountId": "@{p1.id}"}),
    )
    (contact,) = crms.org.rows("Contact")
    assert crms.org.get("Account", contact["AccountId"])["Name"] == "Acme"


@pytest.mark.parametrize(
    "parts",
    [
        [part(n, "GET", "query?q=SELECT COUNT() FROM Account") for n in range(6)],
        [part(n, "GET", "limits") for n in range(26)],
        [part(1, "GET", "limits"), part(1, "GET", "limits")],
        [],
    ],
)
def test_a_composite_request_has_limits(sf, parts):
    with pytest.raises(SalesforceMalformedRequest):
        compose(sf, *parts)
