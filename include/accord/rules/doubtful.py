"""Salesforce contacts that are nobody in HubSpot although somebody there has their e-mail (R25, R86)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from accord.model.ids import NONE
from accord.rules.arrays import Bools, Ints, marked, occurs

if TYPE_CHECKING:
    from accord.rules.people import People
    from accord.rules.records import Records


@dataclass(frozen=True)
class Doubtful:
    """What keeps an e-mail from being evidence, by position of the Salesforce contact.

    Attributes:
        shadows: shares the e-mail with a contact that is paired by id (R25).
        ambiguous: one of several contacts among which the e-mail could not decide (R86).
    """

    shadows: Bools
    ambiguous: Bools


def doubtful_emails(records: Records, people: People) -> Doubtful:
    """Return the live contacts that nobody is paired with, and whose e-mail is somebody's all the same."""
    persons, contacts = records.persons, records.contacts
    nobodys = np.flatnonzero(contacts.is_live & (contacts.email != NONE) & ~marked(people.contact, len(contacts.key)))
    return Doubtful(
        shadows=_sharing(contacts.email, nobodys, _known_emails(records, people)),
        ambiguous=_sharing(contacts.email, nobodys, persons.email[people.is_unsure]),
    )


def _known_emails(records: Records, people: People) -> Ints:
    """Return the e-mails of all persons and contacts that are paired by a stored id (R25)."""
    paired = np.flatnonzero((people.contact >= 0) & ~people.by_email)
    here, there = records.persons.email[paired], records.contacts.email[people.contact[paired]]
    return np.concatenate([here, there[there != here]])


def _sharing(emails: Ints, asked: Ints, known: Ints) -> Bools:
    """Return the records among the asked ones whose e-mail is among the known ones."""
    sharing = np.zeros(len(emails), dtype=bool)
    sharing[asked] = occurs(emails[asked], known)
    return sharing
