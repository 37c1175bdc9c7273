"""Findings and counts of worlds by chance, worked out once more one pair and one company at a time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import pytest

from accord.model.findings import KINDS, REASONS, SEVERITIES
from accord.model.ids import NONE
from accord.rules.watch import compare
from accord.rules.watch.view import look
from watch_worlds import natively, seen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accord.rules.watch.view import View

Finding = tuple[str, int | None, int, int | None, int | None]


def some(position) -> int | None:
    """Return a position, None for nobody."""
    return int(position) if position >= 0 else None


def pairs_of(overlaps) -> dict[tuple[int, int], tuple[int, int]]:
    """Return people and strength by account and company."""
    columns = overlaps.account, overlaps.company, overlaps.people, overlaps.strength
    return {(int(a), int(c)): (int(n), int(s)) for a, c, n, s in zip(*columns, strict=True)}


@dataclass
class OneByOne:
    """A view as dictionaries: who names whom, who shares how many, whom the rules would choose."""

    view: View

    def __post_init__(self):
        view, case = self.view, self.view.case
        self.accounts, self.companies = case.records.accounts, case.records.companies
        self.shared, self.claims = pairs_of(case.overlaps), pairs_of(view.claims)
        self.chosen = [some(it) for it in case.company_of]
        self.winner = [some(it) for it in case.account_of]
        self.standing: dict[int, list[int]] = {}
        for account, company in zip(*view.standing, strict=True):
            self.standing.setdefault(int(account), []).append(int(company))
        self.taken = {company for companies in self.standing.values() for company in companies}
        self.stored = {int(c): some(view.named[c]) for c in view.stores.nonzero()[0]}
        self.native = [
            (account, company)
            for company, account in sorted(self.stored.items())
            if self.companies.is_live[company] and account is not None and self.accounts.is_live[account]
        ]
        self.own = {a: c for a, c in self.native if len(self.standing[a]) == 1}
        self.crew = Counter(case.records.seats.company.tolist())

    def people(self, account, company):
        return self.shared.get((account, company), (0, 0))[0]

    def strength(self, account, company):
        return self.shared.get((account, company), (0, 0))[1]

    def is_free(self, company):
        is_known = company in self.stored or company in self.taken
        return self.companies.is_live[company] and not is_known and self.winner[company] is None

    def same(self, column, one, other):
        values = getattr(self.companies, column)
        return values[one] != NONE and values[one] == values[other]


def twins(it: OneByOne) -> list[Finding]:
    beside = [("people_in_two_companies", a, c, None, it.own[a]) for c, a in in_two_companies(it).items()]
    told = {c for _, _, c, _, _ in beside}
    return [*stored_twice(it), *made_beside(it), *beside, *same_domain(it, told)]


def stored_twice(it: OneByOne) -> Iterator[Finding]:
    for account, companies in it.standing.items():
        if len(companies) < 2 or account not in dict(it.native):
            continue
        kept = it.chosen[account]
        if kept is None or (kept not in companies and kept in it.taken):
            kept = min(companies, key=lambda c: (-it.strength(account, c), c))
        yield from (("account_id_on_two_companies", account, c, None, kept) for c in companies if c != kept)


def made_beside(it: OneByOne) -> Iterator[Finding]:
    for account, company in it.native:
        elder = it.chosen[account]
        if account not in it.own or elder is None or elder in it.taken or not it.view.is_made[company]:
            continue
        is_older = it.companies.created_at[elder] < it.companies.created_at[company]
        if is_older and it.strength(account, elder) > it.strength(account, company):
            yield "made_beside_its_people", account, company, None, elder


def in_two_companies(it: OneByOne) -> dict[int, int]:
    found: dict[int, list[tuple[int, int]]] = {}
    for (account, company), (people, strength) in it.claims.items():
        own = it.own.get(account)
        if own in {None, company} or not it.is_free(company) or not it.people(account, own):
            continue
        if people * 2 >= it.crew[company] or it.same("domain", company, own) or it.same("name", company, own):
            found.setdefault(company, []).append((-strength, account))
    return {company: min(accounts)[1] for company, accounts in found.items()}


def same_domain(it: OneByOne, told: set[int]) -> Iterator[Finding]:
    owners: dict[int, set[int]] = {}
    for account in it.accounts.is_live.nonzero()[0].tolist():
        owners.setdefault(int(it.accounts.domain[account]), set()).add(account)
    for account, company in it.native:
        owners.setdefault(int(it.companies.domain[company]), set()).add(account)
    for company in range(len(it.companies.key)):
        domain = int(it.companies.domain[company])
        accounts = owners.get(domain, set()) if domain != NONE else set()
        if len(accounts) == 1 and it.is_free(company) and not it.view.case.matches.held[company]:
            [account] = accounts
            if company not in told and account in it.own:
                yield "same_domain", account, company, None, it.own[account]


def orphans(it: OneByOne) -> Iterator[Finding]:
    left: dict[int, list[tuple[bool, int, int]]] = {}
    for company, account in it.stored.items():
        is_live = account is not None and it.accounts.is_live[account]
        if it.companies.is_live[company]:
            if is_live or company in it.taken:
                continue
            heir = None if account is None else some(it.accounts.heir[account])
            if account is None:
                yield "account_not_visible", None, company, None, None
            elif heir is not None and it.accounts.is_live[heir]:
                yield "account_merged", account, company, heir, it.own.get(heir)
            else:
                yield "account_deleted", account, company, it.winner[company], None
        elif is_live and account not in it.standing:
            [heir] = it.companies.find(it.companies.key[[company]]).tolist()
            is_gone = heir in {company, -1} or not it.companies.is_live[heir]
            left.setdefault(account, []).append((is_gone, company, heir))
    for account, companies in left.items():
        is_gone, company, heir = min(companies)
        other = it.chosen[account] if is_gone else heir
        yield "company_archived" if is_gone else "company_merged", account, company, None, other


def contested(it: OneByOne, told: set[int]) -> Iterator[Finding]:
    matches = it.view.case.matches
    for account, company in judged(it):
        mine = it.strength(account, company)
        rivals = [(-s, a) for (a, c), (_, s) in it.claims.items() if c == company and a != account]
        most, rival = min(rivals, default=(1, None))
        winner = it.winner[company]
        if rival is None or -most < mine:
            tied = tied_companies(it, account, told)
            yield from (("tie_between_companies", account, company, None, other) for other in tied[:1])
        elif winner not in {None, account}:
            yield "people_of_another_account", account, company, winner, None
        elif matches.held[company] and -most == mine:
            yield "tie_between_accounts", account, company, rival, None
        else:
            yield "rival_shares_more", account, company, rival, None
    for company in range(len(it.companies.key)):
        if matches.held[company] and company not in it.stored and company not in it.taken:
            level, claims = matches.level[company], it.claims.items()
            tied = [a for (a, c), (_, s) in claims if c == company and s == level and matches.in_review[a]]
            if len(tied) > 1:
                yield "tie_between_accounts", sorted(tied)[0], company, sorted(tied)[1], None


def tied_companies(it: OneByOne, account: int, told: set[int]) -> list[int]:
    matches, own = it.view.case.matches, it.own[account]
    return sorted(
        company
        for (a, company), (_, strength) in it.claims.items()
        if a == account and matches.tied_companies[a] and matches.held[company] and company != own
        if strength == matches.level[company] == it.strength(a, own) and company not in told
    )


def judged(it: OneByOne) -> list[tuple[int, int]]:
    return [(a, c) for a, c in it.native if it.own.get(a) == c and not it.accounts.is_person[a]]


def mistakes(it: OneByOne, doubted: set[int]) -> Iterator[Finding]:
    beside = {company for _, _, company, _, _ in made_beside(it)}
    for account, company in judged(it):
        chosen, people = it.chosen[account], it.people(account, company)
        name, other_name = it.accounts.name[account], it.companies.name[company]
        domain = it.accounts.domain[account]
        if chosen is not None:
            if it.strength(account, chosen) > it.strength(account, company) and company not in beside:
                yield "more_people_elsewhere" if people else "people_elsewhere", account, company, None, chosen
        elif people or company in doubted or (domain != NONE and domain == it.companies.domain[company]):
            continue
        elif NONE not in {name, other_name} and name != other_name:
            yield "nothing_in_common", account, company, None, None


def all_findings(it: OneByOne) -> list[Finding]:
    doubles = twins(it)
    rivals = list(contested(it, {company for _, _, company, _, _ in doubles}))
    doubted = {company for _, _, company, _, _ in rivals}
    return [*doubles, *orphans(it), *rivals, *mistakes(it, doubted)]


def as_rows(it: OneByOne, findings: list[Finding]) -> list[tuple]:
    """Return kind, severity, reason, rule, the four keys, people and other people."""
    rows = []
    for reason, account, company, other_account, other_company in findings:
        keys = [
            NONE if place is None else int(side.key[place])
            for side, place in (
                (it.accounts, account), (it.companies, company), (it.accounts, other_account), (it.companies, other_company)
            )
        ]  # fmt: skip
        if account is None:
            keys[0] = int(it.view.stored_key[company])
        others = it.people(account, other_company) if other_account is None else it.people(other_account, company)
        known = REASONS[reason]
        rows.append((known.kind, known.severity, reason, known.rule, *keys, it.people(account, company), others))
    return rows


@cache
def given(seed: int):
    """Return what a comparison is given; it leaves it as it is, so it is made once."""
    return seen(natively(Random(seed)))[:3]


def compared(seed: int):
    return compare(*given(seed)), OneByOne(look(*given(seed)))


@pytest.mark.parametrize("block", range(48))
def test_findings_are_those_found_one_by_one(block):
    for seed in range(block * 5, block * 5 + 5):
        watched, it = compared(seed)
        found = [tuple(row) for row in watched.findings.itertuples(index=False)]
        assert sorted(found) == sorted(as_rows(it, all_findings(it))), seed
        ranks = [(list(KINDS).index(row[0]), SEVERITIES.index(row[1]), -row[9]) for row in found]
        assert ranks == sorted(ranks), seed


@pytest.mark.parametrize("block", range(24))
def test_counts_are_those_counted_one_by_one(block):
    for seed in range(block * 5, block * 5 + 5):
        watched, it = compared(seed)
        about = {company for _, _, company, _, _ in all_findings(it)}
        said = Counter()
        for account, company in it.native:
            if it.accounts.is_person[account]:
                said["left_alone"] += 1
            elif it.chosen[account] == company:
                said["agree"] += 1
            else:
                said["doubted" if company in about else "unproved"] += 1
        chosen = [(a, c) for a, c in enumerate(it.chosen) if c is not None]
        said["would_pair"] = sum(a not in it.standing and c not in it.taken for a, c in chosen)
        names = ("agree", "doubted", "unproved", "left_alone", "would_pair")
        assert [getattr(watched, name) for name in names] == [said[name] for name in names], seed
        assert watched.pairs == len(it.native), seed
