"""Staging against the sandbox through the real clients: the same records, links and deletes, for few calls."""

from datetime import UTC, datetime

import pytest

from accord.model.errors import MissingField, ShortRead
from accord.model.scope import Run, Scope
from accord.model.settings import Settings
from accord.sandbox.core import Crms
from accord.sandbox.edits import edit
from accord.sandbox.generator import LIST_NAME, generate
from accord.sandbox.server import Sandbox
from accord.steps.extract import extract_hubspot, extract_salesforce
from accord.steps.reconcile import reconcile_hubspot, reconcile_salesforce
from accord.worlds.clients import wiring_for

pytestmark = pytest.mark.postgres

RUN = Run("r1", Scope("changed"), "plan")
SETTINGS = Settings(sync_companies=True, inclusion_list=LIST_NAME)


@pytest.fixture
def sandbox():
    crms = Crms(datetime(2026, 11, 1, 12, tzinfo=UTC))
    generate(crms, accounts=150, seed=7)
    # What was made in the last hours would be read again by every overlap.
    crms.clock.advance(6 * 3600)
    with Sandbox.start(crms=crms) as running:
        yield running


def extract_all(sandbox, database, settings=SETTINGS):
    wiring = wiring_for(sandbox.url, database, settings, sandbox.clock)
    counts = {name: extract_salesforce(wiring, RUN, name) for name in ("accounts", "contacts", "leads")}
    return counts | {
        f"hs_{name}": extract_hubspot(wiring, RUN, name) for name in ("companies", "contacts", "list_members")
    }


def staged(database, columns, table, where="NOT is_gone"):
    return {tuple(r.values()) for r in database.rows(f"SELECT {columns} FROM staging.{table} WHERE {where}")}


def whole_rows(database, table):
    """Every value; 10 and 10.0 are one number to the field rules, but not one text (R62)."""
    number = "jsonb_build_object('revenue', (to_jsonb(it) ->> 'f_annualrevenue')::float)"
    text = f"((to_jsonb(it) - 'f_annualrevenue' - 'content_hash') || {number})::text"
    return staged(database, text, f"{table} AS it")


def differences(sandbox, database) -> dict[str, set]:
    """What staging and the CRMs do not both show."""
    crms, found = sandbox.crms, {}
    for sobject, table in (("Account", "accounts"), ("Contact", "contacts"), ("Lead", "leads")):
        there = {(rid, row["IsDeleted"]) for rid, row in crms.org.tables[sobject].items()}
        found[sobject] = there ^ staged(database, "id, is_deleted", f"salesforce_{table}")
    for kind, table in crms.portal.tables.items():
        there = {(rid, False) for rid in table.live} | {(rid, True) for rid in table.bin}
        found[kind] = there ^ staged(
            database, "id, is_archived", f"hubspot_{kind}", "NOT is_gone AND merged_into IS NULL"
        )
    links = {
        (contact, company, is_primary)
        for contact in crms.portal.tables["contacts"].live
        for company, is_primary in crms.portal.links.of("contacts", contact)
        if company in crms.portal.tables["companies"].live
    }
    live = " AND ".join(
        f"{one}_id IN (SELECT id FROM staging.hubspot_{many} WHERE NOT is_archived AND merged_into IS NULL)"
        for one, many in (("contact", "contacts"), ("company", "companies"))
    )
    found["links"] = links ^ staged(database, "contact_id, company_id, is_primary", "hubspot_company_contacts", live)
    return {name: rows for name, rows in found.items() if rows}


def person(sandbox, crm, op, **values):
    return edit(sandbox.crms, {"crm": crm, "op": op, **values})


def calls_between(sandbox, act) -> dict[str, int]:
    before = dict(sandbox.crms.calls)
    act()
    made = {"salesforce": 0, "hubspot": 0}
    for (crm, _, path), n in sandbox.crms.calls.items():
        if "oauth2" not in path and "memberships" not in path:
            made[crm] += n - before.get((crm, _, path), 0)
    return made


def test_a_full_extract_shows_exactly_what_both_crms_hold(sandbox, database):
    extract_all(sandbox, database)
    assert differences(sandbox, database) == {}


def test_many_over_bulk_and_few_over_rest_are_staged_alike(sandbox, database):
    """Booleans, times and empty texts are written otherwise in CSV than in JSON."""
    org = sandbox.crms.org
    rich, gone, other = list(org.tables["Account"])[:3]
    person(sandbox, "salesforce", "update", object="Account", id=rich, values={"AnnualRevenue": 1e7, "Name": '"A",\n'})
    person(sandbox, "salesforce", "update", object="Account", id=rich, values={"NumberOfEmployees": 0, "Phone": ""})
    person(sandbox, "salesforce", "delete", object="Account", id=gone)
    person(sandbox, "salesforce", "merge", object="Account", winner=rich, losers=[other])
    found = []
    for rows in (1, 100_000):
        with database.transaction() as connection:
            connection.execute("TRUNCATE sync.watermarks, staging.salesforce_accounts, staging.salesforce_contacts")
            connection.execute("TRUNCATE staging.salesforce_leads")
        settings = SETTINGS.model_copy(update={"wire": SETTINGS.wire.model_copy(update={"salesforce_bulk_rows": rows})})
        extract_all(sandbox, database, settings)
        found.append([whole_rows(database, f"salesforce_{name}") for name in ("accounts", "contacts", "leads")])
    assert found[0] == found[1]
    assert sum(made for (_, method, path), made in sandbox.crms.calls.items() if path.endswith("jobs/query")) == 3


def test_half_a_query_is_noticed_read_again_and_then_refused(sandbox, database):
    """F23: few accounts are read over REST."""
    half = {"crm": "salesforce", "method": "GET", "path": "queryAll", "do": "half_page"}
    wiring = wiring_for(sandbox.url, database, SETTINGS, sandbox.clock)
    sandbox.crms.faults.arm([half | {"nth": 2, "times": 1}])
    extract_salesforce(wiring, RUN, "accounts")
    assert differences(sandbox, database).keys() == {"Contact", "Lead", "companies", "contacts", "links"}
    sandbox.crms.faults.arm([half | {"times": 0}])
    with pytest.raises(ShortRead):
        extract_salesforce(wiring, RUN, "contacts")
    assert staged(database, "id", "salesforce_contacts") == set()


def test_what_people_did_since_is_there_after_the_next_extract(sandbox, database):
    extract_all(sandbox, database)
    portal, org = sandbox.crms.portal, sandbox.crms.org
    companies, contacts = (list(portal.tables[kind].live) for kind in ("companies", "contacts"))
    accounts = [rid for rid, row in org.tables["Account"].items() if not row["IsDeleted"]]
    leads = [rid for rid, row in org.tables["Lead"].items() if not row["IsDeleted"] and not row.get("IsConverted")]
    sandbox.clock.advance(7200)
    person(sandbox, "hubspot", "archive", object="companies", id=companies[0])
    person(sandbox, "hubspot", "archive", object="contacts", id=contacts[0])
    person(sandbox, "hubspot", "merge", object="companies", primary=companies[1], other=companies[2])
    person(sandbox, "hubspot", "associate", contact=contacts[3], company=companies[3], primary=True)
    person(sandbox, "salesforce", "merge", object="Account", winner=accounts[0], losers=[accounts[1]])
    person(sandbox, "salesforce", "delete", object="Account", id=accounts[2])
    person(sandbox, "salesforce", "convert", id=leads[0])
    sandbox.clock.advance(60)
    extract_all(sandbox, database)
    found = differences(sandbox, database)
    assert {name: rows for name, rows in found.items() if name != "links"} == {}
    assert (contacts[3], companies[3], True) not in found.get("links", set())
    assert database.rows("SELECT is_converted FROM staging.salesforce_leads WHERE id = %s", [leads[0]])[0][
        "is_converted"
    ]


def test_the_daily_proof_leaves_no_difference(sandbox, database):
    extract_all(sandbox, database)
    portal = sandbox.crms.portal
    contacts = list(portal.tables["contacts"].live)
    sandbox.clock.advance(7200)
    linked = next(rid for rid in contacts if portal.links.of("contacts", rid))
    person(sandbox, "hubspot", "dissociate", contact=linked, company=portal.links.of("contacts", linked)[0][0])
    person(sandbox, "hubspot", "gdpr_delete", id=contacts[-1])
    erased = next(rid for rid, row in sandbox.crms.org.tables["Account"].items() if not row["IsDeleted"])
    person(sandbox, "salesforce", "delete", object="Account", id=erased)
    extract_all(sandbox, database)
    sandbox.clock.advance(30 * 86400)
    person(sandbox, "salesforce", "empty_bin")
    sandbox.clock.advance(60)
    wiring = wiring_for(sandbox.url, database, SETTINGS, sandbox.clock)
    reconcile_salesforce(wiring, RUN)
    reconcile_hubspot(wiring, RUN)
    assert differences(sandbox, database) == {}
    # An emptied bin takes no delete back.
    assert (erased, True) in staged(database, "id, is_deleted", "salesforce_accounts", "is_gone")


def test_a_sync_with_a_hundred_changes_costs_few_calls_and_a_quiet_one_fewer(sandbox, database):
    extract_all(sandbox, database)
    sandbox.clock.advance(7200)
    for rid in list(sandbox.crms.portal.tables["companies"].live)[:50]:
        person(sandbox, "hubspot", "update", object="companies", id=rid, values={"phone": "1"})
    for rid in list(sandbox.crms.portal.tables["contacts"].live)[:50]:
        person(sandbox, "hubspot", "update", object="contacts", id=rid, values={"lifecyclestage": "customer"})
    sandbox.clock.advance(60)
    made = calls_between(sandbox, lambda: extract_all(sandbox, database))
    assert made["salesforce"] <= 8
    assert made["hubspot"] <= 11


def test_half_a_list_is_noticed_and_nothing_is_taken_over(sandbox, database):
    sandbox.crms.faults.arm(
        [{"crm": "hubspot", "method": "GET", "path": "objects/companies", "do": "half_page", "times": 0}]
    )
    wiring = wiring_for(sandbox.url, database, SETTINGS, sandbox.clock)
    with pytest.raises(ShortRead):
        extract_hubspot(wiring, RUN, "companies")
    assert staged(database, "id", "hubspot_companies") == set()


def test_a_field_hidden_from_our_user_is_named(sandbox, database):
    """F33: describe leaves out what the user may not read."""
    person(sandbox, "salesforce", "hide_field", object="Account", name="Phone")
    wiring = wiring_for(sandbox.url, database, SETTINGS, sandbox.clock)
    with pytest.raises(MissingField, match="Phone"):
        extract_salesforce(wiring, RUN, "accounts")


def test_a_removed_property_is_named(sandbox, database):
    extract_all(sandbox, database)
    person(sandbox, "hubspot", "remove_property", object="companies", name="phone")
    wiring = wiring_for(sandbox.url, database, SETTINGS, sandbox.clock)
    with pytest.raises(MissingField, match="phone"):
        reconcile_hubspot(wiring, RUN)
