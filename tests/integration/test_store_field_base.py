"""What runs saw of mapped fields becomes the memory of the pairs that came of them; on a real Postgres."""

from __future__ import annotations

import pytest
from psycopg.types.json import Jsonb

from accord.model.field_map import PARENT_PROPERTY, WAITING
from accord.store import field_base, pairs
from accord.store.pairs import Pair

pytestmark = pytest.mark.postgres

RUN = "r/1"


def saw(database, *rows):
    """Record what a run saw: (account, company, is known) with None for a record that is still to be created."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sync.field_seen (run_id, system, record_id, account_id, company_id, is_known, salesforce,"
            " hubspot, base_salesforce, base_hubspot) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, '{}', '{}')",
            [
                (
                    RUN, "salesforce" if account else "hubspot", account or company, account, company, is_known,
                    Jsonb({"name": f"of {account}"}), Jsonb({"name": f"of {company}"}),
                )
                for account, company, is_known in rows
            ],
        )  # fmt: skip


def paired(database, *made):
    with database.transaction() as connection:
        pairs.record(connection, [Pair(*pair) for pair in made], RUN)


@pytest.mark.rule("R48", "R68")
@pytest.mark.parametrize(
    ("seen", "standing", "remembered"),
    [
        pytest.param(("a", "1", True), [], {("a", "1")}, id="a known pair"),
        pytest.param(("a", "1", False), [("a", "1")], {("a", "1")}, id="a pair that was linked"),
        pytest.param(("a", "1", False), [("a", "2")], set(), id="a pair that came out otherwise"),
        pytest.param(("a", "1", False), [], set(), id="a pair that came to nothing"),
        pytest.param(("a", None, False), [("a", "7")], {("a", "7")}, id="an account whose company was made"),
        pytest.param((None, "1", False), [("z", "1")], {("z", "1")}, id="a company whose account was made"),
        pytest.param(("a", None, False), [("b", "7")], set(), id="an account whose company was not made"),
        pytest.param((None, "1", False), [("z", "2")], set(), id="a company whose account was not made"),
    ],
)
def test_a_pair_that_stands_is_remembered_as_it_was_seen(database, seen, standing, remembered):
    saw(database, seen)
    paired(database, *standing)
    assert field_base.promote(database) == len(remembered)
    kept = database.rows("SELECT account_id, company_id FROM sync.field_base")
    assert {(row["account_id"], row["company_id"]) for row in kept} == remembered
    assert database.rows("SELECT FROM sync.field_seen") == []


def test_many_pairs_are_found_by_their_ids_and_not_by_comparing_each_with_each(database):
    many = 1_000
    saw(database, *((f"a{n}", None, False) for n in range(many)), *((None, str(many + n), False) for n in range(many)))
    paired(database, *((f"a{n}", str(n)) for n in range(many)), *((f"z{n}", str(many + n)) for n in range(many)))
    with database.transaction() as connection:
        connection.execute("ANALYZE sync.field_seen, sync.pairs")
        told = connection.execute(
            "EXPLAIN (ANALYZE, FORMAT JSON) " + field_base._PROMOTE,
            {"run": RUN, "parent": PARENT_PROPERTY, "waiting": list(WAITING)},
        ).fetchone()
        compared = sum(_in_vain(told["QUERY PLAN"]))
        kept = connection.execute("SELECT count(*) AS n FROM sync.field_base").fetchone()
    assert (kept["n"], compared < 10 * many) == (2 * many, True)


def _in_vain(plan):
    """Give how many rows each join looked at and threw away."""
    if isinstance(plan, list):
        for part in plan:
            yield from _in_vain(part)
    elif isinstance(plan, dict):
        yield plan.get("Rows Removed by Join Filter", 0) * plan.get("Actual Loops", 1)
        for part in plan.values():
            yield from _in_vain(part)
