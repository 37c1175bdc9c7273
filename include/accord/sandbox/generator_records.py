"""Single records of a made world, finished as the CRMs keep them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from accord.sandbox import pools
from accord.sandbox.clock import hubspot_time, salesforce_time
from accord.sandbox.org import record_id
from accord.sandbox.org_schema import INDUSTRIES, PREFIXES

if TYPE_CHECKING:
    from random import Random

    from accord.sandbox.core import Crms

_COMPANIES, _CONTACTS = 9_000_000_000, 101_000_000_000
_FIRST_NUMBER = 100_000
_FRESH_SHARE, _FRESH_SECONDS = 0.05, 3 * 86_400


@dataclass(slots=True)
class Firm:
    """An organisation as it really is; `truth` is what all its records have in common."""

    truth: str
    name: str
    domain: str
    created: float


class Person(NamedTuple):
    """Somebody as they really are."""

    first: str
    last: str
    email: str
    created: float


class Maker:
    """Makes records straight into the CRMs.

    Attributes:
        random: the only source of chance.
        listed: HubSpot contacts for the inclusion list.
        companies: live company ids made so far, with the truth of each in the portal.
        is_calm: nothing is deleted, archived or left without label by chance.
    """

    def __init__(self, crms: Crms, random: Random, since: datetime, until: datetime) -> None:
        self.crms, self.random = crms, random
        self._since, self._until = since.timestamp(), until.timestamp()
        self.listed: list[str] = []
        self.companies: list[str] = []
        self.is_calm = False
        self._accounts: list[str] = []
        self._numbers = dict.fromkeys(("Account", "Contact", "Lead", "companies", "contacts", "people"), _FIRST_NUMBER)
        self._domain = ""

    def firm(self, number: int) -> Firm:
        """Return an organisation; a few share the domain of the one before."""
        random = self.random
        name = pools.company_name(random)
        is_shared = random.random() < 0.03 and self._domain
        self._domain = self._domain if is_shared else pools.domain_of(random, name, number)
        return Firm(f"o{number}", name, self._domain, self._moment())

    def person(self, firm: Firm) -> Person:
        """Return somebody of an organisation; a few write from a free-mail address."""
        random = self.random
        first, last = random.choice(pools.FIRST), random.choice(pools.LAST)
        host = random.choice(pools.FREE_MAIL) if random.random() < 0.06 else firm.domain
        plain = (first[0] + last).encode("ascii", "ignore").decode().replace("'", "").lower()
        email = f"{plain}{self._next('people')}@{host}"
        return Person(first, last, email, min(firm.created + random.random() * 86_400 * 20, self._until))

    def account(self, firm: Firm, *, deleted: bool = False, master: str = "") -> str:
        """Return the id of an account; a few are subsidiaries of an earlier one, a few have no website."""
        random = self.random
        deleted = deleted and (bool(master) or not self.is_calm)
        rid = record_id(PREFIXES["Account"], self._next("Account"))
        row = self._row(rid, firm.created, deleted=deleted)
        row |= {"Name": pools.variant(random, firm.name), "IsPersonAccount": False}
        if random.random() > 0.12:
            row["Website"] = random.choice(("https://www.{}/", "http://{}", "{}", "www.{}")).format(firm.domain)
        if random.random() < 0.05 and self._accounts:
            row["ParentId"] = self._accounts[-1]
            row["Name"] = f"{row['Name']} Holding"
        if random.random() < 0.002:
            row["Name"] = f"{firm.name} and partners, " * 8
        if random.random() < 0.6:
            row["BillingStreet"], row["BillingCity"] = pools.street(random), random.choice(pools.CITIES)
            row["Phone"] = f"+49 30 {random.randint(10**6, 10**7)}"
            row["Industry"], row["NumberOfEmployees"] = random.choice(INDUSTRIES), random.randint(1, 20_000)
        if master:
            row["MasterRecordId"] = master
        self.crms.org.load("Account", row)
        self.crms.org.truth[rid] = firm.truth
        if not deleted:
            self._accounts.append(rid)
        return rid

    def person_account(self, firm: Firm) -> str:
        """Return the id of a person account."""
        rid = self.account(firm)
        row = self.crms.org.tables["Account"][rid]
        row["IsPersonAccount"], row["Name"] = (
            True,
            f"{self.random.choice(pools.FIRST)} {self.random.choice(pools.LAST)}",
        )
        return rid

    def salesforce_contact(self, person: Person, account: str | None) -> str:
        """Return the id of a contact; without account it is a private one, and it goes with a deleted account."""
        rid = record_id(PREFIXES["Contact"], self._next("Contact"))
        is_gone = account is not None and self.crms.org.tables["Account"][account]["IsDeleted"]
        row = self._row(rid, person.created, deleted=bool(is_gone) or self._happens(0.01))
        row |= {"FirstName": person.first, "LastName": person.last, "Name": f"{person.first} {person.last}"}
        row["Email"] = person.email if self.random.random() < 0.95 else f" {person.email.upper()}"
        if account is not None:
            row["AccountId"] = account
        self.crms.org.load("Contact", row)
        return rid

    def lead(self, person: Person, *, converted: bool = False) -> str:
        """Return the id of a lead, open or converted into a contact of some account."""
        rid = record_id(PREFIXES["Lead"], self._next("Lead"))
        row = self._row(rid, person.created, deleted=False)
        row |= {"FirstName": person.first, "LastName": person.last, "Name": f"{person.first} {person.last}"}
        row |= {
            "Email": person.email,
            "Company": person.email.rpartition("@")[2],
            "Status": "Open",
            "IsConverted": False,
        }
        if converted and self._accounts:
            account = self.random.choice(self._accounts)
            row |= {"IsConverted": True, "Status": "Qualified", "ConvertedAccountId": account}
            row["ConvertedContactId"] = self.salesforce_contact(person, account)
        self.crms.org.load("Lead", row)
        return rid

    def company(
        self, firm: Firm, *, account: str | None = None, archived: bool = False, source: str = "CRM_UI", truth: str = ""
    ) -> str:
        """Return the id of a company; `account` is stored as the native integration would have."""
        random, archived = self.random, archived and not self.is_calm
        rid = str(_COMPANIES + self._next("companies"))
        row = {"name": pools.variant(random, firm.name), "hs_object_source": source, "hs_object_source_label": source}
        if random.random() > 0.12:
            row["domain"] = firm.domain
        if random.random() < 0.002:
            row["name"] = f"{firm.name} {'international ' * 25}"
        if random.random() < 0.5:
            row |= {"city": random.choice(pools.CITIES), "phone": f"+49 30 {random.randint(10**6, 10**7)}"}
        row["lifecyclestage"] = random.choice(("lead", "lead", "opportunity", "customer"))
        if account:
            row["salesforceaccountid"] = account if random.random() < 0.5 else account[:15]
        at = hubspot_time(self._time(firm.created + random.random() * 86_400 * 10))
        self._load("companies", rid, row, at, archived=archived)
        self.crms.portal.truth[rid] = truth or firm.truth
        if not archived:
            self.companies.append(rid)
        return rid

    def hubspot_contact(
        self,
        person: Person,
        company: str | None,
        *,
        contact: str | None = None,
        lead: str | None = None,
        list_chance: float = 0.1,
    ) -> str:
        """Return the id of a HubSpot contact, paired with a Salesforce contact or lead where one is named."""
        rid = str(_CONTACTS + self._next("contacts"))
        row = {"firstname": person.first, "lastname": person.last, "email": person.email, "hs_object_source": "FORM"}
        row["lifecyclestage"] = self.random.choice(("subscriber", "lead", "marketingqualifiedlead", "opportunity"))
        row["hs_object_source_label"] = "FORM"
        if contact:
            row["salesforcecontactid"] = contact
        if lead and self.random.random() < 0.5:
            row["salesforceleadid"] = lead
        is_archived = self._happens(0.01)
        if company:
            self.crms.portal.links.add(rid, company, primary=not self._happens(0.07))
            if self.crms.portal.links.primary_of(rid) and company in self.crms.portal.tables["companies"].live:
                row["associatedcompanyid"] = company
        self._load("contacts", rid, row, hubspot_time(self._time(person.created)), archived=is_archived)
        if self.random.random() < list_chance and not is_archived:
            self.listed.append(rid)
        return rid

    # --- what makes matching hard

    def rival_account(self, firm: Firm, company: str, *, people: int) -> None:
        """Make another organisation's account with people in a company that is not its own."""
        other = Firm(f"{firm.truth}-rival", pools.company_name(self.random), firm.domain, self._moment())
        account = self.account(other)
        self._between(other, account, company, people)

    def rival_company(self, firm: Firm, account: str, *, people: int) -> None:
        """Make another organisation's company with as many people of an account as its own company has."""
        other = Firm(f"{firm.truth}-rival", pools.company_name(self.random), firm.domain, self._moment())
        self._between(firm, account, self.company(other), people)

    def twin_company(self, firm: Firm, account: str) -> None:
        """Make two more companies that both store one account's id."""
        for _ in range(2):
            self.company(firm, account=account, source="INTEGRATION")

    def merged_account(self, firm: Firm, account: str) -> None:
        """Make an account that was merged into another."""
        self.account(firm, deleted=True, master=account)

    def merged_company(self, company: str) -> None:
        """Note that a company came from a merge of two older ids."""
        table = self.crms.portal.tables["companies"]
        if company in table.live:
            old = [str(_COMPANIES - self._next("companies")) for _ in range(2)]
            table.live[company]["hs_merged_object_ids"] = ";".join(old)
            table.merged_into |= dict.fromkeys(old, company)

    def stray(self, firm: Firm, account: str) -> None:
        """Make one person of an account who sits in a company of somebody else."""
        self._between(firm, account, self.random.choice(self.companies), 1)

    # --- inside

    def _between(self, firm: Firm, account: str, company: str, people: int) -> None:
        """Make people whom an account and a company share."""
        for _ in range(people):
            person = self.person(firm)
            self.hubspot_contact(person, company, contact=self.salesforce_contact(person, account))

    def _row(self, rid: str, created: float, *, deleted: bool) -> dict[str, object]:
        """Return the system fields of a Salesforce record; three in ten were changed since."""
        at = salesforce_time(self._time(created))
        changed = at
        if self.random.random() < 0.3:
            changed = salesforce_time(self._time(created + self.random.random() * (self._until - created)))
        org = self.crms.org
        return {
            "Id": rid,
            "IsDeleted": deleted,
            "CreatedDate": at,
            "LastModifiedDate": changed,
            "SystemModstamp": changed,
            "LastModifiedById": org.person,
        }

    def _load(self, kind: str, rid: str, row: dict[str, str], at: str, *, archived: bool) -> None:
        """Put a HubSpot record in."""
        row["createdate"] = at
        gone = hubspot_time(self._time(self._until)) if archived else ""
        self.crms.portal.load("companies" if kind == "companies" else "contacts", rid, row, archived_at=gone)

    def _happens(self, share: float) -> bool:
        """Return whether a mishap of some probability happens."""
        return self.random.random() < share and not self.is_calm

    def _moment(self) -> float:
        """Return a time of creation; a few are of the last days."""
        random = self.random
        if random.random() < _FRESH_SHARE:
            return self._until - random.random() * _FRESH_SECONDS
        return self._since + random.random() * (self._until - self._since)

    def _time(self, seconds: float) -> datetime:
        """Return a moment that is not in the future."""
        return datetime.fromtimestamp(min(seconds, self._until), UTC)

    def _next(self, kind: str) -> int:
        """Return the next number of a kind."""
        self._numbers[kind] += 1
        return self._numbers[kind]
