"""Fault plans and kill schedules by chance: every verb, on every call a run makes, reads and logins too."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from accord.sandbox.faults import VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

CALLS: Sequence[tuple[str, str, str]] = (
    ("salesforce", "POST", "oauth2/token"),
    ("salesforce", "GET", "oauth2/userinfo"),
    ("salesforce", "GET", "describe"),
    ("salesforce", "GET", "queryAll"),
    ("salesforce", "POST", "jobs/query"),
    ("salesforce", "GET", "jobs/query"),
    ("salesforce", "GET", "results"),
    ("salesforce", "PATCH", "composite/sobjects/Account/Accord_Key__c"),
    ("salesforce", "PATCH", "composite/sobjects"),
    ("salesforce", "POST", "jobs/ingest"),
    ("salesforce", "PUT", "batches"),
    ("salesforce", "PATCH", "jobs/ingest"),
    ("salesforce", "GET", "jobs/ingest"),
    ("salesforce", "", ""),
    ("hubspot", "GET", "account-info"),
    ("hubspot", "GET", "properties"),
    ("hubspot", "POST", "companies/search"),
    ("hubspot", "POST", "contacts/search"),
    ("hubspot", "GET", "objects/companies"),
    ("hubspot", "GET", "objects/contacts"),
    ("hubspot", "POST", "companies/batch/upsert"),
    ("hubspot", "POST", "companies/batch/update"),
    ("hubspot", "POST", "companies/batch/read"),
    ("hubspot", "POST", "associate/default"),
    ("hubspot", "POST", "companies/companies/batch"),
    ("hubspot", "POST", "contacts/companies/batch/read"),
    ("hubspot", "", ""),
)
WRITES: Sequence[tuple[str, str, str]] = (
    ("hubspot", "POST", "companies/batch/upsert"),
    ("hubspot", "POST", "companies/batch/update"),
    ("hubspot", "POST", "associate/default"),
    ("salesforce", "PATCH", "composite/sobjects/Account/Accord_Key__c"),
    ("salesforce", "PATCH", "composite/sobjects"),
)
PASSING = (429, 500, 502, 503, 504)
"""Statuses that say: try again."""


def random_fault(chance: random.Random) -> dict[str, Any]:
    """Return an entry of a fault file of which the run should get over by itself."""
    crm, method, path = chance.choice(CALLS)
    entry: dict[str, Any] = {"crm": crm, "method": method, "path": path, "do": chance.choice(VERBS)}
    entry |= {"nth": chance.randint(1, 4), "times": chance.choice((1, 1, 1, 2, 3))}
    match entry["do"]:
        case "status" | "status_after_commit":
            entry["status"] = chance.choice(PASSING)
        case "rewrite_status":
            entry["status"] = chance.choice((200, 201, 202, 207))
        case "hold" | "late_commit":
            entry["seconds"] = chance.choice((1, 20, 90, 300))
        case "truncate":
            entry["bytes"] = chance.choice((0, 1, 20, 200))
    return entry


def random_kill(chance: random.Random, points: Sequence[str]) -> str:
    """Return `POINT:N`."""
    return f"{chance.choice(points)}:{chance.choice((1, 1, 2, 3, 5, 8))}"
