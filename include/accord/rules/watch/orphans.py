"""Companies whose account is gone, and accounts whose company is (R4, R73-R77)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import NOWHERE, at, marked, strongest
from accord.rules.watch.found import Found, found

if TYPE_CHECKING:
    from accord.rules.watch.view import View


def orphans(view: View) -> list[Found]:
    """Return what was left behind, a finding for each company that names a lost account and each account without.

    A company that Accord paired anew meanwhile is no orphan, and neither is an account that has another company.
    """
    return [*_without_account(view), *_without_company(view)]


def _without_account(view: View) -> list[Found]:
    """Return live companies that store the id of an account that is deleted, merged away or not to be seen."""
    accounts, companies = view.case.records.accounts, view.case.records.companies
    company = np.flatnonzero(
        companies.is_live & view.stores & ~view.is_taken & ~at(accounts.is_live, view.named, False)
    )
    account = view.named[company]
    heir = at(accounts.heir, account, NOWHERE)
    is_merged = at(accounts.is_live, heir, False)
    unseen = found("account_not_visible", account, company)
    merged = found("account_merged", account, company, heir, at(view.company_of, heir, NOWHERE))
    deleted = found("account_deleted", account, company, view.case.account_of[company])
    return [
        unseen.where(account < 0),
        merged.where(is_merged),
        deleted.where((account >= 0) & ~is_merged),
    ]


def _without_company(view: View) -> list[Found]:
    """Return live accounts of which only companies that are archived or merged away store the id, one row each."""
    accounts, companies = view.case.records.accounts, view.case.records.companies
    has_one = marked(view.standing[0], len(accounts.key))
    gone = np.flatnonzero(view.stores & ~companies.is_live)
    account = view.named[gone]
    left = at(accounts.is_live, account, False) & ~at(has_one, account, True)
    account, gone = account[left], gone[left]
    heir = companies.find(companies.key[gone])
    lives_on = (heir != gone) & at(companies.is_live, heir, False)
    # Of several the one that lives on is named, then the oldest.
    chosen = strongest(account, lives_on.astype(np.int64), gone, len(accounts.key))
    is_chosen = chosen[account] == gone
    merged = found("company_merged", account, gone, other_company=heir)
    archived = found("company_archived", account, gone, other_company=view.case.company_of[account])
    return [merged.where(is_chosen & lives_on), archived.where(is_chosen & ~lives_on)]
