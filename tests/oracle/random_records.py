"""Single random records of both CRMs: few people, few names, few e-mails, so that they meet all the time."""

from __future__ import annotations

from random import Random
from typing import Any

Record = dict[str, Any]

SWITCH = "2026-01-10"
NEW, OLD, EDITED = "2026-01-11", "2024-03-01", "2026-01-11"
AT_THE_SWITCH, JUST_BEFORE = "2026-01-10T00:00:00", "2026-01-09T23:59:59"
STAGES = [None, "subscriber", "lead", "opportunity", "customer", "other"]
EMAILS = ["ann@x.test", "bob@x.test", "cy@x.test", "dee@x.test"]
NAMES = ["Acme", "ACME", "Acme  Ltd", "Beta"]
SITES = ["acme.test", "https://www.acme.test/about", "beta.test:8080", "http://Beta.test"]
SOURCES = ["CRM_SETTING", "CRM_UI", "CRM_UI", "AUTO_ASSOCIATE_BY_DOMAIN", "IMPORT"]
UNSEEN_ACCOUNT, UNSEEN_CONTACT, UNSEEN_LEAD, UNSEEN_COMPANY = "A9", "P99", "L9", "K7"


def chance(random: Random, share: float) -> bool:
    """Return True in a share of the cases."""
    return random.random() < share


def ids(records: list[Record]) -> list[str]:
    """Return the ids of records of one kind."""
    return [str(record.get("Id") or record.get("id")) for record in records]


def account(random: Random, n: int) -> Record:
    """Return one living account."""
    made: Record = {"Id": f"A{n}", "Created": random.choice([NEW, NEW, NEW, OLD, OLD, OLD, OLD, OLD])}
    if chance(random, 0.1):
        made["Created"] = random.choice([AT_THE_SWITCH, JUST_BEFORE])
    made["Modified"] = EDITED if made["Created"] == NEW else random.choice([EDITED, OLD, JUST_BEFORE])
    made["By"] = random.choice(["U_REP", "U_REP", "U_PIPE", "U_REP", "U_OTHER", "U_PIPE"])
    if chance(random, 0.06):
        made["Person"] = True
    if chance(random, 0.05):
        del made["By"]
    return made | look(random, "Name", "Website")


def look(random: Random, name: str, site: str) -> Record:
    """Return what a record is known by to people, which decides nothing (R15)."""
    seen: Record = {}
    if chance(random, 0.25):
        seen[name] = random.choice(NAMES)
    if chance(random, 0.25):
        seen[site] = random.choice(SITES)
    return seen


def sf_contact(random: Random, n: int, accounts: list[Record]) -> Record:
    """Return one Salesforce contact, private now and then."""
    made: Record = {"Id": f"P{n}", "AccountId": random.choice(ids(accounts))}
    if chance(random, 0.15):
        made["AccountId"] = random.choice([None, None, UNSEEN_ACCOUNT])
    if chance(random, 0.7):
        email = random.choice(EMAILS)
        made["Email"] = random.choice([email, f" {email.upper()} "])
    if chance(random, 0.08):
        made["Deleted"] = True
    return made


def lead(random: Random, n: int, contacts: list[Record], accounts: list[Record]) -> Record:
    """Return one lead, converted now and then, with a contact, an account or both."""
    made: Record = {"Id": f"L{n}", "Email": random.choice(EMAILS)}
    if chance(random, 0.3):
        made["ConvertedContactId"] = random.choice([*ids(contacts), UNSEEN_CONTACT])
    if chance(random, 0.15):
        made["ConvertedAccountId"] = random.choice([*ids(accounts), UNSEEN_ACCOUNT])
    if chance(random, 0.15):
        made["Deleted"] = True
    return made


def company(random: Random, n: int) -> Record:
    """Return one company, archived now and then."""
    made: Record = {"id": f"K{n}", "created": random.choice([NEW, NEW, NEW, OLD, "2023-05-05", None])}
    if chance(random, 0.1):
        made["created"] = random.choice([AT_THE_SWITCH, JUST_BEFORE])
    made["source"] = random.choice(SOURCES)
    made["stage"] = random.choice(STAGES)
    if chance(random, 0.08):
        made["archived"] = True
    return made | look(random, "name", random.choice(["domain", "website"]))


def hs_contact(random: Random, n: int, contacts: list[Record], leads: list[Record]) -> Record:
    """Return one HubSpot contact, paired by a contact id, a lead id, both, its e-mail, or not at all."""
    made: Record = {"id": f"h{n}"}
    if chance(random, 0.6):
        made["sfc"] = random.choice([*ids(contacts) * 4, UNSEEN_CONTACT])
    if chance(random, 0.2):
        made["sfl"] = random.choice([*ids(leads) * 4, UNSEEN_LEAD])
    if chance(random, 0.7):
        made["email"] = random.choice(EMAILS)
    if chance(random, 0.08):
        made["archived"] = True
    if chance(random, 0.4):
        made |= {"was": random.choice(STAGES), "stage": random.choice(STAGES)}
    return made
