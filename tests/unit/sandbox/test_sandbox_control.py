"""The control under /_sandbox/: what a test or a person can see and do beside the two APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from accord.sandbox.server import Sandbox
from hubspot_inprocess import KEY

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Sandbox.start() as running:
        yield f"{running.url}/_sandbox"


def act(url: str, **wish: Any) -> Any:
    response = requests.post(f"{url}/edit", json=wish, timeout=5)
    return response.json()


def test_a_person_can_do_in_either_crm_what_people_do(url: str):
    account = act(url, crm="salesforce", op="create", object="Account", values={"Name": "Acme"})["id"]
    other = act(url, crm="salesforce", op="create", object="Account", values={"Name": "Other"})["id"]
    act(url, crm="salesforce", op="merge", object="Account", winner=account, losers=[other])
    person = act(url, crm="hubspot", op="create", object="contacts", values={"email": "a@x.test"})["id"]
    firm = act(url, crm="hubspot", op="create", object="companies", values={"name": "Acme"})["id"]
    act(url, crm="hubspot", op="associate", contact=person, company=firm)
    journal = requests.get(f"{url}/journal", timeout=5).json()
    assert {it["caller"] for it in journal} == {"person"}
    assert [it["op"] for it in journal] == ["create", "create", "delete", "merge", "create", "create", "associate"]
    since = requests.get(f"{url}/journal?since={journal[-2]['seq']}", timeout=5).json()
    assert [it["op"] for it in since] == ["associate"]


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ({"crm": "sap"}, "allowed are salesforce, hubspot"),
        ({"crm": "hubspot", "op": "explode"}, "allowed are create"),
        ({"crm": "hubspot", "op": "archive", "object": "companies"}, "'id' is missing"),
        ({"crm": "salesforce", "op": "delete", "object": "Account", "id": "x"}, "id value of incorrect type: x"),
    ],
)
def test_an_edit_that_cannot_be_done_says_why(url: str, wish: dict[str, Any], message: str):
    assert message in act(url, **wish)["error"]


def test_the_date_of_every_answer_is_the_crms_own(url: str):
    requests.post(f"{url}/clock", json={"freeze": "2026-01-12T00:00:00"}, timeout=5)
    moved = requests.post(f"{url}/clock", json={"advance": 90}, timeout=5)
    assert moved.headers["date"] == "Mon, 12 Jan 2026 00:01:30 GMT"
    assert requests.post(f"{url}/clock", json={"back": 1}, timeout=5).status_code == 400
    requests.post(f"{url}/clock", json={"release": True}, timeout=5)


def test_calls_are_counted_by_path_whatever_becomes_of_them(url: str):
    requests.delete(f"{url}/calls", timeout=5)
    base = url.removesuffix("/_sandbox")
    requests.post(f"{url}/faults", json={"do": "status"}, timeout=5)
    for path in ("/crm/v3/objects/companies", "/crm/objects/2026-03/companies"):
        requests.get(base + path, headers=KEY, timeout=5)
    calls = requests.get(f"{url}/calls", timeout=5).json()
    assert calls["total"]["hubspot"] == 2
    path = "/crm/v3/objects/companies"
    assert calls["by_path"] == [{"crm": "hubspot", "method": "GET", "path": path, "calls": 2}]


def test_switches_are_checked(url: str):
    answer = requests.patch(f"{url}/switches", json={"ten_secondly_limit": 190}, timeout=5)
    assert answer.json()["ten_secondly_limit"] == 190
    assert requests.patch(f"{url}/switches", json={"ten_secondly_limits": 1}, timeout=5).status_code == 400
    assert requests.patch(f"{url}/switches", json={"backward_lifecycle": "up"}, timeout=5).status_code == 400


def test_the_state_is_counted_or_shown_whole(url: str):
    assert requests.get(f"{url}/state", timeout=5).json()["hubspot"]["companies"]["live"] >= 0
    assert "associations" in requests.get(f"{url}/state?full=1", timeout=5).json()["hubspot"]
    assert requests.get(f"{url}/nonsense", timeout=5).status_code == 404
