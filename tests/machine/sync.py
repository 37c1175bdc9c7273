"""The pipeline and the world around it as a state machine: people act, calls fail, processes die, runs overlap.

The judge is the sandbox's own journal, never a counter of the pipeline. Everything happens in one process on a clock
that nobody waits for, so that a failing example shrinks and can be repeated from its seed.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from accord.model import killpoints
from accord.model.errors import AccordError
from accord.model.scope import Run, Scope
from accord.model.settings import Budget, Caps
from accord.sandbox.edits import EditError, edit
from accord.sandbox.faults import VERBS
from accord.sandbox.judge import violations
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.revert import undone_run
from accord.steps.sequence import run_all, undo_all
from accord.worlds.clients import wiring_for
from machine.mortal import Killed
from machine.schedules import CALLS, PASSING
from machine.spent import Spent
from machine.stage import Stage, empty
from machine.undone import Reverts
from machine.worlds import FIELDS, NEW, OLD

if TYPE_CHECKING:
    from accord.store.database import Database
    from machine.mortal import Process

WORLD: dict[str, Any] = {
    "id": "MACHINE",
    "settings": {"max_creates": 100},
    "sf": {
        "accounts": [{"Id": "A1", "Name": "Ahrens", **NEW}, {"Id": "A2", "Name": "Berger", **OLD}],
        "contacts": [{"Id": "P1", "AccountId": "A1", "Email": "p0@firm.test"}],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "AHRENS", "created": "2025-01-01", "source": "CRM_UI"},
        ],
        "contacts": [{"id": "h1", "email": "p0@firm.test"}],
        "assoc": [["h1", "K1", "primary"]],
    },
}
_NAMES, _PHONES = ("Clasen", "Dorn", "Ebert", "Frank"), ("1", "22", "+49 3", "")
_A_DAY = 90_000
"""Seconds, and an hour more: by then the calls of a budget are free again."""
QUIET = 3
"""Runs after the last trouble by which nothing is left to write."""
OUTSIDE = ("K1", "K3", "K4", "K5", "K6", "K8", "K9", "K11")
"""Kill points that lie in no transaction: there a second executor may come between, in one process."""


FAULTS = st.builds(
    lambda call, **entry: {"crm": call[0], "method": call[1], "path": call[2], **entry},
    st.sampled_from(CALLS),
    do=st.sampled_from(VERBS),
    nth=st.integers(1, 3),
    times=st.sampled_from([1, 1, 2, 0]),
    status=st.sampled_from([*PASSING, 200, 401, 403]),
    seconds=st.sampled_from([1, 90, 600]),
)
KILLS = st.one_of(
    st.just(""),
    st.builds("{}:{}".format, st.sampled_from([it for it in killpoints.MEANING if it != "K12"]), st.integers(1, 3)),
)
KILLS_OF_A_REVERT = st.one_of(
    st.just(""),
    st.builds("{}:{}".format, st.sampled_from(["K12", "K12", *OUTSIDE, "K7"]), st.integers(1, 3)),
)
LIMITS = st.sampled_from(
    [
        *[{}] * 6,
        {"caps": Caps(max_creates=1, min_extract_share=0)},
        {"caps": Caps(max_creates=100, max_changed_share=0.4, min_extract_share=0)},
        {"budget": Budget(hubspot_calls_a_day=60)},
        {"budget": Budget(salesforce_calls_a_day=60)},
    ]
)


class Duplicate(AssertionError):
    """Something was made twice, or paired with two."""


class Lost(AssertionError):
    """A change of a person never arrived or was overwritten, or the runs never come to rest."""


class Spree(AssertionError):
    """More was called, or made, than a budget or a cap allows."""


@dataclass
class Tally:
    """What was tried, over all examples of a process."""

    schedules: int = 0
    runs: int = 0
    people: int = 0
    faults: int = 0
    kills: int = 0
    overlaps: int = 0
    reverts: int = 0
    stops: int = 0
    points: Counter[str] = field(default_factory=Counter)


class Sync(RuleBasedStateMachine):
    """One small world, from its first run to its rest."""

    process: ClassVar[Process]
    database: ClassVar[Database]
    tally: ClassVar[Tally] = Tally()

    def __init__(self) -> None:
        super().__init__()
        self.unfinished: Run | None = None
        self.ran: list[str] = []
        self.wrong: list[str] = []
        self.sandbox: Sandbox | None = None

    @initialize(lag=st.sampled_from([0.0, 2.0, 60.0]), limits=LIMITS)
    def begin(self, lag: float, limits: dict[str, Any]) -> None:
        empty(self.database)
        self.sandbox = Sandbox.start(world=world_of(WORLD), switches={"search_lag_seconds": lag})
        self.stage = Stage(self.sandbox, self.database, self.process, fields=FIELDS, **limits)
        self.crms = self.sandbox.crms
        self.reverts, self.spent = Reverts(self.stage), Spent(self.stage)
        self.spent.watch()

    # --- people

    def _person(self, crm: str, op: str, **what: Any) -> dict[str, Any]:
        """Do one thing as a person; what the CRM refuses was not done."""
        self.sandbox.clock.advance(1)
        with self.crms.lock:
            try:
                made = edit(self.crms, {"crm": crm, "op": op, **what})
            except EditError:
                return {}
        self.tally.people += 1
        return made

    def _accounts(self) -> list[str]:
        return [row["Id"] for row in self.crms.org.rows("Account")]

    def _companies(self) -> list[str]:
        return list(self.crms.portal.tables["companies"].live)

    def _binned(self, is_account: bool) -> list[str]:
        """Return what lies in a recycle bin, and not because it was merged into another."""
        if not is_account:
            return list(self.crms.portal.tables["companies"].bin)
        rows = self.crms.org.tables["Account"].values()
        return [row["Id"] for row in rows if row["IsDeleted"] and not row.get("MasterRecordId")]

    @rule(
        act=st.sampled_from(["make", "make", "edit", "edit", "delete", "restore", "merge", "clear"]),
        is_account=st.booleans(),
        at=st.integers(0, 5),
        value=st.integers(0, 3),
    )
    def person_acts(self, act: str, is_account: bool, at: int, value: int) -> None:
        ids = self._accounts() if is_account else self._companies()
        chosen = [ids[(at + step) % len(ids)] for step in range(min(2, len(ids)))]
        match act:
            case "make":
                self._make(is_account, _NAMES[at % 3], value)
            case "edit" if chosen:
                name, text = (("Name", "name"), _NAMES[value]) if at % 2 else (("Phone", "phone"), _PHONES[value])
                self._change(is_account, chosen[0], {name[not is_account]: text})
            case "clear" if chosen:
                self._change(is_account, chosen[0], {"Accord_Key__c": None} if is_account else {"accord_key": ""})
            case "delete" if chosen and is_account:
                self._person("salesforce", "delete", object="Account", id=chosen[0])
            case "delete" if chosen:
                self._person("hubspot", "archive", object="companies", id=chosen[0])
            case "restore" if binned := self._binned(is_account):
                crm, kind = ("salesforce", "Account") if is_account else ("hubspot", "companies")
                self._person(crm, "restore", object=kind, id=binned[at % len(binned)])
            case "merge" if len(chosen) == 2 and is_account:
                self._person("salesforce", "merge", object="Account", winner=chosen[0], losers=chosen[1:])
            case "merge" if len(chosen) == 2:
                self._person("hubspot", "merge", object="companies", primary=chosen[0], other=chosen[1])

    def _change(self, is_account: bool, rid: str, values: dict[str, Any]) -> None:
        if is_account:
            self._person("salesforce", "update", object="Account", id=rid, values=values)
        else:
            self._person("hubspot", "update", object="companies", id=rid, values=values)

    def _make(self, is_account: bool, name: str, person: int) -> None:
        """Make an account or a company, and with it (but for 3) somebody whom the other side may know."""
        email = f"p{person}@firm.test"
        if is_account:
            made = self._person("salesforce", "create", object="Account", values={"Name": name})
            if made and person < 3:
                values = {"LastName": "P", "Email": email, "AccountId": made["id"]}
                self._person("salesforce", "create", object="Contact", values=values)
            return
        made = self._person("hubspot", "create", object="companies", values={"name": name}, source="CRM_UI")
        if (
            made
            and person < 3
            and (contact := self._person("hubspot", "create", object="contacts", values={"email": email}))
        ):
            self._person("hubspot", "associate", contact=contact["id"], company=made["id"], primary=True)

    # --- trouble

    @rule(fault=FAULTS)
    def arm_fault(self, fault: dict[str, Any]) -> None:
        self.crms.faults.arm([fault])

    @rule(seconds=st.sampled_from([5, 120, 1_000, 7_200]))
    def time_passes(self, seconds: int) -> None:
        self.sandbox.clock.advance(seconds)
        with self.database.transaction() as connection:
            connection.execute("UPDATE sync.lease SET expires_at = expires_at - make_interval(secs => %s)", (seconds,))

    @rule(crm=st.sampled_from(["salesforce", "hubspot"]), left=st.integers(0, 25))
    def others_spend(self, crm: str, left: int) -> None:
        """Others make calls until so few are left above our reserve; the CRM's day begins anew with the next one."""
        budget, switches = self.stage.settings.budget, self.crms.switches
        if crm == "salesforce":
            self.crms.org.calls_used = switches.daily_api_requests - budget.salesforce_reserve - left
        else:
            self.crms.portal.calls_used = switches.daily_limit - budget.hubspot_reserve - left

    # --- runs

    @rule(kill=KILLS, faults=st.lists(FAULTS, max_size=2))
    def run(self, kill: str, faults: list[dict[str, Any]]) -> None:
        self.crms.faults.arm(faults)
        self._run(self._next(), kill)

    @precondition(lambda self: self.unfinished)
    @rule(kill=KILLS)
    def run_again_what_died(self, kill: str) -> None:
        self._run(self.unfinished, kill)

    @rule(point=st.sampled_from(OUTSIDE), nth=st.integers(1, 4), is_same=st.booleans())
    def run_overlapping(self, point: str, nth: int, is_same: bool) -> None:
        """A second executor comes between two steps of the first one and runs to its end, then the first goes on."""
        self.process.begin(f"{point}:{nth}")
        run = self._next()

        def between() -> None:
            self.process.begin()
            self.spent.forget()
            self.tally.overlaps += 1
            self._execute(run if is_same else self._next())

        self.process.instead = between
        try:
            self._execute(run)
        finally:
            self.process.instead = None

    @precondition(lambda self: self.ran)
    @rule(which=st.integers(0, 3), archives=st.booleans(), kill=KILLS_OF_A_REVERT, faults=st.lists(FAULTS, max_size=1))
    def revert(self, which: int, archives: bool, kill: str, faults: list[dict[str, Any]]) -> None:
        """Undo one of the latest runs, which may itself have undone one; every approval is given."""
        named = self.ran[-1 - which % len(self.ran)]
        try:
            undone_run(self.database, named)
        except AccordError:
            return
        self.tally.reverts += 1
        self.crms.faults.arm(faults)
        self.stage.runs += 1
        run = Run(f"undo/{self.stage.runs}", Scope("revert", undone_run=named, archives=archives), "apply")
        self.reverts.undone[run.run_id] = named
        if archives:
            self.reverts.archives.add(run.run_id)
        self._run(run, kill)

    @precondition(lambda self: self.ran)
    @rule(archives=st.booleans(), kill=KILLS_OF_A_REVERT)
    def revert_the_latest(self, archives: bool, kill: str) -> None:
        """Undo the latest run at once: what it wrote is still as it was written."""
        self.revert(0, archives, kill, [])

    def _next(self) -> Run:
        self.stage.runs += 1
        return Run(f"sync/{self.stage.runs}", Scope("changed"), "apply")

    def _run(self, run: Run, kill: str) -> None:
        """Run once, to its end, to its death, or to what stops it."""
        self.process.begin(kill)
        self.unfinished = None if self._execute(run) else run

    def _execute(self, run: Run) -> bool:
        """Return whether a run lived."""
        self.tally.runs += 1
        self.spent.begin(run.run_id, is_new=run.run_id not in self.ran)
        self.ran = [*(it for it in self.ran if it != run.run_id), run.run_id]
        wiring = wiring_for(self.sandbox.url, self.database, self.stage.settings, self.sandbox.clock)
        first = len(self.sandbox.journal.entries)
        try:
            if run.scope.kind == "revert":
                undo_all(wiring, run, "ann")
            else:
                run_all(wiring, run)
        except Killed:
            self.tally.kills += 1
            self.process.is_dead = False
            self.spent.forget()
            self.stage.let_the_wire_empty()
            return False
        except AccordError:
            self.tally.stops += 1
        finally:
            self.wrong += self.reverts.ended(run.run_id, first)
        return True

    # --- the judge

    @invariant()
    def nothing_is_twice(self) -> None:
        """I1, after every step."""
        if self.sandbox is not None:
            with self.crms.lock:
                broken = violations(self.crms)
            if broken:
                raise Duplicate(broken)

    @invariant()
    def nobody_is_overwritten(self) -> None:
        """I4, I9: after every step."""
        if self.wrong:
            raise Lost("\n".join(self.wrong))

    @invariant()
    def nothing_is_overspent(self) -> None:
        """I6, I8: after every step."""
        if self.sandbox is not None and (broken := self.spent.breaches()):
            raise Spree(broken)

    def teardown(self) -> None:
        """Heal everything, let time pass, run until quiet; then nothing is lost, and nobody writes any more."""
        if self.sandbox is None:
            return
        try:
            self._heal()
            wrote = [self._written_by_a_run()]
            while wrote[-1] and len(wrote) <= QUIET:
                wrote.append(self._written_by_a_run())
            if wrote[-1]:
                raise Lost(f"not at rest after {QUIET} runs: wrote {wrote}")
            self.nothing_is_twice()
            self.nobody_is_overwritten()
            self.nothing_is_overspent()
            self._all_is_staged()
            self._all_is_in_accord()
            if swings := list(self.reverts.swings()):
                raise Lost("\n".join(swings))
        finally:
            self.tally.schedules += 1
            self.tally.faults += sum(it.played for it in self.played)
            self.tally.points.update(self.process.fired)
            self.process.fired.clear()
            self.sandbox.stop()

    def _heal(self) -> None:
        self.played = list(self.crms.faults.armed)
        self.crms.faults.clear()
        self.crms.org.calls_used = self.crms.portal.calls_used = 0
        self.time_passes(_A_DAY)

    def _written_by_a_run(self) -> int:
        before, stops = self.stage.written, self.tally.stops
        self.process.begin()
        self._execute(self._next())
        if self.tally.stops > stops:
            raise Lost("a run stopped although everything was healed")
        self.time_passes(_A_DAY if self.stage.settings.budget != Budget() else 7_200)
        return self.stage.written - before

    def _all_is_staged(self) -> None:
        """I7: staging shows every record as it is."""
        accounts = {row["Id"]: row["Name"] for row in self.crms.org.rows("Account")}
        companies = {rid: row.get("name") for rid, row in self.crms.portal.tables["companies"].live.items()}
        for table, flag, real in (
            ("salesforce_accounts", "is_deleted", accounts),
            ("hubspot_companies", "is_archived", companies),
        ):
            rows = self.database.rows(
                f"SELECT id, name FROM staging.{table} WHERE NOT {flag} AND NOT is_gone"
                + (" AND merged_into IS NULL" if table.startswith("hubspot") else "")
            )
            staged = {row["id"]: row["name"] for row in rows}
            if staged != real:
                raise Lost(f"{table} shows {staged}, the CRM {real}")

    def _all_is_in_accord(self) -> None:
        """I2, I10: every account that takes part is paired or says why not; of a pair both sides show one value."""
        accounts = {row["Id"]: row for row in self.crms.org.rows("Account")}
        companies = self.crms.portal.tables["companies"].live
        pairs = self.database.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active")
        decided = {row["record_id"] for row in self.database.rows("SELECT DISTINCT record_id FROM sync.decisions")}
        lost = accounts.keys() - {row["account_id"] for row in pairs} - decided
        if lost:
            raise Lost(f"neither paired nor decided: {sorted(lost)}")
        for row in pairs:
            account, company = accounts.get(row["account_id"]), companies.get(row["company_id"])
            if account is None or company is None:
                continue
            for ours, theirs in (("Name", "name"), ("Phone", "phone")):
                ids, names = (account["Id"], row["company_id"]), (ours, theirs)
                if (account.get(ours) or "") != (company.get(theirs) or "") and not self.reverts.rests(ids, names):
                    raise Lost(f"{row}: {ours} is {account.get(ours)!r} there and {company.get(theirs)!r} here")


def told(tally: Tally) -> dict[str, int]:
    """Return the numbers of a tally by name."""
    return {it.name: getattr(tally, it.name) for it in fields(tally) if it.name != "points"}
