"""Second companies for an account that has one (R14, R15, R17, R23)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE, Bools, Ints, at, counted, marked, place, strongest
from accord.rules.watch.found import Found, found, told_of

if TYPE_CHECKING:
    from accord.rules.watch.view import View


def twins(view: View) -> list[Found]:
    """Return the companies that an account has beside the one that stands for it, each company once."""
    with_people = _with_its_people(view)
    return [_stored_twice(view), _made_beside(view), with_people, _with_its_domain(view, with_people)]


def _stored_twice(view: View) -> Found:
    """Return the surplus companies of accounts for which several stand (R23); at least one by the stored id.

    The one that is kept is the company that the rules would name, where it is free or one of them; else the one with
    most people, and of equal ones the oldest.
    """
    account, company = view.standing
    size = len(view.case.records.accounts.key)
    kept = strongest(account, view.strength(account, company), company, size)
    chosen = view.case.company_of
    is_one_of_them = marked(account[chosen[account] == company], size)
    kept = np.where((chosen >= 0) & (is_one_of_them | ~at(view.is_taken, chosen, True)), chosen, kept)
    several = (counted(account, size) > 1) & marked(view.pairs.account, size)
    surplus = several[account] & (kept[account] != company)
    return found(
        "account_id_on_two_companies", account[surplus], company[surplus], other_company=kept[account[surplus]]
    )


def is_made_beside(view: View) -> Bools:
    """Return which pairs have a company that was made although an older, free one held the account's people."""
    pairs, companies = view.pairs, view.case.records.companies
    chosen = view.case.company_of[pairs.account]
    born, before = companies.created_at[pairs.company], at(companies.created_at, chosen, "NaT")
    is_elder = (before < born) & ~at(view.is_taken, chosen, True)
    better = view.strength(pairs.account, chosen) > pairs.strength
    return np.asarray(pairs.is_only & view.is_made[pairs.company] & is_elder & better, dtype=bool)


def _made_beside(view: View) -> Found:
    """Return the companies that an integration made for an account whose people a free company held already (R14)."""
    pairs = view.pairs.where(is_made_beside(view))
    other = view.case.company_of[pairs.account]
    return found("made_beside_its_people", pairs.account, pairs.company, other_company=other)


def _with_its_people(view: View) -> Found:
    """Return free companies that hold people of an account whose own company holds people, too (R17).

    One person in common may be a guest: half of the company's people must be the account's, or domain or name must
    be those of the account's company. A company that the rules would give to anybody is none of these.
    """
    claims, case = view.claims, view.case
    companies, own = case.records.companies, view.company_of[view.claims.account]
    crew = counted(case.records.seats.company, len(companies.key))
    alike = claims.people * 2 >= crew[claims.company]
    alike |= _same(companies.domain, claims.company, own) | _same(companies.name, claims.company, own)
    is_twin = alike & _is_free(view)[claims.company] & (view.people(claims.account, own) > 0)
    twin = claims.where(is_twin & (claims.company != own))
    account = strongest(twin.company, twin.strength, twin.account, len(companies.key))
    company = np.flatnonzero(account >= 0)
    other = view.company_of[account[company]]
    return found("people_in_two_companies", account[company], company, other_company=other)


def _with_its_domain(view: View, told: Found) -> Found:
    """Return free companies that have the domain of one account and of no other (R15), without those told already."""
    companies = view.case.records.companies
    is_open = _is_free(view) & ~view.case.matches.held & ~told_of([told], len(companies.key))
    company = np.flatnonzero(is_open & (companies.domain != NONE))
    account = _only_owner(view, companies.domain[company])
    other = at(view.company_of, account, NOWHERE)
    twin = found("same_domain", account, company, other_company=other)
    return twin.where(other >= 0)


def _is_free(view: View) -> Bools:
    """Return the live companies that store no id, that Accord paired with nobody and that the rules give to nobody."""
    case = view.case
    return case.records.companies.is_live & ~view.stores & ~view.is_taken & (case.account_of < 0)


def _only_owner(view: View, domains: Ints) -> Ints:
    """Return the only live account with each of the domains, its own or that of its company; NOWHERE for several."""
    accounts, companies = view.case.records.accounts, view.case.records.companies
    live = np.flatnonzero(accounts.is_live)
    owners = pd.DataFrame(
        {
            "domain": np.r_[accounts.domain[live], companies.domain[view.pairs.company]],
            "account": np.r_[live, view.pairs.account],
        }
    ).drop_duplicates()
    owners = owners[~owners["domain"].duplicated(keep=False) & (owners["domain"] != NONE)]
    found_at = place(owners["domain"].to_numpy(), domains)
    return at(owners["account"].to_numpy(), found_at, NOWHERE)


def _same(values: Ints, one: Ints, other: Ints) -> Bools:
    """Return whether both positions have the same known value."""
    return np.asarray((values[one] != NONE) & (values[one] == at(values, other, NONE)), dtype=bool)
