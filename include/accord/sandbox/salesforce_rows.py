"""Writing single records for every way in: REST, collections, bulk. One success or refusal a record."""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from accord.sandbox.org_checks import RowError
from accord.sandbox.org_schema import PREFIXES
from accord.sandbox.salesforce_duplicates import duplicate_result
from accord.sandbox.salesforce_errors import SalesforceProblem, from_row_error, not_found
from accord.sandbox.salesforce_wire import option, root

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.sandbox.core import Crms
    from accord.sandbox.org import Record
    from accord.sandbox.wire import Call

_RULE_HEADER = "sforce-duplicate-rule-header"


@dataclass(frozen=True)
class DuplicateOptions:
    """What the duplicate-rule header of a call asks for."""

    allow_save: bool = False
    shows_details: bool = False
    version_root: str = "/services/data/v66.0"

    @classmethod
    def of(cls, call: Call) -> DuplicateOptions:
        """Return the options of a call."""
        return cls(
            option(call, _RULE_HEADER, "allowSave") == "true",
            option(call, _RULE_HEADER, "includeRecordDetails") == "true",
            root(call),
        )


@dataclass
class Writer:
    """Writes records of one object and remembers how to take the writes back.

    Attributes:
        undo: (id, record before) of every write so far, None for a record that was created.
    """

    crms: Crms
    sobject: str
    options: DuplicateOptions = DuplicateOptions()
    undo: list[tuple[str, Record | None]] = field(default_factory=list)

    def create(self, record: Record) -> str:
        """Return the id of a new record.

        Raises:
            SalesforceProblem: the record is refused.
        """
        with self._refusals():
            rid = self.crms.org.create(self.sobject, self._values(record), allow_duplicate=self.options.allow_save)
        self.undo.append((rid, None))
        return rid

    def update(self, rid: str, record: Record) -> str:
        """Return the 18-character id of the changed record.

        Raises:
            SalesforceProblem: the id or a value is refused.
        """
        with self._refusals():
            row = self.crms.org.live(self.sobject, rid)
            before = dict(row)
            self.crms.org.update(self.sobject, row["Id"], self._values(record), allow_duplicate=self.options.allow_save)
        self.undo.append((before["Id"], before))
        return str(before["Id"])

    def delete(self, rid: str) -> str:
        """Return the 18-character id of the record that went to the bin.

        Raises:
            SalesforceProblem: the id is refused.
        """
        with self._refusals():
            before = dict(self.crms.org.live(self.sobject, rid))
            self.crms.org.delete(self.sobject, rid)
        self.undo.append((before["Id"], before))
        return str(before["Id"])

    def upsert(self, key: str, record: Record) -> tuple[str, bool]:
        """Return the id of the record with this value of the key field, and whether it was created.

        Args:
            key: an external id or lookup field, or Id.
            record: its values; one of them is the key's.

        Raises:
            SalesforceProblem: refused, or several records have this value.
        """
        value, rest = take_out(record, key)
        if key == "Id":
            return (self.update(str(value), rest), False) if value else (self.create(rest), True)
        if value in {None, ""}:
            raise SalesforceProblem("MISSING_ARGUMENT", f"{key} not specified", fields=[])
        found = self.crms.org.find(self.sobject, key, str(value))
        if len(found) > 1:
            raise SalesforceProblem(
                "DUPLICATE_EXTERNAL_ID",
                f"{key}: more than one record found for external id field: [{', '.join(found)}]",
                status=300,
                fields=[key],
            )
        return (self.update(found[0], rest), False) if found else (self.create(rest | {key: value}), True)

    def roll_back(self) -> None:
        """Take back every write, last first."""
        for rid, before in reversed(self.undo):
            self.crms.org.put_back(self.sobject, rid, before)
        self.undo.clear()

    def _values(self, record: Record) -> Record:
        """Return the record's fields under the names of the schema; unknown ones stay for the org to refuse."""
        names = {name.lower(): name for name in self.crms.org.fields[self.sobject]}
        return {names.get(name.lower(), name): value for name, value in record.items() if name != "attributes"}

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn the org's refusal of a record into the API's."""
        try:
            yield
        except RowError as problem:
            refused = from_row_error(problem)
            if problem.code == "DUPLICATES_DETECTED" and self.options.shows_details:
                refused.extra["duplicateResult"] = duplicate_result(
                    self.crms, self.sobject, self.options.version_root, problem.candidates
                )
            raise refused from None


def take_out(record: Record, name: str) -> tuple[Any, Record]:
    """Return the value of one field, by its name in any letter case, and the record without it."""
    rest = {key: value for key, value in record.items() if key.lower() != name.lower()}
    return next((record[key] for key in record.keys() - rest.keys()), None), rest


def sobject_named(crms: Crms, name: str) -> str:
    """Return an object's name as the schema spells it.

    Raises:
        SalesforceProblem: 404 NOT_FOUND.
    """
    found = {known.lower(): known for known in PREFIXES}.get(name.lower())
    if found is None or found not in crms.org.tables:
        raise not_found()
    return found


def key_field(crms: Crms, sobject: str, name: str) -> str:
    """Return the name of a field that records can be upserted by: Id, an external id, or a person's Email.

    Raises:
        SalesforceProblem: 404, it is no such field or hidden from the user.
    """
    if name.lower() == "id":
        return "Id"
    fields = crms.org.visible_fields(sobject).values()
    spec = next((spec for spec in fields if spec.name.lower() == name.lower()), None)
    if spec is None or not (spec.external_id or spec.type == "email"):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return spec.name


def repeated(crms: Crms, sobject: str, key: str, records: Sequence[Record]) -> set[str]:
    """Return the key values, folded as the field compares, that stand in more than one record of a request."""
    seen = Counter(folded_key(crms, sobject, key, record) for record in records)
    return {value for value, times in seen.items() if value and times > 1}


def folded_key(crms: Crms, sobject: str, key: str, record: Record) -> str:
    """Return a record's key value as the key field compares it, "" without one."""
    value = str(take_out(record, key)[0] or "")
    if key == "Id":
        return value[:15]
    return value if crms.org.fields[sobject][key].case_sensitive else value.lower()


def same_key_twice(crms: Crms, key: str, value: str) -> SalesforceProblem:
    """Return the refusal of a row whose key stands in another row of the same request."""
    return SalesforceProblem(crms.switches.same_key_twice, f"Duplicate external id specified: {value}", fields=[key])
