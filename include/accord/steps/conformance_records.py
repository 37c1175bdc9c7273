"""The three test records of a conformance check: made under a key of their own, and taken away whatever happens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from accord.crm.answers import Answer
from accord.model.errors import AccordError
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from accord.crm.answers import RowAnswer
    from accord.steps.wiring import Wiring

PREFIX = "conformance-"
"""Begins the key of a test record; no key of a pair begins so, and no run reads it as one."""


@dataclass
class TestRecords:
    """What one check makes.

    Attributes:
        key: of this check alone; all that carries it is ours.
        companies: ids that answers named; one of them may not carry the key any more.
    """

    __test__ = False

    key: str = field(default_factory=lambda: PREFIX + secrets.token_hex(8))
    companies: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """Return what the test records are called, so that a person who meets one knows what it is."""
        return f"Accord test record, safe to delete ({self.key})"

    @property
    def bad_key(self) -> str:
        """Return the key of the row that is meant to be refused."""
        return f"{self.key}-bad"

    @property
    def account(self) -> dict[str, str]:
        """Return the test account."""
        return {ACCOUNT_KEY: self.key, "Name": self.name}

    @property
    def company(self) -> dict[str, str]:
        """Return a test company."""
        return {COMPANY_KEY: self.key, "name": self.name}

    def clean_up(self, wiring: Wiring) -> list[str]:
        """Return what could not be taken away, in words; only records with this key and this name are touched.

        What a first round leaves, because an answer was lost or a CRM was busy, a second one looks for again.
        """
        for _ in range(2):
            left = [*self._accounts_left(wiring), *self._companies_left(wiring)]
        return left

    def _accounts_left(self, wiring: Wiring) -> Iterator[str]:
        """Delete the test accounts into the recycle bin; yield those that stay."""
        try:
            if ACCOUNT_KEY not in wiring.salesforce.describe("Account"):
                return
            found = wiring.salesforce.read("Account", ACCOUNT_KEY, [self.key], ["Id", "Name", "IsDeleted"])
        except AccordError as problem:
            yield f"Salesforce accounts named {self.name!r}: not looked for, as {problem}"
            return
        for row in found:
            if row["Name"] == self.name and not row["IsDeleted"]:
                yield from _tried(f"Salesforce account {row['Id']}", partial(wiring.salesforce.delete, [row["Id"]]))

    def _companies_left(self, wiring: Wiring) -> Iterator[str]:
        """Archive the test companies; yield those that stay."""
        try:
            read = wiring.hubspot.batch_read
            found = list(read("companies", sorted(self.companies), ["name"]).values())
            if COMPANY_KEY in wiring.hubspot.properties("companies"):
                found += read("companies", [self.key, self.bad_key], ["name"], id_property=COMPANY_KEY).values()
        except AccordError as problem:
            yield f"HubSpot companies named {self.name!r}: not looked for, as {problem}"
            return
        for company in {str(one["id"]) for one in found if one["properties"].get("name") == self.name}:
            yield from _tried(f"HubSpot company {company}", partial(wiring.hubspot.archive_companies, [company]))


def unfinished(answers: Iterable[RowAnswer]) -> list[str]:
    """Return in words what a CRM did not do."""
    return [f"{it.answer} {it.code} {it.message}".strip() for it in answers if it.answer is not Answer.APPLIED]


def _tried(what: str, act: Callable[[], list[RowAnswer]]) -> Iterator[str]:
    """Yield what a removal that did not work left behind."""
    try:
        yield from (f"{what}: {problem}" for problem in unfinished(act()))
    except AccordError as problem:
        yield f"{what}: {problem}"
