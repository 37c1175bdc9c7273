"""A small world in which one run does everything that a run can do, and what undoes it."""

from __future__ import annotations

import os
from contextlib import contextmanager

from lived_world import Life

from accord.model import killpoints
from accord.model.scope import Run, Scope
from accord.model.settings import FieldRule
from accord.sandbox.families import SHOWN
from accord.sandbox.server import Sandbox
from accord.sandbox.world import world_of
from accord.steps.sequence import undo_all
from accord.store import lease
from accord.worlds.memory import remember

OLD = {"Created": "2024-01-01", "Modified": "2025-01-01"}
FIELDS = (
    FieldRule(salesforce="Name", hubspot="name"),
    FieldRule(salesforce="Phone", hubspot="phone", rule="two_way"),
    FieldRule(salesforce="NumberOfEmployees", hubspot="numberofemployees", kind="number", rule="two_way"),
    FieldRule(salesforce="Description", hubspot="description"),
    FieldRule(salesforce="ParentId", hubspot=SHOWN, kind="parent", rule="always_salesforce"),
)
WORLD = {
    "id": "UNDO",
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": "One", **OLD},
            {"Id": "A4", "Name": "Four", **OLD},
            {"Id": "A6", "Name": "Six", **OLD},
            {"Id": "A7", "Name": "Seven", **OLD},
        ],
        "contacts": [
            {"Id": "P1", "AccountId": "A1", "Email": "one@one.test"},
            {"Id": "P2", "AccountId": None, "Email": "two@two.test"},
            {"Id": "P3", "AccountId": None, "Email": "three@three.test"},
        ],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "One", "created": "2024-01-01"},
            {"id": "K4", "name": "Four", "created": "2024-01-01", "sfa": "A4", "stage": "lead"},
            {"id": "K6", "name": "Six", "created": "2024-01-01", "sfa": "A6"},
            {"id": "K7", "name": "Seven", "created": "2024-01-01", "sfa": "A7"},
        ],
        "contacts": [
            {"id": "h1", "sfc": "P1", "email": "one@one.test"},
            {"id": "h2", "sfc": "P2", "email": "two@two.test"},
            {"id": "h3", "sfc": "P3", "email": "three@three.test"},
            {"id": "h4", "email": "four@four.test", "stage": "lead"},
        ],
        "assoc": [["h1", "K1", "primary"], ["h4", "K4", "primary"]],
    },
}
STAMPS = {"LastModifiedDate", "LastModifiedById", "SystemModstamp", "hs_lastmodifieddate", "lastmodifieddate"}


class Undo(Life):
    """After `work`, run `life/2` has linked A1 with K1, made a company of A2 and an account of K3, and so on."""

    def work(self):
        """The first run pairs what is known; then people do what the second run, which is undone, answers."""
        self.person("salesforce", "update", object="Account", id="A4", values={"ParentId": self.ids["A7"]})
        self.person("hubspot", "set_parent", company="K4", parent=self.ids["K7"])
        for number, phone, employees in ((6, "1", 7), (7, "777", 9)):
            ours = {"Phone": phone, "NumberOfEmployees": employees}
            theirs = {"phone": phone, "numberofemployees": str(employees)}
            self.person("salesforce", "update", object="Account", id=f"A{number}", values=ours)
            self.person("hubspot", "update", object="companies", id=f"K{number}", values=theirs)
        self.run()
        account = self.person("salesforce", "create", object="Account", values={"Name": "Two", "Phone": "22"})["id"]
        self.ids["A2"] = account
        self.person("salesforce", "update", object="Contact", id="P2", values={"AccountId": account})
        self.person("salesforce", "update", object="Account", id="A1", values={"Phone": "11"})
        self.person("hubspot", "update", object="companies", id="K1", values={"description": "from HubSpot"})
        company = self.person("hubspot", "create", object="companies", values={"name": "Three", "phone": "33"})["id"]
        self.ids["K3"] = company
        self.person("hubspot", "associate", contact="h3", company="K3", primary=True)
        self.person(
            "salesforce", "update", object="Account", id="A4", values={"ParentId": self.ids["A6"], "Phone": "4"}
        )
        self.person("hubspot", "update", object="companies", id="K7", values={"numberofemployees": "5", "phone": ""})
        six = {"Phone": None, "NumberOfEmployees": 70}
        self.person("salesforce", "update", object="Account", id="A6", values=six)
        self.moves("contacts", "h4", "opportunity")
        self.sandbox.clock.advance(120)
        self.before = self.state()
        said = self.run()
        self.after = self.state()
        return said

    def undo(self, run_id="life/2", *, archives=True, approved_by="ann", name=None):
        """Undo a run, as the command does; return what the revert says."""
        self.sandbox.clock.advance(900)
        self.runs += 1
        scope = Scope("revert", undone_run=run_id, archives=archives, requested_by="ann")
        return undo_all(self.wiring(), Run(name or f"undo/{self.runs}", scope, "apply"), approved_by)

    def state(self):
        """Every live record of both CRMs without system stamps, associations and parents: {place: values}."""
        crms = self.sandbox.crms
        with crms.lock:
            found = {
                (kind, rid): {name: value for name, value in row.items() if name not in STAMPS}
                for kind in ("Account", "Contact")
                for rid, row in crms.org.tables[kind].items()
                if not row["IsDeleted"]
            }
            for kind, table in crms.portal.tables.items():
                for rid, row in table.live.items():
                    found[kind, rid] = {name: value for name, value in row.items() if name not in STAMPS}
            living = crms.portal.tables["companies"].live
            for contact, companies in crms.portal.links.companies.items():
                for company, primary in companies.items():
                    if company in living:
                        found["association", f"{contact}:{company}"] = {"primary": primary}
            found |= {("parent", child): {"is": parent} for child, parent in crms.portal.parents.items()}
        return found

    def difference(self, one, other):
        """{(kind, short id): (what differs)} between two states; "" where a record is in one of them only."""
        return {
            (kind, self.name(rid)): sorted(
                name
                for name in one.get((kind, rid), {}) | other.get((kind, rid), {})
                if one.get((kind, rid), {}).get(name) != other.get((kind, rid), {}).get(name)
            )
            for kind, rid in one.keys() | other.keys()
            if one.get((kind, rid)) != other.get((kind, rid))
        }

    def pairs(self):
        """Return the active pairs by name; a record that a run made is `new`."""
        rows = self.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active")
        return sorted((self.name(row["account_id"]), self.name(row["company_id"])) for row in rows)

    def left(self, run_id):
        """{reason: [record]} of what a revert left as it is."""
        found = {}
        for row in self.rows("SELECT * FROM sync.reversals WHERE run_id = %s AND reason <> '' ORDER BY place", run_id):
            found.setdefault(row["reason"], []).append(self.name(row["target_id"] or row["source_id"]))
        return found

    def mate(self, name):
        """Return the id of the record that a record is paired with."""
        real = self.ids[name]
        rows = self.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active")
        return next(it for row in rows if real in row.values() for it in row.values() if it != real)

    def name(self, real):
        return next((short for short, known in self.ids.items() if known == real), "new")


@contextmanager
def undo_of(database, **settings):
    """Yield the life of the world."""
    with Sandbox.start(world=world_of(WORLD)) as sandbox:
        life = Undo(sandbox, database, fields=FIELDS, **settings)
        remember(database, sandbox.world, life.settings)
        yield life


class Killed(BaseException):
    """What `kill -9` is to the process."""


def die_at(monkeypatch, point):
    """Make the process die at the n-th passing of a point."""

    def dead(_status):
        raise Killed

    killpoints._passed.clear()
    monkeypatch.setenv("ACCORD_KILL", point)
    monkeypatch.setattr(os, "_exit", dead)


def forget_lease(database):
    """Fifteen minutes later the lease of a killed run is free."""
    with database.transaction() as connection:
        connection.execute("UPDATE sync.lease SET expires_at = clock_timestamp() WHERE name = %s", [lease.CRMS])
