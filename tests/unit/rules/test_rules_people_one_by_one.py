"""Who is whom, worked out person by person on small frames by chance (R24-R26, R38, R85-R92)."""

import pytest

from accord.model.ids import NONE
from accord.rules.doubtful import doubtful_emails
from accord.rules.people import pair_people
from accord.rules.reading import read_records
from people_by_chance import POLICY, OneByOne, by_chance, keys


@pytest.mark.parametrize("block", range(6))
def test_people_are_paired_as_one_by_one(block):
    for seed in range(block * 60, block * 60 + 60):
        snapshot = by_chance(seed)
        records, expected = read_records(snapshot, POLICY), OneByOne(snapshot)
        persons, contacts = records.persons.key, records.contacts
        found = pair_people(records)
        doubtful = doubtful_emails(records, found)
        pairs = {int(one): int(contacts.key[at]) for one, at in zip(persons, found.contact, strict=True) if at >= 0}
        assert pairs == expected.contact, seed
        assert keys(persons, found.by_email) == expected.by_email, seed
        assert keys(persons, found.is_lead) == expected.is_lead, seed
        assert keys(persons, found.is_unsure) == expected.is_unsure, seed
        assert keys(contacts.key, doubtful.shadows) == expected.shadows, seed
        assert keys(contacts.key, doubtful.ambiguous) == expected.ambiguous, seed
        home = {
            int(one): int(records.accounts.key[at]) for one, at in zip(persons, found.account, strict=True) if at >= 0
        }
        seen = {int(key) for key in records.accounts.key}
        accounts = {one: expected.contacts[other]["account_key"] for one, other in expected.contact.items()}
        assert home == {one: account for one, account in accounts.items() if account in seen}, seed
        assert keys(persons, found.is_private) == {one for one, account in accounts.items() if account == NONE}, seed


def test_the_frames_by_chance_hold_something_of_everything():
    all_of_them = [OneByOne(by_chance(seed)) for seed in range(90)]
    for name in ("contact", "by_email", "is_lead", "is_unsure", "shadows", "ambiguous"):
        assert sum(len(getattr(it, name)) for it in all_of_them) > 5, name
