"""Bulk 2.0 through simple-salesforce: query jobs, ingest jobs, everything a job can end as."""

import csv
import io

import pytest
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceOperationError,
    SalesforceResourceNotFound,
)

from salesforce_inprocess import add_accounts, login, make_crms


@pytest.fixture
def crms():
    return make_crms()


@pytest.fixture
def sf(crms):
    return login(crms)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def client(sf):
    return sf.bulk2.Account._client


def close(sf, data, *, operation="upsert", key="Accord_Key__c"):
    job = client(sf).create_job(operation, external_id_field=key)["id"]
    client(sf).upload_job_data(job, data)
    client(sf).close_job(job)
    return job


def query(sf, soql, *, how="query"):
    """Return the pages of a finished query job, without the library's five seconds of patience."""
    return list(getattr(sf.bulk2.Account, how)(soql, max_records=2, wait=0))


def start_query(sf, soql="SELECT Id FROM Account"):
    """Return the path of a new query job."""
    return "jobs/query/" + sf.restful("jobs/query", method="POST", json={"operation": "query", "query": soql})["id"]


def fetch(sf, path, **params):
    return sf.session.get(sf.base_url + path, headers=sf.headers, params=params)


def results(sf, job, kind):
    return rows(client(sf).get_ingest_results(job, kind))


# --- query


def test_a_query_job_gives_pages_of_quoted_csv(crms, sf):
    add_accounts(crms, *(f"A{n}" for n in range(5)))
    pages = query(sf, "SELECT Id, Name, Website FROM Account")
    assert [len(rows(page)) for page in pages] == [2, 2, 1]
    assert pages[0].startswith('"Id","Name","Website"\n"')
    assert rows(pages[0])[0] == {"Id": crms.org.find("Account", "Name", "A0")[0], "Name": "A0", "Website": ""}


def test_quotes_newlines_and_letters_of_the_world_survive(crms, sf):
    name = 'Søhne "& Co", 株式会社\nline 2'
    add_accounts(crms, name)
    (page,) = query(sf, "SELECT Name FROM Account")
    assert rows(page) == [{"Name": name}]


def test_a_result_does_not_change_after_the_job_is_done(crms, sf):
    (account,) = add_accounts(crms, "Before")
    path = start_query(sf, "SELECT Name FROM Account")
    sf.restful(path)
    with crms.acting("person"):
        crms.org.update("Account", account, {"Name": "After"})
    assert b"Before" in fetch(sf, f"{path}/results").content


def test_query_all_in_bulk_shows_deleted_records(crms, sf):
    (account,) = add_accounts(crms, "Gone")
    sf.Account.delete(account)
    soql = "SELECT Id, IsDeleted FROM Account"
    assert [rows(page) for page in query(sf, soql)] == [[]]
    assert [rows(page) for page in query(sf, soql, how="query_all")] == [[{"Id": account, "IsDeleted": "true"}]]


def test_a_csv_has_no_charset_unless_the_switch_says_so(crms, sf):
    add_accounts(crms, "A")
    path = start_query(sf) + "/results"
    assert fetch(sf, path).headers["Content-Type"] == "text/csv"
    crms.switches.patch({"bulk_charset": True})
    assert fetch(sf, path).headers["Content-Type"] == "text/csv; charset=UTF-8"


def test_the_last_page_says_null(crms, sf):
    add_accounts(crms, *(f"A{n}" for n in range(3)))
    path = start_query(sf) + "/results"
    first = fetch(sf, path, maxRecords=2).headers
    last = fetch(sf, path, locator=first["Sforce-Locator"]).headers
    assert [head["Sforce-NumberOfRecords"] for head in (first, last)] == ["2", "1"]
    assert last["Sforce-Locator"] == "null"


def test_result_pages_name_five_addresses_at_a_time(crms, sf):
    add_accounts(crms, *(f"A{n}" for n in range(13)))
    pages = fetch(sf, start_query(sf) + "/resultPages", maxRecords=2).json()
    rest = sf.session.get(f"https://{sf.sf_instance}{pages['nextRecordsUrl']}", headers=sf.headers).json()
    urls = [page["resultUrl"] for page in pages["resultPages"] + rest["resultPages"]]
    texts = [sf.session.get(f"https://{sf.sf_instance}{url}", headers=sf.headers).text for url in urls]
    assert (len(pages["resultPages"]), rest["done"]) == (5, True)
    assert len({row["Id"] for text in texts for row in rows(text)}) == 13


@pytest.mark.parametrize(("switch", "status", "body"), [("204", 204, b""), ("header", 200, b'"Id"\n')])
def test_an_empty_result_is_204_or_a_header(crms, sf, switch, status, body):
    crms.switches.patch({"empty_bulk_result": switch})
    answer = fetch(sf, start_query(sf) + "/results")
    assert (answer.status_code, answer.content) == (status, body)


def test_a_job_takes_time_on_the_virtual_clock_and_some_looks(crms, sf):
    crms.switches.patch({"bulk_seconds": 30, "bulk_polls": 2})
    crms.clock.freeze()
    path = start_query(sf)
    assert sf.restful(path)["state"] == "InProgress"
    with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
        sf.restful(f"{path}/results")
    crms.clock.advance(30)
    assert [sf.restful(path)["state"] for _ in range(2)] == ["InProgress", "JobComplete"]


def test_a_stuck_job_can_be_aborted_and_deleted(crms, sf):
    crms.switches.patch({"bulk_stuck": True})
    path = start_query(sf)
    assert {sf.restful(path)["state"] for _ in range(5)} == {"InProgress"}
    assert sf.restful(path, method="PATCH", json={"state": "Aborted"})["state"] == "Aborted"
    sf.restful(path, method="DELETE")
    with pytest.raises(SalesforceResourceNotFound):
        sf.restful(path)


def test_bulk_cannot_count(sf):
    with pytest.raises(SalesforceMalformedRequest, match="Aggregate"):
        sf.restful("jobs/query", method="POST", json={"operation": "query", "query": "SELECT COUNT() FROM Account"})


@pytest.mark.parametrize(("scientific", "text"), [(True, "9.5E8"), (False, "950000000.0")])
def test_large_numbers_and_times_have_two_spellings(crms, sf, scientific, text):
    add_accounts(crms, "A", AnnualRevenue=950_000_000)
    crms.switches.patch({"bulk_scientific_numbers": scientific})
    (page,) = query(sf, "SELECT AnnualRevenue, CreatedDate FROM Account")
    assert rows(page)[0]["AnnualRevenue"] == text
    assert rows(page)[0]["CreatedDate"].endswith(".000Z")


# --- ingest


def test_an_upsert_job_creates_and_changes(crms, sf):
    (old,) = add_accounts(crms, "Old", Accord_Key__c="hs-1-2", Website="old.test", Phone="1")
    job = close(sf, 'Accord_Key__c,Name,Website,Phone\nhs-1-1,New,,\nhs-1-2,"Re, named",#N/A,\n')
    state = sf.restful(f"jobs/ingest/{job}")
    assert (state["state"], state["numberRecordsProcessed"], state["numberRecordsFailed"]) == ("JobComplete", 2, 0)
    done = results(sf, job, "successfulResults")
    assert [(row["sf__Created"], row["Accord_Key__c"]) for row in done] == [("true", "hs-1-1"), ("false", "hs-1-2")]
    row = crms.org.get("Account", old)
    assert (row["Name"], "Website" in row, row["Phone"]) == ("Re, named", False, "1")


def test_refused_rows_do_not_fail_the_job(crms, sf):
    add_accounts(crms, "Holder", Accord_Key__c="hs-1-9")
    job = close(sf, f'Accord_Key__c,Name,Site\nhs-1-1,Good,\nhs-1-2,{"x" * 300},\nhs-1-3,Bad,"{"y" * 81}"\n,NoKey,\n')
    state = sf.restful(f"jobs/ingest/{job}")
    assert (state["state"], state["numberRecordsFailed"]) == ("JobComplete", 3)
    errors = [
        (row["Accord_Key__c"], row["sf__Id"], row["sf__Error"].split(":")[0])
        for row in results(sf, job, "failedResults")
    ]
    assert errors == [
        ("hs-1-2", "", "STRING_TOO_LONG"),
        ("hs-1-3", "", "STRING_TOO_LONG"),
        ("", "", "MISSING_ARGUMENT"),
    ]
    assert results(sf, job, "failedResults")[0]["sf__Error"].endswith(":Name --")


def test_one_key_twice_in_a_csv_refuses_both_rows(crms, sf):
    job = close(sf, "Accord_Key__c,Name\nhs-1-1,One\nhs-1-1,Two\nhs-1-2,Three\n")
    assert [row["Name"] for row in results(sf, job, "successfulResults")] == ["Three"]
    assert {row["sf__Error"].split(":")[0] for row in results(sf, job, "failedResults")} == {"DUPLICATE_VALUE"}


def test_an_unknown_column_fails_the_job_before_its_first_row(crms, sf):
    job = close(sf, "Accord_Key__c,Nope\nhs-1-1,A\n")
    state = sf.restful(f"jobs/ingest/{job}")
    assert (state["state"], state["errorMessage"]) == ("Failed", "InvalidBatch : Field name not found : Nope")
    assert list(crms.org.rows("Account")) == []


def test_a_failed_job_may_have_done_some_of_its_rows(crms, sf):
    crms.switches.patch({"bulk_fails_after_rows": 1})
    job = close(sf, "Accord_Key__c,Name\nhs-1-1,One\nhs-1-2,Two\n")
    assert sf.restful(f"jobs/ingest/{job}")["state"] == "Failed"
    assert [row["Name"] for row in results(sf, job, "successfulResults")] == ["One"]
    assert [row["Name"] for row in results(sf, job, "unprocessedrecords")] == ["Two"]


@pytest.mark.parametrize("path", ["unprocessedrecords", "unprocessedRecords"])
def test_the_address_of_unprocessed_rows_knows_one_letter_case(crms, sf, path):
    crms.switches.patch({"unprocessed_path": path})
    job = close(sf, "Accord_Key__c,Name\nhs-1-1,One\n")
    other = path.swapcase() if path.islower() else path.lower()
    assert results(sf, job, path) == []
    with pytest.raises(SalesforceResourceNotFound):
        results(sf, job, other)


def test_an_abandoned_job_is_done_all_the_same(crms, sf):
    crms.clock.freeze()
    crms.switches.patch({"bulk_seconds": 10})
    close(sf, "Accord_Key__c,Name\nhs-1-1,One\n")
    assert list(crms.org.rows("Account")) == []
    crms.clock.advance(10)
    assert [row["Name"] for row in crms.org.rows("Account")] == ["One"]
    assert crms.journal.entries[-1].caller == "pipeline"


def test_an_aborted_job_does_nothing_more(crms, sf):
    crms.clock.freeze()
    crms.switches.patch({"bulk_seconds": 10})
    job = close(sf, "Accord_Key__c,Name\nhs-1-1,One\n")
    assert client(sf).abort_job(job, is_query=False)["state"] == "Aborted"
    crms.clock.advance(10)
    assert list(crms.org.rows("Account")) == []


def test_data_is_uploaded_once(sf):
    job = client(sf).create_job("insert")["id"]
    client(sf).upload_job_data(job, "Name\nOne\n")
    with pytest.raises(SalesforceMalformedRequest, match="INVALIDJOBSTATE"):
        client(sf).upload_job_data(job, "Name\nTwo\n")


def test_update_and_delete_name_records_by_id(crms, sf):
    one, two = add_accounts(crms, "One", "Two")
    assert sf.bulk2.Account.update(records=[{"Id": one, "Name": "Uno"}], wait=0)[0]["numberRecordsFailed"] == 0
    assert sf.bulk2.Account.delete(records=[{"Id": two}], wait=0)[0]["numberRecordsProcessed"] == 1
    assert [row["Name"] for row in crms.org.rows("Account")] == ["Uno"]


def test_the_library_itself_gets_through_an_upsert(crms, sf):
    (summary,) = sf.bulk2.Account.upsert(
        records=[{"Accord_Key__c": "hs-1-1", "Name": "Acme"}], external_id_field="Accord_Key__c", wait=0
    )
    assert (summary["numberRecordsProcessed"], summary["numberRecordsFailed"]) == (1, 0)


def test_the_library_reports_a_failed_job(sf):
    with pytest.raises(SalesforceOperationError, match="Field name not found"):
        sf.bulk2.Account.insert(records=[{"Nope": "x"}], wait=0)


def test_a_small_job_can_be_made_filled_and_closed_in_one_call(crms, sf):
    files = {
        "job": (None, b'{"object":"Account","operation":"insert","contentType":"CSV"}', "application/json"),
        "content": ("content", "Name\nÄcme\n".encode(), "text/csv"),
    }
    headers = {"Authorization": sf.headers["Authorization"]}
    job = sf.session.post(f"{sf.bulk2_url}ingest", files=files, headers=headers).json()
    assert job["state"] == "UploadComplete"
    assert sf.restful(f"jobs/ingest/{job['id']}")["state"] == "JobComplete"
    assert [row["Name"] for row in crms.org.rows("Account")] == ["Äcme"]


@pytest.mark.parametrize(("obeys", "failed"), [(True, 0), (False, 1)])
def test_bulk_may_or_may_not_obey_the_duplicate_rule_header(crms, sf, obeys, failed):
    add_accounts(crms, "Acme")
    crms.switches.patch({"duplicate_rule": "alert", "bulk_obeys_duplicate_header": obeys})
    sf.bulk2_headers = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    body = {"object": "Account", "operation": "insert", "contentType": "CSV"}
    job = sf.session.post(f"{sf.bulk2_url}ingest", json=body, headers=sf.headers | sf.bulk2_headers).json()["id"]
    client(sf).upload_job_data(job, "Name\nAcme\n")
    client(sf).close_job(job)
    assert sf.restful(f"jobs/ingest/{job}")["numberRecordsFailed"] == failed
