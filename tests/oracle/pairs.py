"""What is already paired, and what merges and deletes did to it (R21-R23, R73-R80)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from oracle.answers import Answers
from oracle.reading import Decision, Record, World, moment, natural


@dataclass
class Pairs:
    """The known pairs, and the records that a merge, a delete or a contradiction took out of them."""

    company_of: dict[str, str] = field(default_factory=dict)
    relinked: dict[str, str] = field(default_factory=dict)  # account -> reason (R73, R77)
    restored: set[str] = field(default_factory=set)  # accounts (R79)
    two_companies: set[str] = field(default_factory=set)  # accounts (R23)
    two_accounts: set[str] = field(default_factory=set)  # companies (R78)
    orphans: set[str] = field(default_factory=set)  # companies (R74)
    in_review: set[str] = field(default_factory=set)  # accounts of R23, R74, R78
    closed: set[str] = field(default_factory=set)  # companies of R23, R74, R78
    account_deleted: set[str] = field(default_factory=set)  # companies (R75)
    account_unseen: set[str] = field(default_factory=set)  # companies (R4)
    company_deleted: set[str] = field(default_factory=set)  # accounts (R76)
    company_unseen: set[str] = field(default_factory=set)  # accounts (R4)
    told_apart: set[str] = field(default_factory=set)  # companies that name an account which is another's (R23)


class Edge(NamedTuple):
    """One place that says account and company are one, with the ids as they are written there."""

    account: str
    company: str
    is_link: bool
    is_broken: bool = False


def known_pairs(world: World, answers: Answers) -> Pairs:
    """Return the pairs of Accord's own table, the stored account ids and the origin keys, brought up to date.

    What an answer of a person contradicts is not believed.
    """
    everything = _edges(world)
    said = [edge for edge in everything if _is_believed(world, answers, edge)]
    edges, pairs = [edge for edge in said if not edge.is_broken], Pairs()
    ruled_out = [edge for edge in everything if edge not in said and world.account(edge.account)[0] == "live"]
    pairs.told_apart = {company for edge in ruled_out if (company := world.company(edge.company))}
    own: dict[str, set[str]] = defaultdict(set)
    inherited: dict[str, set[str]] = defaultdict(set)
    ownerless: dict[str, set[str]] = {}
    for company in world.live_companies():
        ends = _ends(world, [edge for edge in edges if world.company(edge.company) == company])
        direct = {account for state, account, is_merged in ends if state == "live" and not is_merged}
        owners = direct or {account for state, account, _ in ends if state == "live"}
        if not owners:
            ownerless[company] = {state for state, _, _ in ends}
        for account in owners:
            (own if direct else inherited)[account].add(company)
    busy, own = {*own, *inherited}, dict(own)
    _note_lost_companies(world, pairs, edges, own, is_broken=False)
    _note_orphans(pairs, own, inherited)
    free = {company for company, states in ownerless.items() if "unseen" not in states}
    _restore(world, pairs, [edge for edge in said if edge.is_broken], busy | pairs.company_unseen, free)
    for company, states in ownerless.items():
        if company not in pairs.company_of.values():
            _note_broken(pairs, company, states | _broken_states(world, said, company))
    _note_lost_companies(world, pairs, said, own, is_broken=True)
    left = {account: companies - pairs.orphans for account, companies in inherited.items()}
    _settle(pairs, {account: own.get(account) or left[account] for account in busy})
    pairs.closed |= pairs.two_accounts | pairs.orphans
    _note_relinks(world, pairs, edges)
    return pairs


def pair_rows(world: World, pairs: Pairs) -> list[Decision]:
    """Return the rows of accounts and companies whose fate their stored ids decide."""
    rows: list[Decision] = []
    for account in sorted(pairs.two_companies, key=natural):
        rows.append({"target": account, "do": "REVIEW", "reason": "account_id_on_two_companies"})
    for company in sorted(pairs.two_accounts, key=natural):
        rows.append({"target": company, "do": "REVIEW", "reason": "two_accounts_on_one_company"})
    for company in sorted(pairs.orphans, key=natural):
        rows.append({"target": company, "do": "REVIEW", "reason": "orphan_after_account_merge"})
    for account, company in pairs.company_of.items():
        if account in pairs.relinked:
            reason = pairs.relinked[account]
            rows.append({"target": account, "do": "RELINK", "with": company, "reason": reason})
        elif account in pairs.restored or is_touched(world, account) or world.is_requested(company):
            rows.append({"target": account, "do": "UPDATE", "with": company, "reason": "already_paired"})
    return rows


def is_touched(world: World, account: str) -> bool:
    """Return whether somebody else than us changed the account, imports it or asked for it (3.12 on R21, R99)."""
    record, enabled = world.accounts[account], moment(world.settings["enabled_at"])
    changed = moment(record.get("Modified", record.get("Created")))
    by_others = record.get("By") != world.settings["pipeline_user"]
    return is_asked_for(world, account) or bool(changed and enabled and changed >= enabled and by_others)


def is_asked_for(world: World, account: str) -> bool:
    """Return whether the account is imported (R9) or was asked for by hand (R49)."""
    imported = world.settings["import_accounts"]
    return imported == "all" or account in imported or world.is_requested(account)


def is_tombstoned(world: World, pairs: Pairs, account: str) -> bool:
    """Return whether the account's company was archived and nobody asked for a new one (R76, R49, U9)."""
    lifted = is_asked_for(world, account) or world.settings["recreate_deleted"]
    return account in pairs.company_deleted and not lifted


def _edges(world: World) -> list[Edge]:
    links = [Edge(it["account"], str(it["company"]), True, _is_over(world, it)) for it in world.links]
    stored = {k: record.get("sfa") or _named(record.get("key")) for k, record in world.companies.items()}
    keyed = {a: _named(record.get("OriginKey")) for a, record in world.accounts.items()}
    edges = links + [Edge(account, k, False) for k, account in stored.items() if account]
    return edges + [Edge(a, company, False) for a, company in keyed.items() if company]


def _is_over(world: World, link: Record) -> bool:
    """Whether the pair was broken, or an answer of a person ended it: apart, or another partner for one of the two."""
    for answer in (it for it in world.resolutions if it["choice"] in ("pair", "apart")):
        same = [world.account(answer["account"])[1] == world.account(link["account"])[1]]
        same += [world.company_state(str(answer["company"]))[1] == world.company_state(str(link["company"]))[1]]
        if (answer["choice"] == "apart" and all(same)) or (answer["choice"] == "pair" and same.count(True) == 1):
            return True
    return not link.get("active", True)


def _named(origin_key: str | None) -> str:
    """Return the record that hs-<portal>-<company> or sf-<org>-<account> names."""
    return (origin_key or "").rsplit("-", 1)[-1]


def _ends(world: World, edges: list[Edge]) -> list[tuple[str, str, bool]]:
    """(live | deleted | unseen, account, whether a merge led there) for each edge."""
    reached = [(edge, *world.account(edge.account)) for edge in edges]
    return [(state, a, a != (world.salesforce("accounts", edge.account) or edge.account)) for edge, state, a in reached]


def _note_broken(pairs: Pairs, company: str, states: set[str]) -> None:
    """An account that we cannot see is not a deleted one (R4); a deleted one frees its company for people (R75)."""
    if "unseen" in states:
        pairs.account_unseen.add(company)
    elif "deleted" in states:
        pairs.account_deleted.add(company)


def _note_orphans(pairs: Pairs, own: dict[str, set[str]], inherited: dict[str, set[str]]) -> None:
    """What a merge left behind where a survivor has its own company, or inherits several (R74)."""
    has_own = own.keys() | pairs.company_unseen
    for account, companies in inherited.items():
        if account in has_own or len(companies) > 1:
            pairs.orphans |= companies
    pairs.in_review |= {account for account in inherited.keys() - has_own if inherited[account] & pairs.orphans}


def _settle(pairs: Pairs, companies_of: dict[str, set[str]]) -> None:
    """One company and one account are a pair; more on either side is a person's (R23, R78)."""
    for account, companies in companies_of.items():
        accounts = {other for other in companies_of if companies_of[other] & companies}
        contested = {k for k in companies if sum(k in theirs for theirs in companies_of.values()) > 1}
        pairs.two_accounts |= contested
        if len(companies) > 1:
            pairs.two_companies.add(account)
            pairs.closed |= companies
        if len(companies) > 1 or contested:
            pairs.in_review.add(account)
        elif companies and len(accounts) == 1:
            pairs.company_of[account] = next(iter(companies))


def _note_relinks(world: World, pairs: Pairs, edges: list[Edge]) -> None:
    """A pair known by an id that is no longer the record's own moves over, unless our table already did (R73, R77).

    An account that had a company itself takes none over, whatever its company became since.
    """
    for account, company in pairs.company_of.items():
        about = [e for e in edges if world.company(e.company) == company and world.account(e.account)[1] == account]
        ends = {(world.salesforce("accounts", e.account), e.company) for e in about}
        own = {e.company for e in about if e.is_link and world.salesforce("accounts", e.account) == account}
        if company in own:
            continue
        if not own and any(a != account for a, _ in ends):
            pairs.relinked[account] = "account_merged"
        elif any(k != company for _, k in ends):
            pairs.relinked[account] = "company_merged"


def _note_lost_companies(
    world: World, pairs: Pairs, edges: list[Edge], own: dict[str, set[str]], *, is_broken: bool
) -> None:
    """An archived company is a deleted one (R76), in a broken pair as well; one that nobody sees is not (R4, R81)."""
    for edge in edges:
        account = world.salesforce("accounts", edge.account)
        if account not in world.live_accounts() or own.get(account) or edge.is_broken != is_broken:
            continue
        state, _ = world.company_state(edge.company)
        if state == "archived":
            pairs.company_deleted.add(account)
        elif state == "unseen" and not is_broken:
            pairs.company_unseen.add(account)


def _is_believed(world: World, answers: Answers, edge: Edge) -> bool:
    """Whether no answer of a person contradicts what is written there."""
    state, account = world.account(edge.account)
    company_state, company = world.company_state(edge.company)
    return answers.allow(account if state != "unseen" else None, company if company_state != "unseen" else None)


def _restore(world: World, pairs: Pairs, broken: list[Edge], busy: set[str], free: set[str]) -> None:
    """A broken pair of two living records comes back if neither has, or could have, anybody else (R79)."""
    ends = {(world.account(it.account), world.company_state(it.company)) for it in broken}
    back = [(a, k) for (a_state, a), (k_state, k) in ends if a_state == k_state == "live"]
    for account, company in back:
        wanted = [other for other in back if account in other or company in other]
        if wanted == [(account, company)] and account not in busy and company in free:
            pairs.company_of[account] = company
            pairs.restored.add(account)


def _broken_states(world: World, said: list[Edge], company: str) -> set[str]:
    """What became of the accounts of broken pairs: an account that left the bin, too, is a deleted one (R75)."""
    gone = [it for it in said if it.is_broken and world.company(it.company) == company]
    return {"deleted" for it in gone if world.account(it.account)[0] != "live"}
