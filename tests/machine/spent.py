"""What a pipeline may spend and break, from the sandbox's own counts: budgets (I6) and caps (I8)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from machine.stage import Stage

_DAY, _PAUSE = 86_400, 10.0
"""What a 429 without a word asks for, seconds."""
_BLIND = {"salesforce": 3, "hubspot": 9}
"""Calls of one run after a CRM is down to the reserve: one that asks, logins and searches, whose answers do not tell."""


@dataclass
class Spent:
    """The calls of an example.

    Attributes:
        at: when each counted call of a CRM came.
        blind: calls of this run to a CRM that was down to the reserve.
        broken: what must not have happened.
        plans: creations by plan that were looked at.
    """

    stage: Stage
    at: dict[str, list[datetime]] = field(default_factory=lambda: defaultdict(list))
    blind: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    broken: list[str] = field(default_factory=list)
    _until: dict[str, datetime] = field(default_factory=dict)
    _live: dict[str, int] = field(default_factory=dict)
    _first: int = 0
    _new_run: str = ""

    def watch(self) -> None:
        """Look at every call from now on, before it is answered."""
        due = self.stage.crms.faults.due

        def seen(crm: str, call):
            fault = due(crm, call)
            self._call(crm, call.path, is_told=fault is None)
            # A login that is refused without a word has its own pauses, and five tries.
            if fault and "status" in fault.do and fault.status == 429 and "oauth2" not in call.path:
                self._until[self._bucket(crm, call.path)] = self.stage.sandbox.clock.now()
            return fault

        self.stage.crms.faults.due = seen

    def begin(self, run_id: str, *, is_new: bool) -> None:
        """A run begins, or goes on: it was told nothing yet."""
        self.blind.clear()
        self._new_run = run_id if is_new else ""
        self._first = len(self.stage.sandbox.journal.entries)
        self._live = {
            "salesforce": sum(1 for _ in self.stage.crms.org.rows("Account")),
            "hubspot": len(self.stage.crms.portal.tables["companies"].live),
        }

    def forget(self) -> None:
        """A process died, or another one comes between: what it was told in its last answer nobody knows."""
        self._until.clear()

    def _bucket(self, crm: str, path: str) -> str:
        return f"{crm} search" if path.endswith("/search") else crm

    def _call(self, crm: str, path: str, *, is_told: bool) -> None:
        now, bucket = self.stage.sandbox.clock.now(), self._bucket(crm, path)
        told = self._until.pop(bucket, None)
        if told is not None and (now - told).total_seconds() < _PAUSE:
            self.broken.append(f"{path} was called {(now - told).total_seconds():.0f} s after a 429")
        if "oauth2" in path:
            return
        self.at[crm].append(now)
        budget, switches = self.stage.settings.budget, self.stage.crms.switches
        most = budget.salesforce_calls_a_day if crm == "salesforce" else budget.hubspot_calls_a_day
        if sum(1 for it in reversed(self.at[crm]) if (now - it).total_seconds() < _DAY) > most:
            self.broken.append(f"{crm}: more than {most} calls in a day")
        if crm == "salesforce":
            left, kept = switches.daily_api_requests - self.stage.crms.org.calls_used, budget.salesforce_reserve
        else:
            left, kept = switches.daily_limit - self.stage.crms.portal.calls_used, budget.hubspot_reserve
        self.blind[crm] += left <= kept and is_told
        if self.blind[crm] > _BLIND[crm]:
            self.broken.append(f"{crm}: call {self.blind[crm]} of a run below the reserve, {left} left")

    def breaches(self) -> list[str]:
        """Return what was broken until now, the caps by what was created since the run began."""
        return [*self.broken, *self._over_the_caps()]

    def _over_the_caps(self) -> Iterator[str]:
        """I8: nobody approves anything here, so no plan creates more than the cap, or while it changes too much."""
        caps = self.stage.settings.caps
        if caps.max_creates > 1 and caps.max_changed_share >= 1:
            return
        made, touched = self._written_by_plan()
        for plan, ids in made.items():
            if len(ids) > caps.max_creates:
                yield f"a plan made {len(ids)} records, the cap is {caps.max_creates}"
            for system, live in self._live.items():
                if caps.max_changed_share < 1 and len(touched[plan, system]) > caps.max_changed_share * live:
                    yield f"a plan created and changed {len(touched[plan, system])} of {live} records of {system}"

    def _written_by_plan(self) -> tuple[dict[str, set[str]], dict[tuple[str, str], set[str]]]:
        """Return what was written since the run began: records made by plan, and written by plan of it and CRM."""
        written = {
            (entry.system, entry.id)
            for entry in self.stage.sandbox.journal.entries[self._first :]
            if entry.caller == "pipeline" and entry.object in {"Account", "companies"}
        }
        rows = self.stage.database.rows(
            "SELECT plan_hash, run_id, system, op, target_id FROM sync.intents WHERE action <> 'REVERT'"
            " AND state = 'confirmed' AND object IN ('account', 'company') AND attempt > 0"
        )
        ours = [row for row in rows if (row["system"], row["target_id"]) in written]
        made, touched = defaultdict(set), defaultdict(set)
        for row in ours:
            if row["op"] == "create":
                made[row["plan_hash"]].add(row["target_id"])
            if row["run_id"] == self._new_run:
                touched[row["plan_hash"], row["system"]].add(row["target_id"])
        return made, touched
