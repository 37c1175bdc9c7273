"""Everything that is found out before anything is decided, in the order of the rules."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.rules.answers import Answers, read_answers
from accord.rules.arrays import NOWHERE, Bools, Ints, filled
from accord.rules.beside import beside
from accord.rules.doubtful import Doubtful, doubtful_emails
from accord.rules.eligibility import Standing, account_standing
from accord.rules.evidence import Overlaps, shared_people
from accord.rules.identity import Identity, known_pairs
from accord.rules.manual import Manual, manual_requests
from accord.rules.matching import Matches, Rivals, match, runners_up
from accord.rules.people import People, pair_people
from accord.rules.races import raced_with
from accord.rules.reading import read_records
from accord.rules.records import Companies, Records
from accord.rules.undone import Undone, read_undone

if TYPE_CHECKING:
    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot


@dataclass(frozen=True)
class Case:
    """What is known of all records, and what matching came to.

    Attributes:
        overlaps: people in common, of all live accounts and companies.
        claims: overlaps large enough to pair (U17).
        runner_up: strongest other candidate of a matched account (R17).
        company_of: the account's company at the end of the plan, NOWHERE without or when it is still to be created.
        account_of: the company's account at the end of the plan, likewise.
        rivals: accounts outside the scope that may still need a company (R19b, R44).
        raced_with: account of a company that we made while HubSpot made this one for the same people (R105).
    """

    policy: Policy
    records: Records
    answers: Answers
    identity: Identity
    undone: Undone
    people: People
    doubtful: Doubtful
    standing: Standing
    overlaps: Overlaps
    claims: Overlaps
    manual: Manual
    matches: Matches
    runner_up: Ints
    company_of: Ints
    account_of: Ints
    rivals: Bools
    raced_with: Ints


def study(snapshot: Snapshot, policy: Policy) -> Case:
    """Return what the snapshot comes to under the policy: identity, people, eligibility, manual requests, matching."""
    records = read_records(snapshot, policy)
    undone = read_undone(records, snapshot.undone)
    answers = undone.kept_apart(read_answers(records, snapshot.resolutions))
    people, identity = beside(lambda: pair_people(records), lambda: known_pairs(records, snapshot.pairs, answers))
    # Nothing that is matched asks for the doubtful e-mails, which take as long.
    with ThreadPoolExecutor(1) as pool:
        doubtful = pool.submit(doubtful_emails, records, people)
        standing = account_standing(records, identity, answers, undone, policy)
        overlaps = shared_people(records, people, answers)
        claims = overlaps.where(overlaps.people >= policy.min_shared_contacts)
        manual = manual_requests(records, identity, answers, overlaps, standing.matchable)
        settled = (answers.company >= 0) | answers.make_company | (manual.company >= 0)
        rivals = standing.outside & ~settled
        free = _free_companies(records.companies, identity, answers, manual)
        matches = match(
            claims.where((standing.inside & ~settled)[claims.account] & free[claims.company]),
            Rivals.of(overlaps.where(rivals[overlaps.account]), len(free)),
            records.companies,
            len(settled),
            policy.on_tie,
        )
    company_of = np.maximum.reduce([identity.company, answers.company, manual.company, matches.company])
    account_of = filled(len(free), NOWHERE)
    account_of[company_of[company_of >= 0]] = np.flatnonzero(company_of >= 0)
    return Case(
        policy=policy,
        records=records,
        answers=answers,
        identity=identity,
        undone=undone,
        people=people,
        doubtful=doubtful.result(),
        standing=standing,
        overlaps=overlaps,
        claims=claims,
        manual=manual,
        matches=matches,
        runner_up=runners_up(claims.where(free[claims.company]), matches, manual.company),
        company_of=company_of,
        account_of=account_of,
        rivals=rivals,
        raced_with=raced_with(records, identity, overlaps, snapshot.pairs),
    )


def _free_companies(companies: Companies, identity: Identity, answers: Answers, manual: Manual) -> Bools:
    """Return the companies that can still be matched: live, unpaired, visible, and not settled by a person.

    A company whose account was deleted is free: only creation needs a manual sync (R16, R75).
    """
    free = companies.is_live & (identity.account < 0) & ~identity.closed & ~identity.account_unseen
    free &= (answers.account < 0) & ~answers.make_account & ~manual.in_review & ~manual.creates
    free[manual.company[manual.company >= 0]] = False
    return free
