"""Both CRMs as columns sorted by key, with merged records followed to what is left of them (R73, R77, R80).

A record is named by its position in its sorted column: positions are dense, order like keys, and join by indexing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from accord.rules.arrays import NOWHERE, Bools, Ints, at, place

if TYPE_CHECKING:
    from accord.rules.heirs import Heirs


@dataclass(frozen=True)
class Accounts:
    """Salesforce accounts; `heir` is the position of the account itself or of the survivor of its merges (R73)."""

    key: Ints
    is_live: Bools
    is_person: Bools
    is_new: Bools
    is_touched: Bools
    is_wanted: Bools
    heir: Ints
    company_key: Ints
    domain: Ints
    name: Ints

    @cached_property
    def index(self) -> pd.Index:
        """The keys, ready to be looked up more than once."""
        return pd.Index(self.key)


@dataclass(frozen=True)
class Contacts:
    """Salesforce contacts; `account` is NOWHERE both for private contacts and for accounts that we cannot see."""

    key: Ints
    email: Ints
    is_live: Bools
    is_private: Bools
    account: Ints

    @cached_property
    def index(self) -> pd.Index:
        """The keys, ready to be looked up more than once."""
        return pd.Index(self.key)


@dataclass(frozen=True)
class Leads:
    """Salesforce leads; `contact` is the live contact that a converted lead became (R88)."""

    key: Ints
    email: Ints
    is_live: Bools
    is_converted: Bools
    contact: Ints


@dataclass(frozen=True)
class Words:
    """A column of text that is read where it is asked for; `order` is that of the rows, None where they stand so."""

    texts: pd.api.extensions.ExtensionArray
    order: Ints | None

    def __getitem__(self, positions: Ints) -> npt.NDArray[np.object_]:
        """Return the texts at some positions."""
        rows = positions if self.order is None else self.order[positions]
        return np.asarray(self.texts.take(rows), dtype=object)


@dataclass(frozen=True)
class Companies:
    """HubSpot companies; archived and merged ones are not live."""

    key: Ints
    is_live: Bools
    is_old: Bools
    created_at: npt.NDArray[np.datetime64]
    account_key: Ints
    is_auto_created: Bools
    is_requested: Bools
    domain: Ints
    name: Ints
    stage: Words
    heirs: Heirs

    def find(self, keys: Ints) -> Ints:
        """Return the positions of the companies that these keys mean today (R77)."""
        return place(self.key, self.heirs.follow(keys))


@dataclass(frozen=True)
class Persons:
    """HubSpot contacts; archived and merged ones are not live (R26, R80)."""

    key: Ints
    is_live: Bools
    email: Ints
    contact_key: Ints
    lead_key: Ints
    is_listed: Bools
    has_moved: Bools
    stage: Words


@dataclass(frozen=True)
class Seats:
    """One row per live person and live company that go together, without repeats (R91), sorted by company, person."""

    company: Ints
    person: Ints
    is_primary: Bools


@dataclass(frozen=True)
class Records:
    """Everything the rules look at."""

    accounts: Accounts
    contacts: Contacts
    leads: Leads
    companies: Companies
    persons: Persons
    seats: Seats
    has_company: Bools
    """Persons that belong to any company that is not known to be gone (R13b)."""


def find_accounts(accounts: Accounts, keys: Ints) -> Ints:
    """Return the positions of the accounts that these keys mean today, merges followed (R73)."""
    return at(accounts.heir, place(accounts.index, keys), NOWHERE)
