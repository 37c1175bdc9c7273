"""The rules beside DuckDB, which joins the same frames to the same pairs of accounts and companies."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import duckdb

from accord.rules import conclude, standing_pairs
from accord.rules.answers import read_answers
from accord.rules.arrays import NOWHERE, strongest
from accord.rules.case import study
from accord.rules.evidence import shared_people
from accord.rules.people import pair_people
from accord.rules.reading import read_records
from accord.store.field_memory import look
from accord.store.snapshot import read_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from accord.model.policy import Policy
    from accord.model.scope import Run
    from accord.model.snapshot import Snapshot
    from accord.steps.wiring import Wiring

_TURNS = 7
_FRAMES = ("accounts", "salesforce_contacts", "salesforce_leads", "companies", "hubspot_contacts", "associations")

_PEOPLE = """
CREATE OR REPLACE TEMP TABLE people AS
WITH persons AS (SELECT key, email_key, contact_key, lead_key FROM hubspot_contacts WHERE NOT is_archived),
    contacts AS (SELECT key, email_key, account_key FROM salesforce_contacts WHERE NOT is_deleted),
    by_contact AS (SELECT p.key AS person, c.key AS contact FROM persons p JOIN contacts c ON c.key = p.contact_key),
    by_lead AS (SELECT p.key AS person, c.key AS contact FROM persons p
        JOIN salesforce_leads l ON l.key = p.lead_key AND NOT l.is_deleted JOIN contacts c ON c.key = l.contact_key
        WHERE p.contact_key = -1),
    by_id AS (FROM by_contact UNION ALL FROM by_lead),
    free AS (SELECT email_key, min(key) AS contact FROM contacts WHERE email_key <> -1
        AND key NOT IN (SELECT contact_key FROM persons) AND key NOT IN (SELECT contact FROM by_id)
        GROUP BY email_key HAVING count(*) = 1),
    by_email AS (SELECT p.key AS person, f.contact FROM persons p JOIN free f USING (email_key)
        WHERE p.contact_key = -1 AND p.lead_key = -1 AND p.email_key <> -1)
SELECT person, contact, account_key FROM (FROM by_id UNION ALL FROM by_email) JOIN contacts ON contacts.key = contact
"""
_SHARED = """
CREATE OR REPLACE TEMP TABLE shared AS
SELECT a.key AS account, c.key AS company, count(DISTINCT p.contact) AS people,
    count(DISTINCT p.contact) FILTER (WHERE s.is_primary) AS primaries
FROM people p
JOIN associations s ON s.contact_key = p.person
JOIN accounts a ON a.key = p.account_key AND NOT a.is_deleted
JOIN companies c ON c.key = s.company_key AND NOT c.is_archived
GROUP BY ALL
"""
_BEST = """
SELECT account, company FROM shared
QUALIFY row_number() OVER (PARTITION BY account ORDER BY people DESC, primaries DESC, company) = 1
"""


def matching(wiring: Wiring, run: Run) -> dict[str, Any]:
    """Return seconds (the best of seven turns, taken in turn) and CPU seconds of each way, and what they found.

    `join` is what DuckDB does too: who is whom, people in common of every account and company, the best company of
    each account. `study` is all of matching (known pairs, eligibility, rivals, one to one); `decide` the whole plan,
    stages and the mapped fields of all pairs included, which DuckDB does not do.
    """
    snapshot = read_snapshot(
        wiring.database,
        wiring.settings,
        org_id=wiring.salesforce.org_id,
        portal_id=wiring.hubspot.portal_id,
        pipeline_user=wiring.salesforce.user_id,
        run=run,
    )
    policy = wiring.settings.policy(wiring.settings.enabled_at or wiring.clock.now())
    fields = _fields(wiring, snapshot, policy)
    database = _open(snapshot)
    ways: dict[str, Callable[[], Any]] = {
        "duckdb": lambda: _by_duckdb(database),
        "join": lambda: _by_rules(snapshot, policy),
        "study": lambda: study(snapshot, policy),
        "decide": lambda: conclude(study(snapshot, policy), fields),
    }
    found = {name: _Best() for name in ways}
    for _ in range(_TURNS):
        for name, way in ways.items():
            found[name].time(way)
    return {
        "seconds": {name: best.seconds for name, best in found.items()},
        "cpu_seconds": {name: best.cpu_seconds for name, best in found.items()},
        "candidates": {name: found[name].answer[0] for name in ("duckdb", "join")},
        "accounts_with_one": {name: found[name].answer[1] for name in ("duckdb", "join")},
        "fields": len(fields),
    }


def _fields(wiring: Wiring, snapshot: Snapshot, policy: Policy) -> pd.DataFrame:
    """Return the mapped fields that differ, of every pair that the plan has."""
    standing = standing_pairs(study(snapshot, policy))
    with look(wiring.database, wiring.settings.fields, standing, wiring.clock.now()) as seen:
        return seen.values()


class _Best:
    """The quickest of several turns, and its answer."""

    def __init__(self) -> None:
        self.seconds, self.cpu_seconds = float("inf"), float("inf")
        self.answer: Any = None

    def time(self, way: Callable[[], Any]) -> None:
        """Take one turn."""
        began, cpu = time.perf_counter(), time.process_time()
        self.answer = way()
        self.seconds = min(self.seconds, time.perf_counter() - began)
        self.cpu_seconds = min(self.cpu_seconds, time.process_time() - cpu)


def _open(snapshot: Snapshot) -> duckdb.DuckDBPyConnection:
    """Return a DuckDB in memory that sees the frames."""
    connection = duckdb.connect()
    for name in _FRAMES:
        connection.register(name, getattr(snapshot, name))
    return connection


def _by_duckdb(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Return how many candidates DuckDB finds, and how many accounts have a best one."""
    connection.execute(_PEOPLE)
    connection.execute(_SHARED)
    best = connection.execute(_BEST).fetchnumpy()
    counted = connection.execute("SELECT count(*) FROM shared").fetchone() or (0,)
    return int(counted[0]), len(best["account"])


def _by_rules(snapshot: Snapshot, policy: Policy) -> tuple[int, int]:
    """Return the same as the rules find it."""
    records = read_records(snapshot, policy)
    overlaps = shared_people(records, pair_people(records), read_answers(records, snapshot.resolutions))
    best = strongest(overlaps.account, overlaps.strength, overlaps.company, len(records.accounts.key))
    return len(overlaps.account), int((best != NOWHERE).sum())
