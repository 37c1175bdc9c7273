"""Which account gets which company: claims are settled from the strongest down, one to one (R14-R20, R19b, R27).

Whatever is strongest at both of its ends can be settled without looking at anything weaker, so a round settles all
such ties and pairs of the whole base at once; only what is contested comes back in the next round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import Bools, Ints, components, counted, filled, group_max, occurs, strongest

if TYPE_CHECKING:
    from accord.rules.evidence import Overlaps
    from accord.rules.records import Companies


@dataclass(frozen=True)
class Matches:
    """What the claims came to; all columns by position, written round by round.

    Attributes:
        company: the company that the account is linked to.
        meant: the company that an account in review or waiting wanted, NOWHERE if there are several.
        rival: the account outside the scope that the account waits for (R19b).
        by_age: linked to the oldest of several equal companies (U1).
        tied_companies: accounts with several equal companies (R18).
        tied_accounts: accounts with equal claims on one company (R20).
        made_on_tie: accounts that get a company of their own because of a tie (U1).
        held: companies tied in a review: not free for weaker claims (R18, R20).
        level: strength of the claims that a company was linked or held for.
    """

    company: Ints
    meant: Ints
    rival: Ints
    by_age: Bools
    tied_companies: Bools
    tied_accounts: Bools
    made_on_tie: Bools
    held: Bools
    level: Ints

    @classmethod
    def none(cls, account_count: int, company_count: int) -> Matches:
        """Return the state before the first round."""
        nobody = np.zeros(account_count, dtype=bool)
        return cls(
            company=filled(account_count),
            meant=filled(account_count),
            rival=filled(account_count),
            by_age=nobody.copy(),
            tied_companies=nobody.copy(),
            tied_accounts=nobody.copy(),
            made_on_tie=nobody.copy(),
            held=np.zeros(company_count, dtype=bool),
            level=filled(company_count),
        )

    @property
    def in_review(self) -> Bools:
        """Accounts that a person must settle."""
        return self.tied_companies | self.tied_accounts


@dataclass(frozen=True)
class Rivals:
    """The strongest claim of an account outside the scope on each company (R19b); NOWHERE and -1 where none is."""

    account: Ints
    strength: Ints

    @classmethod
    def of(cls, outside: Overlaps, company_count: int) -> Rivals:
        """Return the rivals in the claims of accounts outside the scope; of equal ones the smallest key."""
        return cls(
            strongest(outside.company, outside.strength, outside.account, company_count),
            group_max(outside.company, outside.strength, company_count),
        )


@dataclass(frozen=True)
class _Ties:
    """Claims that are the strongest left at both ends; `group` is their connected component."""

    account: Ints
    company: Ints
    strength: Ints
    group: Ints

    def where(self, mask: Bools) -> _Ties:
        """Return the claims of a mask."""
        return _Ties(self.account[mask], self.company[mask], self.strength[mask], self.group[mask])


def match(claims: Overlaps, rivals: Rivals, companies: Companies, account_count: int, on_tie: str) -> Matches:
    """Return who is linked, reviewed, waiting or has nothing left.

    Args:
        claims: of accounts in scope on free companies.
        rivals: claims of accounts outside the scope.
        companies: all of them.
        account_count: number of accounts.
        on_tie: `review`, `oldest` or `create` for an account with several equal companies (R18).
    """
    matches = Matches.none(account_count, len(companies.key))
    left = claims
    while len(left.account):
        ties = _ripe(left.account, left.company, left.strength)
        waiting = _wait_for_rivals(ties, rivals, matches)
        if waiting.any():
            rivals = _with_waiting(rivals, left, matches)
        _settle(ties.where(~waiting), companies, on_tie, matches)
        settled = np.zeros(account_count, dtype=bool)
        settled[ties.account] = True
        left = left.where(~settled[left.account] & (matches.level[left.company] < 0))
    return matches


def _ripe(account: Ints, company: Ints, strength: Ints) -> _Ties:
    """Return the claims that nothing stronger can disturb, by whole components of equal claims (R19).

    A component is left for later if one of its records has an equally strong claim that something stronger may take.
    """
    _, left = np.unique(account, return_inverse=True)
    _, right = np.unique(company, return_inverse=True)
    sizes = int(left.max()) + 1, int(right.max()) + 1
    best_left = strength == group_max(left, strength, sizes[0])[left]
    best_right = strength == group_max(right, strength, sizes[1])[right]
    ripe = best_left & best_right
    group = components(left[ripe], right[ripe], *sizes)
    group_left, group_right = filled(sizes[0]), filled(sizes[1])
    group_left[left[ripe]], group_right[right[ripe]] = group, group
    disturbed = np.concatenate([group_left[left[best_left & ~ripe]], group_right[right[best_right & ~ripe]]])
    calm = ~occurs(group, disturbed)
    return _Ties(account[ripe][calm], company[ripe][calm], strength[ripe][calm], group[calm])


def _wait_for_rivals(ties: _Ties, rivals: Rivals, matches: Matches) -> Bools:
    """Return which claims wait because an account outside the scope claims as much; notes them in `matches` (R19b).

    All accounts of a tie wait with it.
    """
    rivalled = rivals.strength[ties.company] >= ties.strength
    if not rivalled.any():
        return rivalled
    contested = ties.where(rivalled)
    strength, account = rivals.strength[contested.company], rivals.account[contested.company]
    of_group = strongest(contested.group, strength, account, int(ties.group.max()) + 1)
    of_account = strongest(contested.account, strength, account, len(matches.rival))
    waiting = of_group[ties.group] >= 0
    wait = ties.where(waiting)
    own = of_account[wait.account]
    matches.rival[wait.account] = np.where(own >= 0, own, of_group[wait.group])
    matches.meant[contested.account] = contested.company
    return waiting


def _with_waiting(rivals: Rivals, claims: Overlaps, matches: Matches) -> Rivals:
    """Return the rivals, joined by the accounts that wait: one day they may get any of their candidates (R19b).

    Were those free for weaker claims, a run with a larger scope would pair them otherwise. The rival that is named
    stays the account outside the scope, because it is the one to import.
    """
    waiting = claims.where(matches.rival[claims.account] >= 0)
    size = len(rivals.account)
    strength = group_max(waiting.company, waiting.strength, size)
    account = strongest(waiting.company, waiting.strength, matches.rival[waiting.account], size)
    stronger = strength > rivals.strength
    return Rivals(np.where(stronger, account, rivals.account), np.where(stronger, strength, rivals.strength))


def _settle(ties: _Ties, companies: Companies, on_tie: str, matches: Matches) -> None:
    """Note in `matches` what these claims come to: a link where nobody else is in the tie, else R18 or R20.

    `on_tie` speaks of one account before several companies; a tie with a second account is always reviewed.
    """
    choices = counted(ties.account, len(matches.company))[ties.account]
    crowded = ties.group[counted(ties.company, len(matches.held))[ties.company] > 1]
    alone = ~occurs(ties.group, crowded)
    chosen = alone & (choices == 1)
    undecided = alone & (choices > 1)
    if on_tie == "create":
        matches.made_on_tie[ties.account[undecided]] = True
        alone = chosen | undecided
    elif on_tie == "oldest":
        among = ties.where(undecided)
        seniority = _seniority(companies, among.company)
        oldest = group_max(among.account, seniority, len(matches.company))
        chosen[undecided] = seniority == oldest[among.account]
        matches.by_age[among.account] = True
    else:
        alone = chosen
    link, tied = ties.where(chosen), ties.where(~alone)
    matches.company[link.account] = link.company
    matches.level[link.company] = link.strength
    several = choices[~alone] > 1
    matches.tied_companies[tied.account[several]] = True
    matches.tied_accounts[tied.account[~several]] = True
    matches.meant[tied.account[~several]] = tied.company[~several]
    matches.held[tied.company] = True
    matches.level[tied.company] = tied.strength


def _seniority(companies: Companies, rows: Ints) -> Ints:
    """Return a number for each of these companies that is greatest for the oldest; unknown dates count as new (R43)."""
    created_at = companies.created_at[rows]
    order = np.lexsort((companies.key[rows], created_at, np.isnat(created_at)))
    seniority = filled(len(order))
    seniority[order] = np.arange(len(order), 0, -1)
    return seniority


def runners_up(claims: Overlaps, matches: Matches, manual: Ints) -> Ints:
    """Return for each linked account its strongest other candidate that was still to be had (R17).

    Args:
        claims: on companies that were free when matching began.
        matches: what became of them.
        manual: companies that accounts were linked to by hand, before everybody else (R47).
    """
    partner = np.where(manual >= 0, manual, matches.company)
    linked = claims.where(partner[claims.account] == claims.company)
    own = group_max(linked.account, linked.strength, len(partner))
    own[manual >= 0] = np.iinfo(np.int64).max
    left = (partner >= 0)[claims.account] & (partner[claims.account] != claims.company)
    other = claims.where(left & (matches.level[claims.company] <= own[claims.account]))
    return strongest(other.account, other.strength, other.company, len(partner))
