"""What must be true whatever the pipeline says of itself; each returns one line per breach."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from accord.sandbox.judge import violations

if TYPE_CHECKING:
    from machine.stage import Stage

_WAIT_SECONDS = 10
"""What a 429 of the ten-secondly bucket asks for."""
OF_A_PERSON = "Ahrens of Bremen"
WATCH_CLAIMS = """
    CREATE TABLE IF NOT EXISTS sync.claim_watch (how text);
    CREATE OR REPLACE FUNCTION sync.watch_claim() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO sync.claim_watch VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
    CREATE OR REPLACE TRIGGER watch_claim AFTER UPDATE ON sync.intents FOR EACH ROW
        WHEN (NEW.state = 'sent') EXECUTE FUNCTION sync.watch_claim()
"""


def i1_one_to_one(stage: Stage) -> list[str]:
    """I1: of one account the pipeline makes one company at most, and pairs it with one."""
    made: dict[str, list[str]] = defaultdict(list)
    companies = stage.crms.portal.tables["companies"].live
    for entry in stage.sandbox.journal.by("pipeline"):
        if (entry.op, entry.object) == ("create", "companies") and entry.id in companies:
            made[companies[entry.id]["name"]].append(entry.id)
    twice = [f"{name} was made {len(ids)} times" for name, ids in made.items() if len(ids) > 1]
    return twice + [it.what for it in violations(stage.crms) if it.what != "created without a key"]


def i2_confirmed_is_written(stage: Stage) -> list[str]:
    """I2: what the ledger calls confirmed stands in the CRM."""
    companies = stage.crms.portal.tables["companies"].live
    rows = stage.database.rows(
        "SELECT target_id, fields FROM sync.intents WHERE state = 'confirmed' AND system = 'hubspot'"
        " AND op IN ('create', 'restamp') AND target_id IS NOT NULL"
    )
    return [
        f"{row['target_id']} does not show {name}"
        for row in rows
        for name, value in row["fields"].items()
        if (companies.get(row["target_id"], {}).get(name) or "") != (value or "")
    ]


def i4_no_edit_is_undone(stage: Stage) -> list[str]:
    """I4: what a person wrote after a run stands when the run is undone."""
    name = stage.crms.portal.tables["companies"].live[stage.sandbox.world.ids["K1"]]["name"]
    return [] if name == OF_A_PERSON else [f"a person wrote {OF_A_PERSON}, the company shows {name}"]


def i4_reverts_keep_the_law(stage: Stage) -> list[str]:
    """I4: by the journal a revert overwrites no person's value and archives nothing that a person touched."""
    return stage.laws_broken


def i5_no_secret(stage: Stage) -> list[str]:
    """I5: no token in an error or in any table."""
    found = [f"in an error: {error[:60]}" for error in stage.errors if _TOKEN in error]
    tables = stage.database.rows(
        "SELECT schemaname AS schema, tablename AS name FROM pg_tables WHERE schemaname IN ('sync', 'staging')"
    )
    for table in tables:
        statement = f'SELECT count(*) AS n FROM {table["schema"]}."{table["name"]}" t WHERE t::text LIKE %s'
        if stage.database.rows(statement, [f"%{_TOKEN}%"])[0]["n"]:
            found.append(f"in {table['schema']}.{table['name']}")
    return found


_TOKEN = "pat-na1-sandbox"


def i6_no_call_too_early(stage: Stage) -> list[str]:
    """I6: after a 429 nobody calls before it allows."""
    until: dict[str, Any] = {}
    early = []
    for at, crm, status in stage.calls_made:
        if crm in until and (at - until[crm]).total_seconds() < _WAIT_SECONDS:
            early.append(f"{crm} was called {(at - until[crm]).total_seconds():.0f} s after a 429")
        until.pop(crm, None)
        if status == 429:
            until[crm] = at
    return early


def i7_all_is_staged(stage: Stage) -> list[str]:
    """I7: staging shows the newest version of every record."""
    accounts = {row["Id"]: row["Name"] for row in stage.crms.org.rows("Account")}
    companies = {rid: row.get("phone") or None for rid, row in stage.crms.portal.tables["companies"].live.items()}
    staged = {row["id"]: row["name"] for row in stage.database.rows("SELECT id, name FROM staging.salesforce_accounts")}
    phones = {
        row["id"]: row["phone"] or None
        for row in stage.database.rows("SELECT id, f_phone AS phone FROM staging.hubspot_companies")
    }
    return [
        f"{rid} is staged as {mirror.get(rid)!r} and is {value!r}"
        for mirror, real in ((staged, accounts), (phones, companies))
        for rid, value in real.items()
        if mirror.get(rid) != value
    ]


def i9_no_edit_is_lost(stage: Stage) -> list[str]:
    """I9: what a person wrote last of a field that Salesforce wins stands in both CRMs."""
    account = stage.crms.org.tables["Account"][stage.sandbox.world.ids["A1"]]
    company = stage.crms.portal.tables["companies"].live[stage.sandbox.world.ids["K1"]]
    if account["Name"] == company["name"] == "Ahrens & Sons":
        return []
    return [f"a person wrote Ahrens & Sons, the CRMs show {account['Name']} and {company['name']}"]


def i10_values_arrive(stage: Stage) -> list[str]:
    """I10: both records of the pair that a run made show one phone number; an emptied one is empty."""
    made = stage.sandbox.world.ids["A2"]
    accounts, companies = stage.crms.org.tables["Account"], stage.crms.portal.tables["companies"].live
    return [
        f"{row['account_id']} has {ours!r}, {row['company_id']} has {theirs!r}"
        for row in stage.database.rows("SELECT account_id, company_id FROM sync.pairs WHERE account_id = %s", [made])
        if (ours := accounts[row["account_id"]].get("Phone") or "")
        != (theirs := companies[row["company_id"]].get("phone") or "")
    ]


def f52_nobody_is_let_in(stage: Stage) -> list[str]:
    """F52: without a login no route shows anything."""
    return stage.opened


def f61_claims_are_durable(stage: Stage) -> list[str]:
    """F61: a claim is on disk before anything is sent."""
    rows = stage.database.rows("SELECT how, count(*) AS n FROM sync.claim_watch GROUP BY how")
    wrong = [
        f"{row['n']} claims were committed with synchronous_commit = {row['how']}" for row in rows if row["how"] != "on"
    ]
    return wrong if rows else ["no claim was seen"]
