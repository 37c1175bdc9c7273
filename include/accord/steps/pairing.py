"""Whom the rules pair one person with, and why with nobody: read from `rules.people`, decided nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.model.ids import NONE, hubspot_key, salesforce_key
from accord.rules.arrays import filled, place
from accord.store.names import by_key

if TYPE_CHECKING:
    from accord.model.facts import Kind, Record, System
    from accord.rules.arrays import Bools, Ints
    from accord.rules.case import Case
    from accord.steps.view import View
    from accord.store.database import Database


@dataclass(frozen=True)
class Paired:
    """Whom a person is paired with.

    Attributes:
        counterparts: the records on the other side, each by `id` or `email`.
        converted: the contact that a lead became.
        unpaired: why it is paired with nobody, a code of `sentences.persons`; "" where it is.
        is_listed: on the inclusion list; None where there is no list, or the person is not HubSpot's.
    """

    counterparts: tuple[tuple[Record, str], ...] = ()
    converted: Record | None = None
    unpaired: str = ""
    is_listed: bool | None = None


def paired(database: Database, seen: View | None, record: Record) -> Paired:
    """Return whom a contact or lead is paired with as both CRMs are now."""
    if seen is None:
        return Paired(unpaired="not_asked")
    if record.system == "hubspot":
        return _hubspot_contact(database, seen, hubspot_key(record.id))
    look = _lead if record.kind == "lead" else _salesforce_contact
    return look(database, seen.case, salesforce_key(record.id))


def _hubspot_contact(database: Database, seen: View, key: int) -> Paired:
    """Return whom a HubSpot contact is paired with: a Salesforce contact, or a lead (R24, R24b, R89)."""
    case = seen.case
    persons, people = case.records.persons, case.people
    at = int(place(persons.key, np.array([key]))[0])
    if at < 0:
        return Paired(unpaired="not_live")
    is_listed = bool(persons.is_listed[at]) if case.policy.has_inclusion_list else None
    kind = "email" if people.by_email[at] else "id"
    if people.contact[at] >= 0:
        contact = case.records.contacts.key[people.contact[[at]]]
        return Paired(_named(database, "salesforce", "contact", contact, kind), is_listed=is_listed)
    if people.is_lead[at]:
        return Paired(_named(database, "salesforce", "lead", _leads_of(case, at), kind), is_listed=is_listed)
    return Paired(unpaired=_why_no_contact(case, at), is_listed=is_listed)


def _leads_of(case: Case, at: int) -> Ints:
    """Return the leads that a HubSpot contact is paired with; by e-mail there may be several (R24b)."""
    persons, leads = case.records.persons, case.records.leads
    if not case.people.by_email[at]:
        return np.asarray(persons.lead_key[[at]])
    return np.asarray(leads.key[leads.is_live & ~leads.is_converted & (leads.email == persons.email[at])])


def _why_no_contact(case: Case, at: int) -> str:
    """Return why a HubSpot contact is paired with nobody."""
    persons, contacts, leads = case.records.persons, case.records.contacts, case.records.leads
    if not persons.is_live[at]:
        return "not_live"
    if persons.contact_key[at] != NONE:
        return "stored_id_leads_nowhere"
    if persons.lead_key[at] != NONE:
        lead = place(leads.key, persons.lead_key[[at]])[0]
        is_converted = lead >= 0 and leads.is_live[lead] and leads.is_converted[lead]
        return "converted_to_nobody" if is_converted else "stored_id_leads_nowhere"
    if persons.email[at] == NONE:
        return "no_email"
    same = contacts.is_live & (contacts.email == persons.email[at])
    if (same & case.doubtful.ambiguous).any():
        return "ambiguous"
    same_lead = leads.is_live & (leads.email == persons.email[at])
    return "taken" if same.any() or same_lead.any() else "nobody_has_the_email"


def _salesforce_contact(database: Database, case: Case, key: int) -> Paired:
    """Return who stands for a Salesforce contact in HubSpot."""
    contacts, people = case.records.contacts, case.people
    at = int(place(contacts.key, np.array([key]))[0])
    if at < 0 or not contacts.is_live[at]:
        return Paired(unpaired="not_live")
    counterparts = _persons(database, case, people.contact == at)
    if counterparts:
        return Paired(counterparts)
    if contacts.email[at] == NONE:
        return Paired(unpaired="no_email")
    codes = {"ambiguous": case.doubtful.ambiguous[at], "shadow": case.doubtful.shadows[at]}
    return Paired(unpaired=next((code for code, holds in codes.items() if holds), "nobody_has_the_email"))


def _lead(database: Database, case: Case, key: int) -> Paired:
    """Return who stands for a lead in HubSpot, or the contact that it became (R88)."""
    leads, persons, people = case.records.leads, case.records.persons, case.people
    at = int(place(leads.key, np.array([key]))[0])
    if at < 0 or not leads.is_live[at]:
        return Paired(unpaired="not_live")
    if leads.is_converted[at]:
        contact = case.records.contacts.key[leads.contact[[at]]] if leads.contact[at] >= 0 else filled(0)
        became = _named(database, "salesforce", "contact", contact, "id")
        stands = _persons(database, case, people.contact == leads.contact[at]) if became else ()
        return Paired(stands, became[0][0] if became else None, "" if became else "converted_to_nobody")
    stored = ~people.by_email & (persons.lead_key == key)
    by_email = people.by_email & (persons.email == leads.email[at]) & (leads.email[at] != NONE)
    counterparts = _persons(database, case, people.is_lead & (stored | by_email))
    if counterparts:
        return Paired(counterparts)
    if leads.email[at] == NONE:
        return Paired(unpaired="no_email")
    contacts = case.records.contacts
    hidden = (contacts.is_live & (contacts.email == leads.email[at])).any()
    return Paired(unpaired="contact_first" if hidden else "nobody_has_the_email")


def _persons(database: Database, case: Case, mask: Bools) -> tuple[tuple[Record, str], ...]:
    """Return the HubSpot contacts of a mask, each with how it is paired."""
    at = np.flatnonzero(mask)
    how = np.where(case.people.by_email[at], "email", "id")
    return tuple(
        (record, str(kind))
        for key, kind in zip(case.records.persons.key[at], how, strict=True)
        for record, _ in _named(database, "hubspot", "contact", np.array([key]), "")
    )


def _named(database: Database, system: System, kind: Kind, keys: Ints, how: str) -> tuple[tuple[Record, str], ...]:
    """Return the records of keys, each with how it is paired."""
    return tuple((it, how) for it in by_key(database, [(system, kind, int(key)) for key in keys]).values())
