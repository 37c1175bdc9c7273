"""What each fault does to the records and to the client, through a real connection."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from accord.sandbox.faults import VERBS, FaultError, Faults
from accord.sandbox.server import Sandbox
from hubspot_inprocess import KEY, company

if TYPE_CHECKING:
    from collections.abc import Iterator

URL = "/crm/v3/objects/companies"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Both CRMs with a clock that stands still, as in a world."""
    with Sandbox.start() as running:
        running.clock.freeze()
        yield running


def create(sandbox: Sandbox) -> requests.Response | None:
    """The answer to a create, None where the connection broke."""
    body = {"inputs": [{"id": "k1", "idProperty": "accord_key", "properties": {"name": "Acme"}}]}
    try:
        return requests.post(
            f"{sandbox.url}{URL}/batch/upsert", json=body, headers=KEY, timeout=5, allow_redirects=False
        )
    except requests.RequestException:
        return None


def made(sandbox: Sandbox) -> int:
    return len(sandbox.crms.portal.tables["companies"].live)


@pytest.mark.parametrize(
    ("fault", "answer", "records"),
    [
        ({"do": "drop_before"}, None, 0),
        ({"do": "reset"}, None, 0),
        ({"do": "blackhole"}, None, 0),
        ({"do": "drop_after_commit"}, None, 1),
        ({"do": "truncate", "bytes": 5}, None, 1),
        ({"do": "hold", "seconds": 3}, 200, 1),
        ({"do": "hold", "seconds": 300}, None, 1),
        ({"do": "status", "status": 503}, 503, 0),
        ({"do": "status_after_commit", "status": 502}, 502, 1),
        ({"do": "rewrite_status", "status": 201}, 201, 1),
        ({"do": "html"}, 200, 1),
        ({"do": "drip"}, 200, 1),
        ({"do": "redirect"}, 302, 0),
        ({"do": "dup_request"}, 200, 1),
    ],
    ids=lambda it: f"{it['do']}-{it.get('seconds', '')}" if isinstance(it, dict) else str(it),
)
def test_what_the_client_sees_and_what_was_done(
    sandbox: Sandbox, fault: dict[str, Any], answer: int | None, records: int
):
    sandbox.crms.faults.arm([fault])
    started = time.monotonic()
    response = create(sandbox)
    assert (response.status_code if response is not None else None, made(sandbox)) == (answer, records)
    assert time.monotonic() - started < 2, "holding costs no real seconds while the clock stands still"


def test_a_late_commit_is_done_when_its_time_has_come(sandbox: Sandbox):
    sandbox.crms.faults.arm([{"do": "late_commit", "seconds": 20}])
    assert create(sandbox) is None
    assert made(sandbox) == 0
    sandbox.clock.advance(21)
    assert made(sandbox) == 1
    assert [(it.op, it.caller) for it in sandbox.journal.entries] == [("create", "pipeline")]


def test_a_late_commit_comes_by_itself_in_real_time():
    with Sandbox.start() as running:
        running.crms.faults.arm([{"do": "late_commit", "seconds": 0.2}])
        with pytest.raises(requests.Timeout):
            requests.delete(f"{running.url}{URL}/{company(running.crms)}", headers=KEY, timeout=0.1)
        assert made(running) == 1
        time.sleep(0.4)
        assert made(running) == 0


@pytest.mark.parametrize(("verb", "rows"), [("empty_page", 0), ("half_page", 2)])
def test_a_read_that_leaves_rows_out_keeps_the_services_own_count(sandbox: Sandbox, verb: str, rows: int):
    sandbox.crms.switches.search_lag_seconds = 0
    for _ in range(4):
        company(sandbox.crms)
    sandbox.crms.faults.arm([{"do": verb, "path": "/search"}])
    body = requests.post(f"{sandbox.url}{URL}/search", json={}, headers=KEY, timeout=5).json()
    assert (body["total"], len(body["results"])) == (4, rows)


def test_a_fault_waits_for_its_turn_and_plays_as_often_as_told(sandbox: Sandbox):
    sandbox.crms.faults.arm(
        [{"crm": "hubspot", "method": "POST", "path": "batch/upsert", "nth": 2, "times": 2, "do": "status"}]
    )
    assert [create(sandbox).status_code for _ in range(4)] == [200, 503, 503, 200]


def test_a_call_that_arrives_twice_is_done_twice_and_answered_as_the_second_one(sandbox: Sandbox):
    sandbox.crms.faults.arm([{"method": "post", "path": "batch/upsert", "do": "dup_request"}])
    assert [row["new"] for row in create(sandbox).json()["results"]] == [False]
    assert [entry.op for entry in sandbox.journal.entries] == ["create", "update"]


def test_a_fault_may_go_on_for_ever(sandbox: Sandbox):
    sandbox.crms.faults.arm([{"do": "status", "times": 0}])
    assert {create(sandbox).status_code for _ in range(3)} == {503}


def test_the_body_may_be_named_by_a_worlds_short_key(sandbox: Sandbox):
    entries = [{"do": "status", "body_contains": "A1"}]
    sandbox.crms.faults.arm(entries, {"A1": "k1"})
    assert create(sandbox).status_code == 503


def test_a_spoiled_connection_does_not_harm_the_next(sandbox: Sandbox):
    sandbox.crms.faults.arm([{"do": verb, "nth": n} for n, verb in enumerate(VERBS, start=1) if verb != "blackhole"])
    for _ in VERBS:
        create(sandbox)
    sandbox.crms.faults.clear()
    assert create(sandbox).status_code == 200


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"do": "explode"}, "explode is no verb; allowed are drop_before"),
        ({"do": "hold", "second": 3}, "no such key second; allowed are do, crm"),
        ({"do": "hold", "nth": 0}, "nth: 0; expected a number"),
        ({"do": "hold", "crm": "sap"}, "allowed are hubspot, salesforce"),
        ({"crm": "hubspot"}, "expected a mapping with the key do"),
        ({"do": "status", "status": 42}, "status: 42; expected a status of HTTP"),
        ({"do": "status", "times": 0.5}, "times: 0.5; expected a whole number"),
        ({"do": "status", "body_contains": 17}, "body_contains: 17; expected text, in quotes"),
    ],
)
def test_a_fault_that_cannot_be_understood_says_what_is_allowed(entry: dict[str, Any], message: str):
    with pytest.raises(FaultError, match=message):
        Faults().arm([entry])
