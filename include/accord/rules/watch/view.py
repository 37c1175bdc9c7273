"""What watching looks at: the rules' own answer as if nobody were paired, beside what the CRMs say of who is whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model import columns
from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE, Bools, Ints, at, counted, filled, marked, place
from accord.rules.case import Case, study

if TYPE_CHECKING:
    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot
    from accord.rules.evidence import Overlaps


@dataclass(frozen=True)
class Pairs:
    """One row per live company that stores the id of a live account, sorted by company; positions.

    Attributes:
        account: the account.
        company: the company.
        people: Salesforce contacts they share.
        strength: of what they share, as in Overlaps; 0 for nobody.
        is_only: the account counts as paired with no other live company.
        is_person: a person account, which the rules leave alone (R11).
    """

    account: Ints
    company: Ints
    people: Ints
    strength: Ints
    is_only: Bools
    is_person: Bools

    def where(self, mask: Bools) -> Pairs:
        """Return the rows of a mask."""
        return Pairs(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class View:
    """Everything that findings are made of; columns by position.

    Attributes:
        case: what the rules come to when they know no pair.
        claims: overlaps by which the rules would pair (U17), without person accounts (R11).
        stores: companies that store an account id, of whatever account.
        stored_key: key of that account, also of one that we cannot see; NONE where none is stored.
        named: position of that account, live or not; NOWHERE for none or one that we cannot see.
        is_made: companies that an integration other than Accord created.
        standing: one row (account, company) per live company that counts as a live account's, by a stored id or by
            Accord; sorted.
        is_taken: companies that count as some live account's.
        pairs: what the native integration has paired.
    """

    case: Case
    claims: Overlaps
    stores: Bools
    stored_key: Ints
    named: Ints
    is_made: Bools
    standing: tuple[Ints, Ints]
    is_taken: Bools
    pairs: Pairs

    def people(self, account: Ints, company: Ints) -> Ints:
        """Return how many people the accounts and companies share, row by row; nobody shares with NOWHERE."""
        return _shared(self.case.overlaps, self.case.overlaps.people, account, company, len(self.stores))

    def strength(self, account: Ints, company: Ints) -> Ints:
        """Return the strength of what they share, row by row; 0 for nobody."""
        return _shared(self.case.overlaps, self.case.overlaps.strength, account, company, len(self.stores))

    @property
    def company_of(self) -> Ints:
        """The company that the native integration means by each account, NOWHERE for none or several."""
        company = filled(len(self.case.records.accounts.key))
        only = self.pairs.where(self.pairs.is_only)
        company[only.account] = only.company
        return company


def look(snapshot: Snapshot, native: pd.DataFrame, policy: Policy) -> View:
    """Return what there is to compare.

    Args:
        snapshot: both CRMs and Accord's memory.
        native: NATIVE.
        policy: how many people a match needs, and what to do with ties; neither switch nor scope matter here.
    """
    case = study(_as_if_unpaired(snapshot), policy)
    companies = case.records.companies
    company = place(companies.key, native["company_key"].to_numpy(dtype=np.int64))
    stores = marked(company, len(companies.key))
    stored_key = filled(len(companies.key), NONE)
    stored_key[company[company >= 0]] = native["account_key"].to_numpy(dtype=np.int64)[company >= 0]
    named = place(case.records.accounts.key, stored_key)
    standing = _standing(case, snapshot, stores, named)
    is_person = case.records.accounts.is_person
    return View(
        case=case,
        claims=case.claims.where(~is_person[case.claims.account]),
        stores=stores,
        stored_key=stored_key,
        named=named,
        is_made=marked(company[native["is_made"].to_numpy(dtype=bool)], len(companies.key)),
        standing=standing,
        is_taken=marked(standing[1], len(companies.key)),
        pairs=_pairs(case, named, standing[0]),
    )


def _as_if_unpaired(snapshot: Snapshot) -> Snapshot:
    """Return the snapshot in which nobody is paired, nothing is asked for, and every account takes part.

    Ids of accounts that we cannot see stay: such a company is nobody's candidate (R4). So do answers to reviews.
    """
    companies, accounts = snapshot.companies, snapshot.accounts
    is_seen = columns.isin_sorted(companies["account_key"].to_numpy(), accounts["key"].to_numpy())
    return replace(
        snapshot,
        companies=companies.assign(account_key=companies["account_key"].mask(is_seen, NONE), is_requested=False),
        accounts=accounts.assign(company_key=NONE, is_imported=True, is_requested=False),
        pairs=columns.empty(columns.PAIRS),
    )


def _standing(case: Case, snapshot: Snapshot, stores: Bools, named: Ints) -> tuple[Ints, Ints]:
    """Return which live company counts as which live account's, without repeats.

    The id that a company stores speaks first; else Accord's pairs and keys do.
    """
    accounts, companies = case.records.accounts, case.records.companies
    native = np.flatnonzero(companies.is_live & at(accounts.is_live, named, False))
    pairs = snapshot.pairs[snapshot.pairs["is_active"]]
    own_key = snapshot.companies[~stores[place(companies.key, snapshot.companies["key"].to_numpy())]]
    account_keys = (pairs["account_key"], own_key["account_key"], snapshot.accounts["key"])
    company_keys = (pairs["company_key"], own_key["key"], snapshot.accounts["company_key"])
    account = place(accounts.key, np.concatenate(account_keys))
    company = companies.find(np.concatenate(company_keys))
    counts = at(accounts.is_live, account, False) & at(companies.is_live, company, False)
    counts &= ~at(marked(native, len(stores)), company, True)
    size = max(len(stores), 1)
    codes = np.unique(np.r_[named[native] * size + native, account[counts] * size + company[counts]])
    return codes // size, codes % size


def _pairs(case: Case, named: Ints, standing: Ints) -> Pairs:
    """Return the pairs of the native integration."""
    accounts, companies = case.records.accounts, case.records.companies
    company = np.flatnonzero(companies.is_live & at(accounts.is_live, named, False))
    account = named[company]
    overlaps = case.overlaps
    return Pairs(
        account=account,
        company=company,
        people=_shared(overlaps, overlaps.people, account, company, len(named)),
        strength=_shared(overlaps, overlaps.strength, account, company, len(named)),
        is_only=counted(standing, len(accounts.key))[account] == 1,
        is_person=accounts.is_person[account],
    )


def _shared(overlaps: Overlaps, values: Ints, account: Ints, company: Ints, company_count: int) -> Ints:
    """Return the values of the overlaps of accounts and companies, 0 where they share nobody."""
    row = place(overlaps.account * company_count + overlaps.company, account * company_count + company)
    # Were one of them NOWHERE, its code could be that of two others.
    return at(values, np.where((account >= 0) & (company >= 0), row, NOWHERE), 0)
