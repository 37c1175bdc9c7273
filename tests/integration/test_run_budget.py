"""A plan that does not fit into what is left of the day stops before its first write; what was asked for goes first."""

from __future__ import annotations

import pytest
from apply_fakes import World

from accord.model.errors import QuotaExhausted
from accord.model.settings import Budget, Settings
from accord.steps import apply as apply_step
from accord.steps import calls
from accord.store import limiter, workload
from accord.store.workload import Load
from small_runs import SmallRuns
from tiny_worlds import grown

pytestmark = pytest.mark.postgres

BULK = 10_000
A_DAY = 1_000


@pytest.fixture
def world(database):
    budget = Budget(salesforce_calls_a_day=A_DAY, hubspot_calls_a_day=A_DAY)
    return World(database, Settings(sync_companies=True, mode="apply", budget=budget))


def only_left(world, crm, left):
    """Let the day have so many calls left for a CRM."""
    hour = str(int(world.clock.now().timestamp() // 3600))
    with world.database.transaction() as connection:
        connection.execute("DELETE FROM sync.call_budget WHERE crm = %s", (crm,))
        connection.execute(
            "INSERT INTO sync.call_budget (crm, hours) VALUES (%s, jsonb_build_object(%s::text, %s::int))",
            (crm, hour, A_DAY - left),
        )


def ask_for(world, record_id, system="salesforce", kind="manual"):
    with world.database.transaction() as connection:
        connection.execute(
            "INSERT INTO sync.requests (kind, system, record_id) VALUES (%s, %s, %s)", (kind, system, record_id)
        )


def many_accounts(world):
    """Return what 150 accounts need: two calls that create, one that reads again; one call less for any hundred."""
    for number in range(1, 151):
        world.account(number)
    return 3


@pytest.mark.rule("R95")
def test_a_plan_that_fits_exactly_is_written(world):
    only_left(world, "hubspot", many_accounts(world))
    assert world.run()["created_companies"] == 150


@pytest.mark.rule("R95")
def test_a_plan_that_does_not_fit_stops_before_the_first_write_and_is_kept(world):
    only_left(world, "hubspot", many_accounts(world) - 1)
    with pytest.raises(QuotaExhausted, match=r"hubspot: the plan needs about 3 calls and 2 .*nothing was written"):
        world.run()
    assert world.writes() == 0
    assert world.states() == {("create", "planned"): 150}
    only_left(world, "hubspot", 3)
    assert world.run()["created_companies"] == 150


@pytest.mark.rule("R95")
def test_calls_of_what_follows_count_for_the_other_crm(world):
    many_accounts(world)
    only_left(world, "salesforce", 1)
    with pytest.raises(QuotaExhausted, match="salesforce: the plan needs about 2 calls and 1 "):
        world.run()
    assert world.writes() == 0


@pytest.mark.rule("R95")
def test_what_was_asked_for_by_hand_goes_first_where_not_everything_fits(world):
    for number in range(1, 601):
        world.account(number)
    asked = world.wants_company[149]
    world.people[asked] = [("associate", "501")]
    ask_for(world, asked)
    ask_for(world, world.wants_company[0], kind="import")
    only_left(world, "hubspot", 5)
    with pytest.raises(QuotaExhausted, match="only what was asked for by hand was written"):
        world.run()
    assert [account for account, _ in world.pairs()] == [asked]
    assert world.states()["restamp", "confirmed"] == world.states()["associate", "confirmed"] == 1
    assert world.states()["create", "planned"] == 599


@pytest.mark.rule("R95")
def test_not_even_what_was_asked_for_is_begun_where_it_does_not_fit(world):
    many_accounts(world)
    ask_for(world, world.wants_company[149])
    only_left(world, "hubspot", 1)
    with pytest.raises(QuotaExhausted, match="nor does what was asked for by hand"):
        world.run()
    assert world.writes() == 0


@pytest.mark.rule("R95")
def test_what_the_service_itself_has_left_counts_but_for_the_reserve(database):
    world = World(database, Settings(budget=Budget(salesforce_reserve=100, hubspot_reserve=100)))
    limits = limiter.PostgresLimiter(database, world.settings.budget, world.clock)
    limits.observe("salesforce", None, 130)
    limits.take("salesforce")
    assert workload.calls_left(database, world.settings.budget, world.clock.now())["salesforce"] == 30
    world.clock.sleep(limiter.RESERVE_MEMORY_SECONDS + 1)
    left = workload.calls_left(database, world.settings.budget, world.clock.now())
    assert left == {"salesforce": 50_000 - 1, "hubspot": 100_000}
    limits.close()


@pytest.mark.rule("R95")
def test_an_older_word_of_the_service_does_not_hide_a_newer_one(database):
    world = World(database, Settings(budget=Budget(hubspot_reserve=100)))
    one, two = (limiter.PostgresLimiter(database, world.settings.budget, world.clock) for _ in range(2))
    one.observe("hubspot", None, 5_000)
    two.observe("hubspot", None, 90)
    with pytest.raises(QuotaExhausted):
        one.take("hubspot")
    one.close()
    two.close()


@pytest.mark.rule("R95")
@pytest.mark.parametrize(
    ("loads", "salesforce", "hubspot"),
    [
        ([], 0, 0),
        ([Load("hubspot", "stage", 250)], 0, 3 + 3 + 3 + 1),
        ([Load("hubspot", "update", 101)], 0, 2 + 2 + 1),
        ([Load("salesforce", "update", 2_500)], 3 + 3 + 1, 0),
        ([Load("salesforce", "update", 45_000, kinds=2)], (2 * 2 * 16 + 5) + (10 + 10 + 5) + 1, 0),
        ([Load("salesforce", "create", 9_999)], 10 + 1, 0),
        ([Load("salesforce", "create", 10, pairs=10, attach=3)], 1 + 1 + 1 + 1, 1 + 1),
        ([Load("hubspot", "restamp", 10, pairs=10, associate=2_001)], 1 + 1 + 1, 1 + 1 + 21 + 1 + 3 + 1),
    ],
    ids=["nothing", "stages", "values", "collections", "jobs", "just no job", "accounts", "links"],
)
def test_calls_are_counted_as_they_are_made(loads, salesforce, hubspot):
    assert calls.expected_calls(loads, BULK) == {"salesforce": salesforce, "hubspot": hubspot}


@pytest.mark.rule("R95")
def test_a_whole_run_makes_no_more_calls_than_were_foreseen(database, monkeypatch):
    short = {
        "new": ["A1", "A2"],
        "aged": ["K1"],
        "shared": {"A1": {"K1": 1}},
        "sf": {"contacts": [{"Id": "P8"}, {"Id": "P9", "AccountId": "A2"}]},
        "hs": {
            "companies": [{"id": "K8", "name": "K8", "created": "2026-01-11"}],
            "contacts": [{"id": "h8", "sfc": "P8", "stage": "customer", "was": "lead"}, {"id": "h9", "sfc": "P9"}],
            "assoc": [["h8", "K8", "primary"]],
        },
    }
    named = grown(short)
    for it in named["sf"]["accounts"]:
        it.setdefault("Name", it["Id"])
    for it in named["hs"]["companies"]:
        it.setdefault("name", it["id"])
    foreseen = []

    def noted(work):
        loads = workload.planned(database, work.now, asked_only=False)
        foreseen.append((calls.expected_calls(loads, BULK), limiter.calls_ever(database)))
        return calls.shortage(work)

    monkeypatch.setattr(apply_step, "shortage", noted)
    with SmallRuns.start(named) as sandbox:
        runs = SmallRuns(sandbox, database)
        assert runs.run() > 0
        assert runs.pairs() == {("A1", "K1"), ("A2", "new"), ("new", "K8")}
    [(expected, before)] = foreseen
    made = {crm: number - before[crm] for crm, number in limiter.calls_ever(database).items()}
    assert all(made[crm] <= expected[crm] <= made[crm] + 2 for crm in made), (made, expected)
