"""Small worlds in which a first run makes a write of every kind there is."""

from __future__ import annotations

from typing import Any

from accord.model.settings import FieldRule
from accord.sandbox.families import SHOWN

OLD = {"Created": "2024-01-01", "Modified": "2025-01-01"}
NEW = {"Created": "2026-01-11", "Modified": "2026-01-11"}

FIELDS = (
    FieldRule(salesforce="Name", hubspot="name", rule="prefer_salesforce"),
    FieldRule(salesforce="Phone", hubspot="phone", rule="two_way"),
    FieldRule(salesforce="Website", hubspot="website", rule="prefer_salesforce"),
    FieldRule(salesforce="ParentId", hubspot=SHOWN, kind="parent", rule="always_salesforce"),
)

EVERYTHING: dict[str, Any] = {
    "id": "EVERYTHING",
    "settings": {"max_creates": 100},
    "sf": {
        "accounts": [
            {"Id": "A1", "Name": "Ahrens", **NEW},
            {"Id": "A2", "Name": "Berger", "Phone": "+49 2", **NEW},
            {"Id": "A3", "Name": "Clasen", **NEW},
            {"Id": "A4", "Name": "Dorn", "Phone": "+49 4", **OLD},
            {"Id": "A5", "Name": "Ebert", "Parent": "A4", **OLD},
            {"Id": "A6", "Name": "Frank", **NEW},
        ],
        "contacts": [
            {"Id": "P1", "AccountId": "A1", "Email": "ann@ahrens.test"},
            {"Id": "P2", "AccountId": "A2", "Email": "bob@berger.test"},
            {"Id": "P3", "AccountId": None, "Email": "cid@kilo.test"},
            {"Id": "P6", "AccountId": "A6", "Email": "fay@frank.test"},
        ],
    },
    "hs": {
        "companies": [
            {"id": "K1", "name": "AHRENS", "created": "2025-01-01", "source": "CRM_UI"},
            {"id": "K2", "name": "Kilo", "created": "2026-01-11", "source": "CRM_UI"},
            {"id": "K3", "name": "Lima", "created": "2026-01-11", "source": "CRM_UI"},
            {"id": "K4", "name": "Dorn", "created": "2024-01-01", "stage": "lead"},
            {"id": "K5", "name": "Ebert", "created": "2024-01-01", "phone": "+49 5"},
        ],
        "contacts": [
            {"id": "h1", "email": "ann@ahrens.test"},
            {"id": "h2", "email": "bob@berger.test"},
            {"id": "h3", "email": "cid@kilo.test"},
            {"id": "h4", "email": "dee@dorn.test", "was": "lead", "stage": "opportunity"},
            {"id": "h6", "email": "fay@frank.test"},
        ],
        "assoc": [["h1", "K1", "primary"], ["h3", "K2", "primary"], ["h4", "K4", "primary"]],
    },
    "links": [{"account": "A4", "company": "K4"}, {"account": "A5", "company": "K5"}],
}

LATER: tuple[dict[str, Any], ...] = (
    {"crm": "salesforce", "op": "update", "object": "Account", "id": "A4", "values": {"Phone": "+49 44"}},
    {"crm": "salesforce", "op": "update", "object": "Account", "id": "A5", "values": {"ParentId": "A4"}},
    {
        "crm": "salesforce",
        "op": "update",
        "object": "Account",
        "id": "A2",
        "values": {"Website": "https://berger.test"},
    },
    {"crm": "salesforce", "op": "update", "object": "Account", "id": "A1", "values": {"Phone": "+49 11"}},
    {"crm": "hubspot", "op": "update", "object": "companies", "id": "K5", "values": {"phone": "+49 55"}},
    {"crm": "hubspot", "op": "update", "object": "companies", "id": "K2", "values": {"phone": "+49 22"}},
    {"crm": "hubspot", "op": "update", "object": "contacts", "id": "h4", "values": {"lifecyclestage": "customer"}},
    {"crm": "salesforce", "op": "create", "object": "Account", "values": {"Name": "Gerber"}},
    {"crm": "salesforce", "op": "create", "object": "Account", "values": {"Name": "Huber"}},
    {"crm": "hubspot", "op": "create", "object": "companies", "values": {"name": "Mike"}, "source": "CRM_UI"},
)
"""What people do after a quiet first run: every kind of write follows from it once more, out of what changed."""
