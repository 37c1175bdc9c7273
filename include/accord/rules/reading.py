"""The snapshot's frames as records: sorted by key, references resolved, merges followed (R73, R77, R80, R91)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE, Bools, at, occurs, place
from accord.rules.beside import beside
from accord.rules.heirs import Heirs, survivors
from accord.rules.records import Accounts, Companies, Contacts, Leads, Persons, Records, Seats, find_accounts
from accord.rules.tables import Table, bools, ints

if TYPE_CHECKING:
    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot


def read_records(snapshot: Snapshot, policy: Policy) -> Records:
    """Return the snapshot's records in order of their keys, references resolved."""
    enabled_at = pd.Timestamp(policy.enabled_at)

    def salesforce() -> tuple[Accounts, Contacts, Leads]:
        """Return the records of Salesforce."""
        accounts = _accounts(Table.of(snapshot.accounts), enabled_at)
        contacts = _contacts(Table.of(snapshot.salesforce_contacts), accounts)
        return accounts, contacts, _leads(Table.of(snapshot.salesforce_leads), contacts)

    def hubspot() -> tuple[Companies, Persons, Seats, Bools]:
        """Return the records of HubSpot."""
        companies = _companies(Table.of(snapshot.companies), snapshot.company_merges, enabled_at)
        persons, person_heirs = _persons(Table.of(snapshot.hubspot_contacts), snapshot.contact_merges)
        return companies, persons, *_seats(snapshot.associations, companies, persons, person_heirs)

    (accounts, contacts, leads), (companies, persons, seats, has_company) = beside(salesforce, hubspot)
    return Records(accounts, contacts, leads, companies, persons, seats, has_company)


def _accounts(table: Table, enabled_at: pd.Timestamp) -> Accounts:
    """Return the accounts; created or modified at the very moment of the switch-on counts as after it (R6, R8).

    What we wrote ourselves, and now read back, touches nothing (R10, R99).
    """
    key = table.ints("key")
    is_live = ~table.bools("is_deleted")
    return Accounts(
        key=key,
        is_live=is_live,
        is_person=table.bools("is_person"),
        is_new=table.since("created_at", enabled_at),
        is_touched=table.since("modified_at", enabled_at) & ~table.bools("modified_by_us"),
        is_wanted=table.bools("is_imported") | table.bools("is_requested"),
        heir=survivors(key, is_live, table.ints("master_key")),
        company_key=table.ints("company_key"),
        domain=table.ints("domain_key"),
        name=table.ints("name_key"),
    )


def _contacts(table: Table, accounts: Accounts) -> Contacts:
    """Return the Salesforce contacts, each with the account that stands for its AccountId today."""
    account_key = table.ints("account_key")
    return Contacts(
        key=table.ints("key"),
        email=table.ints("email_key"),
        is_live=~table.bools("is_deleted"),
        is_private=account_key == NONE,
        account=find_accounts(accounts, account_key),
    )


def _leads(table: Table, contacts: Contacts) -> Leads:
    """Return the leads; a converted lead whose contact is gone became nobody."""
    contact = place(contacts.index, table.ints("contact_key"))
    return Leads(
        key=table.ints("key"),
        email=table.ints("email_key"),
        is_live=~table.bools("is_deleted"),
        is_converted=table.bools("is_converted") | (table.ints("contact_key") != NONE),
        contact=np.where(at(contacts.is_live, contact, False), contact, NOWHERE),
    )


def _companies(table: Table, merges: pd.DataFrame, enabled_at: pd.Timestamp) -> Companies:
    """Return the companies; a request for a merged one is a request for its heir."""
    key, is_archived = table.ints("key"), table.bools("is_archived")
    heirs = Heirs.of(ints(merges, "company_key"), ints(merges, "merged_key"), key[~is_archived])
    is_merged = place(heirs.old, key) >= 0
    asked = place(key, heirs.follow(key[table.bools("is_requested")]))
    created_at = table.times("created_at")
    return Companies(
        key=key,
        is_live=~is_archived & ~is_merged,
        is_old=~np.isnat(created_at) & ~table.since("created_at", enabled_at),
        created_at=created_at,
        account_key=table.ints("account_key"),
        is_auto_created=table.bools("is_auto_created"),
        is_requested=occurs(np.arange(len(key)), asked),
        domain=table.ints("domain_key"),
        name=table.ints("name_key"),
        stage=table.words("stage"),
        heirs=heirs,
    )


def _persons(table: Table, merges: pd.DataFrame) -> tuple[Persons, Heirs]:
    """Return the HubSpot contacts and their merges; who was on the list before a merge still is (R80)."""
    key, is_archived = table.ints("key"), table.bools("is_archived")
    heirs = Heirs.of(ints(merges, "contact_key"), ints(merges, "merged_key"), key[~is_archived])
    is_merged = place(heirs.old, key) >= 0
    listed = table.bools("is_listed")
    inherited = place(key, heirs.follow(key[listed & is_merged]))
    persons = Persons(
        key=key,
        is_live=~is_archived & ~is_merged,
        email=table.ints("email_key"),
        contact_key=table.ints("contact_key"),
        lead_key=table.ints("lead_key"),
        is_listed=listed | occurs(np.arange(len(key)), inherited),
        has_moved=table.bools("has_baseline") & table.differ("stage_before", "stage"),
        stage=table.words("stage"),
    )
    return persons, heirs


def _seats(frame: pd.DataFrame, companies: Companies, persons: Persons, person_heirs: Heirs) -> tuple[Seats, Bools]:
    """Return who belongs where, and who belongs anywhere at all; merged records on either side are followed."""
    person = place(persons.key, person_heirs.follow(ints(frame, "contact_key")))
    company = companies.find(ints(frame, "company_key"))
    elsewhere = at(companies.is_live, company, True)
    has_company = np.zeros(len(persons.key), dtype=bool)
    has_company[person[(person >= 0) & elsewhere]] = True
    real = np.flatnonzero(at(persons.is_live, person, False) & at(companies.is_live, company, False))
    size = len(persons.key)
    # The primary label sorts last among the labels of one seat, so the last row of a run tells.
    packed = np.sort((company[real] * size + person[real]) * 2 + bools(frame, "is_primary")[real])
    last = np.flatnonzero(np.r_[packed[1:] >> 1 != packed[:-1] >> 1, np.ones(min(len(packed), 1), dtype=bool)])
    seat = packed[last] >> 1
    return Seats(seat // max(size, 1), seat % max(size, 1), (packed[last] & 1).astype(bool)), has_company
