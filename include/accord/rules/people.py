"""Which HubSpot contact is which Salesforce contact or lead (R24, R24b, R25, R85-R92)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model.ids import NONE
from accord.rules.arrays import NOWHERE, Bools, Ints, at, counted, filled, marked, place
from accord.rules.beside import beside

if TYPE_CHECKING:
    from accord.rules.records import Leads, Records


@dataclass(frozen=True)
class People:
    """What each HubSpot contact is paired with, by its position; archived and merged ones are paired with nobody.

    Attributes:
        contact: position of the live Salesforce contact, NOWHERE if there is none.
        by_email: paired by e-mail and not by a stored id (R24).
        is_lead: paired with an unconverted lead, by id or by e-mail (R24b, R38).
        account: position of the contact's account, NOWHERE for private contacts (R88: the contact's own AccountId).
        is_private: paired with a contact without any account (R32).
        is_unsure: paired with nobody because several Salesforce contacts have the e-mail (R86).
    """

    contact: Ints
    by_email: Bools
    is_lead: Bools
    account: Ints
    is_private: Bools
    is_unsure: Bools


def pair_people(records: Records) -> People:
    """Return who is whom: a stored contact id, then a stored lead id, then the e-mail (R24, R24b, R89).

    A stored id that leads to a deleted or unseen record pairs nobody and does not fall back to the e-mail. A record
    without an e-mail is found by its id alone (R87), and a person who is nobody is no lead (R92).
    """
    persons, contacts, leads = records.persons, records.contacts, records.leads
    nameless = (persons.contact_key == NONE) & (persons.lead_key == NONE)
    asking = np.flatnonzero(persons.is_live & nameless & (persons.email != NONE))
    (contact, lead, stored_lead), (asked, emails) = beside(
        lambda: _by_stored_id(records), lambda: pd.factorize(persons.email[asking])
    )
    is_lead = _is_open_lead(leads, lead)
    taken_contact = marked(contact, len(contacts.key))
    taken_lead = marked(stored_lead[persons.is_live], len(leads.key))
    free_contact = contacts.is_live & ~taken_contact
    free_lead = leads.is_live & ~leads.is_converted & ~taken_lead
    of_contacts, of_leads = beside(
        lambda: _only_holder(contacts.email, free_contact, emails), lambda: _only_holder(leads.email, free_lead, emails)
    )
    holder, how_many, leads_found = of_contacts[0][asked], of_contacts[1][asked], of_leads[1][asked]
    by_email = filled(len(persons.key))
    by_email[asking] = holder
    is_lead[asking[(how_many == 0) & (leads_found > 0)]] = True
    paired = np.where(by_email >= 0, by_email, contact)
    return People(
        contact=paired,
        by_email=(by_email >= 0) | (is_lead & nameless),
        is_lead=is_lead,
        account=at(contacts.account, paired, NOWHERE),
        is_private=at(contacts.is_private, paired, False),
        is_unsure=marked(asking[how_many > 1], len(persons.key)),
    )


def _by_stored_id(records: Records) -> tuple[Ints, Ints, Ints]:
    """Return the live contact each person names, itself or through a converted lead, and its live lead (R88, R89).

    The third column is the lead that it names, alive or not.
    """
    persons, contacts, leads = records.persons, records.contacts, records.leads
    named, stored_lead = place(contacts.index, persons.contact_key), place(leads.key, persons.lead_key)
    lead = np.where(persons.contact_key == NONE, stored_lead, NOWHERE)
    lead = np.where(persons.is_live & at(leads.is_live, lead, False), lead, NOWHERE)
    contact = np.where(at(contacts.is_live, named, False), named, at(leads.contact, lead, NOWHERE))
    return np.where(persons.is_live, contact, NOWHERE), lead, stored_lead


def _is_open_lead(leads: Leads, lead: Ints) -> Bools:
    """Return whether the named lead is still one: a deleted, unseen or converted lead is not (R38)."""
    return ~at(leads.is_converted, lead, True)


def _only_holder(emails: Ints, is_free: Bools, asked: Ints) -> tuple[Ints, Ints]:
    """Return each asked e-mail's only free holder, NOWHERE where there are none or several, and their number (R86)."""
    free = np.flatnonzero(is_free)
    hit = place(asked, emails[free])
    how_many = counted(hit, len(asked))
    holder = filled(len(asked))
    holder[hit[hit >= 0]] = free[hit >= 0]
    return np.where(how_many == 1, holder, NOWHERE), how_many
