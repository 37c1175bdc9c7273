"""The snapshot's frames as records: sorted by key, references resolved, merges followed (R73, R77, R80, R91)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE, Bools, Ints, at, occurs, place
from accord.rules.heirs import Heirs, survivors
from accord.rules.records import Accounts, Companies, Contacts, Leads, Persons, Records, Seats, find_accounts

if TYPE_CHECKING:
    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot


def read_records(snapshot: Snapshot, policy: Policy) -> Records:
    """Return the snapshot's records in order of their keys, references resolved."""
    accounts = _accounts(_by_key(snapshot.accounts), pd.Timestamp(policy.enabled_at))
    contacts = _contacts(_by_key(snapshot.salesforce_contacts), accounts)
    companies = _companies(_by_key(snapshot.companies), snapshot.company_merges, pd.Timestamp(policy.enabled_at))
    persons, person_heirs = _persons(_by_key(snapshot.hubspot_contacts), snapshot.contact_merges)
    seats, has_company = _seats(snapshot.associations, companies, persons, person_heirs)
    leads = _leads(_by_key(snapshot.salesforce_leads), contacts)
    return Records(accounts, contacts, leads, companies, persons, seats, has_company)


def _by_key(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame in order of its key."""
    return frame if frame["key"].is_monotonic_increasing else frame.sort_values("key", kind="stable")


def _accounts(frame: pd.DataFrame, enabled_at: pd.Timestamp) -> Accounts:
    """Return the accounts; created or modified at the very moment of the switch-on counts as after it (R6, R8).

    What we wrote ourselves, and now read back, touches nothing (R10, R99).
    """
    key = _ints(frame, "key")
    is_live = ~_bools(frame, "is_deleted")
    return Accounts(
        key=key,
        is_live=is_live,
        is_person=_bools(frame, "is_person"),
        is_new=(frame["created_at"] >= enabled_at).to_numpy(),
        is_touched=(frame["modified_at"] >= enabled_at).to_numpy() & ~_bools(frame, "modified_by_us"),
        is_wanted=_bools(frame, "is_imported") | _bools(frame, "is_requested"),
        heir=survivors(key, is_live, _ints(frame, "master_key")),
        company_key=_ints(frame, "company_key"),
        domain=_ints(frame, "domain_key"),
        name=_ints(frame, "name_key"),
    )


def _contacts(frame: pd.DataFrame, accounts: Accounts) -> Contacts:
    """Return the Salesforce contacts, each with the account that stands for its AccountId today."""
    account_key = _ints(frame, "account_key")
    return Contacts(
        key=_ints(frame, "key"),
        email=_ints(frame, "email_key"),
        is_live=~_bools(frame, "is_deleted"),
        is_private=account_key == NONE,
        account=find_accounts(accounts, account_key),
    )


def _leads(frame: pd.DataFrame, contacts: Contacts) -> Leads:
    """Return the leads; a converted lead whose contact is gone became nobody."""
    contact = place(contacts.key, _ints(frame, "contact_key"))
    return Leads(
        key=_ints(frame, "key"),
        email=_ints(frame, "email_key"),
        is_live=~_bools(frame, "is_deleted"),
        is_converted=_bools(frame, "is_converted") | (_ints(frame, "contact_key") != NONE),
        contact=np.where(at(contacts.is_live, contact, False), contact, NOWHERE),
    )


def _companies(frame: pd.DataFrame, merges: pd.DataFrame, enabled_at: pd.Timestamp) -> Companies:
    """Return the companies; a request for a merged one is a request for its heir."""
    key, is_archived = _ints(frame, "key"), _bools(frame, "is_archived")
    heirs = Heirs.of(_ints(merges, "company_key"), _ints(merges, "merged_key"), key[~is_archived])
    is_merged = place(heirs.old, key) >= 0
    asked = place(key, heirs.follow(key[_bools(frame, "is_requested")]))
    return Companies(
        key=key,
        is_live=~is_archived & ~is_merged,
        is_old=(frame["created_at"] < enabled_at).to_numpy(),
        created_at=frame["created_at"].to_numpy(dtype="datetime64[us]"),
        account_key=_ints(frame, "account_key"),
        is_auto_created=_bools(frame, "is_auto_created"),
        is_requested=occurs(np.arange(len(key)), asked),
        domain=_ints(frame, "domain_key"),
        name=_ints(frame, "name_key"),
        stage=frame["stage"].to_numpy(dtype=object),
        heirs=heirs,
    )


def _persons(frame: pd.DataFrame, merges: pd.DataFrame) -> tuple[Persons, Heirs]:
    """Return the HubSpot contacts and their merges; who was on the list before a merge still is (R80)."""
    key, is_archived = _ints(frame, "key"), _bools(frame, "is_archived")
    heirs = Heirs.of(_ints(merges, "contact_key"), _ints(merges, "merged_key"), key[~is_archived])
    is_merged = place(heirs.old, key) >= 0
    listed = _bools(frame, "is_listed")
    inherited = place(key, heirs.follow(key[listed & is_merged]))
    stage = frame["stage"].to_numpy(dtype=object)
    persons = Persons(
        key=key,
        is_live=~is_archived & ~is_merged,
        email=_ints(frame, "email_key"),
        contact_key=_ints(frame, "contact_key"),
        lead_key=_ints(frame, "lead_key"),
        is_listed=listed | occurs(np.arange(len(key)), inherited),
        has_moved=_bools(frame, "has_baseline") & (frame["stage_before"] != frame["stage"]).to_numpy(dtype=bool),
        stage=stage,
    )
    return persons, heirs


def _seats(frame: pd.DataFrame, companies: Companies, persons: Persons, person_heirs: Heirs) -> tuple[Seats, Bools]:
    """Return who belongs where, and who belongs anywhere at all; merged records on either side are followed."""
    person = place(persons.key, person_heirs.follow(_ints(frame, "contact_key")))
    company = companies.find(_ints(frame, "company_key"))
    elsewhere = at(companies.is_live, company, True)
    has_company = np.zeros(len(persons.key), dtype=bool)
    has_company[person[(person >= 0) & elsewhere]] = True
    real = at(persons.is_live, person, False) & at(companies.is_live, company, False)
    size = len(persons.key)
    # The primary label sorts last among the labels of one seat, so the last row of a run tells.
    packed = np.sort((company[real] * size + person[real]) * 2 + _bools(frame, "is_primary")[real])
    last = np.flatnonzero(np.r_[packed[1:] >> 1 != packed[:-1] >> 1, np.ones(min(len(packed), 1), dtype=bool)])
    seat = packed[last] >> 1
    return Seats(seat // max(size, 1), seat % max(size, 1), (packed[last] & 1).astype(bool)), has_company


def _ints(frame: pd.DataFrame, column: str) -> Ints:
    """Return an int64 column."""
    return np.asarray(frame[column].to_numpy(), dtype=np.int64)


def _bools(frame: pd.DataFrame, column: str) -> Bools:
    """Return a bool column."""
    return np.asarray(frame[column].to_numpy(), dtype=bool)
