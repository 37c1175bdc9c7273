"""Lease, limiter, ledger, requests, history and runs on a real Postgres."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

import accord.store.tables_sync  # noqa: F401 - puts its tables into the metadata
from accord.model.errors import BadInput, LeaseHeld, QuotaExhausted, ServiceUnavailable
from accord.model.scope import Run, Scope
from accord.model.settings import Budget, Settings
from accord.store import history, lease, ledger, requests, runs
from accord.store.database import Database
from accord.store.ledger import Intent
from accord.store.limiter import PostgresLimiter, calls_ever, calls_today
from accord.store.settling import Settlement, settle
from accord.store.tables import SYNC, metadata

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
ON = Settings(sync_companies=True)


class Clock:
    def __init__(self, at=NOW):
        self.at = at

    def now(self):
        return self.at

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)


def intent(source="001000000000001AAA", **known):
    wish = {"system": "hubspot", "object": "company", "op": "create", "source_id": source, "plan_hash": "p"}
    return Intent(**wish | {"run_id": "r", "action": "CREATE_COMPANY", "key": f"key-{source}"} | known)


def waiting(database, enough=9, patience=0):
    return ledger.waiting(database, "hubspot", "create", NOW, timedelta(seconds=patience), enough=enough)


def plan(database, *intents):
    with database.transaction() as connection:
        ledger.plan(connection, intents, NOW)


def claim(database, epoch, limit=100):
    return ledger.claim(database, epoch, "hubspot", "create", limit, NOW)


# Schema


def test_migrated_database_has_the_sync_tables_of_the_code(database):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy import create_engine

    engine = create_engine(database.dsn.replace("postgresql://", "postgresql+psycopg://"))
    options = {
        "include_schemas": True,
        "version_table": "schema_version",
        "version_table_schema": SYNC,
        "include_name": lambda name, kind, _: kind != "schema" or name == SYNC,
        "include_object": lambda item, name, kind, *_: kind != "table" or item.schema == SYNC,
    }
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []


# Lease


def test_lease_names_its_holder_to_others(database):
    lease.acquire(database, "crms", "run one")
    with pytest.raises(LeaseHeld, match="run one"):
        lease.acquire(database, "crms", "run two")


def test_same_holder_takes_it_again_under_a_new_epoch(database):
    assert lease.acquire(database, "crms", "run") < lease.acquire(database, "crms", "run")


def test_lease_of_a_killed_holder_is_free_after_its_time(database):
    first = lease.acquire(database, "crms", "dead", ttl=0.05)
    time.sleep(0.06)
    assert lease.acquire(database, "crms", "next") > first


def test_released_lease_is_free_at_once_and_only_its_holder_releases_it(database):
    lease.acquire(database, "crms", "run one")
    assert not lease.release(database, "crms", "run two")
    assert lease.release(database, "crms", "run one")
    lease.acquire(database, "crms", "run two")


def test_renewing_a_lost_lease_fails(database):
    lease.acquire(database, "crms", "run one", ttl=0.01)
    time.sleep(0.02)
    with pytest.raises(LeaseHeld):
        lease.renew(database, "crms", "run one")


def test_of_many_at_once_one_gets_the_lease(database):
    won = []

    def try_it(name):
        try:
            lease.acquire(database, "crms", name)
            won.append(name)
        except LeaseHeld:
            pass

    threads = [threading.Thread(target=try_it, args=(f"run {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1


# Ledger


def test_claiming_under_an_old_epoch_claims_nothing(database):
    plan(database, intent())
    old = lease.acquire(database, "crms", "run")
    lease.acquire(database, "crms", "run")
    with pytest.raises(LeaseHeld):
        claim(database, old)
    assert waiting(database) == (1, None)


def test_what_waits_is_counted_as_far_as_it_matters_and_waited_for_only_where_nothing_is_due(database):
    plan(database, *(intent(source_id=f"s{number}", key=f"k{number}") for number in range(5)))
    assert waiting(database, enough=3) == (3, None)
    assert waiting(database, enough=9) == (5, None)
    with database.transaction() as connection:
        connection.execute("UPDATE sync.intents SET next_try_at = %s", [NOW + timedelta(seconds=20)])
        connection.execute(
            "UPDATE sync.intents SET next_try_at = %s WHERE source_id = 's1'", [NOW + timedelta(seconds=40)]
        )
    assert [waiting(database, patience=it) for it in (10, 30, 60)] == [(0, None), (0, 20.0), (0, 40.0)]
    with database.transaction() as connection:
        connection.execute("UPDATE sync.intents SET next_try_at = NULL WHERE source_id = 's2'")
    assert waiting(database, patience=60) == (1, None)


def test_claiming_after_the_lease_ran_out_claims_nothing(database):
    plan(database, intent())
    epoch = lease.acquire(database, "crms", "run", ttl=0.01)
    time.sleep(0.02)
    with pytest.raises(LeaseHeld):
        claim(database, epoch)


def test_two_claims_never_share_a_row(database):
    plan(database, *(intent(f"0010000000000{n:02d}AAA") for n in range(10)))
    epoch = lease.acquire(database, "crms", "run")
    first, second = claim(database, epoch, 6), claim(database, epoch, 6)
    assert (len(first), len(second)) == (6, 4)
    assert not {i.id for i in first} & {i.id for i in second}


def test_same_plan_has_the_same_intents_once(database):
    plan(database, intent(), intent())
    plan(database, intent())
    assert database.rows("SELECT count(*) AS n FROM sync.intents") == [{"n": 1}]


def test_one_record_has_one_open_write_of_a_kind(database):
    plan(database, intent(plan_hash="a"))
    plan(database, intent(plan_hash="b"))
    assert database.rows("SELECT plan_hash FROM sync.intents") == [{"plan_hash": "a"}]


def test_unsent_writes_of_older_plans_are_given_up_but_not_what_follows_a_write_that_was_done(database):
    first = intent(plan_hash="old")
    plan(database, first, intent("contact:company", op="associate", plan_hash="old", follows=first.id))
    with database.transaction() as connection:
        assert ledger.supersede_older(connection, "new") == 1
    states = database.rows("SELECT op, state FROM sync.intents ORDER BY op")
    assert states == [{"op": "associate", "state": "planned"}, {"op": "create", "state": "superseded"}]


def test_who_was_fenced_off_settles_nothing(database):
    plan(database, intent())
    [zombie] = claim(database, lease.acquire(database, "crms", "run"))
    [ours] = ledger.reclaim(database, lease.acquire(database, "crms", "run"), NOW)
    pair = ("001000000000001AAA", "7")
    late = Settlement(intent=zombie, state="confirmed", result="created", target_id="8", pair=(pair[0], "8"))
    assert settle(database, [late], "r", NOW) == 0
    assert (
        settle(
            database, [Settlement(intent=ours, state="confirmed", result="created", target_id="7", pair=pair)], "r", NOW
        )
        == 1
    )
    assert database.rows("SELECT company_id FROM sync.pairs") == [{"company_id": "7"}]


def test_a_second_partner_is_held_and_the_first_pair_stands(database):
    plan(database, intent("001000000000001AAA"), intent("001000000000002AAA"))
    claimed = claim(database, lease.acquire(database, "crms", "run"))
    done = [
        Settlement(intent=one, state="confirmed", result="created", target_id="7", pair=(one.source_id, "7"))
        for one in claimed
    ]
    settle(database, done, "r", NOW)
    assert len(database.rows("SELECT FROM sync.pairs WHERE is_active")) == 1
    assert [row["state"] for row in database.rows("SELECT state FROM sync.intents ORDER BY seq")] == [
        "confirmed",
        "held",
    ]


# Limiter


def limiter(database, clock, **budget):
    return PostgresLimiter(database, Budget(**budget), clock)


def test_any_ten_seconds_hold_no_more_than_the_burst(database):
    clock = Clock()
    one, two = (limiter(database, clock, hubspot_calls_in_10_seconds=5) for _ in range(2))
    starts = []
    for number in range(23):
        clock.sleep(0.3 * (number % 4))
        starts.append(clock.now().timestamp() + (one, two)[number % 2].take("hubspot"))
    assert all(later - earlier > 10 for earlier, later in zip(starts, starts[5:], strict=False))
    assert starts[4] - starts[0] < 10


def test_searches_have_a_bucket_of_their_own_and_count_for_the_day(database):
    clock = Clock()
    limits = limiter(database, clock, hubspot_searches_a_second=2)
    waits = [limits.take("hubspot_search") for _ in range(3)]
    assert waits[:2] == [0, 0]
    assert 1 < waits[2] < 1.2
    assert limits.take("hubspot") == 0
    assert calls_today(database, clock.now()) == {"salesforce": 0, "hubspot": 4}


@pytest.mark.rule("R95")
def test_budget_of_a_rolling_day_is_never_exceeded(database):
    clock = Clock()
    limits = limiter(database, clock, salesforce_calls_a_day=10)
    for _ in range(10):
        limits.take("salesforce")
        clock.sleep(3600)
    with pytest.raises(QuotaExhausted, match=r"10 calls a day.*salesforce_calls_a_day"):
        limits.take("salesforce")
    clock.sleep(16 * 3600)
    assert limits.take("salesforce") == 0
    assert calls_ever(database)["salesforce"] == 11


def test_retry_after_holds_every_process_back(database):
    clock = Clock()
    limiter(database, clock).block("hubspot", 30)
    assert limiter(database, clock).take("hubspot") == 30
    assert limiter(database, clock).take("hubspot_search") == 0


@pytest.mark.rule("R95")
def test_reserve_of_the_service_stops_every_process_until_it_is_asked_again(database):
    clock = Clock()
    one, two = limiter(database, clock, hubspot_reserve=100), limiter(database, clock, hubspot_reserve=100)
    one.observe("hubspot", None, 100)
    for limits in (one, two):
        with pytest.raises(QuotaExhausted, match="100 calls left"):
            limits.take("hubspot")
    clock.sleep(601)
    assert two.take("hubspot") == 0


@pytest.mark.rule("R95")
def test_processes_together_keep_the_budget(database):
    clock = Clock()
    taken = []

    def work():
        limits = limiter(database, clock, hubspot_calls_a_day=50)
        for _ in range(20):
            try:
                limits.take("hubspot")
                taken.append(1)
            except QuotaExhausted:
                pass
        limits.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 50


def test_without_postgres_no_call_is_made():
    limits = PostgresLimiter(Database("postgresql://nobody:secret@127.0.0.1:1/none"), Budget(), Clock())
    with pytest.raises(ServiceUnavailable) as raised:
        limits.take("hubspot")
    assert "secret" not in str(raised.value)


def test_limiter_survives_a_lost_connection(database):
    limits = limiter(database, Clock())
    limits.take("hubspot")
    with database.transaction() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
    with pytest.raises(ServiceUnavailable):
        limits.take("hubspot")
    assert limits.take("hubspot") == 0


# History


@pytest.mark.rule("R2", "R3")
def test_switching_on_again_moves_the_moment_and_equal_settings_are_recorded_once(database):
    off = ON.model_copy(update={"sync_companies": False})
    later = NOW + timedelta(days=1)
    history.record_settings(database, ON, by="ann", at=NOW)
    assert history.record_settings(database, ON, by="ann", at=later) == {}
    assert history.enabled_at(database, ON, later) == NOW
    history.record_settings(database, off, by="bob", at=later)
    assert history.record_settings(database, ON, by="eve", at=later) == {"sync_companies": [False, True]}
    assert history.enabled_at(database, ON, NOW) == later


def test_the_moment_in_the_settings_wins(database):
    history.record_settings(database, ON, by="ann", at=NOW)
    named = ON.model_copy(update={"enabled_at": NOW - timedelta(days=9)})
    assert history.enabled_at(database, named, NOW) == NOW - timedelta(days=9)


def test_nested_settings_are_named_by_their_path(database):
    history.record_settings(database, ON, by="ann", at=NOW)
    more = ON.model_copy(update={"caps": ON.caps.model_copy(update={"max_creates": 100})})
    assert history.record_settings(database, more, by="ann", at=NOW) == {"caps.max_creates": [25, 100]}


# Requests


def decide(database, run, action, account="001000000000001AAA", company=None):
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.decisions (run_id, system, key, action, record_id, partner_id, reason)"
            " VALUES (%s, 'salesforce', staging.salesforce_key(%s), %s, %s, %s, 'why')",
            (run.run_id, account, action, account, company),
        )


def ask(database, kind="import", **more):
    known = {"system": "salesforce", "record_ids": ["001000000000001AAA"], "requested_by": "ann"}
    return requests.add(database, ON, kind=kind, **known | more)


def run_of(kind="changed", number=1):
    return Run(f"dag/{number}", Scope(kind), "apply")


@pytest.mark.rule("R50")
def test_requests_are_refused_while_the_switch_is_off(database):
    with pytest.raises(BadInput, match="R50"):
        requests.add(database, Settings(), kind="import", system="salesforce", record_ids=["x"], requested_by="ann")


def test_an_open_request_is_not_doubled(database):
    assert (ask(database), ask(database)) == (1, 0)
    assert len(requests.open_requests(database)) == 1


@pytest.mark.rule("R9b")
@pytest.mark.parametrize("action", ["WAIT", "REVIEW", "HOLD"])
def test_an_import_stays_open_while_its_account_waits(database, action):
    ask(database)
    decide(database, run_of(), action)
    assert requests.settle(database, run_of()) == 0


@pytest.mark.rule("R9b")
def test_an_import_closes_when_its_account_is_paired(database):
    ask(database)
    decide(database, run_of(), "LINK", company="7")
    assert requests.settle(database, run_of()) == 0
    with database.transaction() as connection:
        connection.execute("INSERT INTO sync.pairs (account_id, company_id) VALUES ('001000000000001AAA', '7')")
    assert requests.settle(database, run_of()) == 1
    assert database.rows("SELECT state, outcome, run_id FROM sync.requests") == [
        {"state": "done", "outcome": "paired: why", "run_id": "dag/1"}
    ]


@pytest.mark.rule("R49")
def test_a_request_by_hand_is_consumed_once_by_its_run(database):
    assert ask(database, "manual", run_id="dag/1") == 1
    decide(database, run_of("record"), "SKIP")
    assert requests.settle(database, run_of("record")) == 1
    assert ask(database, "manual", run_id="dag/1") == 0
    assert ask(database, "manual", run_id="dag/2") == 1


@pytest.mark.parametrize("action", ["WAIT", "REVIEW", "HOLD"])
def test_a_request_by_hand_stays_open_while_a_person_is_asked(database, action):
    ask(database, "manual", run_id="dag/1")
    decide(database, run_of("record"), action)
    assert requests.settle(database, run_of("record")) == 0


@pytest.mark.rule("R9b")
def test_accounts_of_an_import_that_wait_are_asked_for_again(database):
    run = Run("import_accounts/1", Scope("interval", requested_by="ann"), "apply")
    decide(database, run, "WAIT")
    assert requests.keep_open(database, run) == 1
    assert requests.open_requests(database, "import")[0]["record_id"] == "001000000000001AAA"


# Runs


def test_a_run_keeps_what_it_was_asked_and_what_it_did(database):
    run = Run("sync_accounts/1", Scope("interval", since=NOW, requested_by="ann"), "apply")
    runs.open_run(database, run, ON)
    runs.set_plan(database, run.run_id, "digest")
    decide(database, run, "WAIT")
    runs.add_counts(database, run.run_id, {"is_applied": True})
    assert runs.counts_of_run(database, run.run_id) == {"wait": 1, "is_applied": True}
    runs.close_run(database, run.run_id, {"linked": 2}, "2 paired")
    [row] = runs.last_runs(database)
    assert (row["dag"], row["state"], row["note"], row["plan_digest"]) == (
        "sync_accounts",
        "done",
        "2 paired",
        "digest",
    )
    assert row["counts"] == {"is_applied": True, "linked": 2}
    assert row["scope"]["requested_by"] == "ann"
