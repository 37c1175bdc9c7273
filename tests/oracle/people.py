"""Who a HubSpot contact is in Salesforce, and which people an account and a company share (R24-R26, R80, R85-R92)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from oracle.answers import Answers
from oracle.reading import Record, World


@dataclass(frozen=True)
class Identity:
    """What a HubSpot contact is in Salesforce: kind is contact, lead or nobody; mark is id, email or ''."""

    kind: str
    record: str = ""
    mark: str = ""


NOBODY = Identity("nobody")


@dataclass
class Claim:
    """The Salesforce contacts of one account that sit in one company; `primaries` are those whose primary it is."""

    people: set[str] = field(default_factory=set)
    primaries: set[str] = field(default_factory=set)
    marks: set[str] = field(default_factory=set)

    @property
    def strength(self) -> tuple[int, int]:
        """Distinct Salesforce contacts, then primaries; the mark does not count (3.12 on R19, R20, R24)."""
        return len(self.people), len(self.primaries)


def identities(world: World) -> dict[str, Identity]:
    """Return what every live HubSpot contact is in Salesforce."""
    stored = stored_records(world)
    live = {h: record for h, record in world.hs_contacts.items() if not record.get("archived")}
    return {h: _identity(world, record, stored) for h, record in live.items()}


def staff(world: World) -> dict[str, dict[str, bool]]:
    """Return company -> its live HubSpot contacts -> whether it is their primary company (R26, R80, R91)."""
    people: dict[str, dict[str, bool]] = defaultdict(dict)
    for contact, company, *_ in world.assoc:
        h, k = world.contact(contact), world.company(company)
        if h and k:
            people[k][h] = k == _primary_company(world, h)
    return dict(people)


def _primary_company(world: World, h: str) -> str | None:
    """The contact's own primary company, else that of the first record merged into it that has one (R80)."""
    for contact in (h, *_merged_into(world, h)):
        for row in world.assoc:
            if row[0] == contact and row[2:] == ["primary"]:
                return world.company(row[1]) or "a company that is gone"
    return None


def _merged_into(world: World, h: str) -> list[str]:
    """What was merged into the contact, the first one first, and after them what had been merged into those."""
    direct = [str(loser) for loser in world.hs_contacts[h].get("merged") or []]
    return direct + [more for loser in direct if loser in world.hs_contacts for more in _merged_into(world, loser)]


def account_of(world: World, identity: Identity) -> str | None:
    """Return the live account of a person: the contact's own AccountId, nothing else (R28, 3.11 on R88)."""
    if identity.kind != "contact" or not world.sf_contacts[identity.record].get("AccountId"):
        return None
    state, account = world.account(world.sf_contacts[identity.record]["AccountId"])
    return account if state == "live" else None


def claims(world: World, answers: Answers) -> dict[tuple[str, str], Claim]:
    """Return what every live account and live company share; those that share nobody are absent (R14).

    Nor is there any claim between two of which a person said that they are not one.
    """
    who, found = identities(world), defaultdict(Claim)
    for company, people in staff(world).items():
        for h, is_primary in people.items():
            account = account_of(world, who[h])
            if account is None or not answers.allow(account, company):
                continue
            claim = found[account, company]
            claim.people.add(who[h].record)
            claim.marks.add(who[h].mark)
            if is_primary:
                claim.primaries.add(who[h].record)
    return dict(found)


def _identity(world: World, contact: Record, stored: set[tuple[str, str]]) -> Identity:
    """The stored contact id wins over the stored lead id, and any stored id over the e-mail (R89, 3.11 on R24)."""
    if contact.get("sfc"):
        return _contact_by_id(world, contact["sfc"])
    if contact.get("sfl"):
        return _lead_by_id(world, contact["sfl"])
    return _by_email(world, contact.get("email"), stored)


def _contact_by_id(world: World, reference: str | None) -> Identity:
    """A deleted or unseen contact is nobody, and there is no second try by e-mail (R26, 3.11)."""
    found = world.salesforce("sf_contacts", reference)
    return Identity("contact", found, "id") if found and not world.sf_contacts[found].get("Deleted") else NOBODY


def _lead_by_id(world: World, reference: str) -> Identity:
    """A converted lead is its contact (R88); a deleted or unseen one, or one whose contact is gone, is nobody."""
    found = world.salesforce("leads", reference)
    if found is None or world.leads[found].get("Deleted"):
        return NOBODY
    if _is_converted(world.leads[found]):
        return _contact_by_id(world, world.leads[found].get("ConvertedContactId"))
    return Identity("lead", found, "id")


def _by_email(world: World, email: str | None, stored: set[tuple[str, str]]) -> Identity:
    """Contacts before leads; several contacts are nobody, several leads are a lead all the same (R24, R24b, R86)."""
    contacts = _with_email(world.sf_contacts, email, {record for kind, record in stored if kind == "contact"})
    if contacts:
        return Identity("contact", contacts[0], "email") if len(contacts) == 1 else NOBODY
    leads = _with_email(world.leads, email, {record for kind, record in stored if kind == "lead"})
    open_leads = [lead for lead in leads if not _is_converted(world.leads[lead])]
    return Identity("lead", open_leads[0], "email") if open_leads else NOBODY


def _with_email(records: dict[str, Record], email: str | None, taken: set[str]) -> list[str]:
    """Live records with that e-mail that no HubSpot contact stores by id (R85, R87, 3.12 on R24b)."""
    wanted = folded(email)
    live = (known for known, record in records.items() if not record.get("Deleted") and known not in taken)
    return [known for known in live if wanted and folded(records[known].get("Email")) == wanted]


def stored_records(world: World) -> set[tuple[str, str]]:
    """What live HubSpot contacts store by id; with a converted lead its contact is stored too (R88)."""
    stored = set()
    for contact in world.hs_contacts.values():
        if contact.get("archived"):
            continue
        stored.add(("contact", world.salesforce("sf_contacts", contact.get("sfc")) or ""))
        stored.add(("lead", world.salesforce("leads", contact.get("sfl")) or ""))
        if not contact.get("sfc") and contact.get("sfl"):
            identity = _lead_by_id(world, contact["sfl"])
            stored.add((identity.kind, identity.record))
    return stored


def _is_converted(lead: Record) -> bool:
    return bool(lead.get("ConvertedContactId") or lead.get("ConvertedAccountId"))


def folded(email: str | None) -> str:
    return (email or "").strip().lower()
