"""A small world whose mapped fields are kept in step by whole runs, with what a person does in between."""

from __future__ import annotations

from accord.model.scope import Run, Scope
from accord.sandbox.edits import edit
from accord.steps.sequence import run_all
from accord.worlds.clients import wiring_for
from accord.worlds.memory import remember
from accord.worlds.settings import settings_of


class Case:
    def __init__(self, sandbox, database, fields):
        self.sandbox, self.database = sandbox, database
        self.settings = settings_of(sandbox.world.world, sandbox.world).model_copy(update={"fields": fields})
        remember(database, sandbox.world, self.settings)
        self.runs = 0

    def wiring(self, **changed):
        settings = self.settings.model_copy(update=changed)
        return wiring_for(self.sandbox.url, self.database, settings, self.sandbox.clock)

    def run(self, scope=None, mode="apply", **changed):
        """Run once, a quarter of an hour after the last time; return how many records were written."""
        self.runs += 1
        before = self.written
        self.sandbox.clock.advance(900)
        run_all(self.wiring(**changed), Run(f"fields/{self.runs}", scope or Scope("changed"), mode))
        return self.written - before

    @property
    def written(self):
        return sum(1 for _ in self.sandbox.journal.by("pipeline"))

    def account(self, short, **values):
        """Return an account, changed by a person first where values are given."""
        rid = self.sandbox.world.ids[short]
        if values:
            self.act(crm="salesforce", op="update", object="Account", id=rid, values=values)
        return self.sandbox.crms.org.tables["Account"][rid]

    def company(self, short, **values):
        rid = self.sandbox.world.ids.get(short, short)
        if values:
            self.act(crm="hubspot", op="update", object="companies", id=rid, values=values)
        return self.sandbox.crms.portal.tables["companies"].live[rid]

    def made_of(self, short):
        """Return the id of the company that is the account's partner."""
        rid = self.sandbox.world.ids[short]
        found = self.database.rows("SELECT company_id FROM sync.pairs WHERE account_id = %s AND is_active", [rid])
        return found[0]["company_id"]

    def partner(self, record_id):
        """Return the id of the record on the other side of an active pair."""
        rows = self.database.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active", [])
        (mate,) = [one for row in rows for one in row.values() if record_id in row.values() and one != record_id]
        return mate

    def act(self, **wish):
        self.sandbox.clock.advance(60)
        with self.sandbox.crms.lock:
            edit(self.sandbox.crms, wish)

    def said(self, field):
        """Return the code of everything that was left out of a field, one for each time it was said."""
        rows = self.database.rows("SELECT code FROM sync.outcomes WHERE field = %s ORDER BY id", [field])
        return [row["code"] for row in rows]

    def decided(self):
        """Return the SET_FIELD rows of the last run."""
        return self.database.rows(
            "SELECT name, side, value, before, rule, warnings, held FROM sync.field_decisions WHERE run_id = %s"
            " ORDER BY account_id, name",
            [f"fields/{self.runs}"],
        )
