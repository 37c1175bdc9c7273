"""Which unpaired account becomes which unpaired company: by hand first, then by people (R13-R20, R19b, R46-R47)."""

from __future__ import annotations

from oracle.contest import NO_CLAIM, Contest, Strength
from oracle.reading import World, moment, natural


def settle_manual(contest: Contest) -> None:
    """Pair manual companies with the one account their people point at; two of either are a person's (R47).

    What was asked about a company stays a question until somebody answers it.
    """
    world, asked = contest.world, contest.answers.asked
    unpaired = contest.accounts | contest.outside | contest.tombstoned
    open_to = sorted(contest.companies - contest.answers.makes_account, key=natural)
    manual = [k for k in open_to if world.is_requested(k) or k in asked]
    pointed = {k: {a for a in unpaired if (a, k) in contest.shared} for k in manual}
    for company, accounts in pointed.items():
        rivals = [other for other in manual if other != company and pointed[other] & accounts]
        if len(accounts) > 1 or asked.get(company) == "tie_between_accounts":
            _review_company(contest, company, "tie_between_accounts")
        elif rivals or company in asked:
            _review_company(contest, company, "tie_between_companies")
    choice = set(contest.companies)
    for company, accounts in pointed.items():
        if len(accounts) == 1 and company not in contest.company_rows:
            contest.link(next(iter(accounts)), company, "shared_contacts", choice)
    contest.companies -= {k for k in manual if not pointed[k]} | contest.answers.makes_account
    for account in sorted(contest.accounts & contest.answers.makes_company, key=natural):
        contest.decide(account, "CREATE_COMPANY", "review_resolved")


def match(contest: Contest) -> None:
    """Settle all claims from the strongest down; a tie is one only among what is left at its strength (R17-R20)."""
    while strengths := [contest.strength(a, k) for a in contest.accounts for k in contest.companies]:
        strongest = max(strengths)
        if strongest == NO_CLAIM:
            break
        groups = _groups(contest, strongest)
        choice = set(contest.companies)
        for accounts, companies in groups:
            if _rivals(contest, companies, strongest):
                _wait(contest, accounts, companies, strongest)
            else:
                _settle(contest, accounts, companies, choice)
    for account in sorted(contest.accounts, key=natural):
        _leave_without_company(contest, account)


def _review_company(contest: Contest, company: str, reason: str) -> None:
    contest.company_rows[company] = {"target": company, "do": "REVIEW", "reason": reason}
    contest.companies.discard(company)
    contest.held.add(company)


def _groups(contest: Contest, strength: Strength) -> list[tuple[set[str], set[str]]]:
    """Return the sets of accounts and companies that claims of exactly this strength tie to each other."""
    edges = [(a, k) for a in contest.accounts for k in contest.companies if contest.strength(a, k) == strength]
    groups: list[tuple[set[str], set[str]]] = []
    for account, company in edges:
        touching = [group for group in groups if account in group[0] or company in group[1]]
        groups = [group for group in groups if group not in touching]
        accounts = {account}.union(*(group[0] for group in touching))
        groups.append((accounts, {company}.union(*(group[1] for group in touching))))
    return groups


def _rivals(contest: Contest, companies: set[str], strength: Strength) -> list[tuple[Strength, str]]:
    """Return (claim, account) of whom a claim of this strength on these companies must wait for (R19b).

    An account that waits is as good as outside, since a later run may yet give it any of its candidates; what is named
    in its place is the account it waits for, after those that are outside themselves.
    """
    found = []
    for company in companies:
        claiming = [(contest.strength(a, company), True, a) for a in contest.outside]
        claiming += [(contest.strength(a, company), False, rival) for a, rival in contest.waiting.items()]
        strong = [claim for claim in claiming if claim[0] >= strength]
        if strong:
            top = max(claim[:2] for claim in strong)
            found.append((top[0], min((a for *claim, a in strong if tuple(claim) == top), key=natural)))
    return found


def _wait(contest: Contest, accounts: set[str], companies: set[str], strength: Strength) -> None:
    """One rival makes all tied accounts wait; each names the strongest on a company of its own, if there is one."""
    named = {}
    for account in accounts:
        own = {company for company in companies if contest.strength(account, company) == strength}
        rivals = _rivals(contest, own, strength) or _rivals(contest, companies, strength)
        top = max(claim for claim, _ in rivals)
        named[account] = min((a for claim, a in rivals if claim == top), key=natural)
    for account, rival in named.items():
        contest.decide(account, "WAIT", "stronger_account_not_in_scope", rival=rival)
    contest.waiting |= named


def _settle(contest: Contest, accounts: set[str], companies: set[str], choice: set[str]) -> None:
    """Pair the one with the one; several accounts are a person's, several companies are as `on_tie` says (R18, R20)."""
    on_tie = contest.world.settings["on_tie"]
    if len(accounts) == len(companies) == 1:
        contest.link(*accounts, *companies, "shared_contacts", choice)
    elif len(accounts) == 1 and on_tie == "oldest":
        contest.link(*accounts, _oldest(contest.world, companies), "oldest_of_tie", choice)
    elif len(accounts) == 1 and on_tie == "create":
        contest.decide(*accounts, "CREATE_COMPANY", "created_on_tie")
    else:
        _review_tie(contest, accounts, companies)


def _review_tie(contest: Contest, accounts: set[str], companies: set[str]) -> None:
    """Every account of the tie is a person's; its companies are not free for weaker claims (R18, R20)."""
    for account in accounts:
        own = [contest.strength(account, k) for k in companies]
        has_several = own.count(max(own)) > 1
        contest.decide(account, "REVIEW", "tie_between_companies" if has_several else "tie_between_accounts")
        contest.tied.add(account)
    contest.companies -= companies
    contest.held |= companies


def _oldest(world: World, companies: set[str]) -> str:
    """Of equal age the first id; an unknown time of creation counts as new (R43)."""
    made = {company: moment(world.companies[company].get("created")) for company in companies}
    oldest = min((at for at in made.values() if at), default=None)
    return min((company for company, at in made.items() if at == oldest), key=natural)


def _leave_without_company(contest: Contest, account: str) -> None:
    """Nothing is left to pair with: wait for a review, else create (R12, R16, R45)."""
    taken = contest.best_company(account, set(contest.taken))
    is_asked_about = any((account, company) in contest.shared for company in contest.company_rows)
    if is_asked_about or contest.best_company(account, contest.held):
        contest.decide(account, "WAIT", "account_in_review")
    elif taken:
        contest.decide(account, "CREATE_COMPANY", "candidate_taken", taken_by=contest.taken[taken])
    else:
        contest.decide(account, "CREATE_COMPANY", "no_matching_company")
