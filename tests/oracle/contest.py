"""The state of the matching: which accounts and companies are still to be paired, and what was decided of the others."""

from __future__ import annotations

from dataclasses import dataclass, field

from oracle.answers import Answers
from oracle.pairs import Pairs, is_tombstoned, is_touched
from oracle.people import Claim
from oracle.reading import Decision, World, natural

Strength = tuple[int, int]
NO_CLAIM: Strength = (0, 0)


@dataclass
class Contest:
    """Accounts on one side, companies on the other, the people they share between them.

    Attributes:
        claims: pairs with enough people in common (U17).
        shared: pairs with anybody in common.
        accounts: unpaired accounts that still take part in this run.
        outside: unpaired accounts that an import or an edit would let take part (R7).
        tombstoned: accounts whose company was archived; only a manual sync of a company reaches them (R49, R76).
        companies: unpaired companies that are still to be had.
        taken: company -> the account that has it, from before or from this run (R16).
        held: companies that a review keeps (R18, R20, R23, R74, R78, R47).
        rows: account -> its row.
        company_rows: company -> its row, where a manual review is one (R47).
        tied: accounts in a tie (R18, R20).
        waiting: account that waits -> the account outside it waits for (R19b).
    """

    world: World
    answers: Answers
    claims: dict[tuple[str, str], Claim]
    shared: dict[tuple[str, str], Claim]
    accounts: set[str] = field(default_factory=set)
    outside: set[str] = field(default_factory=set)
    tombstoned: set[str] = field(default_factory=set)
    companies: set[str] = field(default_factory=set)
    taken: dict[str, str] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    rows: dict[str, Decision] = field(default_factory=dict)
    company_rows: dict[str, Decision] = field(default_factory=dict)
    tied: set[str] = field(default_factory=set)
    waiting: dict[str, str] = field(default_factory=dict)

    def strength(self, account: str, company: str) -> Strength:
        """How strong the account's claim on the company is."""
        return self.claims[account, company].strength if (account, company) in self.claims else NO_CLAIM

    def best_company(self, account: str, companies: set[str]) -> str | None:
        """The company among these that the account claims most strongly."""
        claimed = sorted((k for k in companies if (account, k) in self.claims), key=natural)
        return max(claimed, key=lambda k: self.strength(account, k), default=None)

    def link(self, account: str, company: str, reason: str, choice: set[str]) -> None:
        """Pair the two out of the companies there were to choose from; both leave the contest (R14, R17)."""
        row = {"target": account, "do": "LINK", "with": company, "reason": reason}
        row["evidence"] = "id" if "id" in self.shared[account, company].marks else "email"
        other = self.best_company(account, choice - {company})
        self.rows[account] = row | ({"runner_up": other} if other else {})
        self.taken[company] = account
        self.companies.discard(company)
        for group in (self.accounts, self.outside, self.tombstoned):
            group.discard(account)

    def decide(self, account: str, do: str, reason: str, **more: str) -> None:
        """Give the account its row; it leaves the contest."""
        self.rows[account] = {"target": account, "do": do, "reason": reason, **more}
        self.accounts.discard(account)


def open_contest(world: World, pairs: Pairs, answers: Answers, claims: dict[tuple[str, str], Claim]) -> Contest:
    """Return the contest before its first pairing: who takes part, who does not and why (R6-R11, R16, R76).

    What a person answered stands before anybody is matched.
    """
    enough = {
        pair: claim for pair, claim in claims.items() if len(claim.people) >= world.settings["min_shared_contacts"]
    }
    contest = Contest(world, answers, enough, claims, held=set(pairs.closed))
    contest.taken = {company: account for account, company in pairs.company_of.items()}
    contest.companies = set(world.live_companies()) - contest.taken.keys() - pairs.closed - pairs.account_unseen
    for account in world.live_accounts():
        if account in pairs.company_of.keys() | pairs.in_review:
            continue
        if account in answers.chosen:
            _link_as_answered(contest, account, answers.chosen[account], claims)
        else:
            _admit(contest, pairs, account)
    contest.companies -= set(answers.chosen.values())
    return contest


def _link_as_answered(contest: Contest, account: str, company: str, claims: dict[tuple[str, str], Claim]) -> None:
    """The pair that a person chose, with what evidence there is for it."""
    contest.decide(account, "LINK", "review_resolved", **{"with": company})
    if (account, company) in claims:
        contest.rows[account]["evidence"] = "id" if "id" in claims[account, company].marks else "email"
    contest.taken[company] = account


def _admit(contest: Contest, pairs: Pairs, account: str) -> None:
    """What its stored company says comes first (R4, R76, R21); then a person account, however old (R11); then age (R7)."""
    world, record = contest.world, contest.world.accounts[account]
    if account in pairs.company_unseen:
        if is_touched(world, account):
            contest.decide(account, "SKIP", "company_not_visible")
    elif is_tombstoned(world, pairs, account) and account not in contest.answers.makes_company:
        contest.tombstoned.add(account)
        if is_touched(world, account):
            contest.decide(account, "SKIP", "company_deleted")
    elif record.get("Person"):
        contest.decide(account, "SKIP", "person_account")
    elif world.is_new(record.get("Created")) or is_touched(world, account) or account in contest.answers.makes_company:
        contest.accounts.add(account)
    else:
        contest.outside.add(account)
        contest.decide(account, "SKIP", "preexisting_untouched")
