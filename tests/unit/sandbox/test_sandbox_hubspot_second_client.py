"""A client that was generated from HubSpot's specification, not written here, accepts what the sandbox answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hubspot_sdk import APIResponseValidationError, HubSpot

from accord.sandbox.server import Sandbox
from hubspot_inprocess import company, contact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Real answers differ from the specification in these places, as recordings show.
KNOWN = {
    ("properties", "string_type"),  # values may be null
    ("toObjectId", "string_type"),  # association ids are numbers
    ("fromObjectId", "string_type"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox.start(switches={"search_lag_seconds": 0}) as running:
        crms = running.crms
        people = [contact(crms, f"p{n}@x.test") for n in range(3)]
        firms = [company(crms, domain=f"c{n}.test", accord_key=f"k{n}") for n in range(3)]
        crms.portal.associate(people[0], firms[0])
        crms.portal.lists.make("People", people)
        yield running


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> HubSpot:
    return HubSpot(
        access_token="pat-na1-sandbox", base_url=sandbox.url, _strict_response_validation=True, max_retries=0
    )


COMPANY, PERSON = "29000000001", "211000000001"
BOTH = {"from_object_type": "contacts", "to_object_type": "companies"}
PAIR: dict[str, Any] = {"from": {"id": "211000000002"}, "to": {"id": COMPANY}}
LABEL = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
FAMILY = {"from_object_type": "companies", "to_object_type": "companies"}
BRANCH: dict[str, Any] = {"from": {"id": "29000000002"}, "to": {"id": COMPANY}}
ABOVE = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 14}]
CALLS: dict[str, Callable[[HubSpot], Any]] = {
    "list": lambda it: it.crm.objects.companies.list(limit=2, properties=["name", "phone"], associations=["contacts"]),
    "get": lambda it: it.crm.objects.companies.get(COMPANY, properties=["name"]),
    "create": lambda it: it.crm.objects.companies.create(properties={"name": "New"}, associations=[]),
    "update": lambda it: it.crm.objects.companies.update(COMPANY, properties={"name": "Newer"}),
    "search": lambda it: it.crm.objects.companies.search(
        filter_groups=[{"filters": [{"propertyName": "name", "operator": "HAS_PROPERTY"}]}],
        properties=["name"],
        limit=1,
        after="0",
        sorts=[],
    ),
    "batch read": lambda it: it.crm.objects.companies.batch.get(
        inputs=[{"id": COMPANY}, {"id": "1"}], properties=["name"], properties_with_history=[]
    ),
    "batch create": lambda it: it.crm.objects.companies.batch.create(
        inputs=[{"properties": {"name": "x"}, "associations": []}]
    ),
    "batch upsert": lambda it: it.crm.objects.companies.batch.upsert(
        inputs=[{"id": "k9", "idProperty": "accord_key", "properties": {"name": "x"}}]
    ),
    "batch update": lambda it: it.crm.objects.companies.batch.update(
        inputs=[{"id": COMPANY, "properties": {"name": "y"}}]
    ),
    "batch archive": lambda it: it.crm.objects.companies.batch.delete(inputs=[{"id": "29000000003"}]),
    "associations read": lambda it: it.crm.associations.batch.get(**BOTH, inputs=[{"id": PERSON}]),
    "associate": lambda it: it.crm.associations.batch.create_default(**BOTH, inputs=[PAIR]),
    "associate with label": lambda it: it.crm.associations.batch.create(**BOTH, inputs=[{**PAIR, "types": LABEL}]),
    "dissociate": lambda it: it.crm.associations.batch.delete(
        **BOTH, inputs=[{"from": PAIR["from"], "to": [PAIR["to"]]}]
    ),
    "set a parent": lambda it: it.crm.associations.batch.create(**FAMILY, inputs=[{**BRANCH, "types": ABOVE}]),
    "parents": lambda it: it.crm.associations.batch.get(**FAMILY, inputs=[{"id": COMPANY}, {"id": "29000000003"}]),
    "end a parent": lambda it: it.crm.associations.batch.delete_labels(**FAMILY, inputs=[{**BRANCH, "types": ABOVE}]),
    "list by id": lambda it: it.crm.lists.get("3"),
    "list by name": lambda it: it.crm.lists.get_by_object_type_and_name("People", object_type_id="0-1"),
    "members": lambda it: it.crm.lists.list_memberships("3", limit=2),
    "members by time": lambda it: it.crm.lists.get_memberships_join_order("3", limit=2),
    "properties": lambda it: it.crm.properties.list("companies"),
    "property": lambda it: it.crm.properties.get("name", object_type="companies"),
    "owners": lambda it: it.crm.owners.list(),
    "account": lambda it: it.account.get(),
    "usage": lambda it: it.account.get_daily_private_apps_usage(),
}


@pytest.mark.parametrize("name", CALLS)
def test_the_strict_client_accepts_the_answer(client: HubSpot, name: str):
    try:
        CALLS[name](client)
    except APIResponseValidationError as problem:
        errors = problem.__cause__.errors()  # type: ignore[union-attr]
        assert [it for it in errors if not any(word in it["loc"] and it["type"] == kind for word, kind in KNOWN)] == []
