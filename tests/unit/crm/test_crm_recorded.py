"""Answers that the real services once gave, recorded by other projects, read by the wire."""

import json
from pathlib import Path

import pytest

from accord.crm import hubspot_said, salesforce_said
from accord.crm.answers import Answer, problem
from accord.model.errors import MissingField, MissingPermission
from wire_server import Reply, WireServer, hubspot_on, salesforce_app, salesforce_on

CONTRACTS = Path(__file__).parents[4] / "shared" / "contracts"
HUBSPOT = CONTRACTS / "hubspot" / "recorded" / "amp-labs-connectors"
SALESFORCE = CONTRACTS / "salesforce" / "recorded"

pytestmark = pytest.mark.skipif(not CONTRACTS.is_dir(), reason="the recorded answers are not here")


def recorded(name):
    return json.loads((HUBSPOT / name).read_text())


def test_a_recorded_association_read_is_answered_for_everybody():
    answer = recorded("test/search/contacts/contacts-to-companies.json")
    asked = [one["from"]["id"] for one in answer["results"]]
    asked += [one["context"]["fromObjectId"][0] for one in answer["errors"]]
    with WireServer(lambda _: Reply(answer, 207)) as server:
        rows = [row for page in hubspot_on(server).association_rows("contacts", "companies", asked) for row in page]
    assert ("501", "29022297485", (1, 279)) in rows


def test_a_recorded_partial_update_names_the_row_that_is_gone():
    answer = recorded("test/batch/update/contacts/err-partial-success.json")
    answer["errors"][0]["context"]["ids"] = ["888"]  # the recorder replaced the id by a word
    with WireServer(lambda _: Reply(answer, 207)) as server:
        rows = hubspot_on(server).update_companies([{"id": "171591000199", "name": "x"}, {"id": "888", "name": "y"}])
    assert [row.answer for row in rows] == [Answer.APPLIED, Answer.REJECTED]


def test_a_recorded_conflict_names_the_record_in_the_way():
    (error,) = recorded("test/batch/create/contacts/err-partial-success.json")["errors"]
    assert hubspot_said.error_said(error).candidates == ("171591000198",)


def test_recorded_refusals_of_hubspot_name_property_and_scope():
    def refused(status, name):
        return problem("HubSpot", hubspot_said.call_said(status, {}, (HUBSPOT / name).read_bytes()))

    unknown = refused(400, "test/batch/update/contacts/err-many-invalid-properties.json")
    assert isinstance(unknown, MissingField)
    assert "first000name" in str(unknown)
    scopes = refused(403, "test/metadata-err-schemas-scope.json")
    assert isinstance(scopes, MissingPermission)
    assert "custom-object-read" in str(scopes)


def recorded_salesforce():
    for path in sorted(SALESFORCE.rglob("*.json")):
        try:
            body = json.loads(path.read_text())
        except ValueError:
            continue
        if isinstance(body, list) and body and isinstance(body[0], dict):
            yield path, body


def test_every_recorded_error_of_salesforce_has_a_code():
    errors = [body for _, body in recorded_salesforce() if "errorCode" in body[0]]
    assert errors
    assert all(salesforce_said.call_said(400, body).code for body in errors)


def test_every_recorded_collection_answers_for_every_row():
    collections = [body for _, body in recorded_salesforce() if "success" in body[0]]
    assert collections
    for body in collections:
        records = [{"K__c": f"k{at}", "Name": "A"} for at in range(len(body))]
        with WireServer(salesforce_app(lambda _, body=body: body)) as server:
            answers = salesforce_on(server).upsert_accounts("K__c", records)
        assert [one.answer is Answer.APPLIED for one in answers] == [row["success"] for row in body]
