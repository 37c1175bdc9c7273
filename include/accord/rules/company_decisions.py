"""The decision on every company that no account's row speaks for (R30): waits, age, negatives, positives, the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.rules import verdicts as v
from accord.rules.arrays import NOWHERE, Bools, Ints, at, counted, marked, strongest
from accord.rules.sheet import Sheet

if TYPE_CHECKING:
    from accord.rules.case import Case


@dataclass(frozen=True)
class Crew:
    """Who belongs to each company, by position; archived contacts are not people of a company (R26).

    Attributes:
        people: number of persons (R37).
        leads: those paired with an unconverted lead (R38).
        has_private: somebody is paired with a contact without account (R32).
        has_listed: somebody is on the inclusion list, paired or not (R39).
        qualifies: somebody fires the list criterion (R33): is listed, or anybody where no list means everybody (U4b);
            under `strict_projection` it must not be a person who is or would become a lead (U4a).
    """

    people: Ints
    leads: Ints
    has_private: Bools
    has_listed: Bools
    qualifies: Bools


def decide_companies(case: Case, accounts: Sheet) -> Sheet:
    """Return one decision for every live company that is not consumed by a row of its account."""
    companies, identity = case.records.companies, case.identity
    sheet = Sheet(len(companies.key))
    sheet.pass_over(~companies.is_live | identity.twin | (case.account_of >= 0))
    sheet.decide(identity.disputed, v.REVIEW_DISPUTED)
    sheet.decide(identity.orphan, v.REVIEW_ORPHAN)
    sheet.decide(identity.account_unseen, v.SKIP_ACCOUNT_UNSEEN)
    sheet.decide(case.manual.several_accounts, v.REVIEW_MANUAL_ACCOUNTS)
    sheet.decide(case.manual.several_companies, v.REVIEW_MANUAL_COMPANIES)
    sheet.decide(case.answers.make_account, v.CREATE_ANSWERED)
    _waiting(sheet, case)
    sheet.decide(case.manual.creates, v.CREATE_MANUAL)
    raced = case.raced_with
    sheet.decide(raced >= 0, v.REVIEW_RACE, partner_key=raced, runner_up_key=at(case.company_of, raced, NOWHERE))
    _by_criteria(sheet, case, accounts)
    return sheet


def _waiting(sheet: Sheet, case: Case) -> None:
    """Decide companies for which creating now would be wrong (R44, R19b, then R45); any shared person is enough."""
    overlaps, size = case.overlaps, len(sheet.code)
    coming = overlaps.where(case.rivals[overlaps.account])
    account = strongest(coming.company, coming.strength, coming.account, size)
    sheet.decide(account >= 0, v.WAIT_ACCOUNT, waiting_for_key=account)
    stuck = overlaps.where(case.matches.rival[overlaps.account] >= 0)
    account = strongest(stuck.company, stuck.strength, stuck.account, size)
    sheet.decide(account >= 0, v.WAIT_ACCOUNT, waiting_for_key=account)
    reviewed = (case.identity.in_review | case.matches.in_review)[overlaps.account]
    sheet.decide(marked(overlaps.company[reviewed], size), v.WAIT_REVIEW)


def _by_criteria(sheet: Sheet, case: Case, accounts: Sheet) -> None:
    """Decide the other companies by criteria, the first that holds.

    Tombstones (R104, R75), age (R43), negatives x y z (R37-R39), positives a b c (R31-R33), the rest. The order is the
    rule (R30), so a negative wins over a positive (R35), and R34 and R36 come last. A company that names an account
    which a person gave to another one is made into a second one by hand only (R23, R74, R78).
    """
    policy, companies = case.policy, case.records.companies
    crew = company_crew(case)
    sheet.decide(case.undone.companies, v.SKIP_UNDONE)
    if not policy.recreate_deleted:
        sheet.decide(case.identity.account_gone, v.SKIP_ACCOUNT_DELETED)
    if not policy.backfill_companies:
        sheet.decide(companies.is_old, v.SKIP_OLD_COMPANY)
    sheet.decide(crew.people == 0, v.SKIP_NO_CONTACTS)
    sheet.decide(crew.people == crew.leads, v.SKIP_LEADS)
    if policy.has_inclusion_list:
        sheet.decide(~crew.has_listed, v.SKIP_UNLISTED)
    sheet.decide(case.identity.told_apart, v.SKIP_TOLD_APART)
    if policy.default_object == "Contact":
        sheet.decide(companies.is_auto_created, v.CREATE_AUTO)
    sheet.decide(crew.has_private, v.CREATE_PRIVATE)
    sheet.decide(crew.qualifies, v.CREATE_LISTED)
    if not policy.has_inclusion_list:
        account = _represented_by(case, accounts)
        company = at(case.company_of, account, NOWHERE)
        sheet.decide(account >= 0, v.REVIEW_REPRESENTED, partner_key=account, runner_up_key=company)
    sheet.decide(np.ones(len(sheet.code), dtype=bool), v.SKIP_NO_RULE)


def company_crew(case: Case) -> Crew:
    """Return who belongs to each company; only the living do (R26)."""
    seats, people, size = case.records.seats, case.people, len(case.records.companies.key)
    listed = case.records.persons.is_listed
    return Crew(
        people=counted(seats.company, size),
        leads=counted(seats.company[people.is_lead[seats.person]], size),
        has_private=marked(seats.company[people.is_private[seats.person]], size),
        has_listed=marked(seats.company[listed[seats.person]], size),
        qualifies=marked(seats.company[qualifying(case)[seats.person]], size),
    )


def qualifying(case: Case) -> Bools:
    """Return the persons that fire the list criterion (R33, R40, U4a, U4b)."""
    policy, people = case.policy, case.people
    everybody = not policy.has_inclusion_list and policy.no_list_means == "everybody_listed"
    if not (policy.has_inclusion_list or everybody):
        return np.zeros(len(people.is_lead), dtype=bool)
    on_list = case.records.persons.is_live & (case.records.persons.is_listed | everybody)
    if not policy.strict_projection:
        return on_list
    return on_list & ~people.is_lead & ((people.contact >= 0) | (policy.default_object == "Contact"))


def _represented_by(case: Case, accounts: Sheet) -> Ints:
    """Return an account of the company's people that has, or gets in this plan, another company (R34).

    Where there are several, one whose company has a name already comes first: it is what people look for.
    """
    overlaps, size = case.overlaps, len(case.account_of)
    paired = overlaps.where(((case.company_of >= 0) | case.identity.company_unseen)[overlaps.account])
    coming = overlaps.where(accounts.has("CREATE_COMPANY")[overlaps.account])
    named = strongest(paired.company, paired.strength, paired.account, size)
    unnamed = strongest(coming.company, coming.strength, coming.account, size)
    return np.where(named >= 0, named, unnamed)
