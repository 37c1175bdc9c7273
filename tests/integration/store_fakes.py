"""Two CRMs with memory for the extracts: only what the adapters promise, no HTTP."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from accord.crm.hubspot import PropertyInfo
from accord.crm.salesforce import FieldInfo
from accord.model.errors import ServiceUnavailable
from accord.model.ids import salesforce_id
from accord.model.scope import Run, Scope
from accord.model.settings import Settings
from accord.steps.wiring import Wiring

START = datetime(2026, 11, 1, 12, tzinfo=UTC)
ORG = "00D000000000001AAA"
PORTAL = "4711"
USER = salesforce_id("005000000000001")


def sf_id(prefix: str, number: int) -> str:
    return salesforce_id(f"{prefix}{number:012d}")


def iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class FakeSalesforce:
    """Rows by object; `change` stamps them with the fake's clock."""

    org_id = ORG
    user_id = USER

    def __init__(self) -> None:
        self.now = START
        self.objects: dict[str, dict[str, dict[str, object]]] = {"Account": {}, "Contact": {}, "Lead": {}}
        self.fields = {
            "Id", "Name", "Website", "CreatedDate", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted",
            "MasterRecordId", "Accord_Key__c", "Phone", "BillingStreet", "BillingCity", "BillingState",
            "BillingPostalCode", "BillingCountry", "NumberOfEmployees", "AnnualRevenue", "Description",
        }  # fmt: skip
        self.calls: Counter[str] = Counter()
        self.lost_rows = 0

    def change(self, sobject: str, record_id: str, **values: object) -> None:
        row = self.objects[sobject].setdefault(
            record_id, {"Id": record_id, "IsDeleted": False, "CreatedDate": iso(self.now)}
        )
        row.update({"LastModifiedDate": iso(self.now), "LastModifiedById": "005000000000009AAA", **values})
        row.setdefault("SystemModstamp", None)
        row["SystemModstamp"] = values.get("SystemModstamp", iso(self.now))

    def server_time(self) -> datetime:
        return self.now

    def describe(self, sobject: str) -> dict[str, FieldInfo]:
        self.calls["describe"] += 1
        numbers = {"NumberOfEmployees": "int", "AnnualRevenue": "currency"}
        return {
            name: FieldInfo(name, numbers.get(name, "string"), 255, True, True, True, False, False, False, ())
            for name in self.fields
        }

    def count(self, soql_by_name: dict[str, str]) -> dict[str, int]:
        self.calls["count"] += 1
        return {
            name: sum(not row["IsDeleted"] for row in self.objects[soql.split(" FROM ")[1].split()[0]].values())
            for name, soql in soql_by_name.items()
        }

    def bulk_pages(self, soql: str):
        self.calls["bulk"] += 1
        columns, rows = self._select(soql)
        rows = rows[self.lost_rows :]
        for start in range(0, max(len(rows), 1), 2):
            text = io.StringIO()
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([_csv(row.get(c)) for c in columns] for row in rows[start : start + 2])
            body = text.getvalue().encode()
            yield iter([body[:7], body[7:]])

    def query_pages(self, soql: str):
        self.calls["query"] += 1
        columns, rows = self._select(soql)
        rows = rows[self.lost_rows :]
        for start in range(0, len(rows), 2):
            yield [{c: row.get(c) for c in columns} | {"attributes": {}} for row in rows[start : start + 2]]

    def read(self, sobject: str, field: str, values: list[str], fields: list[str]):
        self.calls["read"] += 1
        return [{f: row.get(f) for f in fields} for row in self.objects[sobject].values() if row[field] in values]

    def _select(self, soql: str):
        columns, sobject, since = re.fullmatch(
            r"SELECT (.+) FROM (\w+)(?: WHERE SystemModstamp >= (\S+) ORDER BY SystemModstamp, Id)?", soql
        ).groups()
        rows = sorted(self.objects[sobject].values(), key=lambda row: (str(row["SystemModstamp"]), str(row["Id"])))
        if since:
            rows = [row for row in rows if str(row["SystemModstamp"])[:19] >= since[:19]]
        return columns.split(", "), rows


class FakeHubSpot:
    """Records and associations; the list sees everything, search what was stamped in the window."""

    portal_id = PORTAL

    def __init__(self) -> None:
        self.now = START
        self.objects: dict[str, dict[str, dict[str, object]]] = {"companies": {}, "contacts": {}}
        self.bin: dict[str, dict[str, dict[str, object]]] = {"companies": {}, "contacts": {}}
        self.links: dict[tuple[str, str], tuple[int, ...]] = {}
        self.merged: dict[str, str] = {}
        self.members: dict[str, str] = {}
        self.list_updated = START
        self.unknown: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.lost_rows = 0
        self.inline_cut: set[str] = set()
        self.broken_page = 0

    def change(self, kind: str, record_id: str, **values: object) -> None:
        row = self.objects[kind].setdefault(record_id, {"createdate": iso(self.now)})
        row.update(values)
        row["hs_lastmodifieddate" if kind == "companies" else "lastmodifieddate"] = iso(self.now)

    def archive(self, kind: str, record_id: str) -> None:
        self.bin[kind][record_id] = self.objects[kind].pop(record_id)

    def restore(self, kind: str, record_id: str) -> None:
        self.objects[kind][record_id] = self.bin[kind].pop(record_id)

    def server_time(self) -> datetime:
        return self.now

    def count(self, kind: str) -> int:
        self.calls["count"] += 1
        return len(self.objects[kind])

    def list_pages(self, kind, properties, *, archived=False, associations=None):
        for page in self._pages_of(kind, properties, archived, associations):
            self.calls["bin" if archived else "list"] += 1
            yield page

    def list_from(self, kind, properties, *, associations=None, after=None):
        pages = list(self._pages_of(kind, properties, False, associations))
        for number, page in enumerate(pages[int(after or 0) :], start=int(after or 0) + 1):
            if number == self.broken_page:
                raise ServiceUnavailable("HubSpot is away")
            self.calls["list"] += 1
            yield page, str(number) if number < len(pages) else None

    def _pages_of(self, kind, properties, archived, associations):
        rows = sorted((self.bin if archived else self.objects)[kind].items(), key=lambda item: int(item[0]))
        if not archived:
            rows = rows[self.lost_rows :]
        for start in range(0, max(len(rows), 1), 100):
            yield [self._record(i, row, properties, archived, associations) for i, row in rows[start : start + 100]]

    def search_pages(self, kind, properties, *, since, until):
        self.calls["search"] += 1
        stamp = "hs_lastmodifieddate" if kind == "companies" else "lastmodifieddate"
        found = [(i, r) for i, r in self.objects[kind].items() if iso(since) <= str(r[stamp]) <= iso(until)]
        yield [self._record(i, row, properties, False, None) for i, row in found]

    def batch_read(self, kind, ids, properties, *, id_property=None, archived=False):
        self.calls["batch_read"] += 1
        rows = (self.bin if archived else self.objects)[kind]
        real = {asked: self.merged.get(asked, asked) for asked in ids}
        return {asked: self._record(i, rows[i], properties, archived, None) for asked, i in real.items() if i in rows}

    def association_rows(self, from_type, to_type, ids):
        self.calls["associations"] += 1
        turned = {1: 2, 279: 280}
        for (contact, company), types in self.links.items():
            start, end = (contact, company) if from_type == "contacts" else (company, contact)
            if start in ids:
                yield [(start, end, types if from_type == "contacts" else tuple(turned.get(t, t) for t in types))]

    def list_members(self, list_id):
        self.calls["members"] += 1
        yield list(self.members.items())

    def find_list(self, name_or_id):
        return {"id": "9", "name": name_or_id, "size": len(self.members), "updatedAt": self.list_updated.isoformat()}

    def properties(self, kind):
        names = {
            "name",
            "accord_key",
            "lifecyclestage",
            "createdate",
            "hs_lastmodifieddate",
            "email",
            "lastmodifieddate",
        }
        names |= {rule.hubspot for rule in Settings().fields}
        self.calls["properties"] += 1
        numbers = {"numberofemployees", "annualrevenue"}
        return {
            name: PropertyInfo(name, "number" if name in numbers else "string", "text", False, False, ())
            for name in names - self.unknown
        }

    def _record(self, record_id, row, properties, archived, associations):
        record = {
            "id": record_id,
            "properties": {name: row.get(name) for name in properties if name not in self.unknown},
            "updatedAt": iso(self.now),
            "archived": archived,
        }
        if archived:
            record["archivedAt"] = iso(self.now)
        if associations:
            record["associations"] = self._inline(record_id)
        return record

    def _inline(self, contact):
        results = [
            {"id": company, "type": "contact_to_company" if one == 1 else "contact_to_company_unlabeled"}
            for (of, company), types in self.links.items()
            if of == contact
            for one in types
        ]
        if contact in self.inline_cut:
            return {"companies": {"results": results[:1], "paging": {"next": {"after": "1"}}}}
        return {"companies": {"results": results}} if results else {}


def wiring(database, salesforce=None, hubspot=None, **settings) -> Wiring:
    return Wiring(
        database=database,
        salesforce=salesforce or FakeSalesforce(),
        hubspot=hubspot or FakeHubSpot(),
        settings=Settings(**settings),
        clock=SimpleNamespace(now=lambda: START, sleep=lambda seconds: None),
    )


def run(name: str = "r1", **scope) -> Run:
    return Run(name, Scope(**({"kind": "changed"} | scope)), "plan")


def later(crm, **delta) -> None:
    crm.now += timedelta(**delta)


def _csv(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
