"""What a call is held against: the arithmetic of the bench, without measuring anything."""

from __future__ import annotations

from collections import defaultdict

from accord.bench.calls import call_lines
from accord.bench.floors import Line, line, pages, purposes

DATA = "/services/data/v{version}"


def calls(crm, *paths):
    return [{"crm": crm, "method": "GET", "path": path, "calls": n} for path, n in paths]


def extract_of_companies(list_pages):
    return calls(
        "hubspot",
        ("/account-info/v3/details", 1),
        ("/crm/v3/objects/companies", list_pages),
        ("/crm/v3/objects/companies/search", 1),
    )


def test_a_page_holds_a_hundred_and_an_empty_answer_is_a_page():
    assert [pages(n) for n in (0, 1, 100, 101, 10_000)] == [1, 1, 1, 2, 100]


def test_each_call_is_told_by_what_it_was_for():
    found = purposes(
        calls("salesforce", ("/services/oauth2/token", 1), (f"{DATA}/jobs/query/{{job}}", 2), (f"{DATA}/limits", 1)),
        "salesforce",
    )
    assert found == {"log-in": 1, "bulk": 2, "clock": 1}


def test_a_search_and_a_batch_are_no_list_page():
    found = purposes(
        calls("hubspot", ("/crm/v3/objects/companies/search", 1), ("/crm/v3/objects/companies/batch/upsert", 2)),
        "hubspot",
    )
    assert found == {"search": 1, "upsert": 2}


def test_a_batch_of_associations_is_no_batch_of_records():
    found = purposes(calls("hubspot", ("/crm/v4/associations/{from_type}/{to_type}/batch/read", 1)), "hubspot")
    assert found == {"associations": 1}


def test_the_calls_of_the_other_crm_do_not_count():
    assert purposes(calls("hubspot", ("/crm/v3/objects/companies", 5)), "salesforce").total() == 0


def test_the_recycle_bin_is_told_beside_the_pages_it_looks_like():
    found = line("read", extract_of_companies(101), "hubspot", {"list page"}, 100, bin_pages=1)
    assert (found.ours, found.ratio) == (100, 1.0)
    assert found.beside == {"portal id and clock": 1, "recycle bin": 1, "search": 1}


def test_two_percent_above_the_floor_is_met_and_three_are_not():
    assert Line("a", 102, 100).is_met
    assert not Line("a", 103, 100).is_met


def test_ten_thousand_records_a_side_have_the_floors_of_the_services():
    floors = {one.what: one.floor for one in call_lines(defaultdict(list), 10_000)}
    assert floors["read Salesforce accounts"] == 3
    assert floors["read Salesforce leads, with their count"] == 2
    assert floors["read HubSpot companies"] == floors["create companies"] == 100
    assert floors["create accounts, then stamp those of new companies"] == 14
    assert floors["read the inclusion list, with its name"] == 41
