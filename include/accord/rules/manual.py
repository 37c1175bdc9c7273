"""Companies that a person asked for (R46-R49): matched before they are created, ahead of everything automatic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.rules.arrays import NOWHERE, Bools, Ints, counted, filled, marked

if TYPE_CHECKING:
    from accord.rules.answers import Answers
    from accord.rules.evidence import Overlaps
    from accord.rules.identity import Identity
    from accord.rules.records import Records


@dataclass(frozen=True)
class Manual:
    """What becomes of the unpaired companies on the manual list; columns by position.

    Attributes:
        company: the company that the account is linked to, NOWHERE for all others (R47).
        creates: companies that become an account (R46).
        several_accounts: companies whose people point at two or more unpaired accounts (R47).
        several_companies: companies that point at an account which another manual company points at, too (R47).
    """

    company: Ints
    creates: Bools
    several_accounts: Bools
    several_companies: Bools

    @property
    def in_review(self) -> Bools:
        """Companies that a person must settle; they are nobody's candidates meanwhile."""
        return self.several_accounts | self.several_companies


def manual_requests(
    records: Records, identity: Identity, answers: Answers, overlaps: Overlaps, matchable: Bools
) -> Manual:
    """Return what the requests come to: an account of its own (R46) or the one pointed at, whatever its strength (R47).

    One person in common is enough here, also where automatic pairing asks for more (U17): an account made beside one
    that holds any of the company's people could be its twin.

    A request lifts the tombstone of a deleted account (R75), but neither a review nor the guard on accounts that we
    cannot see (R4). Paired companies are updated with their account (R48). One whose question is still open stays in
    review, even where by now only one account is left to point at.
    """
    companies = records.companies
    open_to = companies.is_live & (identity.account < 0) & (answers.account < 0) & ~answers.make_account
    open_to &= ~identity.closed & ~identity.account_unseen
    asked = open_to & (companies.is_requested | answers.accounts_asked | answers.companies_asked)
    pointing = overlaps.where(asked[overlaps.company] & matchable[overlaps.account])
    accounts_pointed_at = counted(pointing.company, len(companies.key))
    contested = counted(pointing.account, len(records.accounts.key)) > 1
    several_accounts = (accounts_pointed_at > 1) | (open_to & answers.accounts_asked)
    several_companies = marked(pointing.company[contested[pointing.account]], len(companies.key))
    several_companies = (several_companies | (open_to & answers.companies_asked)) & ~several_accounts
    clear = pointing.where(~(several_accounts | several_companies)[pointing.company])
    company = filled(len(records.accounts.key), NOWHERE)
    company[clear.account] = clear.company
    return Manual(
        company=company,
        creates=asked & (accounts_pointed_at == 0) & ~several_accounts & ~several_companies,
        several_accounts=several_accounts,
        several_companies=several_companies,
    )
