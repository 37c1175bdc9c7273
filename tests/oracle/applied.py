"""A world after its decisions were carried out: what both CRMs and Accord's memory show then."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from oracle.reading import moment

Record = dict[str, Any]


def applied(world: Record, decisions: list[Record]) -> Record:
    """Return the world as it must look after the decisions, and only them, were carried out.

    The record made for A1 is `company of A1`, that made for K1 `account of K1`. What was stamped was last modified by
    the pipeline, and the stages of now are those of the last run.
    """
    after = _After(world)
    for row in decisions:
        target, partner = row["target"], row.get("with")
        match row["do"]:
            case "LINK" | "RELINK":
                after.pair(target, partner)
                after.associate(row.get("associate", []), partner)
            case "UPDATE":
                after.remember(target, partner)
            case "CREATE_COMPANY":
                after.make_company(target)
                after.associate(row.get("associate", []), f"company of {target}")
            case "CREATE_ACCOUNT":
                after.make_account(target)
                for contact in row.get("attach", []):
                    after.contacts[contact]["AccountId"] = f"account of {target}"
            case "SET_STAGE":
                after.companies[target]["stage"] = row["value"]
            case "REVIEW" if target in after.companies and row["reason"].startswith("tie_"):
                after.ask(target, row["reason"])
    for person in after.world["hs"].get("contacts", []):
        person["was"] = person.get("stage")
    return after.world


class _After:
    """A copy of a world that is being changed, its records by id."""

    def __init__(self, world: Record) -> None:
        self.world = deepcopy(world)
        for part, kinds in (("sf", ("accounts", "contacts")), ("hs", ("companies", "assoc"))):
            self.world[part] = {**{kind: [] for kind in kinds}, **(self.world.get(part) or {})}
            for kind in kinds:
                self.world[part][kind] = list(self.world[part][kind] or [])
        self.world["links"] = list(self.world.get("links") or [])
        self.accounts = {row["Id"]: row for row in self.world["sf"]["accounts"]}
        self.contacts = {row["Id"]: row for row in self.world["sf"]["contacts"]}
        self.companies = {row["id"]: row for row in self.world["hs"]["companies"]}
        settings = self.world.get("settings") or {}
        self.now = str(moment(self.world.get("now", "2026-01-12")))
        self.by_us = {"Modified": self.now, "By": settings.get("pipeline_user", "U_PIPE")}

    def pair(self, account: str, company: str) -> None:
        """Both records carry each other's key."""
        if self.accounts[account].get("OriginKey") != company:
            self.accounts[account] |= {"OriginKey": company, **self.by_us}
        self.companies[company]["key"] = account
        self.remember(account, company)

    def remember(self, account: str, company: str) -> None:
        """Accord's table has this pair, and no other active one of either."""
        ended = [row for row in self.world["links"] if row["account"] == account or str(row["company"]) == company]
        for row in ended:
            row["active"] = False
        self.world["links"] = [row for row in self.world["links"] if row not in ended] + [
            *(row for row in ended if (row["account"], str(row["company"])) != (account, company)),
            {"account": account, "company": company},
        ]

    def ask(self, company: str, reason: str) -> None:
        """What was asked about a company that somebody wanted by hand stays a question (R47)."""
        question = {"company": company, "choice": reason}
        known = self.world.get("resolutions") or []
        self.world["resolutions"] = known if question in known else [*known, question]

    def make_company(self, account: str) -> None:
        """A company of that name stands for the account; no other value moves that no field of the world maps."""
        made = f"company of {account}"
        company = {"id": made, "name": self.accounts[account].get("Name") or account, "created": self.now}
        company |= {"source": "INTEGRATION", "stage": "lead"}
        self.world["hs"]["companies"].append(company)
        self.companies[made] = company
        self.pair(account, made)

    def make_account(self, company: str) -> None:
        """An account of that name stands for the company."""
        made, source = f"account of {company}", self.companies[company]
        account = {"Id": made, "Created": self.now}
        if name := source.get("name") or source.get("domain"):
            account["Name"] = name
        self.world["sf"]["accounts"].append(account | self.by_us)
        self.accounts[made] = self.world["sf"]["accounts"][-1]
        self.pair(made, company)

    def associate(self, people: list[str], company: str) -> None:
        """People without any company belong to this one, their first."""
        for person in people:
            has_primary = any(row[0] == person and len(row) > 2 for row in self.world["hs"]["assoc"])
            self.world["hs"]["assoc"].append([person, company, *([] if has_primary else ["primary"])])
