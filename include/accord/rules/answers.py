"""What people answered to reviews (this pair, never this pair, a record of its own), and what still is a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import NOWHERE, Bools, Ints, at, counted, filled, marked, occurs
from accord.rules.records import find_accounts

if TYPE_CHECKING:
    import pandas as pd

    from accord.rules.records import Records


@dataclass(frozen=True)
class Answers:
    """Answered reviews by position.

    Attributes:
        company: the company that a person chose for the account, NOWHERE if nobody did.
        account: the account that a person chose for the company.
        apart: codes (`code`) of pairs that a person ruled out.
        make_company: accounts that shall get a company of their own.
        make_account: companies that shall get an account of their own.
        accounts_asked: companies asked for by hand whose question between several accounts is still open (R47).
        companies_asked: those whose question between several companies is (R47).
    """

    company: Ints
    account: Ints
    apart: Ints
    make_company: Bools
    make_account: Bools
    accounts_asked: Bools
    companies_asked: Bools

    @property
    def given(self) -> bool:
        """Whether any answer speaks for or against a pair."""
        return bool(len(self.apart) or (self.company >= 0).any())

    def code(self, account: Ints, company: Ints) -> Ints:
        """Return one number for each pair of positions."""
        return account * max(len(self.account), 1) + company

    def allow(self, account: Ints, company: Ints) -> Bools:
        """Return whether no answer speaks against the pairs; a position of NOWHERE is spoken of by nobody."""
        chosen_company, chosen_account = at(self.company, account, NOWHERE), at(self.account, company, NOWHERE)
        other_company = (chosen_company >= 0) & (chosen_company != company)
        other_account = (chosen_account >= 0) & (chosen_account != account)
        ruled_out = occurs(self.code(account, company), self.apart) & (company >= 0)
        return np.asarray(~(other_company | other_account | ruled_out), dtype=bool)


def read_answers(records: Records, resolutions: pd.DataFrame) -> Answers:
    """Return the answers; a chosen pair counts while both records live and no second answer contradicts it.

    A question that was put to a person stays one until it is answered, although what raised it may have gone: else a
    later run would decide what this one was not allowed to (R47, R49).
    """
    accounts, companies = records.accounts, records.companies
    account = find_accounts(accounts, resolutions["account_key"].to_numpy(dtype=np.int64))
    company = companies.find(resolutions["company_key"].to_numpy(dtype=np.int64))
    choice = resolutions["choice"].to_numpy(dtype=object)
    size = max(len(companies.key), 1)
    living = at(accounts.is_live, account, False) & at(companies.is_live, company, False)
    code = account * size + company
    apart = np.unique(code[(choice == "apart") & (account >= 0) & (company >= 0)])
    chosen = np.setdiff1d(code[(choice == "pair") & living], apart)
    chosen_account, chosen_company = chosen // size, chosen % size
    clear = (counted(chosen_account, len(accounts.key))[chosen_account] == 1) & (
        counted(chosen_company, len(companies.key))[chosen_company] == 1
    )
    company_of, account_of = filled(len(accounts.key)), filled(len(companies.key))
    company_of[chosen_account[clear]] = chosen_company[clear]
    account_of[chosen_company[clear]] = chosen_account[clear]
    made = choice == "create"
    return Answers(
        company=company_of,
        account=account_of,
        apart=apart,
        make_company=marked(account[made], len(accounts.key)),
        make_account=marked(company[made & (account < 0)], len(companies.key)),
        accounts_asked=marked(company[choice == "tie_between_accounts"], len(companies.key)),
        companies_asked=marked(company[choice == "tie_between_companies"], len(companies.key)),
    )
