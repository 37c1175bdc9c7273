"""What people answered to reviews: this pair, never this pair, a record of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from oracle.reading import World


@dataclass(frozen=True)
class Answers:
    """The answers that stand: a pair of two living records that no other answer contradicts.

    Attributes:
        chosen: account -> the company a person chose for it.
        apart: pairs that a person ruled out.
        makes_company: accounts that shall get a company of their own.
        makes_account: companies that shall get an account of their own.
        asked: company -> the reason of a question about it that nobody has answered yet (R47).
    """

    chosen: dict[str, str]
    apart: set[tuple[str, str]]
    makes_company: set[str]
    makes_account: set[str]
    asked: dict[str, str]

    def allow(self, account: str | None, company: str | None) -> bool:
        """Whether no answer speaks against the two being one; None is a record nobody can see."""
        owner = {k: a for a, k in self.chosen.items()}
        if account in self.chosen and self.chosen[account] != company:
            return False
        if company in owner and owner[company] != account:
            return False
        return (account, company) not in self.apart


def read_answers(world: World) -> Answers:
    """Return the answers, merges followed."""
    pairs, apart, companies, accounts = set(), set(), set(), set()
    asked: dict[str, str] = {}
    for row in world.resolutions:
        account = _account(world, row.get("account"))
        state, company = world.company_state(row["company"]) if row.get("company") else ("unseen", "")
        if row["choice"].startswith("tie_"):
            asked[company] = row["choice"]
        elif row["choice"] == "create" and account:
            companies.add(account[1])
        elif row["choice"] == "create":
            accounts |= {company} if state != "unseen" else set()
        elif account and row["choice"] == "apart":
            apart.add((account[1], company))
        elif account and account[0] == state == "live":
            pairs.add((account[1], company))
    pairs -= apart
    once_a, once_k = Counter(a for a, _ in pairs), Counter(k for _, k in pairs)
    clear = {a: k for a, k in pairs if once_a[a] == once_k[k] == 1}
    return Answers(clear, apart, companies, accounts, asked)


def _account(world: World, reference: str | None) -> tuple[str, str] | None:
    """(live | deleted, id) of an account that can be seen."""
    state, account = world.account(reference) if reference else ("unseen", "")
    return (state, account) if state != "unseen" else None
