"""What is thrown away, and when: plans of old runs, what they saw, page tables of killed processes; no ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.store.pages import drop_forgotten

if TYPE_CHECKING:
    from accord.store.database import Database

DAYS = 90
"""How long the plan of a run is kept after the run began."""

_OLD = "SELECT run_id FROM sync.runs WHERE started_at < now() - make_interval(days => %(days)s)"

# The last word on a record stays, however old: it explains the record, and a new run compares with it.
_DECISIONS = f"""
    DELETE FROM sync.decisions d USING (
        SELECT d.run_id, d.system, d.key,
               rank() OVER (PARTITION BY d.system, d.key ORDER BY r.started_at DESC, r.run_id DESC) AS age
        FROM sync.decisions d JOIN sync.runs r USING (run_id) WHERE d.action <> 'SET_STAGE'
    ) ranked
    WHERE (d.run_id, d.system, d.key) = (ranked.run_id, ranked.system, ranked.key)
    AND ranked.age > 1 AND d.run_id IN ({_OLD})
"""  # noqa: S608 - only texts of this module

_STAGES = f"DELETE FROM sync.decisions WHERE action = 'SET_STAGE' AND run_id IN ({_OLD})"  # noqa: S608

# A run that was killed leaves what it saw to the next one; here no next one came.
_SEEN = f"""
    DELETE FROM sync.stage_seen s WHERE run_id IN ({_OLD}) OR NOT EXISTS (
        SELECT FROM sync.runs r WHERE r.run_id = s.run_id)
"""  # noqa: S608

_PEOPLE = f"""
    DELETE FROM sync.decision_people p WHERE run_id IN ({_OLD}) AND NOT EXISTS (
        SELECT FROM sync.decisions d WHERE (d.run_id, d.system, d.key) = (p.run_id, p.system, p.key))
"""  # noqa: S608

_FIELDS = f"DELETE FROM sync.field_decisions WHERE run_id IN ({_OLD})"  # noqa: S608

_REVERSALS = f"DELETE FROM sync.reversals WHERE run_id IN ({_OLD})"  # noqa: S608

_RUNS = f"""
    DELETE FROM sync.runs r WHERE run_id IN ({_OLD})
    AND NOT EXISTS (SELECT FROM sync.decisions d WHERE d.run_id = r.run_id)
    AND NOT EXISTS (SELECT FROM sync.intents i WHERE i.run_id = r.run_id)
    AND NOT EXISTS (SELECT FROM sync.outcomes o WHERE o.run_id = r.run_id)
"""  # noqa: S608

_PROOFS = "DELETE FROM sync.proofs WHERE at < now() - make_interval(days => %(days)s)"

# What began and is not over stays, however long ago that was.
_ALERTS = """
    DELETE FROM sync.alerts a WHERE at < now() - make_interval(days => %(days)s) AND (is_over OR EXISTS (
        SELECT FROM sync.alerts n WHERE (n.kind, n.subject) = (a.kind, a.subject) AND n.id > a.id))
"""

_STATEMENTS = {
    "decisions": _DECISIONS,
    "stages": _STAGES,
    "stages_seen": _SEEN,
    "people": _PEOPLE,
    "fields": _FIELDS,
    "reversals": _REVERSALS,
    "runs": _RUNS,
    "proofs": _PROOFS,
    "alerts": _ALERTS,
}


def retire(database: Database) -> dict[str, int]:
    """Drop what is older than DAYS; return how many rows of each kind went, and how many page tables."""
    counts = {}
    with database.transaction() as connection:
        for name, statement in _STATEMENTS.items():
            counts[name] = connection.execute(statement, {"days": DAYS}).rowcount
    return {**counts, "page_tables": drop_forgotten(database)}
