"""The people behind decisions, worked out seat by seat (R13b, R14, R32, R93)."""

from typing import Any

import pytest

from accord.model.ids import NONE
from accord.model.snapshot import Plan, Snapshot
from accord.rules import decide
from people_by_chance import POLICY, OneByOne, by_chance
from tiny_worlds import read_short

NAMED = {
    "R41 two private contacts of one company are both attached": (
        "{fresh: [K1, K2], sf: {contacts: [{Id: P1}, {Id: P2}]}, hs: {contacts: [{id: h1, sfc: P1}, {id: h2, sfc: P2}],"
        " assoc: [[h1, K1, primary], [h2, K1, primary]]}}",
        ["K1 attach h1 primary", "K1 attach h2 primary", "K1 evidence h1 primary", "K1 evidence h2 primary"],
    ),
    "R32 a private contact of a company that becomes none is no evidence": (
        "{aged: [K1], sf: {contacts: [{Id: P1}]}, hs: {contacts: [{id: h1, sfc: P1}], assoc: [[h1, K1, primary]]}}",
        [],
    ),
    "R31 R33 nor is a listed person of a company that becomes an account for another reason": (
        "{settings: {inclusion_list: [h1]}, hs: {companies: [{id: K1, created: 2026-01-11, source: CRM_SETTING}],"
        " contacts: [{id: h1}], assoc: [[h1, K1, primary]]}}",
        [],
    ),
    "R44 whose account a company waits for": (
        "{old: [A1], fresh: [K1], shared: {A1: {K1: 1/0}}}",
        ["K1 evidence sA1K11 -"],
    ),
    "R13b nobody joins a company that its account has had for long": (
        "{old: [A1], aged: [K1], links: [{account: A1, company: K1}], sf: {contacts: [{Id: P1, AccountId: A1}]},"
        " hs: {contacts: [{id: h1, sfc: P1}]}}",
        [],
    ),
    "R13b who joins a new one has it as primary": (
        "{new: [A1], sf: {contacts: [{Id: P1, AccountId: A1}]}, hs: {contacts: [{id: h1, sfc: P1}]}}",
        ["A1 associate h1 primary"],
    ),
    "R52 whose stage goes over": (
        "{hs: {companies: [{id: K1, created: 2024-01-01}], contacts: [{id: h1, was: null, stage: lead}],"
        " assoc: [[h1, K1, primary]]}}",
        ["K1 stage h1 primary"],
    ),
}


@pytest.mark.parametrize(("world", "expected"), NAMED.values(), ids=NAMED.keys())
def test_these_people_are_named_and_nobody_else(world, expected):
    snapshot, policy, names = read_short(world)
    records = {"hubspot": names.companies, "salesforce": names.accounts}
    found = [
        f"{records[it.system].short(it.key)} {it.role} {names.persons.short(it.hubspot_contact_key)}"
        f" {'primary' if it.is_primary else '-'}"
        for it in decide(snapshot, policy).people.itertuples()
    ]
    assert found == expected


def behind(snapshot: Snapshot, people: OneByOne, plan: Plan) -> list[tuple[Any, ...]]:
    """Return the PEOPLE rows of matched accounts and of companies that become accounts, worked out seat by seat."""
    archived = {it["key"] for it in snapshot.companies.to_dict("records") if it["is_archived"]}
    seats: dict[tuple[int, int], bool] = {}
    for it in snapshot.associations.to_dict("records"):
        seat = it["contact_key"], it["company_key"]
        seats[seat] = seats.get(seat, False) or it["is_primary"]
    housed = {person for person, company in seats if company not in archived}
    home = {person: people.contacts[contact]["account_key"] for person, contact in people.contact.items()}

    def row(decision: dict[str, Any], role: str, person: int, is_primary: bool) -> tuple[Any, ...]:
        kind = "email" if person in people.by_email else "id"
        contact = people.contact.get(person, NONE)
        return decision["system"], decision["key"], role, contact, person, kind, is_primary

    found = []
    for it in plan.decisions.to_dict("records"):
        if it["system"] == "salesforce" and it["action"] in {"LINK", "CREATE_COMPANY"}:
            mine = [person for person, account in home.items() if account == it["key"]]
            found += [row(it, "associate", person, True) for person in mine if person not in housed]
            partner = it["partner_key"]
            found += [row(it, "evidence", one, seats[one, partner]) for one in mine if (one, partner) in seats]
        if it["reason"] == "private_contact":
            private = [one for one, account in home.items() if account == NONE and (one, it["key"]) in seats]
            found += [row(it, "evidence", person, seats[person, it["key"]]) for person in private]
    return sorted(found)


@pytest.mark.rule("R13b", "R14", "R32", "R93")
@pytest.mark.parametrize("block", range(6))
def test_people_behind_decisions_are_named_once_and_in_order(block):
    for seed in range(block * 60, block * 60 + 60):
        snapshot = by_chance(seed)
        plan = decide(snapshot, POLICY)
        rows = [tuple(row) for row in plan.people.itertuples(index=False)]
        assert rows == sorted(set(rows)), seed
        told = {
            (it["system"], it["key"])
            for it in plan.decisions.to_dict("records")
            if it["action"] in {"LINK", "CREATE_COMPANY"} or it["reason"] == "private_contact"
        }
        about_them = [row for row in rows if row[:2] in told and row[2] in {"evidence", "associate"}]
        assert about_them == behind(snapshot, OneByOne(snapshot), plan), seed
