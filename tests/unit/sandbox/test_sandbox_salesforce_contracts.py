"""The sandbox against recorded answers of real orgs: same keys, same types, and the same words where they are fixed."""

import csv
import io
import json
import re
from pathlib import Path

import pytest
import yaml

from salesforce_inprocess import add_accounts, login, make_crms

RECORDED = Path(__file__).parents[3].parent / "shared" / "contracts" / "salesforce" / "recorded"
AMP, CUMULUS = RECORDED / "amp-labs-connectors" / "test", RECORDED / "cumulusci"

pytestmark = pytest.mark.skipif(not RECORDED.is_dir(), reason=f"no recorded answers in {RECORDED}")


@pytest.fixture
def crms():
    return make_crms()


@pytest.fixture
def sf(crms):
    return login(crms)


def amp(name):
    return json.loads((AMP / name).read_text())


def cumulus(name, number=0):
    cassette = yaml.safe_load((CUMULUS / name).read_text())
    interactions = cassette.get("interactions", [cassette])
    return json.loads(interactions[number]["response"]["body"]["string"])


def answer(sf, method, path, body=None):
    """Return the parsed answer of any status."""
    url = f"https://{sf.sf_instance}/services/data/v60.0/{path}"
    response = sf.session.request(method, url, headers=sf.headers, json=body)
    return response.json()


def shape(value):
    """Return keys and types of a JSON value; of a list what its first element is."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return None if value is None else type(value).__name__


def contact(**values):
    return {"attributes": {"type": "Contact"}, **values}


# --- bodies whose words are fixed


@pytest.mark.parametrize(
    ("method", "path", "body", "recorded"),
    [
        ("GET", "query?q=SELECT Id,Name,BillingCity,IsDeleted FROM Accout", None, "unknown-object.json"),
        ("POST", "sobjects/Account", {"Name": "A", "AccountNumer": "1"}, "unknown-field.json"),
        ("POST", "sobjects/Account", {"Name": "A", "MasterRecordId": "1"}, "invalid-field-upsert.json"),
        ("POST", "composite/sobjects", {"records": []}, "batch/create/contacts/err-bad-request.json"),
        (
            "PATCH",
            "composite/sobjects",
            {"records": [contact(LastName="A"), contact(LastName="B")]},
            "batch/update/contacts/err-each-no-ids.json",
        ),
        (
            "POST",
            "composite/sobjects",
            {"allOrNone": True, "records": [contact(FirstName="A"), contact(LastName="B")]},
            "batch/create/contacts/partial-but-allOrNone.json",
        ),
    ],
)
def test_a_refusal_says_what_the_real_one_says(sf, method, path, body, recorded):
    assert answer(sf, method, path, body) == amp(recorded)


def test_an_update_that_is_rolled_back_says_what_the_real_one_says(crms, sf):
    with crms.acting("person"):
        ids = [crms.org.create("Contact", {"LastName": name}) for name in "AB"]
    records = [contact(id=ids[0], LastName="C"), contact(id=ids[1], unknownField_LastName="D")]
    rows = answer(sf, "PATCH", "composite/sobjects", {"allOrNone": True, "records": records})
    assert rows == amp("batch/update/contacts/partial-but-allOrNone.json")


def test_a_deleted_record_is_told_as_the_real_one(crms, sf):
    (account,) = add_accounts(crms, "A")
    with crms.acting("person"):
        crms.org.delete("Account", account)
    assert answer(sf, "DELETE", f"sobjects/Account/{account}") == amp("crm/delete/not-found.json")


def test_composite_parts_fail_as_the_real_ones_do(sf):
    def compose(*parts):
        requests = [{"referenceId": name, "method": "GET", "url": f"/services/data/v60.0/{url}"} for name, url in parts]
        return answer(sf, "POST", "composite", {"compositeRequest": requests})

    missing = cumulus("TestCompositeParallelSalesforce.test_errors.yaml")
    assert compose(("CCI__RefId__0__", "sobjects/Foo")) == missing
    counted = cumulus("TestCountSObjects.test_count_sobjects__errors.yaml")
    counted["compositeResponse"][0]["body"]["totalSize"] = 0
    parts = [("refAccount", "query/?q=select count() from Account"), ("refXYZZY", "query/?q=select count() from XYZZY")]
    assert compose(*parts) == counted


def test_what_was_not_changed_is_told_as_the_real_one_tells_it(sf):
    recorded = cumulus("ManualEditTestCompositeParallelSalesforce.test_http_headers.yaml")["compositeResponse"][0]
    seen = sf.session.get(sf.base_url + "sobjects", headers=sf.headers).headers["Last-Modified"]
    request = {"referenceId": "CCI__RefId__0__", "method": "GET", "url": "/services/data/v66.0/sobjects"}
    request["httpHeaders"] = {"If-Modified-Since": seen}
    (part,) = answer(sf, "POST", "composite", {"compositeRequest": [request]})["compositeResponse"]
    assert shape(part) == shape(recorded)
    assert part["httpStatusCode"] == recorded["httpStatusCode"]


# --- bodies with keys and types


def test_a_query_page_has_the_recorded_keys(crms, sf):
    add_accounts(crms, *(f"A{n}" for n in range(2001)))
    page, recorded = answer(sf, "GET", "query?q=SELECT Name FROM Account"), amp("read-list-leads.json")
    assert page.keys() == recorded.keys()
    assert shape(page["records"][0]["attributes"]) == shape(recorded["records"][0]["attributes"])
    assert re.fullmatch(r"/services/data/v60\.0/query/01g\w{15}-2000", page["nextRecordsUrl"])


def test_an_empty_query_is_the_recorded_one(sf):
    recorded = cumulus("TestCompositeParallelSalesforce.test_reference_ids.yaml")["compositeResponse"][0]["body"]
    assert answer(sf, "GET", "query?q=SELECT Id FROM Account LIMIT 1") == recorded


@pytest.mark.parametrize("recorded", ["batch/create/contacts/success.json", "batch/update/contacts/success.json"])
def test_rows_of_a_good_collection_have_the_recorded_keys(crms, sf, recorded):
    with crms.acting("person"):
        known = [crms.org.create("Contact", {"LastName": name}) for name in "AB"]
    is_new = "create" in recorded
    records = [contact(LastName="C") if is_new else contact(id=rid, LastName="C") for rid in known]
    rows = answer(sf, "POST" if is_new else "PATCH", "composite/sobjects", {"allOrNone": False, "records": records})
    assert shape(rows) == shape(amp(recorded))
    assert len(rows) == 2


def test_upserts_by_id_and_by_email_have_the_recorded_keys(crms, sf):
    cassette = yaml.safe_load((CUMULUS / "TestUpsert.test_upsert__rest.yaml").read_text())["interactions"]
    recorded = [
        json.loads(it["response"]["body"]["string"])
        for it in cassette
        if it.get("request", {}).get("method") == "PATCH"
    ]
    records = [contact(LastName="A", Email="a@acme.test"), contact(LastName="B", Email="b@acme.test")]
    path = "composite/sobjects/Contact/Email"
    by_email = [answer(sf, "PATCH", path, {"records": records}) for _ in range(2)]
    by_id = answer(
        sf,
        "PATCH",
        "composite/sobjects/Account/Id",
        {"records": [{"attributes": {"type": "Account"}, "Name": "A", "Id": None}]},
    )
    assert {json.dumps(shape(row)) for row in [*by_email[0], *by_email[1], *by_id]} == {
        json.dumps(shape(row)) for rows in recorded for row in rows
    }
    assert [row["created"] for row in by_email[0] + by_email[1] + by_id] == [True, True, False, False, True]


def test_a_created_record_and_a_row_error_have_the_recorded_keys(sf):
    assert shape(answer(sf, "POST", "sobjects/Account", {"Name": "A"})) == shape(amp("create-ok.json"))
    (row,) = answer(
        sf, "POST", "composite/sobjects", {"records": [contact(LastName="A", AccountId="001RM000003oLrB000")]}
    )
    recorded = amp("success-with-errors.json")
    assert shape(row["errors"][0] | {"fields": []}) == shape(recorded["errors"][0])
    assert row["errors"][0]["statusCode"] == recorded["errors"][0]["statusCode"]


def test_a_unique_value_has_the_recorded_keys(crms, sf):
    add_accounts(crms, "A", Accord_Key__c="hs-1-1")
    refused = answer(sf, "POST", "sobjects/Account", {"Name": "B", "Accord_Key__c": "hs-1-1"})
    recorded = amp("metadata/write/err-duplicate-permission-assignment.json")
    assert (refused[0].keys(), refused[0]["errorCode"]) == (recorded[0].keys(), recorded[0]["errorCode"])


def test_record_counts_have_the_recorded_keys(crms, sf):
    add_accounts(crms, "A")
    cassette = yaml.safe_load((CUMULUS / "TestUpsert.test_upsert_complex_external_id_field__rest.yaml").read_text())
    texts = [
        it["response"]["body"]["string"]
        for it in cassette["interactions"]
        if "recordCount" in it.get("request", {}).get("uri", "")
    ]
    assert shape(answer(sf, "GET", "limits/recordCount?sObjects=Account")) in [
        shape(json.loads(text)) for text in texts
    ]


def test_the_organization_row_has_fields_of_the_recorded_one(sf):
    row, recorded = answer(sf, "GET", "sobjects/Organization/00D"), cumulus_single("GET_sobjects_Organization.yaml")
    assert {key: shape(row[key]) for key in row} == {key: shape(recorded[key]) for key in row}


def test_the_user_info_has_at_least_the_recorded_keys(sf):
    recorded, info = amp("metadata/write/user-info.json"), sf.oauth2("userinfo")
    assert recorded.keys() <= info.keys()
    assert {key: shape(info[key]) for key in recorded if key != "address"} == {
        key: shape(recorded[key]) for key in recorded if key != "address"
    }


# --- describe


def cumulus_single(name):
    return json.loads(yaml.safe_load((CUMULUS / name).read_text())["response"]["body"]["string"])


@pytest.mark.parametrize("sobject", ["Account", "Contact"])
def test_describe_has_every_key_of_the_recorded_one(sf, sobject):
    recorded, described = cumulus_single(f"GET_sobjects_{sobject}_describe.yaml"), getattr(sf, sobject).describe()
    # The recorded Account is of an older API version, with fewer keys than the recorded Contact.
    assert recorded.keys() <= described.keys() == cumulus_single("GET_sobjects_Contact_describe.yaml").keys()
    keys = {key for field in recorded["fields"] for key in field}
    assert {frozenset(field) for field in described["fields"]} == {frozenset(keys)}
    picklist = next(field["picklistValues"][0] for field in recorded["fields"] if field["picklistValues"])
    assert all(value.keys() == picklist.keys() for field in described["fields"] for value in field["picklistValues"])


@pytest.mark.parametrize("sobject", ["Account", "Contact"])
def test_standard_fields_are_what_a_real_org_says_they_are(sf, sobject):
    recorded = {it["name"]: it for it in cumulus_single(f"GET_sobjects_{sobject}_describe.yaml")["fields"]}
    described = {it["name"]: it for it in getattr(sf, sobject).describe()["fields"]}
    said = ("type", "length", "nillable", "createable", "updateable", "externalId", "unique", "referenceTo", "soapType")
    said = (*said, "relationshipName", "byteLength", "filterable", "sortable", "groupable", "idLookup", "nameField")
    for name in described.keys() & recorded.keys():
        assert {key: described[name][key] for key in said} == {key: recorded[name][key] for key in said}, name


# --- bulk jobs


def make_job(sf, **body):
    given = {"object": "Account", "operation": "upsert", "externalIdFieldName": "Accord_Key__c", "contentType": "CSV"}
    return answer(sf, "POST", "jobs/ingest", {**given, **body})


def upload(sf, job, text):
    url = f"https://{sf.sf_instance}/{job['contentUrl']}"
    assert sf.session.put(url, data=text.encode(), headers=sf.headers | {"Content-Type": "text/csv"}).status_code == 201
    return answer(sf, "PATCH", f"jobs/ingest/{job['id']}", {"state": "UploadComplete"})


def test_a_new_query_job_has_the_recorded_keys(sf):
    body = {"operation": "query", "query": "SELECT Id FROM Account", "contentType": "CSV"}
    assert shape(answer(sf, "POST", "jobs/query", body)) == shape(amp("bulk/read-launch-job-account.json"))


def test_ingest_jobs_have_the_recorded_keys_in_every_state(crms, sf):
    crms.switches.patch({"bulk_polls": 1})
    job = make_job(sf)
    assert shape(job) == shape(amp("bulk/write/launch-job-opportunity.json"))
    assert shape(upload(sf, job, "Accord_Key__c,Name\nhs-1-1,A\n")) == shape(
        amp("bulk/write/update-job-opportunity.json")
    )
    for recorded in ("in-progress", "success"):
        shown, real = answer(sf, "GET", f"jobs/ingest/{job['id']}"), amp(f"bulk/info/{recorded}.json")
        assert (shape(shown), shown["state"]) == (shape(real), real["state"])


def test_a_delete_job_has_the_recorded_keys(sf):
    job = answer(sf, "POST", "jobs/ingest", {"object": "Account", "operation": "delete"})
    assert shape(job) == shape(amp("bulk/delete/launch-job-opportunity.json"))
    assert shape(upload(sf, job, "Id\n")) == shape(amp("bulk/delete/update-job-opportunity.json"))


def test_a_failed_job_has_the_recorded_keys_and_words(sf):
    job = make_job(sf)
    upload(sf, job, "Accord_Key__c,StageName_invalid_field_on_purpose\nhs-1-1,A\n")
    shown, recorded = answer(sf, "GET", f"jobs/ingest/{job['id']}"), amp("bulk/info/complete-failure.json")
    assert (shape(shown), shown["errorMessage"]) == (shape(recorded), recorded["errorMessage"])


def test_failed_rows_are_written_as_the_recorded_ones(sf):
    job = make_job(sf)
    upload(sf, job, f"Name,Site,Accord_Key__c\nNoemi Miller,{'x' * 99},external-id-3\n")
    shown = answer(sf, "GET", f"jobs/ingest/{job['id']}")
    assert shape(shown) == shape(amp("bulk/info/partial-failure.json"))
    url = f"{sf.bulk2_url}ingest/{job['id']}/failedResults/"
    lines = sf.session.get(url, headers=sf.headers).content.decode().splitlines()
    recorded = (AMP / "bulk/info/partial-failure.csv").read_text().splitlines()
    assert lines[0].startswith('"sf__Id","sf__Error",Name,')
    assert recorded[0].startswith('"sf__Id","sf__Error",Name,')
    error = re.compile(r"[A-Z_]+:.+:\w* --", re.DOTALL)
    for line in (lines[1], recorded[1]):
        sf_id, message, *values = next(csv.reader(io.StringIO(line)))
        assert (sf_id, bool(error.fullmatch(message)), values[0]) == ("", True, "Noemi Miller")
        assert line.count('"') >= 2 * (2 + len(values))
