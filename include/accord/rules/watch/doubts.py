"""Pairs that the people speak against: contested companies (R18-R20) and likely mistakes (R14, R15, R17)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.model.ids import NONE
from accord.rules.arrays import distinct, filled, group_max, strongest
from accord.rules.watch.found import Found, found, told_of
from accord.rules.watch.twins import is_made_beside

if TYPE_CHECKING:
    from accord.rules.watch.view import Pairs, View


def contested(view: View, twins: list[Found]) -> list[Found]:
    """Return companies whose people belong to several accounts, and accounts whose people tie between companies.

    Args:
        view: what there is to compare.
        twins: a tie with a company that is a twin already is not told again.
    """
    pairs = _judged(view)
    size = len(view.stores)
    owner = filled(size)
    owner[pairs.company] = pairs.account
    rivals = view.claims.where(view.claims.account != owner[view.claims.company])
    strength = group_max(rivals.company, rivals.strength, size)[pairs.company]
    rival = strongest(rivals.company, rivals.strength, rivals.account, size)[pairs.company]
    winner = view.case.account_of[pairs.company]
    is_contested = strength >= pairs.strength
    lost = (winner >= 0) & (winner != pairs.account)
    tied = ~lost & view.case.matches.held[pairs.company] & (strength == pairs.strength)
    equals = _tied_companies(view, pairs, twins)
    return [
        found("people_of_another_account", pairs.account, pairs.company, winner).where(is_contested & lost),
        found("tie_between_accounts", pairs.account, pairs.company, rival).where(is_contested & tied),
        _tied_free(view),
        found("rival_shares_more", pairs.account, pairs.company, rival).where(is_contested & ~lost & ~tied),
        equals.where(~is_contested & (equals.other_company >= 0)),
    ]


def mistakes(view: View, doubted: list[Found]) -> list[Found]:
    """Return pairs whose account has more people elsewhere, and pairs that have nothing in common at all.

    Args:
        view: what there is to compare.
        doubted: a contested pair is not told to have nothing in common.
    """
    pairs, accounts, companies = view.pairs, view.case.records.accounts, view.case.records.companies
    chosen = view.case.company_of[pairs.account]
    judged = pairs.is_only & ~pairs.is_person
    better = judged & (chosen >= 0) & (view.strength(pairs.account, chosen) > pairs.strength) & ~is_made_beside(view)
    is_doubted = told_of(doubted, len(companies.key))
    names, other_names = accounts.name[pairs.account], companies.name[pairs.company]
    alike = (accounts.domain[pairs.account] != NONE) & (
        accounts.domain[pairs.account] == companies.domain[pairs.company]
    )
    alike |= (names == NONE) | (other_names == NONE) | (names == other_names)
    nothing = judged & (pairs.people == 0) & (chosen < 0) & ~alike & ~is_doubted[pairs.company]
    elsewhere = found("people_elsewhere", pairs.account, pairs.company, other_company=chosen)
    more = found("more_people_elsewhere", pairs.account, pairs.company, other_company=chosen)
    return [
        elsewhere.where(better & (pairs.people == 0)),
        more.where(better & (pairs.people > 0)),
        found("nothing_in_common", pairs.account, pairs.company).where(nothing),
    ]


def _judged(view: View) -> Pairs:
    """Return the pairs on which people can speak: one company for the account, and no person account (R11)."""
    return view.pairs.where(view.pairs.is_only & ~view.pairs.is_person)


def _tied_free(view: View) -> Found:
    """Return companies that are nobody's yet because several accounts claim them equally (R20); the first two."""
    claims, matches = view.claims, view.case.matches
    open_ties = matches.held & ~view.stores & ~view.is_taken
    tied = claims.where(
        open_ties[claims.company]
        & (claims.strength == matches.level[claims.company])
        & matches.in_review[claims.account]
    )
    order = np.lexsort((tied.account, tied.company))
    company, account = tied.company[order], tied.account[order]
    first = distinct(company)
    several = np.diff(np.r_[first, len(company)]) > 1
    first = first[several]
    return found("tie_between_accounts", account[first], company[first], account[first + 1])


def _tied_companies(view: View, pairs: Pairs, twins: list[Found]) -> Found:
    """Return for each pair the other company in which its account has equally many people, NOWHERE for none (R18)."""
    claims, matches = view.claims, view.case.matches
    is_twin = told_of(twins, len(view.stores))
    own = view.company_of[claims.account]
    others = claims.where(
        matches.tied_companies[claims.account]
        & matches.held[claims.company]
        & (claims.strength == matches.level[claims.company])
        & (claims.strength == view.strength(claims.account, own))
        & (claims.company != own)
        & ~is_twin[claims.company]
    )
    other = strongest(others.account, others.strength, others.company, len(matches.company))[pairs.account]
    return found("tie_between_companies", pairs.account, pairs.company, other_company=other)
