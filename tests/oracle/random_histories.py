"""What happened to random records before a world begins: merges, deletes, pairs of earlier runs, keys, answers."""

from __future__ import annotations

from random import Random

from oracle.random_records import UNSEEN_ACCOUNT, UNSEEN_COMPANY, Record, chance, ids


def delete_some(random: Random, accounts: list[Record]) -> None:
    """Delete accounts, most of them by a merge; chains come by themselves, and rings, and strangers as survivors."""
    for account in accounts:
        if chance(random, 0.12):
            account["Deleted"] = True
            if chance(random, 0.6):
                account["Master"] = random.choice([*ids(accounts), UNSEEN_ACCOUNT])


def merge_a_chain(random: Random, accounts: list[Record]) -> None:
    """Merge two or three accounts into one, in a chain or side by side (R73, R74)."""
    if len(accounts) < 3:
        return
    chosen = random.sample(accounts, k=random.randint(3, min(4, len(accounts))))
    survivor, losers = chosen[0], chosen[1:]
    for before, loser in zip(chosen, losers, strict=False):
        loser |= {"Deleted": True, "Master": (survivor if chance(random, 0.5) else before)["Id"]}
    survivor.pop("Deleted", None)
    survivor.pop("Master", None)


def merge_some(random: Random, records: list[Record], gone: list[str]) -> None:
    """Each id that is gone, and each archived record, may have been merged into one live record (R77, R80)."""
    live = [record for record in records if not record.get("archived")]
    losers = gone + [record["id"] for record in records if record.get("archived")]
    for loser in losers:
        if live and chance(random, 0.25):
            random.choice(live).setdefault("merged", []).append(loser)


def merge_through(random: Random, records: list[Record], gone: list[str]) -> None:
    """Merge an id that is gone into an archived record, which itself was merged into a live one."""
    middle = next((record for record in records if record.get("archived")), None)
    live = [record for record in records if not record.get("archived")]
    if middle is None or not live or any(middle["id"] in record.get("merged", []) for record in live):
        return
    middle.setdefault("merged", []).append(gone[-1])
    random.choice(live).setdefault("merged", []).append(middle["id"])
    for record in live:
        if gone[-1] in record.get("merged", []):
            record["merged"].remove(gone[-1])


def store_ids(random: Random, accounts: list[Record], companies: list[Record]) -> None:
    """Let companies store account ids or our key, and accounts our key, as earlier runs and other tools left them."""
    for company in companies:
        if chance(random, 0.15):
            company["sfa"] = random.choice([*ids(accounts), UNSEEN_ACCOUNT])
        elif chance(random, 0.05):
            company["key"] = random.choice(["", "sf-00D000000000001-"]) + random.choice(ids(accounts))
    for account in accounts:
        if chance(random, 0.05):
            account["OriginKey"] = random.choice(["", "hs-77-"]) + random.choice([*ids(companies), "K8"])
    _only_one_key_each(companies, "key")
    _only_one_key_each(accounts, "OriginKey")


def _only_one_key_each(records: list[Record], name: str) -> None:
    """Our key is unique in both CRMs: the second of two records with it cannot be."""
    taken: set[str] = set()
    for record in records:
        named = str(record.get(name, "")).rsplit("-", 1)[-1]
        if named and named in taken:
            del record[name]
        taken.add(named)


def links(random: Random, accounts: list[Record], companies: list[Record]) -> list[Record]:
    """Return pairs of earlier runs: active ones unique both ways, as the table is, and broken ones as they come."""
    merged = [loser for company in companies for loser in company.get("merged", [])]
    known = sorted({*ids(companies), *merged})
    count = min(random.choice([0, 0, 0, 1, 1, 2, 3]), len(accounts), len(known))
    chosen = zip(random.sample(ids(accounts), count), random.sample(known, count), strict=True)
    rows: list[Record] = [{"account": account, "company": company} for account, company in chosen]
    if chance(random, 0.1):
        rows.append({"account": UNSEEN_ACCOUNT, "company": random.choice(known)})
    if chance(random, 0.1):
        rows.append({"account": random.choice(ids(accounts)), "company": UNSEEN_COMPANY})
    rows = _unique(rows)
    if chance(random, 0.25):
        broken = {"account": random.choice(ids(accounts)), "company": random.choice(known)}
        rows.append(broken | {"active": False})
    return rows


def _unique(rows: list[Record]) -> list[Record]:
    """Return the rows without those whose account or company an earlier row has."""
    kept: list[Record] = []
    for row in rows:
        if all(row[end] != other[end] for other in kept for end in ("account", "company")):
            kept.append(row)
    return kept


def resolutions(random: Random, accounts: list[Record], companies: list[Record]) -> list[Record]:
    """Return what people answered to reviews, seldom anything."""
    rows: list[Record] = []
    while chance(random, 0.12):
        account, company = random.choice(ids(accounts)), random.choice(ids(companies))
        pair = {"account": account, "company": company}
        rows.append(
            random.choice(
                [
                    pair | {"choice": "pair"},
                    pair | {"choice": "apart"},
                    {"account": account, "choice": "create"},
                    {"company": company, "choice": "create"},
                    {"company": company, "choice": "tie_between_accounts"},
                ]
            )
        )
    return rows
