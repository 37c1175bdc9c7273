"""A small world that goes on: people edit both CRMs between the runs of the pipeline, a quarter of an hour apart."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

from accord.model.scope import Run, Scope
from accord.sandbox.edits import edit
from accord.sandbox.portal_schema import Option
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.decide import decide
from accord.steps.extract import extract_all
from accord.steps.gate import apply_plan
from accord.steps.open_run import open_run
from accord.steps.report import report
from accord.steps.sequence import run_all
from accord.store import lease
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.settings import settings_of


class Life:
    """Both CRMs, the warehouse, and what people and runs do to them, in the world's short names."""

    def __init__(self, sandbox, database, **settings):
        self.sandbox, self.database, self.ids = sandbox, database, sandbox.world.ids
        self.settings = settings_of(sandbox.world.world, sandbox.world).model_copy(update=settings)
        self.runs = 0

    # --- people

    def person(self, crm, op, **what):
        """One edit by a person; short names stand for ids."""
        with self.sandbox.crms.lock:
            named = {
                name: self.ids.get(value, value) if isinstance(value, str) else value for name, value in what.items()
            }
            return edit(self.sandbox.crms, {"crm": crm, "op": op, **named})

    def moves(self, kind, name, stage):
        """A person gives a contact or company a stage; back as well, for which HubSpot wants it cleared first."""
        for value in ("", stage) if stage else ("",):
            self.person("hubspot", "update", object=kind, id=name, values={"lifecyclestage": value})

    def follow(self, company):
        """HubSpot carries a company's stage down to the contacts whose primary company it is, forward only."""
        portal, rid = self.sandbox.crms.portal, self.ids[company]
        stage = portal.tables["companies"].live[rid]["lifecyclestage"]
        for contact in [it for it in portal.tables["contacts"].live if portal.links.primary_of(it) == rid]:
            with self.sandbox.crms.acting("sandbox"):
                portal.update("contacts", contact, {"lifecyclestage": stage})

    def option(self, kind, value, place):
        """The portal gets one more stage, at a place in its order."""
        properties = self.sandbox.crms.portal.properties[kind]
        options = [it for it in properties["lifecyclestage"].options if it.value != value]
        options.insert(place, Option(value, value, 0))
        ordered = tuple(replace(it, order=order) for order, it in enumerate(options))
        properties["lifecyclestage"] = replace(properties["lifecyclestage"], options=ordered)

    # --- runs

    def wiring(self):
        return wiring_for(self.sandbox.url, self.database, self.settings, self.sandbox.clock)

    def begun(self, scope=None, mode="apply"):
        """A run of its own name, begun a quarter of an hour after whatever happened last."""
        self.runs += 1
        self.sandbox.clock.advance(900)
        return Run(f"life/{self.runs}", scope or Scope("changed"), mode)

    def run(self, scope=None, mode="apply", **settings):
        """What a whole run says, under settings that hold from now on."""
        self.settings = self.settings.model_copy(update=settings)
        return run_all(self.wiring(), self.begun(scope, mode))

    def decided(self, run=None):
        """A run up to its plan: (run, its wiring, what `decide` said)."""
        run = run or self.begun()
        open_run(self.wiring(), run)
        wiring = self.wiring().for_run(run.run_id)
        extract_all(wiring, run)
        return run, wiring, decide(wiring, run)

    def applied(self, decided):
        run, wiring, planned = decided
        return apply_plan(wiring, run, planned["digest"], None)

    def reported(self, decided):
        run, wiring, _ = decided
        return report(wiring, run)

    def killed(self, decided):
        """The run is killed where it stands; its lease runs out."""
        lease.release(self.database, lease.CRMS, decided[0].run_id)

    # --- what came of it

    def stage_writes(self):
        """Every stage that the pipeline gave a company, in order: [(company, stage)]."""
        return [
            (self.short(entry.id), entry.after["lifecyclestage"])
            for entry in self.sandbox.journal.by("pipeline")
            if "lifecyclestage" in entry.after
        ]

    def written(self):
        return sum(1 for _ in self.sandbox.journal.by("pipeline"))

    def decisions(self, action):
        """{record: because} of one action, over all runs."""
        rows = self.database.rows(
            "SELECT record_id, because_id FROM sync.decisions WHERE action = %s ORDER BY run_id, record_id", [action]
        )
        return {self.short(row["record_id"]): self.short(row["because_id"] or "") for row in rows}

    def rows(self, statement, *parameters):
        return self.database.rows(statement, parameters)

    def pairs(self):
        rows = self.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active")
        return sorted((self.short(row["account_id"]), self.short(row["company_id"])) for row in rows)

    def short(self, real):
        """The world's key of a record, or the id itself where it has none."""
        return next((key for key, known in self.sandbox.world.ids.items() if known == real), real)

    def is_never_destructive(self):
        """R84: only records are made and values set; nothing is merged, archived or deleted."""
        ops = {entry.op for entry in self.sandbox.journal.by("pipeline")}
        calls = [
            call
            for call in self.sandbox.crms.calls
            if call[1] == "DELETE" or "merge" in call[2] or "archive" in call[2]
        ]
        return ops <= {"create", "update", "associate"} and not calls


@contextmanager
def life_of(world, database, *, is_new=False, **settings):
    """Yield the life of a world; a new installation remembers nothing of earlier runs."""
    with Sandbox.start(world=world_of({"id": "LIFE", **world})) as sandbox:
        life = Life(sandbox, database, **settings)
        if not is_new:
            remember(database, sandbox.world, life.settings)
        yield life


def staffed(companies, people):
    """Return the HubSpot half of a world.

    Args:
        companies: {company: stage or None}, all older than the switch.
        people: {contact: (stage, company)} with that primary company.
    """
    return {
        "companies": [{"id": k, "name": k, "created": "2024-01-01", "stage": stage} for k, stage in companies.items()],
        "contacts": [{"id": h, "stage": stage} for h, (stage, _) in people.items()],
        "assoc": [[h, company, "primary"] for h, (_, company) in people.items()],
    }
