"""Pairings and creations that a person undid: both records rest until somebody asks for them again (R104)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import Bools, Ints, at, marked, place
from accord.rules.records import find_accounts

if TYPE_CHECKING:
    import pandas as pd

    from accord.rules.answers import Answers
    from accord.rules.records import Records


@dataclass(frozen=True)
class Undone:
    """What was undone and not asked for since, by an import or by hand.

    Attributes:
        account: the accounts of the undone pairs, merges followed.
        company: their companies, merges followed.
        accounts: accounts that rest; one that took in a merged one does not.
        companies: companies that get no account by themselves; another account's people may still pair them, as those
            whose account was deleted (R16, R75).
    """

    account: Ints
    company: Ints
    accounts: Bools
    companies: Bools

    def kept_apart(self, answers: Answers) -> Answers:
        """Return the answers with the undone pairs ruled out, whatever people, keys and memory say."""
        known = (self.account >= 0) & (self.company >= 0)
        codes = answers.code(self.account[known], self.company[known])
        return replace(answers, apart=np.union1d(answers.apart, codes)) if len(codes) else answers


def read_undone(records: Records, undone: pd.DataFrame) -> Undone:
    """Return the undone pairs; a request by hand or an import of one of the two records lifts them (R49)."""
    accounts, companies = records.accounts, records.companies
    account_key, company_key = (undone[name].to_numpy(dtype=np.int64) for name in ("account_key", "company_key"))
    account, company = find_accounts(accounts, account_key), companies.find(company_key)
    rests = ~(at(accounts.is_wanted, account, False) | at(companies.is_requested, company, False))
    return Undone(
        account=account[rests],
        company=company[rests],
        accounts=marked(place(accounts.index, account_key[rests]), len(accounts.key)),
        companies=marked(place(companies.key, company_key[rests]), len(companies.key)),
    )
