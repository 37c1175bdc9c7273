"""What happens to people and records between two runs is seen by the next one, the whole way (R79-R90)."""

from __future__ import annotations

import pytest
from lived_world import life_of

pytestmark = pytest.mark.postgres


def test_a_person_who_left_the_list_and_was_deleted_is_evidence_no_more(database):
    """R82: the native integration misses the delete, because the person is not on its list any more."""
    world = {
        "settings": {"inclusion_list": ["h1"]},
        "sf": {
            "accounts": [{"Id": "A1", "Name": "Acme", "Created": "2024-01-01"}],
            "contacts": [{"Id": "P1", "AccountId": "A1", "Email": "ann@acme.test"}],
        },
        "hs": {
            "companies": [{"id": "K1", "name": "Acme", "created": "2024-01-01"}],
            "contacts": [{"id": "h1", "sfc": "P1", "email": "ann@acme.test"}],
            "assoc": [["h1", "K1", "primary"]],
        },
    }
    with life_of(world, database) as life:
        life.run()
        assert life.written() == 0
        life.person("hubspot", "change_list", list=life.settings.inclusion_list, remove=[life.ids["h1"]])
        life.person("salesforce", "delete", object="Contact", id="P1")
        life.person("salesforce", "update", object="Account", id="A1", values={"Phone": "1"})
        life.run()
        assert life.rows("SELECT contact_id FROM staging.hubspot_list_members") == []
        assert list(life.decisions("CREATE_COMPANY")) == ["A1"]
        assert life.decisions("LINK") == {}
        assert life.is_never_destructive()


def test_a_lead_that_was_converted_is_that_contact_though_only_its_system_stamp_moved(database):
    """R88, R90: a company of leads alone is left; once its lead is a contact of a new account, the two are paired."""
    world = {
        "sf": {"leads": [{"Id": "L1", "Name": "Ann", "Email": "ann@acme.test", "Created": "2026-01-10"}]},
        "hs": {
            "companies": [{"id": "K1", "name": "Acme", "created": "2026-01-11"}],
            "contacts": [{"id": "h1", "sfl": "L1", "email": "ann@acme.test"}],
            "assoc": [["h1", "K1", "primary"]],
        },
    }
    with life_of(world, database) as life:
        life.run()
        assert life.rows("SELECT reason FROM sync.decisions") == [{"reason": "all_contacts_are_leads"}]
        lead = life.sandbox.crms.org.tables["Lead"][life.ids["L1"]]
        modified = lead["LastModifiedDate"]
        account, _ = life.person("salesforce", "convert", id="L1")["ids"]
        with life.sandbox.crms.lock:
            lead = life.sandbox.crms.org.tables["Lead"][life.ids["L1"]]
            lead["LastModifiedDate"] = modified
        life.run()
        assert life.pairs() == [(account, "K1")]
        life.run()
        assert life.rows("SELECT count(*) AS n FROM sync.intents WHERE op = 'create'") == [{"n": 0}]
        assert life.is_never_destructive()


def test_a_pair_broken_by_a_delete_is_restored_with_the_account_and_nothing_is_made_or_removed(database):
    """R75, R79, R84: the company waits for its account in the recycle bin; HubSpot is not touched."""
    world = {
        "sf": {
            "accounts": [{"Id": "A1", "Name": "Acme", "Created": "2026-01-11"}],
            "contacts": [{"Id": "P1", "AccountId": "A1"}],
        },
        "hs": {
            "companies": [{"id": "K1", "name": "Acme", "created": "2024-01-01"}],
            "contacts": [{"id": "h1", "sfc": "P1"}],
            "assoc": [["h1", "K1", "primary"]],
        },
    }
    with life_of(world, database) as life:
        life.run()
        assert life.pairs() == [("A1", "K1")]
        life.person("salesforce", "delete", object="Account", id="A1")
        life.run()
        assert life.pairs() == []
        assert life.rows("SELECT reason FROM sync.decisions WHERE system = 'hubspot' AND action = 'SKIP'") == [
            {"reason": "account_deleted"}
        ]
        before = life.written()
        life.person("salesforce", "undelete", object="Account", id="A1")
        life.run()
        life.run()
        assert life.pairs() == [("A1", "K1")]
        creations = [entry for entry in life.sandbox.journal.by("pipeline") if entry.op == "create"]
        assert creations == []
        assert life.written() == before
        assert life.is_never_destructive()


def test_what_people_merge_and_archive_is_followed_and_never_done_by_us(database):
    """R77, R76, R84: a merged company keeps its account, an archived one gets no twin, and no such call is made."""
    world = {
        "sf": {
            "accounts": [{"Id": name, "Name": name, "Created": "2026-01-11"} for name in ("A1", "A2")],
            "contacts": [{"Id": "P1", "AccountId": "A1"}, {"Id": "P2", "AccountId": "A2"}],
        },
        "hs": {
            "companies": [{"id": name, "name": name, "created": "2024-01-01"} for name in ("K1", "K2", "K3")],
            "contacts": [{"id": "h1", "sfc": "P1"}, {"id": "h2", "sfc": "P2"}],
            "assoc": [["h1", "K1", "primary"], ["h2", "K2", "primary"]],
        },
    }
    with life_of(world, database) as life:
        life.run()
        assert life.pairs() == [("A1", "K1"), ("A2", "K2")]
        survivor = life.person("hubspot", "merge", object="companies", primary="K1", other="K3")["id"]
        life.person("hubspot", "archive", object="companies", id="K2")
        for name in ("A1", "A2"):
            life.person("salesforce", "update", object="Account", id=name, values={"Phone": "1"})
        life.run()
        assert life.pairs() == [("A1", survivor)]
        assert life.rows("SELECT reason FROM sync.decisions WHERE action = 'SKIP' AND system = 'salesforce'") == [
            {"reason": "company_deleted"}
        ]
        assert life.is_never_destructive()
