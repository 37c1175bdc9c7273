"""The daily reconcile the whole way: what incremental reading missed comes to light, and both ends count the same."""

from __future__ import annotations

import pytest

from accord.model.errors import ShortRead
from accord.model.scope import Run, Scope
from accord.steps.prove import prove
from accord.steps.reconcile import reconcile_hubspot, reconcile_salesforce
from accord.store.proofs import proofs_of
from accord.worlds.clients import wiring_for
from small_runs import SmallRuns

pytestmark = pytest.mark.postgres

WORLD = {
    "settings": {"max_creates": 100},
    "sf": {
        "accounts": [
            {"Id": f"A{n}", "Name": f"Account {n}", "Created": "2026-01-11", "Modified": "2026-01-11"}
            for n in range(1, 6)
        ],
        "contacts": [{"Id": "P1", "AccountId": "A1", "Email": "ann@acme.test"}],
        "leads": [{"Id": "L1", "Email": "lea@x.test"}],
    },
    "hs": {
        "companies": [{"id": f"K{n}", "name": f"Company {n}", "created": "2025-01-01"} for n in range(1, 6)],
        "contacts": [{"id": "h1", "email": "ann@acme.test"}, {"id": "h2", "email": "bob@x.test"}],
        "assoc": [["h1", "K1", "primary"]],
    },
}
LIVE = {
    "salesforce.accounts": 5,
    "salesforce.contacts": 1,
    "salesforce.leads": 1,
    "hubspot.companies": 9,
    "hubspot.contacts": 2,
}


@pytest.fixture
def runs(database):
    with SmallRuns.start(WORLD) as sandbox:
        started = SmallRuns(sandbox, database)
        for _ in range(2):
            started.run()
            sandbox.clock.sleep(7200)
        yield started


def reconciled(runs: SmallRuns, run_id: str = "daily/1"):
    wiring = wiring_for(runs.sandbox.url, runs.database, runs.settings, runs.sandbox.clock)
    run = Run(run_id, Scope("changed"), "apply")
    return prove(wiring, run, reconcile_salesforce(wiring, run), reconcile_hubspot(wiring, run))


def behind_the_back(runs: SmallRuns, kind: str, record: str, name: str, value: str) -> None:
    """Change a value and leave the time of the last change as it is, as a late commit with an old stamp does."""
    crms = runs.sandbox.crms
    with crms.lock:
        if kind == "Account":
            crms.org.tables["Account"][runs.ids[record]][name] = value
        else:
            crms.portal.tables[kind].live[runs.ids[record]][name] = value


def staged(runs: SmallRuns, table: str, record: str, column: str):
    rows = runs.database.rows(f"SELECT {column} AS it FROM staging.{table} WHERE id = %s", [runs.ids[record]])
    return rows[0]["it"]


def test_a_quiet_day_is_proved_by_count_and_nothing_was_missed(runs):
    told = reconciled(runs)
    assert {name: n for name, n in told.items() if name != "note"} == LIVE | {"pairs_rebuilt": 0}
    assert "0 had been missed, 0 are nowhere" in told["note"]
    assert {proof.source: (proof.counted, proof.mirrored) for proof in proofs_of(runs.database, "daily/1")} == {
        name: (n, n) for name, n in LIVE.items()
    }


def test_late_commits_on_both_sides_are_found_counted_and_decided_by_the_next_run(runs):
    """F27: no overlap is long enough for a change that is committed with an older stamp."""
    behind_the_back(runs, "Account", "A1", "Name", "Renamed late")
    behind_the_back(runs, "companies", "K5", "name", "Company late")
    runs.run()
    assert staged(runs, "salesforce_accounts", "A1", "name") != "Renamed late"
    told = reconciled(runs)
    assert "2 had been missed" in told["note"]
    assert staged(runs, "salesforce_accounts", "A1", "name") == "Renamed late"
    assert staged(runs, "hubspot_companies", "K5", "name") == "Company late"


def test_erased_records_and_a_silent_association_are_found(runs):
    crms = runs.sandbox.crms
    with crms.lock:
        del crms.org.tables["Account"][runs.ids["A5"]]
        crms.portal.tables["companies"].take(runs.ids["K5"])
        crms.portal.associate(runs.ids["h2"], runs.ids["K2"], primary=True)
    runs.sandbox.clock.sleep(600)
    told = reconciled(runs)
    assert "2 are nowhere any more" in told["note"]
    assert told["salesforce.accounts"] == LIVE["salesforce.accounts"] - 1
    assert told["hubspot.companies"] == LIVE["hubspot.companies"] - 1
    links = runs.database.rows("SELECT contact_id, company_id FROM staging.hubspot_company_contacts")
    assert {"contact_id": runs.ids["h2"], "company_id": runs.ids["K2"]} in links


def test_deletes_and_merges_end_in_equal_counts(runs):
    runs.person(crm="salesforce", op="delete", object="Account", id=runs.ids["A4"])
    runs.person(crm="hubspot", op="archive", object="companies", id=runs.ids["K4"])
    runs.person(crm="hubspot", op="merge", object="companies", primary=runs.ids["K2"], other=runs.ids["K3"])
    told = reconciled(runs)
    assert (told["salesforce.accounts"], told["hubspot.companies"]) == (4, 7)


def test_what_people_do_between_the_scan_and_the_count_is_read_first(runs):
    wiring = wiring_for(runs.sandbox.url, runs.database, runs.settings, runs.sandbox.clock)
    run = Run("daily/2", Scope("changed"), "apply")
    found = reconcile_salesforce(wiring, run), reconcile_hubspot(wiring, run)
    runs.person(crm="salesforce", op="create", object="Account", values={"Name": "Just now"})
    runs.person(crm="hubspot", op="create", object="companies", values={"name": "Just now"})
    told = prove(wiring, run, *found)
    assert (told["salesforce.accounts"], told["hubspot.companies"]) == (6, 10)


def test_counts_that_stay_apart_fail_the_task_and_are_kept(runs):
    with runs.database.transaction() as connection:
        connection.execute("DELETE FROM staging.salesforce_leads")
        connection.execute("UPDATE sync.watermarks SET mark = mark + interval '1 hour'")
    wiring = wiring_for(runs.sandbox.url, runs.database, runs.settings, runs.sandbox.clock)
    with pytest.raises(ShortRead, match=r"salesforce\.leads: 1 counted, 0 in staging"):
        prove(wiring, Run("daily/3", Scope("changed"), "apply"), {}, {})
    assert [proof.source for proof in proofs_of(runs.database, "daily/3") if not proof.is_alike] == ["salesforce.leads"]


# F63: the ledger is restored from an older backup.

LEDGER = ("pairs", "intents", "outcomes", "decisions", "decision_people", "field_decisions", "runs", "field_base")


def take_backup(database, tables):
    """Keep a copy of some tables beside them."""
    with database.transaction() as connection:
        connection.execute("CREATE SCHEMA backup")
        for schema, table in tables:
            connection.execute(f"CREATE TABLE backup.{schema}_{table} AS TABLE {schema}.{table}")


def restore_backup(database, tables):
    """Put the copies back in place of what stands there now."""
    with database.transaction() as connection:
        for schema, table in tables:
            columns = connection.execute(
                "SELECT string_agg(quote_ident(column_name), ', ') AS names FROM information_schema.columns"
                " WHERE table_schema = %s AND table_name = %s AND is_generated = 'NEVER'",
                [schema, table],
            ).fetchone()["names"]
            connection.execute(f"TRUNCATE {schema}.{table}")
            connection.execute(
                f"INSERT INTO {schema}.{table} ({columns}) OVERRIDING SYSTEM VALUE"
                f" SELECT {columns} FROM backup.{schema}_{table}"
            )


def tables_of(database, *schemas):
    rows = database.rows(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema = ANY(%s)"
        " AND table_name NOT IN ('schema_version') ORDER BY 1, 2",
        [list(schemas)],
    )
    return [(row["table_schema"], row["table_name"]) for row in rows]


def active_pairs(database):
    rows = database.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active")
    return {(row["account_id"], row["company_id"]) for row in rows}


@pytest.mark.parametrize(
    "what", ["the whole warehouse", "the ledger alone", "the pairs alone", "the intents alone", "nothing was backed up"]
)
def test_f63_a_ledger_from_an_older_backup_rebuilds_its_pairs_and_creates_nothing(database, what):
    with SmallRuns.start(WORLD) as sandbox:
        runs = SmallRuns(sandbox, database)
        sync = tables_of(database, "sync")
        chosen = {
            "the whole warehouse": tables_of(database, "sync", "staging"),
            "the ledger alone": [it for it in sync if it[1] in LEDGER],
            "the pairs alone": [("sync", "pairs")],
            "the intents alone": [("sync", "intents"), ("sync", "outcomes")],
            "nothing was backed up": tables_of(database, "sync", "staging"),
        }[what]
        take_backup(database, chosen)
        runs.run()
        before = active_pairs(database)
        made = [it for it in sandbox.journal.by("pipeline") if it.op == "create"]
        assert len(made) == 4
        assert len(before) == 5
        runs.sandbox.clock.sleep(7200)
        restore_backup(database, chosen)
        if what == "nothing was backed up":
            with database.transaction() as connection:
                for schema, table in chosen:
                    connection.execute(f"TRUNCATE {schema}.{table}")
        runs.run()
        told = reconciled(runs)
        assert active_pairs(database) == before
        runs.sandbox.clock.sleep(7200)
        assert runs.run() == 0
        assert [it for it in sandbox.journal.by("pipeline") if it.op == "create"] == made
        assert reconciled(runs, "daily/2")["pairs_rebuilt"] == 0
        if what == "the pairs alone":
            assert "5 pairs remembered anew" in told["note"]
