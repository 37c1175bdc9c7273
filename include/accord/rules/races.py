"""Companies that HubSpot made by itself while Accord made one for the same people (R105)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import NOWHERE, at, strongest
from accord.rules.records import find_accounts

if TYPE_CHECKING:
    import pandas as pd

    from accord.rules.arrays import Ints
    from accord.rules.evidence import Overlaps
    from accord.rules.identity import Identity
    from accord.rules.records import Records

WINDOW = np.timedelta64(1, "h")
"""HubSpot's create-and-associate setting acts seconds to minutes around our write."""


def raced_with(records: Records, identity: Identity, overlaps: Overlaps, pairs: pd.DataFrame) -> Ints:
    """Return for each company the account whose company Accord made at the same time (R105), else NOWHERE.

    HubSpot made it by itself, and it holds people of that account. An unknown time of creation counts as the same.
    """
    companies = records.companies
    made_at = _made_at(records, identity, pairs)[overlaps.account]
    apart = np.abs(companies.created_at[overlaps.company] - made_at)
    same_time = (apart <= WINDOW) | np.isnat(companies.created_at[overlaps.company])
    is_twin = companies.is_auto_created & companies.is_live & (identity.account < 0)
    twins = overlaps.where(is_twin[overlaps.company] & ~np.isnat(made_at) & same_time)
    return strongest(twins.company, twins.strength, twins.account, len(companies.key))


def _made_at(records: Records, identity: Identity, pairs: pd.DataFrame) -> np.ndarray:
    """Return for each account when Accord made the company that it is paired with, NaT for all others."""
    made_at = pairs["company_made_at"].to_numpy(dtype="datetime64[us]")
    account = find_accounts(records.accounts, pairs["account_key"].to_numpy(dtype=np.int64))
    company = records.companies.find(pairs["company_key"].to_numpy(dtype=np.int64))
    stands = (account >= 0) & (company >= 0) & (at(identity.company, account, NOWHERE) == company)
    latest = np.full(len(records.accounts.key), np.datetime64("NaT", "us"))
    np.fmax.at(latest, account[stands], made_at[stands])
    return latest
