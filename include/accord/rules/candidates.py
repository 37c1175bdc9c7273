"""Which records may be one, whatever was decided: what a person who answers a review chooses from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.rules.arrays import Bools, Ints, at, occurs, place
from accord.rules.identity import statements

if TYPE_CHECKING:
    from accord.rules.case import Case


def candidates(case: Case, pairs: pd.DataFrame) -> pd.DataFrame:
    """Return one row per live account and live company that may be one, without what a person ruled out.

    Args:
        case: what is known of all records.
        pairs: Accord's own pairs, as in the snapshot.

    Returns:
        account_key, company_key; people and primaries in common; is_stated: a stored id, a key or an earlier pair
        says so; is_free: neither of them is paired with a third record. Sorted by the keys.
    """
    accounts, companies = case.records.accounts, case.records.companies
    overlaps, edges = case.overlaps, statements(case.records, pairs, case.answers)
    size = max(len(companies.key), 1)
    live = at(accounts.is_live, edges.account, False) & at(companies.is_live, edges.company, False)
    shared, stated = overlaps.account * size + overlaps.company, (edges.account * size + edges.company)[live]
    code = np.unique(np.concatenate([shared, stated]))
    account, company, row = code // size, code % size, place(shared, code)
    return pd.DataFrame(
        {
            "account_key": accounts.key[account],
            "company_key": companies.key[company],
            "people": at(overlaps.people, row, 0),
            "primaries": at(overlaps.primaries, row, 0),
            "is_stated": occurs(code, stated),
            "is_free": _no_third(case.identity.company, account, company)
            & _no_third(case.identity.account, company, account),
        }
    )


def people_between(case: Case, account_key: int, company_key: int) -> pd.DataFrame:
    """Return the people that an account and a company share: both contact keys, kind, is_primary.

    One row per HubSpot contact at the company that is paired with a Salesforce contact of the account (R14).
    """
    records, people, seats = case.records, case.people, case.records.seats
    here = np.flatnonzero(seats.company == _position(records.companies.key, company_key))
    here = here[people.account[seats.person[here]] == _position(records.accounts.key, account_key)]
    person = seats.person[here]
    return pd.DataFrame(
        {
            "salesforce_contact_key": records.contacts.key[people.contact[person]],
            "hubspot_contact_key": records.persons.key[person],
            "kind": np.where(people.by_email[person], "email", "id"),
            "is_primary": seats.is_primary[here],
        }
    ).sort_values(["is_primary", "hubspot_contact_key"], ascending=[False, True], ignore_index=True)


def _position(keys: Ints, key: int) -> int:
    """Return where a key stands among sorted keys, -2 where it does not: nothing is there, not even nowhere."""
    found = int(np.searchsorted(keys, key))
    return found if found < len(keys) and keys[found] == key else -2


def in_review(case: Case) -> tuple[Bools, Bools]:
    """Return which accounts and which companies a person has to settle before others go on (R18, R20, R45, R47)."""
    identity, matches = case.identity, case.matches
    accounts = identity.in_review | matches.in_review
    companies = identity.disputed | identity.orphan | case.manual.in_review
    return accounts, companies


def _no_third(partner: Ints, mine: Ints, theirs: Ints) -> Bools:
    """Return whether a record is paired with nobody, or with the very record that is asked about."""
    known = partner[mine]
    return np.asarray((known < 0) | (known == theirs), dtype=bool)
