"""What a run did, and how things stand after it, as numbers for metrics and alerts. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord.model.alerts import RUNS_TO_COMPARE
from accord.store import trouble
from accord.store.lag import seconds_behind
from accord.store.pairs import count_active
from accord.store.workload import calls_left

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from accord.model.settings import Settings
    from accord.store.database import Database

_DECISIONS = "SELECT action, count(*) AS n FROM sync.decisions WHERE run_id = %s GROUP BY action"
_WRITES = """
    SELECT system, state, count(*) AS n FROM sync.intents
    WHERE coalesce(settled_run, run_id) = %s GROUP BY system, state
"""
_BEFORE = f"""
    SELECT b.counts - ARRAY['standing', 'by_decision', 'by_reason'] AS counts
    FROM sync.runs b, sync.runs now
    WHERE now.run_id = %s AND (b.dag, b.mode) = (now.dag, now.mode) AND b.state = 'done'
        AND b.started_at < now.started_at
    ORDER BY b.started_at DESC LIMIT {RUNS_TO_COMPARE}
"""  # noqa: S608 - a number of this program


@dataclass(frozen=True)
class Measured:
    """Numbers after a run.

    Attributes:
        run_id: the run.
        decisions: how many of each action it decided.
        writes: how many of each CRM and state of the ledger it settled.
        lag_seconds: how long ago each CRM was read, as far as it ever was.
        calls_left: how many calls each CRM may still be made today.
        refused: how many writes stand refused, whichever run sent them, by family of the error.
        before: the counts of earlier runs of the same DAG and mode, newest first.
    """

    run_id: str
    decisions: Mapping[str, int] = field(default_factory=dict)
    writes: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lag_seconds: Mapping[str, float] = field(default_factory=dict)
    calls_left: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    before: tuple[Mapping[str, Any], ...] = ()

    @property
    def dag(self) -> str:
        """Return the DAG that the run is of."""
        return self.run_id.partition("/")[0]


def pairs_and_writes(database: Database, run_id: str) -> tuple[int, dict[str, dict[str, int]]]:
    """Return how many active pairs there are, and per CRM how many writes of a run are in each state of the ledger."""
    written: dict[str, dict[str, int]] = {"salesforce": {}, "hubspot": {}}
    for (system, state), number in _writes(database, run_id).items():
        written[system][state] = number
    return count_active(database), written


def measure(database: Database, settings: Settings, run_id: str, now: datetime) -> Measured:
    """Return the numbers of a run; one that was never opened decided and wrote nothing."""
    refused: dict[str, int] = {}
    for row in trouble.groups(database):
        family = row["family"] or "other"
        refused[family] = refused.get(family, 0) + row["records"]
    return Measured(
        run_id=run_id,
        decisions={row["action"]: row["n"] for row in database.rows(_DECISIONS, [run_id])},
        writes=_writes(database, run_id),
        lag_seconds=seconds_behind(database, settings.wire, now),
        calls_left={str(crm): n for crm, n in calls_left(database, settings.budget, now).items()},
        refused=refused,
        before=tuple(row["counts"] for row in database.rows(_BEFORE, [run_id])),
    )


def _writes(database: Database, run_id: str) -> dict[tuple[str, str], int]:
    """Return how many writes a run settled, by CRM and state of the ledger."""
    return {(row["system"], row["state"]): row["n"] for row in database.rows(_WRITES, [run_id])}
