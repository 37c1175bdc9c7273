"""Which accounts and companies are known to be one, and which such knowledge contradicts itself (R21-R23, R73-R79).

A pair is known from Accord's own table, from the account id that the company stores, or from the key that we wrote
on the account. People, domains and names are not asked here (R21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE, Bools, Ints, at, counted, filled, marked
from accord.rules.records import find_accounts

if TYPE_CHECKING:
    import pandas as pd

    from accord.rules.answers import Answers
    from accord.rules.records import Records


@dataclass(frozen=True)
class Identity:
    """What is known of every account and company before anybody is matched; all columns by position.

    Attributes:
        company: the account's live company, NOWHERE if it has none.
        account: the company's live account, NOWHERE if it has none.
        account_merged: account whose company comes from an account that was merged into it (R73).
        company_merged: account whose company comes from a company that was merged into it (R77).
        restored: account whose pair was broken by a delete, and both records live again (R79).
        stores_twice: account that several live companies name (R23).
        silent: account for which companies in review speak (R78, R73 with several losers).
        disputed: company that several live accounts name (R78).
        twin: company that names an account which another live company names, too (R23).
        orphan: company of an account that was merged into one with another company (R74).
        company_gone: account without company whose company was archived (R76).
        company_unseen: account whose company we cannot see (R4).
        account_gone: company without account whose account was deleted (R75).
        account_unseen: company whose account we cannot see (R4).
        told_apart: company that names a live account, of which a person said that it is another company's (R23).
    """

    company: Ints
    account: Ints
    account_merged: Bools
    company_merged: Bools
    restored: Bools
    stores_twice: Bools
    silent: Bools
    disputed: Bools
    twin: Bools
    orphan: Bools
    company_gone: Bools
    company_unseen: Bools
    account_gone: Bools
    account_unseen: Bools
    told_apart: Bools

    @property
    def closed(self) -> Bools:
        """Companies that are nobody's candidate until a person has settled them (R23, R74, R78)."""
        return self.disputed | self.twin | self.orphan

    @property
    def in_review(self) -> Bools:
        """Accounts that are themselves under review (R23, R74, R78)."""
        return self.stores_twice | self.silent


@dataclass(frozen=True)
class _Edges:
    """One row per statement "this account is that company"; NOWHERE is a record that we cannot see."""

    account: Ints
    company: Ints
    account_moved: Bools
    company_moved: Bools
    is_ledger: Bools
    is_broken: Bools

    def where(self, mask: Bools) -> _Edges:
        """Return the statements of a mask."""
        return _Edges(*(getattr(self, name)[mask] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class _Standing:
    """Distinct pairs of live records, and what became of those that an account merge left behind."""

    account: Ints
    company: Ints
    orphan: Bools
    contested: Bools


def known_pairs(records: Records, pairs: pd.DataFrame, answers: Answers) -> Identity:
    """Return which records are paired, contradictory, orphaned or without their partner (R21-R23, R73-R79)."""
    accounts, companies = records.accounts, records.companies
    said = _everything_said(records, pairs)
    allowed = answers.allow(said.account, said.company)
    edges = said.where(allowed)
    live = at(accounts.is_live, edges.account, False) & at(companies.is_live, edges.company, False)
    stand = _with_heirs(records, edges, live)
    account, company, restored = _with_restored(records, edges, live, stand)
    twice = counted(account, len(accounts.key)) > 1
    disputed = counted(company, len(companies.key)) > 1
    clean = ~twice[account] & ~disputed[company]
    company_of, account_of = filled(len(accounts.key)), filled(len(companies.key))
    company_of[account[clean]], account_of[company[clean]] = company[clean], account[clean]
    known = edges.where(live & ~edges.is_broken)
    own = known.is_ledger & ~known.account_moved
    confirmed = _says(known, own & ~known.company_moved, company_of)
    silent = stand.contested | (marked(account[disputed[company]], len(accounts.key)) & ~twice)
    twin = marked(company[twice[account]], len(companies.key)) & ~disputed
    open_account = accounts.is_live & (company_of < 0) & ~twice & ~silent
    open_company = companies.is_live & (account_of < 0) & ~disputed & ~twin & ~stand.orphan
    company_unseen, company_gone = _lost_companies(records, edges, open_account)
    account_unseen, account_gone = _lost_accounts(records, edges, open_company)
    return Identity(
        company=company_of,
        account=account_of,
        account_merged=_says(known, known.account_moved, company_of) & ~_says(known, own, company_of),
        company_merged=_says(known, known.company_moved, company_of) & ~confirmed,
        restored=marked(restored, len(accounts.key)),
        stores_twice=twice,
        silent=silent,
        disputed=disputed,
        twin=twin,
        orphan=stand.orphan,
        company_gone=company_gone,
        company_unseen=company_unseen,
        account_gone=account_gone,
        account_unseen=account_unseen,
        told_apart=_told_apart(records, said.where(~allowed)) & open_company,
    )


def statements(records: Records, pairs: pd.DataFrame, answers: Answers) -> _Edges:
    """Return everything that says which account is which company, without what a person ruled out."""
    said = _everything_said(records, pairs)
    return said.where(answers.allow(said.account, said.company))


def _everything_said(records: Records, pairs: pd.DataFrame) -> _Edges:
    """Return everything that says which account is which company, whatever people answered."""
    accounts, companies = records.accounts, records.companies
    naming_company, naming_account = companies.account_key != NONE, accounts.company_key != NONE
    pair_account, pair_company = (pairs[name].to_numpy(dtype=np.int64) for name in ("account_key", "company_key"))
    account_key = np.concatenate([pair_account, companies.account_key[naming_company], accounts.key[naming_account]])
    company_key = np.concatenate([pair_company, companies.key[naming_company], accounts.company_key[naming_account]])
    others = len(account_key) - len(pairs)
    account = find_accounts(accounts, account_key)
    company = companies.find(company_key)
    return _Edges(
        account=account,
        company=company,
        account_moved=at(accounts.key, account, NONE) != account_key,
        company_moved=companies.heirs.follow(company_key) != company_key,
        is_ledger=np.r_[np.ones(len(pairs), dtype=bool), np.zeros(others, dtype=bool)],
        is_broken=np.r_[~pairs["is_active"].to_numpy(dtype=bool), np.zeros(others, dtype=bool)],
    )


def _told_apart(records: Records, ruled_out: _Edges) -> Bools:
    """Return the companies that name a live account whose company they are not, as a person said."""
    named = at(records.accounts.is_live, ruled_out.account, False)
    return marked(ruled_out.company[named], len(records.companies.key))


def _with_heirs(records: Records, edges: _Edges, live: Bools) -> _Standing:
    """Return the pairs that stand: what is said of an account itself, then what it inherits by a merge (R73, R74).

    A survivor without company takes over the company of the account that was merged into it. If it has one, or if
    several losers bring one each, the losers' companies are orphans. One that several survivors inherit is disputed.
    """
    accounts, companies = records.accounts, records.companies
    direct = edges.where(live & ~edges.is_broken & ~edges.account_moved)
    unseen = edges.where(~edges.is_broken & ~edges.account_moved & (edges.company < 0))
    has_own = marked(direct.account, len(accounts.key)) | marked(unseen.account, len(accounts.key))
    spoken_for = marked(direct.company, len(companies.key))
    moved = edges.where(live & ~edges.is_broken & edges.account_moved)
    account, company = _distinct(moved.account, moved.company, len(companies.key))
    account, company = account[~spoken_for[company]], company[~spoken_for[company]]
    several = counted(account, len(accounts.key)) > 1
    orphan = marked(company[has_own[account] | several[account]], len(companies.key))
    left = orphan[company]
    own_account, own_company = _distinct(direct.account, direct.company, len(companies.key))
    return _Standing(
        account=np.concatenate([own_account, account[~left]]),
        company=np.concatenate([own_company, company[~left]]),
        orphan=orphan,
        contested=marked(account[left], len(accounts.key)) & ~has_own,
    )


def _with_restored(records: Records, edges: _Edges, live: Bools, stand: _Standing) -> tuple[Ints, Ints, Ints]:
    """Return accounts and companies of all pairs, and the accounts whose broken pair is restored (R79).

    A broken pair comes back where neither record has found another partner since, one that we cannot see included
    (R4), and no other one wants to.
    """
    sizes = len(records.accounts.key), len(records.companies.key)
    broken, active = edges.where(live & edges.is_broken), edges.where(~edges.is_broken)
    account, company = _distinct(broken.account, broken.company, sizes[1])
    busy_account = marked(stand.account, sizes[0]) | stand.contested
    busy_account |= marked(active.account[(active.company < 0) & ~active.account_moved], sizes[0])
    busy_company = marked(stand.company, sizes[1]) | stand.orphan
    busy_company |= marked(active.company[active.account < 0], sizes[1])
    back = (
        ~busy_account[account]
        & ~busy_company[company]
        & (counted(account, sizes[0])[account] == 1)
        & (counted(company, sizes[1])[company] == 1)
    )
    restored = account[back]
    return np.concatenate([stand.account, restored]), np.concatenate([stand.company, company[back]]), restored


def _lost_companies(records: Records, edges: _Edges, is_open: Bools) -> tuple[Bools, Bools]:
    """Return the accounts whose company cannot be seen (R4), and those whose company was archived (R76)."""
    own = ~edges.account_moved
    unseen = is_open & marked(edges.account[own & (edges.company < 0) & ~edges.is_broken], len(is_open))
    gone = ~at(records.companies.is_live, edges.company, True)
    return unseen, is_open & ~unseen & marked(edges.account[own & gone], len(is_open))


def _lost_accounts(records: Records, edges: _Edges, is_open: Bools) -> tuple[Bools, Bools]:
    """Return the companies whose account cannot be seen (R4), and those whose account was deleted (R75).

    A pair that is remembered as broken and whose account has meanwhile left the recycle bin is a deleted one.
    """
    unseen = is_open & marked(edges.company[(edges.account < 0) & ~edges.is_broken], len(is_open))
    gone = ~at(records.accounts.is_live, edges.account, False)
    return unseen, is_open & ~unseen & marked(edges.company[gone], len(is_open))


def _says(edges: _Edges, mask: Bools, company_of: Ints) -> Bools:
    """Return the accounts for which a statement of the mask names the very company that they are paired with."""
    agrees = mask & (at(company_of, edges.account, NOWHERE) == edges.company)
    return marked(edges.account[agrees], len(company_of))


def _distinct(account: Ints, company: Ints, company_count: int) -> tuple[Ints, Ints]:
    """Return the pairs without repeats, sorted."""
    size = max(company_count, 1)
    codes = np.unique(account * size + company)
    return codes // size, codes % size
