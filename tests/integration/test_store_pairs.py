"""The pairs of a batch: which of them stand, and which earlier ones end for their sake; on a real Postgres."""

from __future__ import annotations

import pytest

from accord.store import pairs
from accord.store.pairs import Pair

pytestmark = pytest.mark.postgres


def stage(database, accounts=(), companies=()):
    """Put in records that are gone: accounts as deleted, companies as archived or as merged into another."""
    with database.transaction() as connection:
        for account in accounts:
            connection.execute(
                "INSERT INTO staging.salesforce_accounts (id, is_deleted, seen_run, content_hash)"
                " VALUES (%s, true, 'r', '')",
                [account],
            )
        for company, merged_into in companies:
            connection.execute(
                "INSERT INTO staging.hubspot_companies (id, is_archived, merged_into, seen_run, content_hash)"
                " VALUES (%s, %s, %s, 'r', '')",
                [company, merged_into is None, merged_into],
            )


def settled(database, before, act):
    """Return what an act on the pairs returns, the active pairs after it, and why the others ended."""
    with database.transaction() as connection:
        pairs.record(connection, [Pair(*pair) for pair in before], "earlier")
    with database.transaction() as connection:
        answer = act(connection)
    rows = database.rows("SELECT account_id, company_id, is_active, ended_reason FROM sync.pairs ORDER BY 1, 2")
    active = {(row["account_id"], row["company_id"]) for row in rows if row["is_active"]}
    return answer, active, {row["account_id"]: row["ended_reason"] for row in rows if not row["is_active"]}


@pytest.mark.parametrize(
    ("before", "asked", "standing"),
    [
        pytest.param([], [("a", "1"), ("b", "2")], {("a", "1"), ("b", "2")}, id="all of a batch"),
        pytest.param([], [("b", "1"), ("a", "1")], {("b", "1")}, id="the first of two that exclude each other"),
        pytest.param([], [("a", "1"), ("a", "2"), ("c", "2")], {("a", "1"), ("c", "2")}, id="what lost blocks nobody"),
        pytest.param([("a", "1")], [("a", "2"), ("b", "1"), ("c", "3")], {("c", "3")}, id="not who is paired already"),
        pytest.param([("a", "1")], [("a", "1")], {("a", "1")}, id="what stood before still does"),
        pytest.param([("a", "1")], [], set(), id="none asked, none answered"),
    ],
)
def test_the_pairs_of_a_batch_that_stand(database, before, asked, standing):
    wanted = [Pair(*pair) for pair in asked]
    answer, active, ended = settled(database, before, lambda it: pairs.record(it, wanted, "run"))
    assert (answer, active, ended) == (standing, set(before) | standing, {})


def test_a_record_that_gets_another_partner_leaves_the_one_it_had(database):
    before = [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]
    asked = [Pair("a", "9"), Pair("z", "2"), Pair("c", "3")]
    answer, active, ended = settled(database, before, lambda it: pairs.end(it, asked, "relinked"))
    assert (answer, active) == (2, {("c", "3"), ("d", "4")})
    assert ended == {"a": "relinked", "b": "relinked"}


def test_a_pair_whose_records_were_both_merged_gives_way_to_that_of_their_heirs(database):
    """Through any chain; where only one of the two was merged into the new pair the other is somebody else's."""
    with database.transaction() as connection:
        for account, master in (("a", "b"), ("b", "c"), ("d", "c")):
            connection.execute(
                "INSERT INTO staging.salesforce_accounts (id, is_deleted, master_id, seen_run, content_hash)"
                " VALUES (%s, true, %s, 'r', '')",
                [account, master],
            )
    stage(database, companies=[("1", "2"), ("2", "3"), ("4", "5")])
    before = [("a", "1"), ("d", "4"), ("e", "6")]
    answer, active, ended = settled(database, before, lambda it: pairs.end(it, [Pair("c", "3")], "relinked"))
    assert (answer, active, ended) == (1, {("d", "4"), ("e", "6")}, {"a": "relinked"})


def test_only_who_is_gone_is_left_for_another_partner(database):
    stage(database, accounts=["gone"], companies=[("1", None), ("2", "77")])
    before = [("gone", "5"), ("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]
    asked = [Pair("x", "5"), Pair("a", "9"), Pair("b", "8"), Pair("c", "7"), Pair("y", "4")]
    answer, active, ended = settled(database, before, lambda it: pairs.end_dead(it, asked))
    assert (answer, active) == (3, {("c", "3"), ("d", "4")})
    assert ended == dict.fromkeys(("gone", "a", "b"), "partner deleted")


def test_a_dead_partner_that_is_asked_for_again_is_kept(database):
    stage(database, accounts=["gone"])
    answer, active, _ = settled(database, [("gone", "5")], lambda it: pairs.end_dead(it, [Pair("gone", "5")]))
    assert (answer, active) == (0, {("gone", "5")})
