"""A realistic world of any size, the same one for the same seed, with all that makes matching hard.

Every organisation has a true identity that no API shows; `judge` compares what a pipeline did with it.
"""

from __future__ import annotations

import gc
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from accord.sandbox import pools
from accord.sandbox.generator_records import Firm, Maker, Person

if TYPE_CHECKING:
    from datetime import datetime

    from accord.sandbox.core import Crms

LIST_NAME = "Accord inclusion list"
"""The HubSpot list of people that may sync, in every made world."""
_COMPANY_SHARE, _COMPANY_ONLY, _LEADS = 0.62, 0.18, 0.25
_AVERAGE_DAYS = 30.44
_ODD = 0.06


def generate(
    crms: Crms, accounts: int = 5000, seed: int = 1, until: datetime | None = None, months: int = 6
) -> dict[str, int]:
    """Fill empty CRMs and return how many records each kind got.

    Args:
        crms: both CRMs; nothing of this is journaled.
        accounts: live and deleted; contacts come at 4, companies at 0.8, HubSpot contacts at 3.6 an account.
        seed: the same seed and `until` make the same world.
        until: the latest creation; by default the CRMs' present time.
        months: over which records were created; about one in twenty in the last three days.
    """
    until = until or crms.clock.now()
    # A million new dicts that all stay: the collector would walk them again and again and find nothing.
    gc.disable()
    maker = Maker(crms, Random(seed), until - timedelta(days=months * _AVERAGE_DAYS), until)
    for number in range(accounts):
        firm = maker.firm(number)
        if maker.random.random() < _COMPANY_SHARE:
            _on_both_sides(maker, firm)
        else:
            _in_salesforce_only(maker, firm)
    for number in range(int(accounts * _COMPANY_ONLY)):
        _in_hubspot_only(maker, maker.firm(accounts + number))
    for _ in range(int(accounts * _LEADS)):
        _free_lead(maker)
    crms.portal.lists.make(LIST_NAME, maker.listed)
    crms.portal.owners = _owners()
    gc.freeze()
    gc.enable()
    counts = {name.lower(): len(table) for name, table in crms.org.tables.items()}
    return counts | {f"hubspot_{kind}": len(table.live) + len(table.bin) for kind, table in crms.portal.tables.items()}


def _on_both_sides(maker: Maker, firm: Firm) -> None:
    """Make an account and the company that holds its people; in a few of a hundred something is odd about them.

    Around an oddity nothing else goes wrong by chance, so that the evidence there always speaks for the truth, or is
    a tie; otherwise a pipeline that follows the evidence would be blamed for it.
    """
    random = maker.random
    dice = random.random()
    maker.is_calm = dice < _ODD
    account = maker.account(firm, deleted=random.random() < 0.01)
    is_native = random.random() < 0.08 and not maker.is_calm
    company = maker.company(firm, account=account if is_native else None, archived=random.random() < 0.01)
    people = [maker.person(firm) for _ in range(1 + min(int(random.expovariate(0.305)), 25))]
    shared = 0
    for person in people:
        contact = maker.salesforce_contact(person, account)
        if random.random() < 0.7 or not shared:
            is_known = maker.is_calm or random.random() < 0.75
            maker.hubspot_contact(person, company, contact=contact if is_known else None)
            shared += 1
    for _ in range(int(random.expovariate(0.5))):
        maker.hubspot_contact(maker.person(firm), company)
    _oddity(maker, firm, (account, company, shared), dice)
    maker.is_calm = False


def _oddity(maker: Maker, firm: Firm, match: tuple[str, str, int], dice: float) -> None:
    """Make one thing about a matching account and company hard, most often nothing."""
    account, company, shared = match
    if dice < 0.010 and shared > 1:
        maker.rival_account(firm, company, people=1)
    elif dice < 0.014:
        maker.rival_account(firm, company, people=shared)
    elif dice < 0.018:
        maker.rival_company(firm, account, people=shared)
    elif dice < 0.022:
        maker.twin_company(firm, account)
    elif dice < 0.027:
        maker.merged_account(firm, account)
    elif dice < 0.032:
        maker.merged_company(company)
    elif dice < _ODD and shared > 1:
        maker.stray(firm, account)


def _in_salesforce_only(maker: Maker, firm: Firm) -> None:
    """Make an account whose people, if HubSpot knows them at all, belong to no company there."""
    random = maker.random
    if random.random() < 0.03:
        maker.person_account(firm)
        return
    account = maker.account(firm, deleted=random.random() < 0.02)
    for _ in range(min(int(random.expovariate(0.21)), 30)):
        person = maker.person(firm)
        contact = maker.salesforce_contact(person, account)
        if random.random() < 0.3:
            maker.hubspot_contact(person, None, contact=contact if random.random() < 0.6 else None)


def _in_hubspot_only(maker: Maker, firm: Firm) -> None:
    """Make a company without account; who works there decides whether it becomes one."""
    random = maker.random
    company = maker.company(firm, source="CRM_SETTING" if random.random() < 0.25 else "CRM_UI")
    dice = random.random()
    for _ in range(0 if dice < 0.1 else 1 + int(random.expovariate(0.5))):
        person = maker.person(firm)
        if dice < 0.25:
            maker.hubspot_contact(person, company, lead=maker.lead(person))
        elif dice < 0.33:
            maker.hubspot_contact(person, company, contact=maker.salesforce_contact(person, None))
        else:
            maker.hubspot_contact(person, company, list_chance=0.3)


def _free_lead(maker: Maker) -> None:
    """Make a lead that belongs to nothing else; one in ten was converted into a contact of some account."""
    person: Person = maker.person(maker.firm(maker.random.randrange(10**6, 10**7)))
    maker.lead(person, converted=maker.random.random() < 0.1)


def _owners() -> list[dict[str, object]]:
    """Return a few owners of HubSpot records."""
    return [
        {
            "id": str(81_000_001 + n),
            "email": f"{first.lower()}@acme.test",
            "type": "PERSON",
            "firstName": first,
            "lastName": pools.LAST[n],
            "userId": 61_526_375 + n,
            "userIdIncludingInactive": 61_526_375 + n,
            "createdAt": "2024-01-08T09:00:00.000Z",
            "updatedAt": "2025-06-02T09:00:00.000Z",
            "archived": False,
            "teams": [],
        }
        for n, first in enumerate(pools.FIRST[:5])
    ]
