"""What Accord may spend and touch (I6, I8), counted by the sandbox and not by us: F16 to F19, F39, F40."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from accord.crm.limits import wait_turn
from accord.model.errors import (
    AccordError,
    ExtractShrunk,
    QuotaExhausted,
    RateLimited,
    ServiceUnavailable,
    ShortRead,
)
from accord.model.field_map import FieldRule
from accord.model.scope import Run, Scope
from accord.model.settings import Budget, Caps
from accord.store.limiter import PostgresLimiter
from accord.worlds.clients import wiring_for
from small_runs import SmallRuns
from wire_server import TOKEN_PATH, Reply, WireServer, hubspot_on, login_reply, salesforce_on

pytestmark = pytest.mark.postgres

WORLD = {
    "settings": {"max_creates": 100},
    "sf": {
        "accounts": [
            {"Id": f"A{n}", "Name": f"Account {n}", "Created": "2026-01-11", "Modified": "2026-01-11"}
            for n in range(1, 9)
        ]
    },
    "hs": {"companies": [{"id": f"K{n}", "name": f"Company {n}", "created": "2025-01-01"} for n in range(1, 9)]},
}


@pytest.fixture
def runs(database):
    with SmallRuns.start(WORLD) as sandbox:
        yield SmallRuns(sandbox, database)


class Ticking:
    """A clock that stands still but for sleeps."""

    def __init__(self):
        self.at = datetime.now(UTC)

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)


def date_after(seconds):
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


# F16


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("header", ["30", "date", None])
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_f16_no_call_is_made_inside_a_retry_after_by_any_process(database, crm, header, status):
    """Two processes with a client each; the one that was not told must keep away as well."""
    clock, times, refused = Ticking(), [], []
    seconds = 30 if header else (10 if status == 429 else 0)
    a_property = {"name": "name", "type": "string", "fieldType": "text", "hasUniqueValue": False}

    def answer(request):
        if request.path == TOKEN_PATH:
            return login_reply()
        times.append(clock.now())
        if not refused:
            refused.append(clock.now())
            said = {"date": date_after(seconds + 1), None: None}.get(header, header)
            return Reply({"status": "error"}, status, {"Retry-After": said} if said else {})
        return {"total": 1, "results": [a_property], "fields": []}

    with WireServer(answer) as server:
        connect = hubspot_on if crm == "hubspot" else salesforce_on
        one, two = (connect(server, clock, PostgresLimiter(database, Budget(), clock)) for _ in range(2))
        for client in (one, two, one):
            if crm == "hubspot":
                client.properties("companies")
                client.count("companies")
            else:
                client.describe("Account")
    inside = [at for at in times if timedelta(0) < at - refused[0] < timedelta(seconds=seconds)]
    assert inside == []
    assert len(times) == (7 if crm == "hubspot" else 4)


def test_f16_whoever_waited_for_its_turn_asks_again_before_it_calls(database):
    """The other process was told to keep away while this one slept."""
    clock = Ticking()
    limits = [PostgresLimiter(database, Budget(hubspot_calls_in_10_seconds=1), clock) for _ in range(2)]

    class Interrupted(Ticking):
        def now(self):
            return clock.now()

        def sleep(self, seconds):
            limits[1].block("hubspot", 30)
            self.sleep = clock.sleep
            clock.sleep(seconds)

    began = clock.now()
    wait_turn(limits[0], clock, "hubspot")
    wait_turn(limits[0], Interrupted(), "hubspot")
    assert clock.now() - began >= timedelta(seconds=30)


@pytest.mark.parametrize(("at", "seconds"), [(140891, 30.569204), (567712, 30.009205), (971512, 30.02149)])
def test_f16_a_wait_ends_on_a_clock_of_whole_microseconds(database, at, seconds):
    """The rest of it was less than such a clock can move by, and was slept for ever."""
    clock = Ticking()
    clock.at = began = datetime(2026, 1, 12, microsecond=at, tzinfo=UTC)
    limits, sleeps = PostgresLimiter(database, Budget(), clock), []

    class Counted(Ticking):
        def now(self):
            return clock.now()

        def sleep(self, seconds):
            sleeps.append(seconds)
            assert len(sleeps) < 5, "it sleeps for ever"
            clock.sleep(seconds)

    limits.block("hubspot", seconds)
    wait_turn(limits, Counted(), "hubspot")
    assert timedelta(seconds=seconds) <= clock.now() - began < timedelta(seconds=seconds + 0.01)


def test_f16_a_long_wait_is_left_to_the_scheduler_and_nothing_is_sent(database):
    clock = Ticking()
    limits = PostgresLimiter(database, Budget(), clock)
    limits.block("hubspot", 3600)
    with WireServer(lambda _: {"total": 1}) as server:
        with pytest.raises(RateLimited) as told:
            hubspot_on(server, clock, PostgresLimiter(database, Budget(), clock)).properties("companies")
        assert server.requests == []
    assert told.value.retry_after_seconds > 3500


@pytest.mark.parametrize("retry_after", [False, True])
def test_f16_a_storm_of_429_is_waited_out_and_the_run_ends_well(runs, retry_after):
    runs.sandbox.crms.switches.patch({"ten_secondly_limit": 3, "retry_after": retry_after})
    runs.run()
    assert len(runs.pairs()) == 8
    assert runs.run() == 0


# F17


@pytest.mark.parametrize(
    ("crm", "switch"), [("hubspot", {"daily_limit": 6}), ("salesforce", {"daily_api_requests": 9})]
)
def test_f17_the_end_of_the_day_stops_the_run_and_the_next_day_goes_on(runs, crm, switch):
    settings = {"budget": Budget(hubspot_reserve=0, salesforce_reserve=0)}
    before = runs.sandbox.crms.switches.model_dump()
    runs.sandbox.crms.switches.patch(switch)
    with pytest.raises(QuotaExhausted):
        runs.run(**settings)
    called = calls(runs)[crm]
    assert called <= next(iter(switch.values())) + 1
    with pytest.raises(QuotaExhausted):
        runs.run(**settings)
    assert calls(runs)[crm] == called
    runs.sandbox.crms.switches.patch({name: before[name] for name in switch})
    runs.sandbox.clock.sleep(86_400)
    runs.run(**settings)
    assert len(runs.pairs()) == 8
    assert runs.run(**settings) == 0


def calls(runs):
    found = {"salesforce": 0, "hubspot": 0}
    for (crm, _, path), n in runs.sandbox.crms.calls.items():
        if crm in found and "oauth2" not in path:
            found[crm] += n
    return found


# F18


@pytest.mark.parametrize("header", ["7", "date"])
def test_f18_a_limit_at_the_token_endpoint_is_a_limit_and_no_bad_login(database, header):
    clock, times = Ticking(), []

    def answer(request):
        if request.path != TOKEN_PATH:
            return {"fields": []}
        times.append(clock.now())
        said = "7" if header == "7" else date_after(8)
        return Reply({"error": "slow down"}, 429, {"Retry-After": said}) if len(times) == 1 else login_reply()

    with WireServer(answer) as server:
        salesforce_on(server, clock, PostgresLimiter(database, Budget(), clock)).describe("Account")
    assert len(times) == 2
    assert times[1] - times[0] >= timedelta(seconds=7)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_f18_a_broken_token_endpoint_is_tried_again_and_no_bad_login(database, status):
    clock = Ticking()
    with WireServer(lambda _: Reply({}, status)) as server:
        with pytest.raises(ServiceUnavailable):
            salesforce_on(server, clock, PostgresLimiter(database, Budget(), clock)).describe("Account")
        assert 2 <= len(server.requests) <= 5


# F19


@pytest.mark.rule("R95")
@pytest.mark.parametrize("reserve", [50, 200])
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_f19_the_run_stops_at_the_reserve_when_others_burn_the_day(runs, crm, reserve):
    """The others' calls are those that the CRM says are used and we did not make."""
    runs.sandbox.crms.switches.patch({"daily_limit": reserve + 7, "daily_api_requests": reserve + 7})
    ours = {f"{crm}_reserve": reserve, f"{'salesforce' if crm == 'hubspot' else 'hubspot'}_reserve": 0}
    with pytest.raises(QuotaExhausted, match=f"{crm}_reserve"):
        runs.run(budget=Budget(**ours))
    made = calls(runs)[crm]
    # A search of HubSpot does not say what is left, so the last calls before the reserve may be seen late.
    late = 2 if crm == "hubspot" else 0
    assert made <= 7 + late


def test_f19_our_own_budget_of_a_day_is_kept_by_the_sandboxs_count(runs):
    with pytest.raises(QuotaExhausted, match="hubspot_calls_a_day"):
        runs.run(budget=Budget(hubspot_calls_a_day=6))
    assert calls(runs)["hubspot"] == 6


# F39


@pytest.mark.parametrize("kept", [0, 3])
@pytest.mark.parametrize("crm", ["hubspot", "salesforce"])
def test_f39_a_crm_that_suddenly_shows_far_fewer_records_stops_everything(runs, crm, kept):
    """The CRM's own count agrees with the few it shows, so only what there was before tells."""
    from accord.steps.reconcile import reconcile_hubspot, reconcile_salesforce

    runs.settings = runs.settings.model_copy(update={"caps": Caps(max_creates=100)})
    runs.run()
    runs.sandbox.clock.sleep(7200)
    written, crms = runs.written, runs.sandbox.crms
    with crms.lock:
        table = crms.org.tables["Account"] if crm == "salesforce" else crms.portal.tables["companies"].live
        for record in list(table)[kept:]:
            if crm == "salesforce":
                del table[record]
            else:
                crms.portal.tables["companies"].take(record)
    runs.sandbox.clock.sleep(600)
    wiring = wiring_for(runs.sandbox.url, runs.database, runs.settings, runs.sandbox.clock)
    step = reconcile_salesforce if crm == "salesforce" else reconcile_hubspot
    with pytest.raises((ExtractShrunk, ShortRead)):
        step(wiring, Run("daily", Scope("changed"), "apply"))
    with runs.database.transaction() as connection:
        connection.execute("UPDATE sync.watermarks SET full_at = NULL")
    with pytest.raises(AccordError, match=r"records, at the last good extract"):
        runs.run()
    assert runs.written == written
    table = "salesforce_accounts" if crm == "salesforce" else "hubspot_companies"
    assert runs.database.rows(f"SELECT count(*) AS n FROM staging.{table} WHERE is_gone")[0]["n"] == 0


# F40


@pytest.mark.parametrize(("cap", "made"), [(7, 0), (8, 8)])
def test_f40_more_creations_than_the_cap_wait_for_a_person(runs, cap, made):
    runs.run(caps=Caps(max_creates=cap))
    assert sum(entry.op == "create" for entry in runs.sandbox.journal.by("pipeline")) == made
    assert {runs.decided(f"A{n}")[0] for n in range(1, 9)} == {"CREATE_COMPANY" if made else "HOLD"}


def test_f40_creations_of_a_plan_that_changes_too_large_a_share_wait_for_a_person(runs):
    runs.run(caps=Caps(max_creates=100, max_changed_share=0.5))
    assert runs.written == 0
    assert {runs.decided(f"A{n}")[0] for n in range(1, 9)} == {"HOLD"}


def test_f40_a_mapping_onto_a_field_of_another_kind_stops_before_anything_is_read(runs):
    wrong = (FieldRule(salesforce="Name", hubspot="numberofemployees"),)
    with pytest.raises(AccordError, match="numberofemployees"):
        runs.run(fields=wrong)
    assert runs.written == 0
