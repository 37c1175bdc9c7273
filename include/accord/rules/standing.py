"""The pairs that stand at the end of a plan: whose mapped fields are to be looked at (R21, R48, R51, R62-R70)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model import columns
from accord.rules.arrays import at, texts

if TYPE_CHECKING:
    from accord.rules.case import Case

_KNOWN, _LINKED, _MOVED = 0, 1, 2
_ORIGINS = ("known", "linked", "moved")


def standing_pairs(case: Case) -> pd.DataFrame:
    """Return one STANDING row per pair; accounts and companies in a dispute over their identity have none (R23, R78).

    A company taken over from a merged account is a new pair (R73), whatever became of the company: what that account
    had says nothing of this one.
    """
    account = np.flatnonzero(case.company_of >= 0)
    company = case.company_of[account]
    identity, accounts, companies = case.identity, case.records.accounts, case.records.companies
    origin = np.where(identity.company[account] >= 0, _KNOWN, _LINKED)
    origin = np.where(identity.company_merged[account], _MOVED, origin)
    origin = np.where(identity.account_merged[account], _LINKED, origin)
    rows = {
        "account_key": accounts.key[account],
        "company_key": companies.key[company],
        "origin": texts(_ORIGINS, origin),
        "is_asked": accounts.is_wanted[account] | at(companies.is_requested, company, False),
    }
    return pd.DataFrame(rows, columns=list(columns.STANDING))


def known_partners(case: Case) -> pd.DataFrame:
    """Return account_key and company_key of the pairs that stood before this plan, with merges followed (R73, R77)."""
    account = np.flatnonzero(case.identity.company >= 0)
    company = case.identity.company[account]
    return pd.DataFrame(
        {"account_key": case.records.accounts.key[account], "company_key": case.records.companies.key[company]}
    )
