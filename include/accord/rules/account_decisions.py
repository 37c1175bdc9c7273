"""The decision on every account, in the order of the rules: identity, deletes, eligibility, matching, creation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.rules import verdicts as v
from accord.rules.arrays import NOWHERE, Bools, at, marked, strongest
from accord.rules.sheet import BY_EMAIL, BY_ID, Sheet

if TYPE_CHECKING:
    from accord.rules.case import Case


def decide_accounts(case: Case) -> Sheet:
    """Return one decision for every live account; deleted ones and pairs without news have none."""
    sheet = Sheet(len(case.records.accounts.key))
    sheet.pass_over(~case.records.accounts.is_live)
    _paired(sheet, case)
    _without_partner(sheet, case)
    _matched(sheet, case)
    _left_over(sheet, case)
    _shared(sheet, case)
    return sheet


def _paired(sheet: Sheet, case: Case) -> None:
    """Decide accounts whose company is known (R21, R23, R48, R51, R73, R77-R79) or was chosen by a person."""
    identity, accounts, company = case.identity, case.records.accounts, case.identity.company
    paired = company >= 0
    asked = at(case.records.companies.is_requested, company, False)
    sheet.decide(identity.stores_twice, v.REVIEW_STORED_TWICE)
    sheet.pass_over(identity.silent)
    sheet.decide(identity.account_merged, v.RELINK_ACCOUNT, partner_key=company)
    sheet.decide(identity.company_merged, v.RELINK_COMPANY, partner_key=company)
    sheet.decide(identity.restored, v.UPDATE_RESTORED, partner_key=company)
    sheet.decide(asked, v.UPDATE_MANUAL, partner_key=company)
    sheet.decide(paired & accounts.is_wanted, v.UPDATE_IMPORTED, partner_key=company)
    sheet.decide(paired & accounts.is_touched, v.UPDATE_PAIR, partner_key=company)
    sheet.pass_over(paired)
    sheet.decide(case.answers.company >= 0, v.LINK_ANSWERED, partner_key=case.answers.company)


def _without_partner(sheet: Sheet, case: Case) -> None:
    """Decide accounts that are matched by hand (R47), or not at all (R4, R7, R11, R76, R104)."""
    accounts, standing, manual = case.records.accounts, case.standing, case.manual.company
    sheet.decide(manual >= 0, v.LINK_MANUAL, partner_key=manual, runner_up_key=case.runner_up)
    sheet.decide(standing.undone & (accounts.is_new | accounts.is_touched), v.SKIP_UNDONE)
    sheet.pass_over(standing.undone)
    unseen = case.identity.company_unseen
    sheet.decide(unseen & (accounts.is_touched | accounts.is_wanted), v.SKIP_COMPANY_UNSEEN)
    sheet.decide(standing.buried & accounts.is_touched, v.SKIP_COMPANY_DELETED)
    sheet.pass_over(unseen | standing.buried)
    sheet.decide(standing.is_person, v.SKIP_PERSON)
    sheet.decide(standing.outside, v.SKIP_UNTOUCHED)
    sheet.decide(case.answers.make_company, v.CREATE_COMPANY_ANSWERED)


def _matched(sheet: Sheet, case: Case) -> None:
    """Decide accounts that found a company, a tie or a rival (R14, R17-R20, R19b)."""
    matches, runner_up = case.matches, case.runner_up
    linked = matches.company >= 0
    sheet.decide(matches.by_age, v.LINK_OLDEST, partner_key=matches.company, runner_up_key=runner_up)
    only = linked & (runner_up < 0)
    sheet.decide(only, v.LINK_SHARED, partner_key=matches.company)
    sheet.decide(linked, v.LINK_STRONGEST, partner_key=matches.company, runner_up_key=runner_up)
    sheet.decide(matches.tied_companies, v.REVIEW_COMPANIES)
    sheet.decide(matches.tied_accounts, v.REVIEW_ACCOUNTS, partner_key=matches.meant)
    sheet.decide(matches.rival >= 0, v.WAIT_RIVAL, partner_key=matches.meant, rival_key=matches.rival)
    sheet.decide(matches.made_on_tie, v.CREATE_COMPANY_ON_TIE)


def _left_over(sheet: Sheet, case: Case) -> None:
    """Decide accounts in scope with nothing left to match (R12, R13, R16, R18, R45).

    A candidate under review keeps the account waiting; else a candidate that another account has is named.
    """
    size, claims = len(sheet.code), case.claims
    held = (case.matches.held | case.identity.closed)[claims.company]
    asked = case.manual.in_review[case.overlaps.company]
    waits = marked(claims.account[held], size) | marked(case.overlaps.account[asked], size)
    sheet.decide(waits, v.WAIT_REVIEW)
    owner = case.account_of[claims.company]
    taken = claims.where(owner >= 0)
    company = strongest(taken.account, taken.strength, taken.company, size)
    owner_of = at(case.account_of, company, NOWHERE)
    sheet.decide(company >= 0, v.CREATE_COMPANY_TAKEN, taken_by_key=owner_of)
    has_people = _has_people(case)
    sheet.decide(has_people, v.CREATE_COMPANY)
    sheet.decide(~has_people, v.CREATE_COMPANY_ALONE)


def _has_people(case: Case) -> Bools:
    """Return the accounts that have any live contact (R12 speaks of those that have none)."""
    contacts = case.records.contacts
    return marked(contacts.account[contacts.is_live], len(case.records.accounts.key))


def _shared(sheet: Sheet, case: Case) -> None:
    """Note how many people a decision rests on, and whether a stored id is among them (R24, R93).

    With a partner these are the people shared with it, in a tie those shared with any of the tied companies.
    """
    overlaps, size = case.overlaps, len(sheet.code)
    partner = sheet.named["partner_key"]
    tied = sheet.said(v.REVIEW_COMPANIES)[overlaps.account] & case.matches.held[overlaps.company]
    rows = np.flatnonzero(tied | (partner[overlaps.account] == overlaps.company))
    row = strongest(overlaps.account[rows], overlaps.strength[rows], rows, size)
    tells = sheet.has("LINK", "REVIEW", "WAIT") & (row >= 0)
    sheet.people[tells] = overlaps.people[row[tells]]
    sheet.primaries[tells] = overlaps.primaries[row[tells]]
    sheet.evidence[tells] = np.where(overlaps.by_id[row[tells]], BY_ID, BY_EMAIL)
