"""Who belongs to which company in HubSpot, both directions; at most one company of a contact is its primary one."""

from __future__ import annotations

UNLABELLED = {"contacts": 279, "companies": 280}
PRIMARY = {"contacts": 1, "companies": 2}


class Links:
    """Associations between contacts and companies, archived ends included (they come back with their record).

    Attributes:
        companies: contact id -> company id -> whether it is the primary one.
        contacts: company id -> contact ids, in the order they came.
    """

    def __init__(self) -> None:
        self.companies: dict[str, dict[str, bool]] = {}
        self.contacts: dict[str, dict[str, None]] = {}

    def add(self, contact: str, company: str, *, primary: bool) -> None:
        """Associate; a new primary company replaces the old one as primary."""
        mine = self.companies.setdefault(contact, {})
        if primary:
            for other in mine:
                mine[other] = False
        mine[company] = primary or mine.get(company, False)
        self.contacts.setdefault(company, {})[contact] = None

    def remove(self, contact: str, company: str) -> None:
        """End an association with all its labels."""
        self.companies.get(contact, {}).pop(company, None)
        self.contacts.get(company, {}).pop(contact, None)

    def primary_of(self, contact: str) -> str | None:
        """Return the contact's primary company."""
        return next((company for company, is_primary in self.companies.get(contact, {}).items() if is_primary), None)

    def of(self, kind: str, rid: str) -> list[tuple[str, bool]]:
        """Return (id on the other side, whether primary) of one record, in the order they were made."""
        if kind == "contacts":
            return list(self.companies.get(rid, {}).items())
        return [(contact, self.companies[contact][rid]) for contact in self.contacts.get(rid, {})]

    def forget(self, kind: str, rid: str) -> None:
        """Drop every association of a record."""
        for other, _ in self.of(kind, rid):
            self.remove(*((rid, other) if kind == "contacts" else (other, rid)))


def type_ids(kind: str, *, primary: bool) -> tuple[int, ...]:
    """Return the association type ids seen from one side, the primary label first."""
    return (PRIMARY[kind], UNLABELLED[kind]) if primary else (UNLABELLED[kind],)
