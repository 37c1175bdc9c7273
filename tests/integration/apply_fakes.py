"""Two CRMs with memory for the write protocol: unique keys at commit, lost answers, late commits, a journal."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from psycopg.types.json import Jsonb

from accord.crm.answers import Answer, RowAnswer
from accord.crm.hubspot import PropertyInfo
from accord.crm.salesforce import FieldInfo
from accord.model.ids import salesforce_id
from accord.model.scope import Run, Scope
from accord.model.settings import Settings
from accord.steps.apply import apply
from accord.steps.recover import recover
from accord.steps.wiring import Wiring
from accord.store import lease, runs

ORG = "00D000000000001EAA"
PORTAL = "4711"
START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def account_id(number):
    return salesforce_id(f"001{number:012d}")


def contact_id(number):
    return salesforce_id(f"003{number:012d}")


class Clock:
    def __init__(self):
        self.at = START

    def now(self):
        self.at += timedelta(milliseconds=1)
        return self.at

    def sleep(self, seconds):
        self.at += timedelta(seconds=seconds)


@dataclass
class Fault:
    """What the next matching calls do: `lose` (done, answer lost), `drop` (not done, ambiguous), `late` (done after the
    next read), or a callable row -> RowAnswer | None, or an exception (certainly not done)."""

    method: str
    do: object
    times: int = 1


class FakeCrm:
    def __init__(self, clock):
        self.clock, self.faults, self.journal, self.calls, self.late = clock, [], [], Counter(), []

    def fail(self, method, do, times=1):
        self.faults.append(Fault(method, do, times))

    def writes(self):
        return list(self.journal)

    def creates(self):
        return [entry for entry in self.journal if entry[0] == "create"]

    def _write(self, method, rows, key_of, commit):
        """Return the answers of one batch; `commit(row)` does it and answers."""
        self.calls[method] += 1
        fault = next((f for f in self.faults if f.method == method and f.times > 0), None)
        if fault is None:
            return [commit(row) for row in rows]
        fault.times -= 1
        if isinstance(fault.do, BaseException):
            raise fault.do
        if callable(fault.do):
            return [fault.do(row) or commit(row) for row in rows]
        if fault.do == "lose":
            for row in rows:
                commit(row)
        if fault.do == "late":
            self.late += [(commit, row) for row in rows]
        return [RowAnswer(key_of(row), Answer.AMBIGUOUS, code="timeout") for row in rows]

    def _read(self, method):
        self.calls[method] += 1

    def land(self):
        """Let the late commits land: those that were on the way while we looked."""
        late, self.late = self.late, []
        for commit, row in late:
            commit(row)


class FakeHubSpot(FakeCrm):
    portal_id = PORTAL

    def __init__(self, clock):
        super().__init__(clock)
        self.companies, self.links, self.next_id, self.has_key = {}, set(), 9000, True
        self.key_is_unique = True

    def add(self, record_id, **properties):
        self.companies[record_id] = {
            "archived": False,
            "properties": {"createdate": "2026-01-01T00:00:00Z"} | properties,
        }

    def properties(self, object_type):
        assert object_type == "companies"
        self._read("properties")
        known = ["name", "domain", "website", "phone", "address", "city", "state", "zip", "country", "description"]
        info = {name: PropertyInfo(name, "string", "text", False, False, ()) for name in known}
        info |= {
            n: PropertyInfo(n, "number", "number", False, False, ()) for n in ("numberofemployees", "annualrevenue")
        }
        if self.has_key:
            info["accord_key"] = PropertyInfo("accord_key", "string", "text", self.key_is_unique, False, ())
        return info

    def batch_read(self, object_type, ids, properties, *, id_property=None, archived=False):
        assert object_type == "companies"
        self._read("batch_read")
        found = {}
        for record_id, record in self.companies.items():
            asked = record["properties"].get(id_property) if id_property else record_id
            if asked in set(ids) and record["archived"] is archived:
                found[asked] = {"id": record_id, "properties": {n: record["properties"].get(n) for n in properties}}
        return found

    def list_pages(self, object_type, properties, *, archived=False, associations=None):
        self._read("list")
        yield [
            {"id": i, "properties": {n: r["properties"].get(n) for n in properties}}
            for i, r in self.companies.items()
            if r["archived"] is archived
        ]

    def association_rows(self, from_type, to_type, ids):
        self._read("associations")
        yield [(contact, company, (279,)) for contact, company in sorted(self.links) if contact in set(ids)]

    def upsert_companies(self, key_property, records):
        assert len(records) <= 100
        assert len({r[key_property] for r in records}) == len(records)
        return self._write("upsert_companies", records, lambda r: r[key_property], self._upsert)

    def update_companies(self, records):
        assert len(records) <= 100
        return self._write("update_companies", records, lambda r: r["id"], self._update)

    def associate_default(self, pairs):
        assert len(pairs) <= 100
        return self._write("associate_default", pairs, ":".join, self._associate)

    def _holder(self, key):
        alive = [i for i, r in self.companies.items() if not r["archived"] and r["properties"].get("accord_key") == key]
        return alive[0] if alive else None

    def _upsert(self, record):
        key, holder = record["accord_key"], self._holder(record["accord_key"])
        created = holder is None
        if created:
            self.next_id += 1
            holder = str(self.next_id)
            self.add(holder, createdate=self.clock.at.isoformat())
        self.companies[holder]["properties"] |= record
        self.journal.append(("create" if created else "update", holder, dict(record)))
        return RowAnswer(key, Answer.APPLIED, holder, created)

    def _update(self, record):
        fields = {name: value for name, value in record.items() if name != "id"}
        holder = self._holder(fields["accord_key"]) if fields.get("accord_key") else None
        if holder not in {None, record["id"]}:
            return RowAnswer(record["id"], Answer.EXISTS, code="CONFLICT", candidates=(holder,))
        if record["id"] not in self.companies:
            return RowAnswer(record["id"], Answer.REJECTED, code="OBJECT_NOT_FOUND")
        self.companies[record["id"]]["properties"] |= fields
        self.journal.append(("update", record["id"], fields))
        return RowAnswer(record["id"], Answer.APPLIED, record["id"], False)

    def _associate(self, pair):
        self.links.add(pair)
        self.journal.append(("associate", *pair))
        return RowAnswer(":".join(pair), Answer.APPLIED)


class FakeSalesforce(FakeCrm):
    org_id = ORG
    user_id = salesforce_id("005000000000001")

    def __init__(self, clock):
        super().__init__(clock)
        self.records, self.next_id, self.has_key = {}, 5000, True

    def add(self, record_id, **fields):
        self.records[record_id] = {"IsDeleted": False, "CreatedDate": "2026-01-01T00:00:00Z"} | fields

    def describe(self, sobject):
        assert sobject == "Account"
        self._read("describe")
        lengths = {
            "Name": 255,
            "Website": 255,
            "Phone": 40,
            "BillingStreet": 255,
            "BillingCity": 40,
            "BillingState": 80,
        }
        lengths |= {"BillingPostalCode": 20, "BillingCountry": 80, "Description": 32000}
        fields = {
            n: FieldInfo(n, "string", size, True, True, True, False, False, False, ()) for n, size in lengths.items()
        }
        for name, kind in (("NumberOfEmployees", "int"), ("AnnualRevenue", "currency")):
            fields[name] = FieldInfo(name, kind, 0, True, True, True, False, False, False, ())
        if self.has_key:
            key = FieldInfo("Accord_Key__c", "string", 64, True, True, True, True, True, True, ())
            fields["Accord_Key__c"] = key
        return fields

    def read(self, sobject, field, values, fields):
        self._read("read")
        rows = [{"Id": record_id, **record} for record_id, record in self.records.items()]
        wanted = [row for row in rows if row.get(field) in set(values)]
        return [{name: row.get(name) for name in fields} for row in wanted]

    def query_pages(self, soql):
        self._read("query")
        since = datetime.fromisoformat(soql.partition("CreatedDate >= ")[2].split()[0])
        yield [
            {"Id": i, "Name": r.get("Name"), "Website": r.get("Website"), "IsDeleted": r["IsDeleted"]}
            for i, r in self.records.items()
            if not r.get("Accord_Key__c") and datetime.fromisoformat(r["CreatedDate"]) >= since
        ]

    def upsert_accounts(self, key_field, records):
        assert len(records) <= 1000
        return self._write("upsert_accounts", records, lambda r: r[key_field], self._upsert)

    def update(self, sobject, records):
        assert len(records) <= 1000
        return self._write("update", records, lambda r: r["Id"], self._update)

    def bulk_upsert(self, sobject, key_field, records):
        commit = self._upsert if key_field else self._update
        return self._write("bulk_upsert", records, lambda r: r[key_field or "Id"], commit)

    def _holder(self, key):
        alive = [i for i, r in self.records.items() if not r["IsDeleted"] and r.get("Accord_Key__c") == key]
        return alive[0] if alive else None

    def _upsert(self, record):
        key, holder = record["Accord_Key__c"], self._holder(record["Accord_Key__c"])
        created = holder is None
        if created:
            self.next_id += 1
            holder = account_id(self.next_id)
            self.add(holder, CreatedDate=self.clock.at.isoformat())
        self.records[holder] |= record
        self.journal.append(("create" if created else "update", holder, dict(record)))
        return RowAnswer(key, Answer.APPLIED, holder, created)

    def _update(self, record):
        fields = {name: value for name, value in record.items() if name != "Id"}
        key = fields.get("Accord_Key__c")
        holder = self._holder(key) if key else None
        if holder not in {None, record["Id"]}:
            return RowAnswer(record["Id"], Answer.EXISTS, code="DUPLICATE_VALUE", candidates=(holder,))
        self.records[record["Id"]] |= fields
        self.journal.append(("update", record["Id"], fields))
        return RowAnswer(record["Id"], Answer.APPLIED, record["Id"], False)


@dataclass
class World:
    """Both fakes, a database, and a decision maker that is as simple as a test can be."""

    database: object
    settings: Settings = field(default_factory=lambda: Settings(sync_companies=True, mode="apply"))

    def __post_init__(self):
        self.clock = Clock()
        self.salesforce, self.hubspot = FakeSalesforce(self.clock), FakeHubSpot(self.clock)
        self.wants_company, self.wants_account, self.people, self.run_number = [], [], {}, 0

    @property
    def wiring(self):
        return Wiring(self.database, self.salesforce, self.hubspot, self.settings, self.clock)

    def account(self, number, *, wants_company=True, **fields):
        record_id = account_id(number)
        self.salesforce.add(
            record_id, **{"Name": f"Account {number}", "Website": f"https://a{number}.example"} | fields
        )
        if wants_company:
            self.wants_company.append(record_id)
        return record_id

    def company(self, number, *, wants_account=True, **properties):
        record_id = str(number)
        self.hubspot.add(record_id, **{"name": f"Company {number}", "domain": f"k{number}.example"} | properties)
        if wants_account:
            self.wants_account.append(record_id)
        return record_id

    def stage(self):
        """Bring staging up to date with both CRMs."""
        with self.database.transaction() as connection:
            self._stage(connection)

    def _stage(self, connection):
        mapped_accounts = {"f_" + rule.salesforce.lower(): rule.salesforce for rule in self.settings.fields}
        mapped_companies = {"f_" + rule.hubspot: rule.hubspot for rule in self.settings.fields}
        for table, columns in (("salesforce_accounts", mapped_accounts), ("hubspot_companies", mapped_companies)):
            for column in columns:
                connection.execute(f"ALTER TABLE staging.{table} ADD COLUMN IF NOT EXISTS {column} text")
            connection.execute(f"DELETE FROM staging.{table}")
        for record_id, record in self.salesforce.records.items():
            if record_id.startswith("001"):
                row = {"id": record_id, "name": record.get("Name"), "website": record.get("Website")}
                row |= {
                    "is_person": False,
                    "is_deleted": record["IsDeleted"],
                    "accord_key": record.get("Accord_Key__c"),
                }
                row |= {column: record.get(name) for column, name in mapped_accounts.items()}
                _insert(connection, "salesforce_accounts", row)
        for record_id, record in self.hubspot.companies.items():
            values = record["properties"]
            row = {"id": record_id, "is_archived": record["archived"], "stage": values.get("lifecyclestage")}
            row |= {name: values.get(name) for name in ("name", "domain", "website", "accord_key")}
            row |= {column: values.get(name) for column, name in mapped_companies.items()}
            _insert(connection, "hubspot_companies", row)

    def decide(self, run, extra=()):
        """Store a plan: what was wished for and is not a pair yet, and extra decision rows; return its digest."""
        with self.database.transaction() as connection:
            connection.execute("DELETE FROM sync.decisions WHERE run_id = %s", (run.run_id,))
            connection.execute("DELETE FROM sync.decision_people WHERE run_id = %s", (run.run_id,))
            paired = connection.execute("SELECT account_id, company_id FROM sync.pairs WHERE is_active").fetchall()
            done = {pair["account_id"] for pair in paired} | {pair["company_id"] for pair in paired}
            rows = [("salesforce", i, "CREATE_COMPANY", None, "") for i in self.wants_company]
            rows += [("hubspot", i, "CREATE_ACCOUNT", None, "") for i in self.wants_account]
            rows = [row for row in rows if row[1] not in done and not self._keyed(row[1])] + list(extra)
            for system, record_id, action, partner, value in rows:
                key = connection.execute("SELECT staging.salesforce_key(%s) AS key", (record_id,)).fetchone()["key"]
                key = key if system == "salesforce" else int(record_id)
                connection.execute(
                    "INSERT INTO sync.decisions (run_id, system, key, action, record_id, partner_id, value, reason)"
                    " VALUES (%s, %s, %s, %s, %s, %s, %s, 'a_reason')",
                    (run.run_id, system, key, action, record_id, partner, value),
                )
                for role, person in self.people.get(record_id, ()):
                    column = "salesforce_contact_id" if role == "attach" else "hubspot_contact_id"
                    connection.execute(
                        f"INSERT INTO sync.decision_people (run_id, system, key, role, {column}) VALUES (%s, %s, %s, %s, %s)",
                        (run.run_id, system, key, role, person),
                    )
        digest = f"digest of {[row[:4] for row in rows]}"
        runs.set_plan(self.database, run.run_id, digest)
        return digest

    def _keyed(self, record_id):
        """Return whether the CRMs themselves show the pair, as R21 reads them."""
        companies = [
            r["properties"].get("accord_key") or "" for r in self.hubspot.companies.values() if not r["archived"]
        ]
        accounts = [r.get("Accord_Key__c") or "" for r in self.salesforce.records.values() if not r["IsDeleted"]]
        return any(key.endswith(f"-{record_id}") for key in companies + accounts)

    def begin(self, mode="apply", scope="changed"):
        self.run_number += 1
        run = Run(f"sync_accounts/{self.run_number}", Scope(scope), mode)
        runs.open_run(self.database, run, self.settings)
        return run

    def run(self, extra=(), mode="apply", run=None):
        """One whole run as the pipeline does it; the lease is free afterwards, as after a report."""
        run = run or self.begin(mode)
        self.clock.sleep(60)
        try:
            recover(self.wiring, run)
            self.stage()
            return apply(self.wiring, run, self.decide(run, extra))
        finally:
            lease.release(self.database, lease.CRMS, run.run_id)

    def writes(self):
        return len(self.salesforce.journal) + len(self.hubspot.journal)

    def pairs(self):
        found = self.database.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active ORDER BY 1, 2")
        return [(row["account_id"], row["company_id"]) for row in found]

    def states(self):
        found = self.database.rows("SELECT op, state, count(*) AS n FROM sync.intents GROUP BY 1, 2")
        return {(row["op"], row["state"]): row["n"] for row in found}


def _insert(connection, table, row):
    names = ", ".join(row)
    marks = ", ".join(["%s"] * len(row))
    values = [Jsonb(v) if isinstance(v, dict) else v for v in row.values()]
    connection.execute(
        f"INSERT INTO staging.{table} ({names}, seen_run, content_hash) VALUES ({marks}, 'seen', '')", values
    )
