"""Plan rows -> intents: which write each decision asks for, and what is held, skipped or left out before any call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord.model.ids import account_origin_key, company_origin_key
from accord.steps.keys import Stamp, why_not_account, why_not_company
from accord.steps.payload import LeftOut, Values, account_values, changed_values, company_values
from accord.store.ledger import Intent
from accord.store.sources import ACCOUNT_KEY, COMPANY_KEY, field_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.settings import FieldRule
    from accord.steps.fit import Target
    from accord.steps.preflight import Preflight

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Wish:
    """One intent and what is known about it before it is sent.

    Attributes:
        intent: the write.
        hold: reason to hold it, "" to send it.
        skip: reason not to do it at all, "" to do it.
        reject: what makes it impossible, "" when it is possible.
        is_done: nothing is to be sent, the CRM already shows it (or has no key field to show it in).
        left_out: single values that do not fit.
        unfit: the code of each field rule whose value is left out.
        common: of a creation, the values of the record it is made from in common form, by rule name.
    """

    intent: Intent
    hold: str = ""
    skip: str = ""
    reject: str = ""
    is_done: bool = False
    left_out: list[LeftOut] = field(default_factory=list)
    unfit: Mapping[str, str] = field(default_factory=dict)
    common: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Planner:
    """Turns decision rows into wishes.

    Attributes:
        org_id: the Salesforce org.
        portal_id: the HubSpot portal.
        rules: the field map.
        allowed: what the CRMs allow.
        target: the fields that can be written.
        run_id: the run.
        plan_hash: digest and run.
        lifts_tombstones: the run was started for records asked for by hand or imported (R49, R76).
    """

    org_id: str
    portal_id: str
    rules: Sequence[FieldRule]
    allowed: Preflight
    target: Target
    run_id: str
    plan_hash: str
    lifts_tombstones: bool

    def wish(self, row: Row) -> Wish:
        """Return what a decision asks for.

        Args:
            row: a decision with `account` and `company` (rows of staging or None), `people` ((role, id)),
                `holder` (id, is_dead) of the record that already carries the key of a creation, or None.
        """
        return {
            "CREATE_COMPANY": self._create_company,
            "CREATE_ACCOUNT": self._create_account,
            "LINK": self._link,
            "RELINK": self._link,
            "SET_STAGE": self._stage,
        }[row["action"]](row)

    def wanted_key(self, row: Row) -> str | None:
        """Return the origin key of the record that a decision creates, None where it creates none."""
        if row["action"] == "CREATE_COMPANY":
            return company_origin_key(self.org_id, row["account_id"])
        return account_origin_key(self.portal_id, row["company_id"]) if row["action"] == "CREATE_ACCOUNT" else None

    def field_wish(self, rows: Sequence[Row]) -> Wish:
        """Return the update of one record from its SET_FIELD rows, all of one pair and side.

        Where no value fits there is nothing to send, and the wish is done.
        """
        first = rows[0]
        side = first["side"]
        by_name = {rule.name: rule for rule in self.rules}
        decided = [(by_name[row["name"]], row["value"]) for row in rows if row["name"] in by_name]
        values, unfit = changed_values(side, decided, self.target)
        target = first["account_id"] if side == "salesforce" else first["company_id"]
        record = (first["account"] if side == "salesforce" else first["company"]) or {}
        intent = self._intent(
            system=side,
            object="account" if side == "salesforce" else "company",
            op="update",
            source_id=target,
            target_id=target,
            account_id=first["account_id"],
            company_id=first["company_id"],
            action="SET_FIELD",
            fields=values.fields,
            before={name: record.get(field_column(name)) for name in values.fields},
        )
        return Wish(intent, is_done=not values.fields, left_out=values.left_out, unfit=unfit)

    def _create_company(self, row: Row) -> Wish:
        """Return the upsert of a company for an account."""
        account = row["account"] or {}
        common = row["account_common"]
        values = company_values(self.rules, account, common, self.target)
        intent = self._creation(row, "hubspot", "company", row["account_id"], values)
        stamp = Stamp(account.get("accord_key") or "", bool(row["account_stamp_is_dead"]))
        missing = "" if {"name", "domain"} & values.fields.keys() else "a company needs a name or a domain"
        return Wish(
            intent,
            hold=self._held_key(row) or why_not_account(stamp, "", self.portal_id, is_relink=False),
            skip="" if self.allowed.has_company_key else "no_key_field",
            reject=missing,
            left_out=values.left_out,
            common=common,
        )

    def _create_account(self, row: Row) -> Wish:
        """Return the upsert of an account for a company."""
        company = row["company"] or {}
        common = row["company_common"]
        values = account_values(self.rules, company, common, self.target)
        intent = self._creation(row, "salesforce", "account", row["company_id"], values)
        stamp = Stamp(company.get("accord_key") or "", bool(row["company_stamp_is_dead"]))
        return Wish(
            intent,
            hold=self._held_key(row) or why_not_company(stamp, "", self.org_id, is_relink=False),
            skip="" if self.allowed.has_account_key else "no_key_field",
            reject="" if "Name" in values.fields else "an account needs a Name, and the company has none that fits",
            left_out=values.left_out,
            common=common,
        )

    def _link(self, row: Row) -> Wish:
        """Return the stamp of a company with its account's key; the account's own stamp follows it."""
        wanted = company_origin_key(self.org_id, row["account_id"])
        back = account_origin_key(self.portal_id, row["company_id"])
        is_relink = row["action"] == "RELINK"
        company, account = row["company"] or {}, row["account"] or {}
        ours = Stamp(company.get("accord_key") or "", bool(row["company_stamp_is_dead"]))
        theirs = Stamp(account.get("accord_key") or "", bool(row["account_stamp_is_dead"]))
        intent = self._intent(
            system="hubspot",
            object="company",
            op="restamp",
            source_id=row["company_id"],
            target_id=row["company_id"],
            key=wanted,
            account_id=row["account_id"],
            company_id=row["company_id"],
            action=row["action"],
            fields={COMPANY_KEY: wanted},
            before={COMPANY_KEY: ours.value, ACCOUNT_KEY: theirs.value},
            people=_people(row),
        )
        return Wish(
            intent,
            hold=why_not_company(ours, wanted, self.org_id, is_relink=is_relink)
            or why_not_account(theirs, back, self.portal_id, is_relink=is_relink),
            is_done=ours.value == wanted or not self.allowed.has_company_key,
        )

    def _stage(self, row: Row) -> Wish:
        """Return the update of a company's lifecycle stage."""
        return Wish(
            self._intent(
                system="hubspot",
                object="company",
                op="stage",
                source_id=row["company_id"],
                target_id=row["company_id"],
                company_id=row["company_id"],
                action="SET_STAGE",
                fields={"lifecyclestage": row["value"]},
                before={"lifecyclestage": (row["company"] or {}).get("stage")},
            )
        )

    def _creation(self, row: Row, system: str, what: str, source_id: str, values: Values) -> Intent:
        """Return the create intent of a decision."""
        made_from = row["account"] if system == "hubspot" else row["company"]
        stamp = ACCOUNT_KEY if system == "hubspot" else COMPANY_KEY
        return self._intent(
            system=system,
            object=what,
            op="create",
            source_id=source_id,
            key=self.wanted_key(row),
            account_id=row["account_id"] if system == "hubspot" else None,
            company_id=row["company_id"] if system == "salesforce" else None,
            action=row["action"],
            fields=values.fields,
            before={stamp: (made_from or {}).get("accord_key") or ""},
            people=_people(row),
        )

    def _held_key(self, row: Row) -> str:
        """Return why a key that some record already carries forbids a creation, "" when it does not (F35)."""
        if row["holder"] is None:
            return ""
        if not row["holder"]["is_dead"]:
            return "key_on_another_record"
        is_wanted = self.lifts_tombstones or row["is_requested"] or "was_deleted" in (row["warnings"] or "").split()
        return "" if is_wanted else "key_on_deleted_record"

    def _intent(self, **known: Any) -> Intent:
        """Return an intent of this plan."""
        return Intent(plan_hash=self.plan_hash, run_id=self.run_id, **known)


def _people(row: Row) -> tuple[tuple[str, str], ...]:
    """Return the people to attach (Salesforce contact) and to associate (HubSpot contact) once the pair exists."""
    return tuple(sorted({(role, contact) for role, contact in row["people"] or () if contact}))
