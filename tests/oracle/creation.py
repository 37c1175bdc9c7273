"""Which of the companies that are left become accounts, and what the others wait for (R30-R46)."""

from __future__ import annotations

from dataclasses import dataclass

from oracle.contest import Contest
from oracle.pairs import Pairs
from oracle.people import Claim, Identity
from oracle.reading import Decision, World, natural


@dataclass(frozen=True)
class Workplace:
    """One company that is left, its people, and who they are in Salesforce."""

    world: World
    company: str
    people: dict[str, bool]
    who: dict[str, Identity]

    @property
    def listed(self) -> list[str]:
        """The people of the company who are on the inclusion list (R33)."""
        on_list = {self.world.contact(str(h)) for h in self.world.settings["inclusion_list"] or []}
        return [h for h in self.people if h in on_list]

    @property
    def private(self) -> list[str]:
        """The people who are Salesforce contacts without an account (R32)."""
        return [h for h in self.people if is_private(self.world, self.who[h])]


def is_private(world: World, identity: Identity) -> bool:
    """Return whether the person is a Salesforce contact whose AccountId is empty (R32)."""
    return identity.kind == "contact" and not world.sf_contacts[identity.record].get("AccountId")


def creation_row(place: Workplace, pairs: Pairs, contest: Contest, claims: dict[tuple[str, str], Claim]) -> Decision:
    """Return the row of a live company that is nobody's partner and in no review of its own (R30)."""
    row = {"target": place.company}
    if place.company in pairs.account_unseen:
        return row | {"do": "SKIP", "reason": "account_not_visible"}
    if place.company in contest.answers.makes_account:
        return row | {"do": "CREATE_ACCOUNT", "reason": "review_resolved"}
    if wait := _wait(place, pairs, contest, claims):
        return row | wait
    if place.world.is_requested(place.company):
        return row | {"do": "CREATE_ACCOUNT", "reason": "manual_sync"}
    if refusal := _refusal(place, pairs):
        return row | {"do": "SKIP", "reason": refusal}
    if reason := _positive(place):
        return row | {"do": "CREATE_ACCOUNT", "reason": reason} | _attached(place, reason)
    return row | _last_resort(place, pairs, contest, claims)


def _wait(place: Workplace, pairs: Pairs, contest: Contest, claims: dict[tuple[str, str], Claim]) -> Decision:
    """Wait for an account outside the scope, for one that waits for such a one, or for a review (R44, R19b, R45)."""
    here = {account: claim.strength for (account, company), claim in claims.items() if company == place.company}
    for group in (contest.outside, contest.waiting.keys()):
        waited_for = sorted((a for a in here if a in group), key=natural)
        if waited_for:
            strongest = max(waited_for, key=lambda a: here[a])
            return {"do": "WAIT", "reason": "waiting_for_account", "waiting_for": strongest}
    if here.keys() & (contest.tied | pairs.in_review) or place.company in contest.held:
        return {"do": "WAIT", "reason": "account_in_review"}
    return {}


def _refusal(place: Workplace, pairs: Pairs) -> str:
    """The first of: deleted account, age, nobody there, leads only, nobody on the list (R75, R43, R37-R39)."""
    settings = place.world.settings
    created = place.world.companies[place.company].get("created")
    if place.company in pairs.account_deleted and not settings["recreate_deleted"]:
        return "account_deleted"
    if created and not place.world.is_new(created) and not settings["backfill_companies"]:
        return "preexisting_company"
    if not place.people:
        return "no_contacts"
    if all(place.who[h].kind == "lead" for h in place.people):
        return "all_contacts_are_leads"
    if settings["inclusion_list"] is not None and not place.listed:
        return "none_on_inclusion_list"
    return "told_apart" if place.company in pairs.told_apart else ""


def _positive(place: Workplace) -> str:
    """The first criterion that fires (R31, R32, R33)."""
    settings, record = place.world.settings, place.world.companies[place.company]
    is_auto_created = record.get("source") in ("CRM_SETTING", "AUTO_ASSOCIATE_BY_DOMAIN")
    if is_auto_created and settings["default_object"] == "Contact":
        return "auto_created_and_default_contact"
    if place.private:
        return "private_contact"
    return "on_inclusion_list" if any(_may_sync(place, h) for h in place.people) else ""


def _may_sync(place: Workplace, h: str) -> bool:
    """On the list, and under the strict reading not about to be a lead (R33, R40, U4a, U4b)."""
    settings, kind = place.world.settings, place.who[h].kind
    everybody = settings["inclusion_list"] is None and settings["no_list_means"] == "everybody_listed"
    becomes_lead = kind == "lead" or (kind == "nobody" and settings["default_object"] == "Lead")
    return (h in place.listed or everybody) and not (settings["strict_projection"] and becomes_lead)


def _attached(place: Workplace, reason: str) -> Decision:
    """Private contacts get the account of their primary company, where that is this one (R41, 3.12)."""
    if reason != "private_contact" or not place.world.settings["attach_private_contacts"]:
        return {}
    attached = {place.who[h].record for h in place.private if place.people[h]}
    return {"attach": sorted(attached, key=natural)} if attached else {}


def _last_resort(place: Workplace, pairs: Pairs, contest: Contest, claims: dict[tuple[str, str], Claim]) -> Decision:
    """Without a list, name the company that the account with most people here has or gets in this run (R34, R36)."""
    created = {account for account, row in contest.rows.items() if row["do"] == "CREATE_COMPANY"}
    company_of: dict[str, str | None] = dict.fromkeys(created | pairs.company_unseen)
    company_of |= pairs.company_of | {account: company for company, account in contest.taken.items()}
    here = sorted((a for a in company_of if (a, place.company) in claims), key=natural)
    if not here or place.world.settings["inclusion_list"] is not None:
        return {"do": "SKIP", "reason": "no_creation_rule"}
    partner = company_of[max(here, key=lambda a: claims[a, place.company].strength)]
    named = {"with": partner} if partner else {}
    return {"do": "REVIEW", "reason": "contacts_already_represented"} | named
