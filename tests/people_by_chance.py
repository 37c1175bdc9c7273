"""Records by chance that name each other, and what they come to, worked out one by one (R14, R24-R26, R38, R85-R92)."""

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from accord.model import columns
from accord.model.ids import NONE
from accord.model.policy import Policy
from accord.model.snapshot import Snapshot
from accord.rules.records import Records

POLICY = Policy(sync_companies=True, enabled_at=datetime(2026, 1, 1, tzinfo=UTC))
BLANK = {"int64": NONE, "bool": False, "str": "", columns.TIME: pd.Timestamp("2026-01-01", tz="UTC")}
STAGES = ["", "lead", "customer"]
EMAILS = [NONE, 500, 500, 501, 502]


def frame(contract: dict[str, str], rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a frame of a contract; what a row does not say is blank."""
    blank = {name: BLANK[dtype] for name, dtype in contract.items()}
    if not rows:
        return columns.empty(contract)
    return columns.conform(pd.DataFrame([blank | row for row in rows]), contract, "rows")


@cache
def by_chance(seed: int) -> Snapshot:
    """Return a few records of every kind, that name each other, nobody, and records that are not seen."""
    chance = Random(seed)

    def some(first: int, most: int) -> list[int]:
        keys = list(range(first, first + chance.randint(0, most)))
        chance.shuffle(keys)
        return keys

    def flag(share: float = 0.2) -> bool:
        return chance.random() < share

    accounts, contacts, leads, companies, persons = some(10, 3), some(20, 8), some(40, 4), some(60, 3), some(80, 7)
    return Snapshot.of(
        accounts=frame(columns.ACCOUNTS, [{"key": key, "is_deleted": flag()} for key in accounts]),
        salesforce_contacts=frame(
            columns.SALESFORCE_CONTACTS,
            [
                {"key": key, "email_key": chance.choice(EMAILS), "is_deleted": flag()}
                | {"account_key": chance.choice([NONE, 19, *accounts])}
                for key in contacts
            ],
        ),
        salesforce_leads=frame(
            columns.SALESFORCE_LEADS,
            [
                {"key": key, "email_key": chance.choice(EMAILS), "is_deleted": flag(), "is_converted": flag()}
                | {"contact_key": chance.choice([NONE, NONE, 39, *contacts])}
                for key in leads
            ],
        ),
        companies=frame(
            columns.COMPANIES,
            [{"key": key, "is_archived": flag(), "stage": chance.choice(STAGES)} for key in companies],
        ),
        hubspot_contacts=frame(
            columns.HUBSPOT_CONTACTS,
            [
                {"key": key, "email_key": chance.choice(EMAILS), "is_archived": flag(0.1)}
                | {"contact_key": chance.choice([*[NONE] * 6, 39, *contacts[:3]])}
                | {"has_baseline": flag(0.8), "stage_before": chance.choice(STAGES), "stage": chance.choice(STAGES)}
                | {"lead_key": chance.choice([*[NONE] * 6, 59, *leads[:3]])}
                for key in persons
            ],
        ),
        associations=frame(
            columns.ASSOCIATIONS,
            [
                {"contact_key": person, "company_key": company, "is_primary": flag(0.5)}
                for person in [*persons, 99]
                for company in [*companies, *companies, 79]
                if flag(0.5)
            ],
        ),
    )


class OneByOne:
    """The same found by looking at one person after the other."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.contacts = {it["key"]: it for it in snapshot.salesforce_contacts.to_dict("records")}
        self.leads = {it["key"]: it for it in snapshot.salesforce_leads.to_dict("records")}
        self.persons = {it["key"]: it for it in snapshot.hubspot_contacts.to_dict("records")}
        living = [it for it in self.persons.values() if not it["is_archived"]]
        self.contact: dict[int, int] = {}
        self.by_email: set[int] = set()
        self.is_lead: set[int] = set()
        for person in living:
            self._by_id(person)
        taken = {it["contact_key"] for it in living} | set(self.contact.values())
        self.free = [
            key
            for key, it in self.contacts.items()
            if not it["is_deleted"] and key not in taken and it["email_key"] != NONE
        ]
        named = {it["lead_key"] for it in living}
        open_leads = [it["email_key"] for key, it in self.leads.items() if key not in named and self._is_open(key)]
        known = {self.persons[one]["email_key"] for one in self.contact}
        known |= {self.contacts[other]["email_key"] for other in self.contact.values()}
        unclear: set[int] = set()
        nameless = [it for it in living if it["contact_key"] == it["lead_key"] == NONE != it["email_key"]]
        for person in nameless:
            self._by_email(person, open_leads, unclear)
        self.is_unsure = {it["key"] for it in nameless if it["email_key"] in unclear}
        nobodys = [key for key in self.free if key not in {self.contact.get(person) for person in self.by_email}]
        self.shadows = {key for key in nobodys if self.contacts[key]["email_key"] in known}
        self.ambiguous = {key for key in nobodys if self.contacts[key]["email_key"] in unclear}

    def _lives(self, contact: int) -> bool:
        return contact in self.contacts and not self.contacts[contact]["is_deleted"]

    def _is_open(self, lead: int) -> bool:
        it = self.leads[lead]
        return not (it["is_deleted"] or it["is_converted"] or it["contact_key"] != NONE)

    def _by_id(self, person: dict[str, Any]) -> None:
        key, contact, lead = person["key"], person["contact_key"], person["lead_key"]
        if contact == NONE and lead in self.leads and not self.leads[lead]["is_deleted"]:
            contact = self.leads[lead]["contact_key"]
            if self._is_open(lead):
                self.is_lead.add(key)
        if self._lives(contact):
            self.contact[key] = contact

    def _by_email(self, person: dict[str, Any], open_leads: list[int], unclear: set[int]) -> None:
        email = person["email_key"]
        holders = [key for key in self.free if self.contacts[key]["email_key"] == email]
        if len(holders) == 1:
            self.contact[person["key"]] = holders[0]
            self.by_email.add(person["key"])
        elif holders:
            unclear.add(email)
        elif email in open_leads:
            self.is_lead.add(person["key"])
            self.by_email.add(person["key"])


def keys(column: np.ndarray, mask: np.ndarray) -> set[int]:
    return {int(key) for key in column[mask]}


def overlaps_one_by_one(snapshot: Snapshot, people: OneByOne) -> dict[tuple[int, int], tuple[int, int, bool]]:
    """Return people, primaries and whether an id is among them, by account and company."""
    living = {
        "accounts": {it["key"] for it in snapshot.accounts.to_dict("records") if not it["is_deleted"]},
        "companies": {it["key"] for it in snapshot.companies.to_dict("records") if not it["is_archived"]},
    }
    primary: Counter[tuple[int, int, int]] = Counter()
    by_id: set[tuple[int, int]] = set()
    for it in snapshot.associations.to_dict("records"):
        person, company = it["contact_key"], it["company_key"]
        contact = people.contact.get(person)
        account = people.contacts[contact]["account_key"] if contact is not None else NONE
        if account in living["accounts"] and company in living["companies"]:
            primary[account, company, contact] |= int(it["is_primary"])
            by_id |= {(account, company)} if person not in people.by_email else set()
    found: dict[tuple[int, int], tuple[int, int, bool]] = {}
    for (account, company, _), is_primary in primary.items():
        number, primaries, _ = found.get((account, company), (0, 0, False))
        found[account, company] = number + 1, primaries + is_primary, (account, company) in by_id
    return found


def as_keys(records: Records, overlaps: Any) -> dict[tuple[int, int], tuple[int, int, bool]]:
    """Return overlaps by keys."""
    return {
        (int(records.accounts.key[account]), int(records.companies.key[company])): (
            int(number),
            int(primaries),
            bool(some),
        )
        for account, company, number, primaries, some in zip(
            overlaps.account, overlaps.company, overlaps.people, overlaps.primaries, overlaps.by_id, strict=True
        )
    }
