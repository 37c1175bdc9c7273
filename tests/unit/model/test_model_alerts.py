"""People are told when a state changes, and never because it lasts."""

import pytest

from accord.model.alerts import Change, Reading, changes, unusual_counts


def lag(is_on, crm="hubspot", text="why"):
    return Reading("lag", crm, is_on, text)


BEGINS, ENDS = Change("lag", "hubspot", False, "why"), Change("lag", "hubspot", True, "why")
STANDING = {("lag", "hubspot")}


@pytest.mark.parametrize(
    ("standing", "readings", "told"),
    [
        pytest.param(set(), [lag(True)], [BEGINS], id="begins"),
        pytest.param(STANDING, [lag(True)], [], id="lasts"),
        pytest.param(STANDING, [lag(False)], [ENDS], id="is over"),
        pytest.param(set(), [lag(False)], [], id="was never there"),
        pytest.param(STANDING, [], [], id="nobody looked"),
        pytest.param(STANDING, [lag(None)], [], id="on, and too near to say"),
        pytest.param(set(), [lag(None)], [], id="off, and too near to say"),
        pytest.param(set(), [lag(True), lag(False)], [], id="the last reading counts"),
        pytest.param({("lag", "salesforce"), ("budget", "hubspot")}, [lag(True)], [BEGINS], id="others do not matter"),
    ],
)
def test_only_a_change_is_told(standing, readings, told):
    assert changes(standing, readings) == told


def test_ten_failures_and_a_success_are_two_changes():
    standing, told = set(), []
    for is_on in [True] * 10 + [False] * 3:
        for it in changes(standing, [Reading("failed", "sync_accounts", is_on, "")]):
            told.append(it.title)
            standing ^= {(it.kind, it.subject)}
    assert told == ["Run failed (sync_accounts)", "Over: Run failed (sync_accounts)"]


@pytest.mark.parametrize(
    ("now", "before", "unusual"),
    [
        pytest.param({"link": 501}, [{"link": 100}] * 5, {"link": (501, 100)}, id="far above the highest"),
        pytest.param({"link": 500}, [{"link": 100}] * 5, {}, id="just five times"),
        pytest.param({"link": 100}, [{}] * 5, {"link": (100, 0)}, id="never seen before"),
        pytest.param({"link": 99}, [{}] * 5, {}, id="too few to matter"),
        pytest.param({"link": 999}, [{}] * 4, {}, id="too few runs to compare"),
        pytest.param({"link": 999}, [{"link": 1}] * 9 + [{"link": 200}], {}, id="one high run is enough to be usual"),
        pytest.param({"link": 900, "wait": 3}, [{"wait": 3}] * 5, {"link": (900, 0)}, id="each count by itself"),
    ],
)
def test_a_count_is_unusual_by_what_runs_before_had(now, before, unusual):
    assert unusual_counts(now, before, times=5, at_least=100) == unusual
