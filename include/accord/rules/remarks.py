"""What is remarkable about a decision without deciding it: look-alikes, deleted partners, doubtful e-mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.model.ids import NONE
from accord.rules import verdicts as v
from accord.rules.arrays import Bools, Ints, marked, occurs
from accord.rules.verdicts import CREATIONS

if TYPE_CHECKING:
    from accord.rules.case import Case
    from accord.rules.people_rows import Attachments
    from accord.rules.records import Accounts, Companies
    from accord.rules.sheet import Sheet


def remark(case: Case, accounts: Sheet, companies: Sheet, attached: Attachments) -> None:
    """Note on both sheets what a person should know before approving.

    * same_domain_exists, same_name_exists: a live record on the other side looks alike (R15); the name is only said
      where the domain does not already say it.
    * was_deleted: the record had a partner that was deleted (R75, R76, U9).
    * shadow_contact: a contact of the account shares its e-mail with one that is paired by id (R25).
    * ambiguous_email: a contact of the account shares its e-mail with others, so it is no evidence (R86).
    * private_contact_not_attached: it has no primary company that becomes an account (R41).
    """
    _look_alikes(accounts, case.records.accounts, case.records.companies)
    _look_alikes(companies, case.records.companies, case.records.accounts)
    accounts.warn("was_deleted", accounts.has(*CREATIONS) & case.identity.company_gone)
    companies.warn("was_deleted", companies.has(*CREATIONS) & case.identity.account_gone)
    matched = accounts.has("LINK", "REVIEW", *CREATIONS)
    accounts.warn("shadow_contact", matched & _accounts_of(case, case.doubtful.shadows))
    accounts.warn("ambiguous_email", matched & _accounts_of(case, case.doubtful.ambiguous))
    companies.warn("private_contact_not_attached", _unattached(case, companies, attached))


def _look_alikes(sheet: Sheet, mine: Accounts | Companies, theirs: Accounts | Companies) -> None:
    """Warn about records to be created that have a namesake on the other side (R15)."""
    created = sheet.has(*CREATIONS)
    same_domain = created & _among(mine.domain, created, theirs.domain[theirs.is_live])
    same_name = created & ~same_domain & _among(mine.name, created, theirs.name[theirs.is_live])
    sheet.warn("same_domain_exists", same_domain)
    sheet.warn("same_name_exists", same_name)


def _among(values: Ints, asked: Bools, known: Ints) -> Bools:
    """Return which of the asked values occur among the known ones; NONE never does."""
    found = np.zeros(len(values), dtype=bool)
    found[asked] = (values[asked] != NONE) & occurs(values[asked], known)
    return found


def _accounts_of(case: Case, contacts: Bools) -> Bools:
    """Return the accounts of the Salesforce contacts of a mask."""
    return marked(case.records.contacts.account[contacts], len(case.records.accounts.key))


def _unattached(case: Case, companies: Sheet, attached: Attachments) -> Bools:
    """Return the companies created for a private contact that is attached to no account at all (R41)."""
    seats, people = case.records.seats, case.people
    if not case.policy.attach_private_contacts:
        return np.zeros(len(companies.code), dtype=bool)
    done = marked(people.contact[attached.person], len(case.records.contacts.key))
    private = np.flatnonzero(people.is_private[seats.person])
    left = private[~done[people.contact[seats.person[private]]]]
    return companies.said(v.CREATE_PRIVATE) & marked(seats.company[left], len(companies.code))
