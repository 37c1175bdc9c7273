"""Records of the sandbox's HubSpot: uniqueness, batches, merges, the bin, stages, primary companies."""

from __future__ import annotations

import itertools

import pytest

from hubspot_inprocess import ask, company, contact, portal

COMPANIES, CONTACTS = "/crm/v3/objects/companies", "/crm/v3/objects/contacts"


def upsert(key: str, trace: str = "", **values: str) -> dict[str, object]:
    row: dict[str, object] = {"id": key, "idProperty": "accord_key", "properties": values}
    return row | ({"objectWriteTraceId": trace} if trace else {})


def test_a_second_upsert_of_a_key_changes_the_record_of_the_first():
    crms = portal()
    for name, is_new in (("A", True), ("B", False)):
        _, body = ask(crms, "POST", f"{COMPANIES}/batch/upsert", {"inputs": [upsert("k1", name=name)]})
        assert body["results"][0]["new"] is is_new
    assert [it["name"] for it in crms.portal.tables["companies"].live.values()] == ["B"]


def test_a_key_belongs_to_one_company_only():
    crms = portal()
    company(crms, accord_key="k1")
    status, body = ask(crms, "PATCH", f"{COMPANIES}/{company(crms)}", {"properties": {"accord_key": "k1"}})
    assert (status, body["errors"][0]["code"]) == (400, "CONFLICTING_UNIQUE_VALUE")


def test_one_bad_row_stops_a_batch_without_trace_ids():
    crms = portal()
    rows = [upsert("k1", name="A"), upsert("k2", nonsense="B")]
    assert ask(crms, "POST", f"{COMPANIES}/batch/upsert", {"inputs": rows})[0] == 400
    assert not crms.portal.tables["companies"].live


def test_one_bad_row_among_trace_ids_is_named_and_the_others_are_written():
    crms = portal()
    rows = [upsert("k1", "1", name="A"), upsert("k2", "2", nonsense="B")]
    status, body = ask(crms, "POST", f"{COMPANIES}/batch/upsert", {"inputs": rows})
    assert (status, body["errors"][0]["context"]["objectWriteTraceId"]) == (207, ["2"])
    assert len(crms.portal.tables["companies"].live) == 1


def test_trace_ids_that_repeat_are_none():
    rows = [upsert("k1", "1", name="A"), upsert("k2", "1", nonsense="B")]
    assert ask(portal(), "POST", f"{COMPANIES}/batch/upsert", {"inputs": rows})[0] == 400


def test_an_upsert_needs_a_unique_property():
    row = {"id": "acme.test", "idProperty": "domain", "properties": {}}
    status, body = ask(portal(), "POST", f"{COMPANIES}/batch/upsert", {"inputs": [row]})
    assert (status, body["message"]) == (400, "Unable to perform update/upsert by non-unique 0-2 property domain")


@pytest.mark.parametrize("verb", ["read", "create", "update", "upsert", "archive"])
def test_a_batch_has_at_most_a_hundred_inputs(verb: str):
    rows = [upsert(f"k{n}", name="A") for n in range(101)]
    assert ask(portal(), "POST", f"{COMPANIES}/batch/{verb}", {"inputs": rows})[0] == 400


def test_batch_answers_do_not_come_in_input_order():
    crms = portal()
    rows = [upsert(f"k{n}", name="A") for n in range(3)]
    _, body = ask(crms, "POST", f"{COMPANIES}/batch/upsert", {"inputs": rows})
    assert [it["properties"]["accord_key"] for it in body["results"]] == ["k2", "k1", "k0"]


def test_null_changes_nothing_and_the_empty_text_clears():
    crms = portal()
    rid = company(crms, phone="1")
    for value, stored in ((None, "1"), ("", None)):
        ask(crms, "PATCH", f"{COMPANIES}/{rid}", {"properties": {"phone": value}})
        assert crms.portal.tables["companies"].live[rid].get("phone") == stored


def test_values_come_back_in_the_form_they_are_stored_in():
    crms = portal()
    _, body = ask(crms, "POST", COMPANIES, {"properties": {"domain": "HTTPS://www.Acme.test/about"}})
    assert body["properties"]["domain"] == "acme.test"


def test_a_stage_moves_back_only_after_it_was_cleared():
    crms = portal()
    rid = company(crms, lifecyclestage="customer")
    shown = [
        ask(crms, "PATCH", f"{COMPANIES}/{rid}", {"properties": {"lifecyclestage": it}})[1]["properties"].get(
            "lifecyclestage"
        )
        for it in ("lead", "", "lead")
    ]
    assert shown == ["customer", None, "lead"]


def test_a_step_back_may_be_an_error_instead():
    crms = portal(backward_lifecycle="error")
    rid = company(crms, lifecyclestage="customer")
    assert ask(crms, "PATCH", f"{COMPANIES}/{rid}", {"properties": {"lifecyclestage": "lead"}})[0] == 400


def test_a_merge_makes_a_new_id_to_which_both_old_ones_lead():
    crms = portal()
    old = company(crms, name="Kept"), company(crms, name="Lost", phone="1")
    person = contact(crms, "a@x.test")
    crms.portal.associate(person, old[1])
    _, body = ask(crms, "POST", f"{COMPANIES}/merge", {"primaryObjectId": old[0], "objectIdToMerge": old[1]})
    new = body["id"]
    assert new not in old
    assert body["properties"]["hs_merged_object_ids"] == ";".join(old)
    _, read = ask(
        crms, "POST", f"{COMPANIES}/batch/read", {"inputs": [{"id": it} for it in old], "properties": ["name", "phone"]}
    )
    assert [(it["id"], it["properties"]["name"], it["properties"]["phone"]) for it in read["results"]] == [
        (new, "Kept", "1")
    ]
    for archived in ("false", "true"):
        _, page = ask(crms, "GET", f"{COMPANIES}?archived={archived}")
        assert not {it["id"] for it in page["results"]} & set(old)
    assert crms.portal.links.companies[person] == {new: False}  # the losing side's Primary label is dropped


def test_archived_records_are_in_the_bin_until_restored():
    crms = portal()
    rid = company(crms, accord_key="k1")
    assert ask(crms, "DELETE", f"{COMPANIES}/{rid}")[0] == 204
    assert ask(crms, "GET", f"{COMPANIES}/{rid}")[0] == 404
    _, page = ask(crms, "GET", f"{COMPANIES}?archived=true")
    assert [(it["id"], it["archived"]) for it in page["results"]] == [(rid, True)]
    company(crms, accord_key="k1")
    with pytest.raises(Exception, match="already has that value"):
        crms.portal.restore("companies", rid)


def test_a_gdpr_delete_leaves_nothing():
    crms = portal()
    rid = contact(crms, "a@x.test")
    body = {"objectId": "a@x.test", "idProperty": "email"}
    assert ask(crms, "POST", f"{CONTACTS}/gdpr-delete", body)[0] == 204
    for archived in ("false", "true"):
        assert ask(crms, "GET", f"{CONTACTS}/{rid}?archived={archived}")[0] == 404


def test_only_a_changed_primary_company_moves_a_contacts_stamp():
    crms = portal()
    crms.clock.freeze()
    person, first, second = contact(crms, "a@x.test"), company(crms), company(crms)

    def stamp() -> str:
        crms.clock.advance(1)
        return crms.portal.tables["contacts"].live[person]["lastmodifieddate"]

    stamps = [stamp()]
    for firm, primary in ((first, None), (second, False), (second, True)):
        crms.portal.associate(person, firm, primary=primary)
        stamps.append(stamp())
    assert [old != new for old, new in itertools.pairwise(stamps)] == [True, False, True]
    assert crms.portal.tables["contacts"].live[person]["associatedcompanyid"] == second
    assert crms.portal.links.companies[person] == {first: False, second: True}


def test_associating_again_changes_nothing():
    crms = portal()
    pair = {"from": {"id": contact(crms, "a@x.test")}, "to": {"id": company(crms)}}
    path = "/crm/v4/associations/contacts/companies/batch/associate/default"
    for _ in range(2):
        status, body = ask(crms, "POST", path, {"inputs": [pair]})
        assert (status, len(body["results"])) == (200, 2)
    assert [it.op for it in crms.journal.by("pipeline")] == ["associate"]


def test_inline_associations_repeat_a_company_for_each_label():
    crms = portal()
    firm = company(crms)
    crms.portal.associate(contact(crms, "a@x.test"), firm)
    _, page = ask(crms, "GET", f"{CONTACTS}?associations=companies")
    rows = page["results"][0]["associations"]["companies"]["results"]
    assert rows == [{"id": firm, "type": "contact_to_company"}, {"id": firm, "type": "contact_to_company_unlabeled"}]


def test_a_company_appears_by_itself_where_the_setting_is_on():
    crms = portal(auto_associate_seconds=3)
    crms.clock.freeze()
    person = contact(crms, "a@new.test")
    crms.clock.advance(5)
    made = list(crms.portal.tables["companies"].live.values())
    assert [(it["domain"], it["hs_object_source_label"]) for it in made] == [("new.test", "CRM_SETTING")]
    assert crms.portal.links.primary_of(person) == made[0]["hs_object_id"]
