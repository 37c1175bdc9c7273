"""The Salesforce side over a real loopback port: what the server adds, and faults on its way."""

from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce

from accord.sandbox.server import Sandbox
from salesforce_inprocess import add_accounts


class Loopback(HTTPAdapter):
    """Sends https to the sandbox, and says which host was meant."""

    def __init__(self, base):
        self.base = base
        super().__init__()

    def send(self, request, timeout=None, **options):
        url = urlsplit(request.url)
        request.headers["X-Original-Host"] = url.netloc
        request.url = self.base + url.path + (f"?{url.query}" if url.query else "")
        return super().send(request, timeout=timeout or (3, 30), **options)


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox.start(switches={"bulk_polls": 0}) as running:
        yield running


@pytest.fixture
def sf(sandbox):
    session = requests.Session()
    session.mount("https://", Loopback(sandbox.url))
    return Salesforce(consumer_key="key", consumer_secret="secret", domain="acme.my", session=session, version="66.0")


def test_both_ways_of_reading_and_writing_work_over_the_port(sandbox, sf):
    add_accounts(sandbox.crms, *(f"Sören {n}" for n in range(30)))
    rows = [{"attributes": {"type": "Account"}, "Accord_Key__c": f"hs-1-{n}", "Name": "A"} for n in range(5)]
    made = sf.restful("composite/sobjects/Account/Accord_Key__c", method="PATCH", json={"records": rows})
    (page,) = sf.bulk2.Account.query("SELECT Id, Name FROM Account", wait=0)
    assert all(row["created"] for row in made)
    assert page.count("\n") == 36
    assert {row["Name"] for row in sf.query_all_iter("SELECT Name FROM Account WHERE Name LIKE 'Sören%'")} == {
        f"Sören {n}" for n in range(30)
    }


def test_the_date_header_is_the_virtual_clock(sandbox, sf):
    sandbox.clock.advance(3600)
    sent = sf.session.get(sf.base_url + "limits", headers=sf.headers).headers["Date"]
    assert abs((parsedate_to_datetime(sent) - sandbox.clock.now()).total_seconds()) < 5


def test_the_journal_names_the_pipeline_for_what_came_over_the_port(sandbox, sf):
    made = sf.Account.create({"Name": "Acme"})["id"]
    entry = sandbox.journal.entries[-1]
    assert (entry.system, entry.op, entry.object, entry.id, entry.caller) == (
        "salesforce",
        "create",
        "Account",
        made,
        "pipeline",
    )
