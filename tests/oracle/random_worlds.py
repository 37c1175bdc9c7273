"""Small random worlds with much overlap, so that ties, contests, merges and dangling ids are frequent.

The same seed gives the same world on any machine: everything comes out of the one `Random`.
"""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

from accord.model.ids import salesforce_id
from oracle import random_histories as histories
from oracle import random_records as records
from oracle.random_records import NEW, OLD, SWITCH, chance, ids

Record = dict[str, Any]


def random_world(random: Random) -> Record:
    """Return one world, its settings complete but for those it leaves at their defaults."""
    accounts = [records.account(random, n) for n in range(1, random.randint(1, 6) + 1)]
    histories.delete_some(random, accounts)
    companies = [records.company(random, n) for n in range(1, random.randint(1, 6) + 1)]
    contacts = [records.sf_contact(random, n, accounts) for n in range(1, random.randint(0, 8) + 1)]
    leads = [records.lead(random, n, contacts, accounts) for n in range(1, random.choice([0, 0, 1, 3]) + 1)]
    people = [records.hs_contact(random, n, contacts, leads) for n in range(1, random.randint(0, 8) + 1)]
    histories.store_ids(random, accounts, companies)
    histories.merge_some(random, companies, ["K8", "K9"])
    histories.merge_some(random, people, ["h9"])
    return _world(random, "RANDOM", accounts, companies, contacts, leads, people)


def random_history(random: Random) -> Record:
    """Return a world in which much was merged, deleted, stored and answered before (R21-R23, R73-R80)."""
    accounts = [records.account(random, n) for n in range(1, random.randint(3, 6) + 1)]
    histories.delete_some(random, accounts)
    histories.merge_a_chain(random, accounts)
    companies = [records.company(random, n) for n in range(1, random.randint(3, 6) + 1)]
    for company in companies:
        if chance(random, 0.2):
            company["archived"] = True
        if chance(random, 0.4):
            company["sfa"] = random.choice(ids(accounts))
    contacts = [records.sf_contact(random, n, accounts) for n in range(1, random.randint(2, 6) + 1)]
    people = [records.hs_contact(random, n, contacts, []) for n in range(1, random.randint(2, 6) + 1)]
    histories.store_ids(random, accounts, companies)
    for group, gone in ((companies, ["K8", "K9"]), (people, ["h8", "h9"])):
        histories.merge_some(random, group, gone)
        histories.merge_through(random, group, gone)
    return _world(random, "HISTORY", accounts, companies, contacts, [], people)


def _world(
    random: Random,
    name: str,
    accounts: list[Record],
    companies: list[Record],
    contacts: list[Record],
    leads: list[Record],
    people: list[Record],
) -> Record:
    """Return the records with associations, settings and memory around them."""
    world = {
        "id": name,
        "settings": _settings(random, ids(accounts), ids(companies), people),
        "sf": {"accounts": accounts, "contacts": contacts, "leads": leads},
        "hs": {"companies": companies, "contacts": people, "assoc": _associations(random, people, companies)},
        "links": histories.links(random, accounts, companies),
        "resolutions": histories.resolutions(random, accounts, companies),
    }
    return world | ({"now": "2026-01-12T06:30"} if chance(random, 0.2) else {})


def random_contest(random: Random) -> Record:
    """Return a world of unpaired accounts and companies whose people sit all over the place (R14-R20, R19b, R47)."""
    accounts = [records.account(random, n) for n in range(1, random.randint(2, 5) + 1)]
    companies = [{"id": f"K{n}", "created": random.choice([NEW, OLD])} for n in range(1, random.randint(2, 4) + 1)]
    numbers = range(1, random.randint(3, 10) + 1)
    people = [{"id": f"h{n}", "sfc": f"P{n}"} for n in numbers]
    settings = _settings(random, ids(accounts), [company["id"] for company in companies], people)
    return {
        "id": "CONTEST",
        "settings": settings | {"sync_companies": True},
        "sf": {
            "accounts": accounts,
            "contacts": [{"Id": f"P{n}", "AccountId": random.choice(ids(accounts))} for n in numbers],
        },
        "hs": {"companies": companies, "contacts": people, "assoc": _associations(random, people, companies)},
    }


def random_pair_with_fields(random: Random) -> Record:
    """Return a world of one pair with one to six mapped fields (R62-R67)."""
    rules = ["prefer_salesforce", "always_salesforce", "two_way", "dont_sync"]
    times = [f"2026-01-11T{hour}:00" for hour in ("08", "09")]
    fields = []
    for n in range(1, random.randint(1, 6) + 1):
        base, sf, hs = (random.choice([None, "A", "B", "C"]) for _ in range(3))
        changed_at = {"sf_at": random.choice(times), "hs_at": random.choice(times)}
        fields.append({"name": f"f{n}", "rule": random.choice(rules), "base": base, "sf": sf, "hs": hs, **changed_at})
    return {
        "id": "FIELDS",
        "sf": {"accounts": [{"Id": "A1", "Created": OLD, "Modified": OLD}]},
        "hs": {"companies": [{"id": "K1", "created": OLD, "sfa": "A1"}]},
        "links": [{"account": "A1", "company": "K1"}] if chance(random, 0.5) else [],
        "fields": fields,
    }


def any_world(random: Random) -> Record:
    """Return a world of one of the kinds above."""
    kinds = [random_world, random_world, random_history, random_contest, random_contest, random_pair_with_fields]
    return random.choice(kinds)(random)


def larger_scope(random: Random, world: Record) -> Record:
    """Return the same world with some more of its accounts imported."""
    settings = world.get("settings", {})
    imported = settings.get("import_accounts", [])
    more = [account for account in ids(world["sf"]["accounts"]) if chance(random, 0.5)]
    wider = "all" if imported == "all" or chance(random, 0.3) else sorted({*imported, *more})
    return world | {"settings": settings | {"import_accounts": wider}}


def worlds() -> st.SearchStrategy[Record]:
    """Return a hypothesis strategy of the same worlds, which shrinks to small ones."""
    return st.randoms(use_true_random=False).map(any_world)


def _associations(random: Random, people: list[Record], companies: list[Record]) -> list[list[str]]:
    rows: list[list[str]] = []
    for person in people:
        places = random.sample(companies, k=min(len(companies), random.choice([0, 1, 1, 1, 2, 3])))
        rows += [[person["id"], place["id"]] for place in places]
        if places and chance(random, 0.8):
            rows.append([person["id"], places[0]["id"], "primary"])
    return rows


def _settings(random: Random, accounts: list[str], companies: list[str], people: list[Record]) -> Record:
    on_list = [person["id"] for person in people if chance(random, 0.3)]
    return {
        "sync_companies": chance(random, 0.99),
        "default_object": random.choice(["Contact", "Lead"]),
        "enabled_at": random.choice([SWITCH] * 9 + ["2026-01-10T12:00"]),
        "inclusion_list": random.choice([None, None, None, [], on_list, on_list, [*on_list, "h9"]]),
        "no_list_means": random.choice(["nobody_listed"] * 4 + ["everybody_listed"]),
        "import_accounts": "all" if chance(random, 0.05) else [a for a in accounts if chance(random, 0.15)],
        "manual_sync": [record for record in [*companies, *accounts, "K8"] if chance(random, 0.08)],
        "backfill_companies": chance(random, 0.3),
        "on_tie": random.choice(["review", "review", "review", "oldest", "create"]),
        "recreate_deleted": chance(random, 0.15),
        "attach_private_contacts": chance(random, 0.9),
        "associate_contacts": chance(random, 0.9),
        "min_shared_contacts": random.choice([1] * 9 + [2]),
        "strict_projection": chance(random, 0.1),
        "max_creates": random.choice([25] * 6 + [0, 1, 2]),
        **({"stage_order": ["lead", "customer", "subscriber"]} if chance(random, 0.08) else {}),
        "pipeline_user": random.choice(["U_PIPE"] * 5 + ["U_OTHER"]),
    }


def with_real_ids(random: Random, world: Record) -> Record:
    """Return the same world with ids that look real, as both CRMs write them; HubSpot stores 15 or 18 characters."""
    real: dict[str, str] = {}
    for kind, prefix in (("accounts", "001"), ("contacts", "003"), ("leads", "00Q")):
        for record in world["sf"].get(kind, []):
            letters = random.choices("ABCDEFGHabcdefgh0123456789", k=12)
            real[record["Id"]] = salesforce_id(prefix + "".join(letters))
    for kind in ("companies", "contacts"):
        for record in world["hs"][kind]:
            real[record["id"]] = str(random.randint(10**8, 10**11))
    renamed = _renamed(world, real)
    for record in (*renamed["hs"]["companies"], *renamed["hs"]["contacts"]):
        for stored in ("sfa", "sfc", "sfl"):
            if len(record.get(stored) or "") == 18 and chance(random, 0.5):
                record[stored] = record[stored][:15]
    return renamed


def _renamed(value: Any, real: dict[str, str]) -> Any:
    """Return a value in which every short id stands for its real one, also at the end of an origin key."""
    if isinstance(value, dict):
        return {key: _renamed(it, real) for key, it in value.items()}
    if isinstance(value, list):
        return [_renamed(it, real) for it in value]
    before, dash, last = str(value).rpartition("-")
    return before + dash + real[last] if last in real else value
