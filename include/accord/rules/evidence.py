"""Which account shares which people with which company, and how strongly (R14, R17, R26, R28, R29)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import Bools, Ints, at, distinct

if TYPE_CHECKING:
    from accord.rules.answers import Answers
    from accord.rules.people import People
    from accord.rules.records import Records

_PEOPLE_FIRST = 2**31


@dataclass(frozen=True)
class Overlaps:
    """One row per live account and live company with people in common, sorted by account, company.

    Attributes:
        account: position of the account.
        company: position of the company.
        people: distinct Salesforce contacts in common.
        primaries: those of them for whom the company is the primary one.
        by_id: somebody of them is paired by a stored id, not only by e-mail (R24).
    """

    account: Ints
    company: Ints
    people: Ints
    primaries: Ints
    by_id: Bools

    @property
    def strength(self) -> Ints:
        """One number that orders by people, then by primaries (R17); an e-mail counts as much as an id."""
        return self.people * _PEOPLE_FIRST + self.primaries

    def where(self, mask: Bools) -> Overlaps:
        """Return the rows of a mask."""
        rows = np.flatnonzero(mask)
        return Overlaps(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def shared_people(records: Records, people: People, answers: Answers) -> Overlaps:
    """Return the overlaps, without the pairs that a person ruled out (R14).

    A Salesforce contact counts once for a company, whoever stands for it there, and as a primary if any of them does.
    """
    company, contact, bits = _contacts_at_companies(records, people)
    account = records.contacts.account[contact]
    codes = account * max(len(records.companies.key), 1) + company
    order = np.argsort(codes)
    start = distinct(codes[order])
    account, company, bits = account[order], company[order], bits[order]
    count = np.diff(np.r_[start, len(codes)])
    total = np.add.reduceat(bits >> 1, start)
    any_id = (np.bitwise_or.reduceat(bits, start) & 1).astype(bool)
    overlaps = Overlaps(account[start], company[start], count, total, any_id)
    return overlaps.where(answers.allow(overlaps.account, overlaps.company)) if answers.given else overlaps


def _contacts_at_companies(records: Records, people: People) -> tuple[Ints, Ints, Ints]:
    """Return company, contact and two bits (2: primary, 1: by id) once per Salesforce contact at a company.

    The account is the contact's own: indirect relations (R28) and hierarchies of accounts or companies (R29) count not.
    """
    seats, size = records.seats, max(len(records.contacts.key), 1)
    counts = np.flatnonzero(at(records.accounts.is_live, people.account, False)[seats.person])
    company, person = seats.company[counts], seats.person[counts]
    bits = seats.is_primary[counts] * 2 + ~people.by_email[person]
    packed = np.sort((company * size + people.contact[person]) * 4 + bits)
    start = distinct(packed >> 2)
    either = np.bitwise_or.reduceat(packed & 3, start)
    seat = packed[start] >> 2
    return seat // size, seat % size, either
