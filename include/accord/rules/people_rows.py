"""The people behind each decision: evidence, attached (R41), associated (R13b), and who asks for a stage (R52)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model.ids import NONE
from accord.rules import verdicts as v
from accord.rules.arrays import NOWHERE, Bools, Ints, at, counted, distinct, filled, texts
from accord.rules.company_decisions import qualifying

if TYPE_CHECKING:
    from accord.rules.case import Case
    from accord.rules.lifecycle import StageMoves
    from accord.rules.sheet import Sheet

SYSTEMS = ("hubspot", "salesforce")
_ROLES = ("associate", "attach", "evidence", "stage")


@dataclass(frozen=True)
class Attachments:
    """Private contacts that get the account of their primary company: one row each; positions (R41)."""

    company: Ints
    person: Ints


def attachments(case: Case, companies: Sheet) -> Attachments:
    """Return the private contacts for whose sake their primary company becomes an account (R32, R41).

    A contact without primary company, or with several that become accounts, is attached to none. A company that became
    an account for another reason, being made by HubSpot itself above all, brings nobody along (R42).
    """
    seats, people = case.records.seats, case.people
    if not case.policy.attach_private_contacts:
        return Attachments(filled(0), filled(0))
    made = companies.said(v.CREATE_PRIVATE)
    counts = np.flatnonzero(seats.is_primary & made[seats.company] & people.is_private[seats.person])
    company, person = seats.company[counts], seats.person[counts]
    order = np.lexsort((person, company, people.contact[person]))
    company, person, contact = company[order], person[order], people.contact[person[order]]
    first = distinct(contact * max(len(made), 1) + company)
    company, person, contact = company[first], person[first], contact[first]
    once = counted(contact, len(case.records.contacts.key))[contact] == 1
    return Attachments(company[once], person[once])


@dataclass(frozen=True)
class _Named:
    """One row per person named by a decision, in the order of the PEOPLE contract; positions and codes."""

    system: Ints
    place: Ints
    role: Ints
    contact: Ints
    person: Ints
    is_primary: Bools


def decision_people(
    case: Case, accounts: Sheet, companies: Sheet, moves: StageMoves, attached: Attachments
) -> pd.DataFrame:
    """Return the PEOPLE rows of all decisions; a person is named once for a decision and role."""
    joining = _joining(case, accounts)
    parts = [
        _account_evidence(case, accounts),
        _company_evidence(case, companies),
        _named(case, "hubspot", "attach", attached.company, attached.person, True),
        _named(case, "salesforce", "associate", case.people.account[joining], joining, True),
        _named(case, "hubspot", "stage", moves.asking_company, moves.asking_person, True),
    ]
    rows = _Named(*(np.concatenate([getattr(part, name) for part in parts]) for name in _Named.__dataclass_fields__))
    return _frame(case, rows, _sorted_once(case, rows))


def _sorted_once(case: Case, rows: _Named) -> Ints:
    """Return the order of the rows without repeats; the primary seat of a person stands for the others."""
    records = case.records
    size = max(len(records.accounts.key), len(records.companies.key), 1)
    contacts = len(records.contacts.key) + 1
    target = (rows.system * size + rows.place) * len(_ROLES) + rows.role
    # Sorting one number is quick; few rows are still equal then, and only these are told apart by the rest.
    code = target * contacts + rows.contact + 1
    order = np.argsort(code)
    who = rows.person * 2 + ~rows.is_primary
    same = np.flatnonzero(code[order][1:] == code[order][:-1])
    if len(same):
        unsure = np.union1d(same, same + 1)
        order[unsure] = order[unsure][np.lexsort((who[order[unsure]], code[order[unsure]]))]
    repeated = np.zeros(len(order), dtype=bool)
    repeated[1:] = (code[order][1:] == code[order][:-1]) & (rows.person[order][1:] == rows.person[order][:-1])
    return order[~repeated]


def _frame(case: Case, rows: _Named, order: Ints) -> pd.DataFrame:
    """Return the PEOPLE frame of the rows in an order."""
    records, person, contact = case.records, rows.person[order], rows.contact[order]
    of_accounts = rows.system[order] * len(records.companies.key)
    key = np.concatenate([records.companies.key, records.accounts.key])[rows.place[order] + of_accounts]
    return pd.DataFrame(
        {
            "system": texts(SYSTEMS, rows.system[order]),
            "key": key,
            "role": texts(_ROLES, rows.role[order]),
            "salesforce_contact_key": at(records.contacts.key, contact, NONE),
            "hubspot_contact_key": records.persons.key[person],
            "kind": texts(["id", "email"], case.people.by_email[person]),
            "is_primary": rows.is_primary[order],
        }
    )


def _named(case: Case, system: str, role: str, place: Ints, person: Ints, is_primary: Bools | bool) -> _Named:
    """Return rows that name the persons for the records at the places."""
    size = len(place)
    return _Named(
        system=filled(size, SYSTEMS.index(system)),
        place=place,
        role=filled(size, _ROLES.index(role)),
        contact=case.people.contact[person],
        person=person,
        is_primary=np.broadcast_to(is_primary, size),
    )


def _account_evidence(case: Case, accounts: Sheet) -> _Named:
    """Return the people that an account shares with its partner, or with the companies it ties for (R93)."""
    seats, account = case.records.seats, case.people.account[case.records.seats.person]
    partner = np.where(accounts.has("LINK", "REVIEW", "WAIT"), accounts.named["partner_key"], NOWHERE)
    counts = at(partner, account, NOWHERE) == seats.company
    counts |= case.matches.held[seats.company] & at(case.matches.tied_companies, account, False)
    rows = np.flatnonzero(counts)
    return _named(case, "salesforce", "evidence", account[rows], seats.person[rows], seats.is_primary[rows])


def _company_evidence(case: Case, companies: Sheet) -> _Named:
    """Return the people for whom a company becomes an account, waits or is reviewed (R32-R34, R44)."""
    seats, people = case.records.seats, case.people
    person, account = seats.person, people.account[seats.person]
    counts = companies.said(v.CREATE_PRIVATE)[seats.company] & people.is_private[person]
    counts |= companies.said(v.CREATE_LISTED)[seats.company] & qualifying(case)[person]
    for column in ("partner_key", "waiting_for_key"):
        counts |= (account >= 0) & (companies.named[column][seats.company] == account)
    rows = np.flatnonzero(counts)
    return _named(case, "hubspot", "evidence", seats.company[rows], person[rows], seats.is_primary[rows])


def _joining(case: Case, accounts: Sheet) -> Ints:
    """Return the persons without any company whose account is created as, or paired with, a company (R13b)."""
    if not case.policy.associate_contacts:
        return filled(0)
    joined = at(accounts.has("LINK", "CREATE_COMPANY"), case.people.account, False)
    return np.flatnonzero(joined & ~case.records.has_company)
