"""What a world cannot say: frames as staging has them, with merged-away rows and ends that nobody sees."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from accord.model.policy import Policy
from accord.model.snapshot import Snapshot
from accord.rules import decide
from accord.rules.reading import read_records
from accord.worlds.decisions import world_decisions
from accord.worlds.names import WorldNames
from people_by_chance import POLICY, by_chance
from tiny_worlds import read_short


def with_values(frame: pd.DataFrame, column: str, by_key: dict[int, Any]) -> pd.DataFrame:
    """Return a frame in which the rows of some keys have other values of a column."""
    changed = frame.copy()
    for key, value in by_key.items():
        changed.loc[changed["key"] == key, column] = value
    return changed


def decided(snapshot: Snapshot, policy: Policy, names: WorldNames) -> dict[str, str]:
    """Return action and reason of each record."""
    return {row["target"]: f"{row['do']} {row['reason']}" for row in world_decisions(decide(snapshot, policy), names)}


def test_a_request_for_a_merged_company_is_one_for_the_company_it_became():
    """R46 R77: staging keeps the merged row, and the request names it."""
    snapshot, policy, names = read_short(
        "{hs: {companies: [{id: K1, archived: true}, {id: K3, merged: [K1], created: 2024-01-01}]}}"
    )
    asked = with_values(snapshot.companies, "is_requested", {names.companies.key("K1"): True})
    assert decided(replace(snapshot, companies=asked), policy, names) == {"K3": "CREATE_ACCOUNT manual_sync"}


def test_who_was_on_the_list_before_a_merge_still_is():
    """R80: the list has the id of the contact that was merged away."""
    snapshot, policy, names = read_short(
        "{settings: {inclusion_list: []}, fresh: [K1],"
        " hs: {contacts: [{id: h1, archived: true}, {id: h2, merged: [h1]}, {id: h3}], assoc: [[h2, K1], [h3, K1]]}}"
    )
    listed = with_values(snapshot.hubspot_contacts, "is_listed", {names.persons.key("h1"): True})
    found = decided(replace(snapshot, hubspot_contacts=listed), policy, names)
    assert found == {"K1": "CREATE_ACCOUNT on_inclusion_list"}


def test_who_was_not_on_the_list_before_a_merge_does_not_get_there_by_it():
    """R80 R39."""
    snapshot, policy, names = read_short(
        "{settings: {inclusion_list: [h3]}, fresh: [K1],"
        " hs: {contacts: [{id: h1, archived: true}, {id: h2, merged: [h1]}, {id: h3}], assoc: [[h2, K1]]}}"
    )
    assert decided(snapshot, policy, names) == {"K1": "SKIP none_on_inclusion_list"}


def test_of_two_contacts_that_list_one_as_merged_the_living_one_is_believed():
    """R80: the other one was archived meanwhile, and the seat still has the old id."""
    snapshot, policy, names = read_short(
        "{settings: {inclusion_list: [h3]}, fresh: [K1], hs: {contacts:"
        " [{id: h1, archived: true}, {id: h2, archived: true, merged: [h1]}, {id: h3, merged: [h1]}], assoc: [[h3, K1]]}}"
    )
    seats = snapshot.associations.assign(contact_key=names.persons.key("h1"))
    found = decided(replace(snapshot, associations=seats), policy, names)
    assert found == {"K1": "CREATE_ACCOUNT on_inclusion_list"}


@pytest.mark.rule("R91")
@pytest.mark.parametrize("block", range(4))
def test_everybody_has_one_seat_at_a_company_whatever_its_labels(block: int):
    for seed in range(block * 10, block * 10 + 10):
        snapshot = by_chance(seed)
        living = set(snapshot.hubspot_contacts.loc[~snapshot.hubspot_contacts["is_archived"], "key"])
        open_companies = set(snapshot.companies.loc[~snapshot.companies["is_archived"], "key"])
        expected: dict[tuple[int, int], bool] = {}
        for person, company, is_primary in snapshot.associations[
            ["contact_key", "company_key", "is_primary"]
        ].to_numpy():
            if person in living and company in open_companies:
                expected[company, person] = expected.get((company, person), False) or bool(is_primary)
        records = read_records(snapshot, POLICY)
        company, person = records.companies.key[records.seats.company], records.persons.key[records.seats.person]
        found = list(zip(company.tolist(), person.tolist(), records.seats.is_primary.tolist(), strict=True))
        assert found == sorted((*seat, is_primary) for seat, is_primary in expected.items()), seed


def test_a_company_that_nobody_sees_is_a_company_all_the_same():
    """R13b R4: the person belongs somewhere, so Accord takes nobody away from there."""
    snapshot, policy, names = read_short(
        "{new: [A1], aged: [K9], sf: {contacts: [{Id: P1, AccountId: A1}]},"
        " hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K9]]}, settings: {min_shared_contacts: 2}}"
    )
    unseen = replace(snapshot, companies=snapshot.companies[snapshot.companies["key"] != names.companies.key("K9")])
    for given in (snapshot, unseen):
        plan = decide(given, policy)
        assert plan.people.empty
        assert plan.decisions["action"].tolist()[-1] == "CREATE_COMPANY"


def test_a_company_that_another_one_lists_as_merged_is_gone_archived_or_not():
    """R77: between two extracts the merged row may still look alive."""
    snapshot, policy, names = read_short("{aged: [K1], hs: {companies: [{id: K3, merged: [K1], created: 2024-01-01}]}}")
    assert decided(snapshot, policy, names) == {"K3": "SKIP preexisting_company"}


def test_a_contact_that_another_one_lists_as_merged_is_nobody_archived_or_not():
    """R80: it counts once, as its survivor."""
    snapshot, policy, names = read_short(
        "{new: [A1], aged: [K1, K2], sf: {contacts: [{Id: P1, AccountId: A1}, {Id: P2, AccountId: A1}]},"
        " hs: {contacts: [{id: h1, sfc: P2}, {id: h2, sfc: P1, merged: [h1]}],"
        " assoc: [[h1, K1], [h2, K1], [h2, K2]]}}"
    )
    assert decided(snapshot, policy, names)["A1"] == "REVIEW tie_between_companies"


def test_whom_a_merged_contact_named_is_free_to_be_found_by_e_mail():
    """R24 R80: the row that was merged away stores the id of a contact, and nobody else does."""
    snapshot, policy, names = read_short(
        "{new: [A1], aged: [K1], sf: {contacts: [{Id: P1, AccountId: A1, Email: a@x.test}]},"
        " hs: {contacts: [{id: h1, sfc: P1}, {id: h2, merged: [h1]}, {id: h3, email: a@x.test}], assoc: [[h3, K1, primary]]}}"
    )
    assert decided(snapshot, policy, names)["A1"] == "LINK shared_contacts"


def test_held_creations_keep_what_they_hold():
    """R96: an approval turns a row into what it was before it was held."""
    snapshot, policy, _ = read_short(
        "{settings: {max_creates: 1, manual_sync: [K2]}, new: [A1, A2], aged: [K1, K2], shared: {A1: {K1: 1}}}"
    )
    rows = decide(snapshot, policy).decisions
    words = ["system", "action", "reason", "rule", "held_action", "held_reason"]
    assert sorted(map(tuple, rows[words].itertuples(index=False))) == [
        ("hubspot", "HOLD", "creation_cap", "R96", "CREATE_ACCOUNT", "manual_sync"),
        ("salesforce", "HOLD", "creation_cap", "R96", "CREATE_COMPANY", "no_matching_company"),
        ("salesforce", "LINK", "shared_contacts", "R14", "", ""),
    ]
