"""What the sandbox's HubSpot answers has the keys and types of recorded real answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubspot_inprocess import ask, company, contact, portal, where

RECORDED = Path(__file__).parents[4] / "shared/contracts/hubspot/recorded/amp-labs-connectors"
pytestmark = pytest.mark.skipif(not RECORDED.exists(), reason="the recorded answers are not on this machine")
COMPANIES, CONTACTS = "/crm/v3/objects/companies", "/crm/v3/objects/contacts"
NOT_HERE = {
    "properties",  # a portal's own set; their values are compared below
    "createdUserId",
    "updatedUserId",
}


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text())


def differences(real: Any, ours: Any, place: str = "") -> list[str]:
    """Keys that one of the two lacks and values of another type; the first row stands for its list."""
    if isinstance(real, dict) and isinstance(ours, dict):
        found = [f"{place}.{key}: {'not ours' if key in real else 'only ours'}" for key in real.keys() ^ ours.keys()]
        return found + [
            line for key in real.keys() & ours.keys() for line in differences(real[key], ours[key], f"{place}.{key}")
        ]
    if isinstance(real, list) and isinstance(ours, list):
        return differences(real[0], ours[0], f"{place}[]") if real and ours else []
    is_same = type(real) is type(ours)
    return [] if is_same else [f"{place}: {type(real).__name__} became {type(ours).__name__}"]


def without(names: set[str], value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without(names, it) for key, it in value.items() if key not in names}
    return [without(names, it) for it in value] if isinstance(value, list) else value


def assert_same_shape(name: str, ours: Any, *, but: set[str] = frozenset()) -> None:
    real, shown = without(NOT_HERE, recorded(name)), without(NOT_HERE, ours)
    assert [line for line in differences(real, shown) if line not in but] == []


def test_a_search_page_and_the_last_page():
    crms = portal()
    for n in range(3):
        contact(crms, f"p{n}@x.test")
    body = where(("lastmodifieddate", "GTE", "2026-05-05T23:10:00Z"), limit="2", properties=["email", "phone"])
    status, first = ask(crms, "POST", f"{CONTACTS}/search", body)
    assert status == 200
    assert_same_shape("test/search/contacts/1-first-page.json", first)
    assert_same_shape(
        "test/search/contacts/2-second-page.json", ask(crms, "POST", f"{CONTACTS}/search", body | {"after": "2"})[1]
    )
    assert {type(it) for row in first["results"] for it in row["properties"].values()} == {str, type(None)}


def test_a_list_page():
    crms = portal()
    for n in range(2):
        contact(crms, f"p{n}@x.test")
    _, page = ask(crms, "GET", f"{CONTACTS}?limit=1&properties=listId,name")
    # The recording is older than the `url` of a record.
    assert_same_shape("test/read/objects-api/contacts-response.json", page, but={".results[].url: only ours"})


def test_a_batch_read():
    crms = portal()
    ids = [contact(crms, f"p{n}@x.test") for n in range(2)]
    _, body = ask(
        crms, "POST", f"{CONTACTS}/batch/read", {"inputs": [{"id": it} for it in ids], "properties": ["email"]}
    )
    assert_same_shape("test/read/objects-api/contacts-batch.json", body)


def test_an_update_of_which_one_row_names_nobody():
    crms = portal()
    inputs = [
        {"id": contact(crms, "a@x.test"), "properties": {"lastname": "B"}},
        {"id": "888", "properties": {"lastname": "C"}},
    ]
    status, body = ask(crms, "POST", f"{CONTACTS}/batch/update", {"inputs": inputs})
    assert status == 207
    assert_same_shape("test/batch/update/contacts/err-partial-success.json", body)
    real = recorded("test/batch/update/contacts/err-partial-success.json")
    assert body["errors"][0]["message"] == real["errors"][0]["message"]


def test_an_update_that_names_one_id_twice():
    crms = portal()
    rid = contact(crms, "a@x.test")
    row = {"id": rid, "properties": {"lastname": "B"}}
    status, body = ask(crms, "POST", f"{CONTACTS}/batch/update", {"inputs": [row, row]})
    assert status == 400
    assert_same_shape("test/batch/update/contacts/err-duplicate-ids.json", body)
    assert body["message"] == f"Duplicate IDs found in batch input: [{rid}]. IDs must be unique"


@pytest.mark.parametrize("verb", ["update", "create"])
def test_properties_that_do_not_exist(verb: str):
    crms = portal()
    values = {"first000name": "A", "last000name": "B"}
    rows = [{"id": contact(crms, f"{n}@x.test"), "properties": values} for n in range(2)]
    status, body = ask(crms, "POST", f"{CONTACTS}/batch/{verb}", {"inputs": rows})
    real = recorded(f"test/batch/{verb}/contacts/err-many-invalid-properties.json")
    assert status == 400
    assert_same_shape(f"test/batch/{verb}/contacts/err-many-invalid-properties.json", body)
    assert body["message"] == real["message"]


def test_a_create_and_one_of_which_a_row_is_there_already():
    crms = portal()
    status, body = ask(crms, "POST", f"{CONTACTS}/batch/create", {"inputs": [{"properties": {"email": "a@x.test"}}]})
    assert status == 201
    assert_same_shape("test/batch/create/contacts/success.json", body)
    rows = [{"properties": {"email": f"{it}@x.test"}, "objectWriteTraceId": it} for it in "ab"]
    status, body = ask(crms, "POST", f"{CONTACTS}/batch/create", {"inputs": rows})
    assert status == 207
    but = {".results[].objectWriteTraceId: only ours"}  # cut from the recording
    assert_same_shape("test/batch/create/contacts/err-partial-success.json", body, but=but)
    assert body["errors"][0]["message"].startswith("Contact already exists. Existing ID: ")


def test_a_conflict_without_trace_ids():
    crms = portal()
    contact(crms, "a@x.test")
    status, body = ask(crms, "POST", f"{CONTACTS}/batch/create", {"inputs": [{"properties": {"email": "a@x.test"}}]})
    assert (status, body["message"]) == (409, "Contact already exists")
    assert_same_shape("test/batch/create/contacts/err-conflict.json", body)


def test_an_unknown_object_type():
    status, body = ask(portal(), "POST", "/crm/v3/objects/butterflies/search", {})
    assert status == 400
    assert_same_shape("test/search/error-invalid-object.json", body)


def test_a_missing_scope():
    crms = portal(missing_scopes=("crm.objects.companies.read",))
    status, body = ask(crms, "GET", COMPANIES)
    assert status == 403
    assert_same_shape("test/metadata-err-schemas-scope.json", body)


def test_associations_of_somebody_and_of_nobody():
    crms = portal()
    person, alone = contact(crms, "a@x.test"), contact(crms, "b@x.test")
    crms.portal.associate(person, company(crms))
    body = {"inputs": [{"id": person}, {"id": alone}]}
    status, answer = ask(crms, "POST", "/crm/v4/associations/contacts/companies/batch/read", body)
    assert status == 207
    assert_same_shape("test/search/contacts/contacts-to-companies.json", answer)
    real = recorded("test/search/contacts/contacts-to-companies.json")
    assert answer["results"][0]["to"][0]["associationTypes"] == real["results"][0]["to"][0]["associationTypes"]


def test_labelled_associations():
    crms = portal()
    row = {"from": {"id": contact(crms, "a@x.test")}, "to": {"id": company(crms)}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    path = "/crm/v4/associations/contacts/companies/batch/create"
    status, body = ask(crms, "POST", path, {"inputs": [row | {"types": types}]})
    assert status == 201
    assert_same_shape("internal/associations/test/contact-to-company-resp.json", body)
    status, body = ask(crms, "POST", path, {"inputs": [row | {"to": {"id": "unknown"}, "types": types}]})
    assert status == 207
    assert_same_shape("internal/associations/test/err-contact-to-contact.json", body)


def test_pages_of_lists():
    crms = portal()
    for n in range(3):
        crms.portal.lists.make(f"List {n}")
    path, body = "/crm/v3/lists/search", {"offset": 0, "count": 2, "additionalProperties": ["hs_list_size"]}
    but = {
        ".lists[].size: only ours",  # newer than the recording
        ".lists[].additionalProperties.hs_last_record_added_at: not ours",  # only of lists somebody joined
    }
    assert_same_shape("test/read-lists-1-first-page.json", ask(crms, "POST", path, body)[1], but=but)
    _, last = ask(crms, "POST", path, body | {"offset": 2})
    assert_same_shape("test/read-lists-2-second-page.json", last, but=but)
    assert (last["offset"], last["hasMore"]) == (3, False)


def test_properties():
    _, body = ask(portal(), "GET", "/crm/v3/properties/contacts")
    but = {".results[].archived: only ours"}  # the recordings of single properties have it
    assert_same_shape("test/metadata-contacts-properties-sampled.json", body, but=but)
    wish = {"name": "age", "label": "Age", "groupName": "companyinformation", "type": "number", "fieldType": "number"}
    status, made = ask(portal(), "POST", "/crm/v3/properties/companies", wish)
    assert status == 201
    assert_same_shape("test/custom/update/5-response-update-property-age.json", made)


def test_account_info():
    _, body = ask(portal(), "GET", "/account-info/v3/details")
    assert_same_shape("test/post-auth/account-info.json", body)
