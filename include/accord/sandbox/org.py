"""The Salesforce org: its records, its bin, and the one way they change. No HTTP here."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from accord.model.ids import salesforce_id
from accord.sandbox.clock import salesforce_time
from accord.sandbox.org_checks import RowError, check_values, duplicate_accounts
from accord.sandbox.org_schema import ACCORD_KEY, PREFIXES, Field, standard_fields
from accord.sandbox.uniques import Uniques

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from accord.sandbox.clock import VirtualClock
    from accord.sandbox.journal import Journal
    from accord.sandbox.switches import Switches

Record = dict[str, Any]
"""Field names to values as the API writes them; a field that is null is left out. Times are Salesforce text."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PIPELINE, _PERSON, _SANDBOX = (salesforce_id(f"005Qy000000000{n}") for n in range(1, 4))


def record_id(prefix: str, number: int) -> str:
    """Return the 18-character id number `number` of a key prefix, always the same one."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _BASE62[rest] + digits
    return salesforce_id(prefix + "Qy00" + digits.rjust(8, "0"))


class Org:
    """Records, bin and schema of one Salesforce org.

    Attributes:
        org_id: 18 characters.
        pipeline_user: the user every API call acts as; `person` is who acts through `/_sandbox/edit`.
        tables: object name -> id -> record, deleted records included until the bin is emptied.
        fields: object name -> field name -> Field.
        hidden: fields the pipeline's user may not see (field-level security), as (object, field).
        frozen_fields: fields the pipeline's user may see but not write.
        locked: record id -> how many more writes meet UNABLE_TO_LOCK_ROW.
        truth: record id -> which organisation it really stands for; never shown by the API.
        calls_used: calls of the day.
    """

    def __init__(self, clock: VirtualClock, journal: Journal, switches: Switches) -> None:
        self._clock, self._journal, self._switches = clock, journal, switches
        self.org_id = salesforce_id("00DQy0000000001")
        self.pipeline_user, self.person, self.system_user = _PIPELINE, _PERSON, _SANDBOX
        self.tables: dict[str, dict[str, Record]] = {name: {} for name in PREFIXES}
        self.fields: dict[str, dict[str, Field]] = {name: standard_fields(name) for name in PREFIXES}
        self.hidden: set[tuple[str, str]] = set()
        self.frozen_fields: set[tuple[str, str]] = set()
        self.locked: dict[str, int] = {}
        self.truth: dict[str, str] = {}
        self.calls_used = 0
        self._numbers = {name: itertools.count(1) for name in PREFIXES}
        self._unique = Uniques()
        self.add_field("Account", ACCORD_KEY)
        for user, name in ((_PIPELINE, "Accord"), (_PERSON, "Rep"), (_SANDBOX, "Automated Process")):
            mail = f"{name.lower().replace(' ', '.')}@acme.test"
            values = {"Username": mail, "LastName": name, "Email": mail, "IsActive": True, "Name": name}
            self.load("User", {"Id": user, **values})

    # --- reading

    @property
    def acts_for_pipeline(self) -> bool:
        """Return whether field-level security of the pipeline's user applies to the current caller."""
        return self._journal.caller == "pipeline"

    @property
    def validation_rule(self) -> str:
        """Return the text an account name may not hold, empty without such a rule."""
        return self._switches.account_validation_rule

    def get(self, sobject: str, rid: str) -> Record | None:
        """Return a record, deleted ones too, by its 15- or 18-character id."""
        table = self.tables[sobject]
        return table.get(rid) or (table.get(salesforce_id(rid)) if len(rid) == 15 else None)

    def rows(self, sobject: str, *, deleted: bool = False) -> Iterator[Record]:
        """Yield the records of an object, with those in the bin if asked for (queryAll)."""
        return (row for row in self.tables[sobject].values() if deleted or not row["IsDeleted"])

    def visible_fields(self, sobject: str) -> dict[str, Field]:
        """Return the fields the pipeline's user may see, each as writable as it is for that user."""
        frozen = self.frozen_fields
        return {
            name: replace(field, createable=False, updateable=False) if (sobject, name) in frozen else field
            for name, field in self.fields[sobject].items()
            if (sobject, name) not in self.hidden
        }

    def find(self, sobject: str, field: str, value: str) -> list[str]:
        """Return the ids of the live records with this value of an external id or unique field."""
        spec = self.fields[sobject][field]
        if spec.unique:
            hit = self._unique.holder(sobject, field, value)
            return [hit] if hit else []
        return [row["Id"] for row in self.rows(sobject) if row.get(field) == value]

    # --- admin

    def add_field(self, sobject: str, field: Field) -> None:
        """Add a custom field.

        Raises:
            RowError: there is one of that name already, or a unique field would have repeated values.
        """
        if field.name in self.fields[sobject]:
            raise RowError("DUPLICATE_DEVELOPER_NAME", f"There is already a field named {field.name} on {sobject}.")
        self.fields[sobject][field.name] = field
        if field.unique:
            self._unique.add(sobject, field.name, str if field.case_sensitive else str.lower)

    def remove_field(self, sobject: str, name: str) -> None:
        """Delete a custom field with its values."""
        del self.fields[sobject][name]
        self._unique.drop(sobject, name)
        for row in self.tables[sobject].values():
            row.pop(name, None)

    # --- writing

    def create(
        self, sobject: str, values: Record, *, allow_duplicate: bool = False, user: str = "", stamp: str = ""
    ) -> str:
        """Return the id of a new record.

        Args:
            sobject: Account, Contact, Lead or User.
            values: fields to set; None counts as not set.
            allow_duplicate: the caller passes a duplicate rule whose action is Alert.
            user: who does it; by default the user of the current caller.
            stamp: the times of the record where they are not now (a transaction that commits late).

        Raises:
            RowError: the record is refused, nothing was done.
        """
        kept = check_values(self, sobject, values, is_new=True)
        self._refuse_duplicates(sobject, kept, allow_duplicate)
        rid = record_id(PREFIXES[sobject], next(self._numbers[sobject]))
        while rid in self.tables[sobject]:
            rid = record_id(PREFIXES[sobject], next(self._numbers[sobject]))
        self._commit("create", sobject, rid, kept, user, stamp)
        return rid

    def update(
        self, sobject: str, rid: str, values: Record, *, allow_duplicate: bool = False, user: str = "", stamp: str = ""
    ) -> None:
        """Change a record; None clears a field.

        Raises:
            RowError: the id or a value is refused, or the record is deleted or locked; nothing was done.
        """
        row = self.live(sobject, rid)
        self._refuse_locked(row["Id"])
        changes = check_values(self, sobject, values, is_new=False)
        if "Name" in changes or "Website" in changes:
            self._refuse_duplicates(sobject, {**row, **changes}, allow_duplicate)
        self._commit("update", sobject, row["Id"], changes, user, stamp)

    def live(self, sobject: str, rid: str) -> Record:
        """Return a record that is not deleted.

        Raises:
            RowError: MALFORMED_ID, NOT_FOUND-like or ENTITY_IS_DELETED.
        """
        try:
            full = salesforce_id(rid)
        except ValueError:
            raise RowError("MALFORMED_ID", f"{sobject} ID: id value of incorrect type: {rid}", ("Id",)) from None
        row = self.tables[sobject].get(full)
        if row is None:
            raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row["IsDeleted"]:
            raise RowError("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def delete(self, sobject: str, rid: str, *, master: str = "", user: str = "") -> None:
        """Put a record into the bin; a merge names the survivor as `master`.

        Raises:
            RowError: there is no such live record.
        """
        row = self.live(sobject, rid)
        gone: Record = {"IsDeleted": True}
        if master:
            gone["MasterRecordId"] = master
        self._commit("delete", sobject, row["Id"], gone, user, "")

    def undelete(self, sobject: str, rid: str, *, user: str = "") -> None:
        """Take a record out of the bin.

        Raises:
            RowError: it is not in the bin, or a unique value of it was taken meanwhile.
        """
        row = self.get(sobject, rid)
        if row is None or not row["IsDeleted"]:
            raise RowError("UNDELETE_FAILED", "Entity is not in the recycle bin")
        self._commit("restore", sobject, row["Id"], {"IsDeleted": False, "MasterRecordId": None}, user, "")

    def empty_bin(self) -> int:
        """Delete for good what is in the bin; return how many records that were."""
        gone = [(name, row["Id"]) for name, table in self.tables.items() for row in table.values() if row["IsDeleted"]]
        for sobject, rid in gone:
            row = self.tables[sobject].pop(rid)
            self._journal.write("salesforce", "purge", sobject, rid, dict(row), {})
        return len(gone)

    def merge(self, sobject: str, winner: str, losers: Iterable[str], *, user: str = "") -> None:
        """Merge records into one: losers go to the bin with MasterRecordId, their children move to the winner.

        Raises:
            RowError: a record is not live.
        """
        keep = self.live(sobject, winner)["Id"]
        for loser in losers:
            gone = self.live(sobject, loser)["Id"]
            for child, field in (("Contact", "AccountId"), ("Account", "ParentId")) if sobject == "Account" else ():
                for row in [row for row in self.rows(child) if row.get(field) == gone]:
                    self._commit("update", child, row["Id"], {field: keep}, user, "")
            self.delete(sobject, gone, master=keep, user=user)
        self._commit("merge", sobject, keep, {}, user, "")

    def convert_lead(self, rid: str, *, account: str = "", contact: str = "", user: str = "") -> tuple[str, str]:
        """Return the account and the contact that a lead became, made where none was named.

        Raises:
            RowError: the lead is not live or already converted.
        """
        lead = self.live("Lead", rid)
        if lead["IsConverted"]:
            raise RowError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        account = account or self.create("Account", {"Name": lead["Company"]}, user=user)
        person: Record = {name: lead[name] for name in ("FirstName", "LastName", "Email") if name in lead}
        contact = contact or self.create("Contact", {**person, "AccountId": account}, user=user)
        done = {"IsConverted": True, "Status": "Qualified", "ConvertedAccountId": account}
        day = self._clock.now().date().isoformat()
        self._commit("convert", "Lead", rid, {**done, "ConvertedContactId": contact, "ConvertedDate": day}, user, "")
        return account, contact

    def load(self, sobject: str, record: Record) -> None:
        """Put in a finished record without journal or checks; a world and the generator start from this."""
        now = "" if "CreatedDate" in record else salesforce_time(self._clock.now())
        row = {"IsDeleted": False} | {name: value for name, value in record.items() if value is not None}
        row.setdefault("CreatedDate", now)
        row.setdefault("LastModifiedDate", row["CreatedDate"])
        row.setdefault("SystemModstamp", row["LastModifiedDate"])
        row.setdefault("LastModifiedById", self.person)
        row.setdefault("CreatedById", row["LastModifiedById"])
        if sobject != "User":
            row.setdefault("OwnerId", self.person)
        if sobject == "Account":
            row.setdefault("IsPersonAccount", False)
        if sobject == "Lead":
            row.setdefault("IsConverted", False)
        self.tables[sobject][row["Id"]] = row
        if not row["IsDeleted"]:
            self._reindex(sobject, row["Id"], {}, row)

    def track(self, account: str, name: str, before: Any, after: Any, at: str) -> None:
        """Keep a change of an account's field as AccountHistory, where the field is tracked."""
        if self.fields["Account"][name].is_tracked and before != after:
            rid = record_id(PREFIXES["AccountHistory"], next(self._numbers["AccountHistory"]))
            row = {"Id": rid, "AccountId": account, "Field": name, "OldValue": before, "NewValue": after}
            self.load("AccountHistory", row | {"CreatedDate": at})

    def put_back(self, sobject: str, rid: str, before: Record | None) -> None:
        """Undo a write that was never committed: the record is what it was, or is not; the journal is not touched."""
        row = self.tables[sobject][rid]
        self._reindex(sobject, rid, row, before or {})
        if before is None:
            del self.tables[sobject][rid]
        else:
            row.clear()
            row.update(before)

    # --- inside

    def _commit(self, op: str, sobject: str, rid: str, changes: Record, user: str, stamp: str) -> None:
        """Apply one mutation: uniqueness, stamps, journal. Nothing else changes a record."""
        who = user or {"pipeline": self.pipeline_user, "person": self.person}.get(
            self._journal.caller, self.system_user
        )
        at = stamp or salesforce_time(self._clock.now())
        row = self.tables[sobject].get(rid, {})
        self._refuse_taken(sobject, rid, {**row, **changes})
        before = {name: row.get(name) for name in changes}
        after = {**row, **changes, "LastModifiedDate": at, "LastModifiedById": who, "SystemModstamp": at}
        if op == "create":
            own = {} if sobject == "User" else {"OwnerId": who}
            self.load(sobject, {"Id": rid, "CreatedDate": at, "CreatedById": who, **own, **after})
            before = {}
        else:
            self._reindex(sobject, rid, row, after)
            row.clear()
            row.update({name: value for name, value in after.items() if value is not None})
        _derive_name(sobject, self.tables[sobject][rid])
        if sobject == "Account" and op == "update":
            for name, value in changes.items():
                self.track(rid, name, before[name], value, at)
        self._journal.write("salesforce", op, sobject, rid, before, dict(changes))

    def _refuse_taken(self, sobject: str, rid: str, after: Record) -> None:
        """Raise where a unique value belongs to another live record; checked at commit, as the real index is."""
        if after.get("IsDeleted"):
            return
        for field, _, holder in self._unique.taken(sobject, rid, after):
            text = f"duplicate value found: {field} duplicates value on record with id: {holder[:15]}"
            raise RowError("DUPLICATE_VALUE", text, (), (holder,))

    def _reindex(self, sobject: str, rid: str, before: Record, after: Record) -> None:
        """Keep the unique indexes in step with a record; one in the bin holds nothing."""
        self._unique.move(sobject, rid, before, {} if after.get("IsDeleted") else after)

    def _refuse_locked(self, rid: str) -> None:
        """Raise while somebody else holds the row."""
        if self.locked.get(rid, 0) > 0:
            self.locked[rid] -= 1
            text = f"unable to obtain exclusive access to this record or 1 records: {rid}"
            raise RowError("UNABLE_TO_LOCK_ROW", text)

    def _refuse_duplicates(self, sobject: str, record: Record, allow: bool) -> None:
        """Raise where the org's duplicate rule stops an account; Alert can be passed, Block cannot."""
        rule = self._switches.duplicate_rule
        if sobject != "Account" or rule == "off" or (rule == "alert" and allow):
            return
        if found := duplicate_accounts(self, record):
            raise RowError("DUPLICATES_DETECTED", "Use one of these records?", (), tuple(found))


def _derive_name(sobject: str, row: Record) -> None:
    """Keep the full name of a person, which Salesforce derives."""
    if sobject not in {"Account", "Opportunity"}:
        row["Name"] = " ".join(row[part] for part in ("FirstName", "LastName") if part in row)
