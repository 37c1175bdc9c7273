"""Small random worlds with much overlap, so that ties, contests, merges and dangling ids are frequent."""

from __future__ import annotations

from random import Random
from typing import Any

from hypothesis import strategies as st

Record = dict[str, Any]

NEW, OLD, EDITED = "2026-01-11", "2024-03-01", "2026-01-11"
STAGES = [None, "subscriber", "lead", "opportunity", "customer", "other"]
EMAILS = ["ann@x.test", "bob@x.test", "cy@x.test", "dee@x.test"]
UNSEEN_ACCOUNT, UNSEEN_CONTACT, UNSEEN_LEAD = "A9", "P99", "L9"


def random_world(random: Random) -> Record:
    """Return one world, its settings complete but for those it leaves at their defaults."""
    accounts, companies = _accounts(random), _companies(random)
    contacts = [_sf_contact(random, n, accounts) for n in range(1, random.randint(0, 8) + 1)]
    leads = [_lead(random, n, contacts) for n in range(1, random.choice([0, 0, 1, 3]) + 1)]
    people = [_hs_contact(random, n, contacts, leads) for n in range(1, random.randint(0, 8) + 1)]
    for company in companies:
        if _chance(random, 0.15):
            company["sfa"] = random.choice([*_ids(accounts), UNSEEN_ACCOUNT])
        elif _chance(random, 0.05):
            company["key"] = f"sf-00D000000000001-{random.choice(_ids(accounts))}"
    for account in accounts:
        if _chance(random, 0.05):
            account["OriginKey"] = f"hs-77-{random.choice([company['id'] for company in companies] + ['K8'])}"
    _merge_into_some(random, companies, ["K8", "K9"])
    _merge_into_some(random, people, ["h9"])
    return {
        "id": "RANDOM",
        "settings": _settings(random, _ids(accounts), [company["id"] for company in companies], people),
        "sf": {"accounts": accounts, "contacts": contacts, "leads": leads},
        "hs": {"companies": companies, "contacts": people, "assoc": _associations(random, people, companies)},
        "links": _links(random, accounts, companies),
    }


def random_contest(random: Random) -> Record:
    """Return a world of unpaired accounts and companies whose people sit all over the place (R14-R20, R19b, R47)."""
    accounts = [_account(random, n) for n in range(1, random.randint(2, 5) + 1)]
    companies = [{"id": f"K{n}", "created": random.choice([NEW, OLD])} for n in range(1, random.randint(2, 4) + 1)]
    numbers = range(1, random.randint(3, 10) + 1)
    people = [{"id": f"h{n}", "sfc": f"P{n}"} for n in numbers]
    settings = _settings(random, _ids(accounts), [company["id"] for company in companies], people)
    return {
        "id": "CONTEST",
        "settings": settings | {"sync_companies": True},
        "sf": {
            "accounts": accounts,
            "contacts": [{"Id": f"P{n}", "AccountId": random.choice(_ids(accounts))} for n in numbers],
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
        "links": [{"account": "A1", "company": "K1"}] if _chance(random, 0.5) else [],
        "fields": fields,
    }


def any_world(random: Random) -> Record:
    """Return a world of one of the kinds above."""
    return random.choice([random_world, random_world, random_contest, random_contest, random_pair_with_fields])(random)


def larger_scope(random: Random, world: Record) -> Record:
    """Return the same world with some more of its accounts imported."""
    settings = world.get("settings", {})
    imported = settings.get("import_accounts", [])
    more = [account for account in _ids(world["sf"]["accounts"]) if _chance(random, 0.5)]
    wider = "all" if imported == "all" or _chance(random, 0.3) else sorted({*imported, *more})
    return world | {"settings": settings | {"import_accounts": wider}}


def worlds() -> st.SearchStrategy[Record]:
    """Return a hypothesis strategy of the same worlds, which shrinks to small ones."""
    return st.randoms(use_true_random=False).map(any_world)


def _chance(random: Random, share: float) -> bool:
    return random.random() < share


def _ids(records: list[Record]) -> list[str]:
    return [record["Id"] for record in records]


def _accounts(random: Random) -> list[Record]:
    accounts = [_account(random, n) for n in range(1, random.randint(1, 6) + 1)]
    for account in accounts:
        if _chance(random, 0.12):
            account["Deleted"] = True
            if _chance(random, 0.6):
                account["Master"] = random.choice([*_ids(accounts), UNSEEN_ACCOUNT])
    return accounts


def _account(random: Random, n: int) -> Record:
    account: Record = {"Id": f"A{n}", "Created": random.choice([NEW, NEW, OLD, OLD, OLD])}
    account["Modified"] = EDITED if account["Created"] == NEW else random.choice([EDITED, OLD])
    account["By"] = random.choice(["U_REP", "U_REP", "U_PIPE"])
    if _chance(random, 0.06):
        account["Person"] = True
    return account


def _sf_contact(random: Random, n: int, accounts: list[Record]) -> Record:
    contact: Record = {"Id": f"P{n}", "AccountId": random.choice(_ids(accounts))}
    if _chance(random, 0.15):
        contact["AccountId"] = random.choice([None, None, UNSEEN_ACCOUNT])
    if _chance(random, 0.7):
        email = random.choice(EMAILS)
        contact["Email"] = random.choice([email, f" {email.upper()} "])
    if _chance(random, 0.08):
        contact["Deleted"] = True
    return contact


def _lead(random: Random, n: int, contacts: list[Record]) -> Record:
    lead: Record = {"Id": f"L{n}", "Email": random.choice(EMAILS)}
    if _chance(random, 0.3):
        lead["ConvertedContactId"] = random.choice([*_ids(contacts), UNSEEN_CONTACT])
    if _chance(random, 0.15):
        lead["Deleted"] = True
    return lead


def _companies(random: Random) -> list[Record]:
    companies = []
    for n in range(1, random.randint(1, 6) + 1):
        company: Record = {"id": f"K{n}", "created": random.choice([NEW, NEW, NEW, OLD, "2023-05-05", None])}
        company["source"] = random.choice(["CRM_SETTING", "CRM_UI", "CRM_UI"])
        company["stage"] = random.choice(STAGES)
        if _chance(random, 0.08):
            company["archived"] = True
        companies.append(company)
    return companies


def _hs_contact(random: Random, n: int, contacts: list[Record], leads: list[Record]) -> Record:
    person: Record = {"id": f"h{n}"}
    if _chance(random, 0.6):
        person["sfc"] = random.choice([*_ids(contacts) * 4, UNSEEN_CONTACT])
    if _chance(random, 0.15):
        person["sfl"] = random.choice([*_ids(leads) * 4, UNSEEN_LEAD])
    if _chance(random, 0.7):
        person["email"] = random.choice(EMAILS)
    if _chance(random, 0.06):
        person["archived"] = True
    if _chance(random, 0.4):
        person |= {"was": random.choice(STAGES), "stage": random.choice(STAGES)}
    return person


def _merge_into_some(random: Random, records: list[Record], gone: list[str]) -> None:
    """Each id that is gone, and each archived record, may have been merged into one live record (R77, R80)."""
    live = [record for record in records if not record.get("archived")]
    losers = gone + [record["id"] for record in records if record.get("archived")]
    for loser in losers:
        if live and _chance(random, 0.25):
            random.choice(live).setdefault("merged", []).append(loser)


def _associations(random: Random, people: list[Record], companies: list[Record]) -> list[list[str]]:
    rows: list[list[str]] = []
    for person in people:
        places = random.sample(companies, k=min(len(companies), random.choice([0, 1, 1, 1, 2, 3])))
        rows += [[person["id"], place["id"]] for place in places]
        if places and _chance(random, 0.8):
            rows.append([person["id"], places[0]["id"], "primary"])
    return rows


def _links(random: Random, accounts: list[Record], companies: list[Record]) -> list[Record]:
    """Pairs of earlier runs, unique both ways as the table of pairs is; K8 and K9 are companies that are gone."""
    count = min(random.choice([0, 0, 0, 1, 1, 2, 3]), len(accounts))
    merged = [loser for company in companies for loser in company.get("merged", [])]
    known = sorted({company["id"] for company in companies} | set(merged))
    count = min(count, len(known))
    chosen = zip(random.sample(_ids(accounts), count), random.sample(known, count), strict=True)
    return [{"account": account, "company": company} for account, company in chosen]


def _settings(random: Random, accounts: list[str], companies: list[str], people: list[Record]) -> Record:
    on_list = [person["id"] for person in people if _chance(random, 0.3)]
    return {
        "sync_companies": _chance(random, 0.99),
        "default_object": random.choice(["Contact", "Lead"]),
        "inclusion_list": random.choice([None, None, [], on_list, on_list]),
        "no_list_means": random.choice(["nobody_listed"] * 4 + ["everybody_listed"]),
        "import_accounts": "all" if _chance(random, 0.05) else [a for a in accounts if _chance(random, 0.15)],
        "manual_sync": [record for record in companies + accounts if _chance(random, 0.08)],
        "backfill_companies": _chance(random, 0.3),
        "on_tie": random.choice(["review", "review", "review", "oldest", "create"]),
        "recreate_deleted": _chance(random, 0.15),
        "attach_private_contacts": _chance(random, 0.9),
        "associate_contacts": _chance(random, 0.9),
        "min_shared_contacts": random.choice([1] * 9 + [2]),
        "strict_projection": _chance(random, 0.1),
        "max_creates": random.choice([25, 25, 25, 1]),
    }
