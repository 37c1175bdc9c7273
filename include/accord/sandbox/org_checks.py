"""What Salesforce refuses in one record: types, lengths, rights, required fields, the org's own rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from accord.model.ids import salesforce_id

if TYPE_CHECKING:
    from accord.sandbox.org import Org, Record
    from accord.sandbox.org_schema import Field

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")


class RowError(Exception):
    """One record refused.

    Attributes:
        code: Salesforce's status code.
        fields: the fields it names.
        candidates: ids of records that stand in the way (a unique value, a duplicate rule).
    """

    def __init__(self, code: str, message: str, fields: tuple[str, ...] = (), candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code, self.message, self.fields, self.candidates = code, message, fields, candidates


def check_values(org: Org, sobject: str, values: Record, *, is_new: bool) -> Record:
    """Return the values as they are stored.

    A new record is checked for its required fields and keeps no nulls; a change keeps None, which clears.

    Raises:
        RowError: with the code and text that Salesforce documents for it.
    """
    specs = org.visible_fields(sobject) if org.acts_for_pipeline else org.fields[sobject]
    kept: Record = {}
    for name, value in values.items():
        spec = specs.get(name)
        if spec is None:
            raise RowError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject}")
        if not (spec.createable if is_new else spec.updateable):
            text = (
                f"Unable to create/update fields: {name}. Please check the security settings of this field and verify"
            )
            raise RowError(
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"{text} that it is read/write for your profile or permission set.",
                (name,),
            )
        kept[name] = _coerce(org, spec, value)
    _refuse_missing(specs, kept, is_new=is_new)
    rule = org.validation_rule
    if sobject == "Account" and rule and rule in str(kept.get("Name", "")):
        raise RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "The account name is not allowed here.", ("Name",))
    return {name: value for name, value in kept.items() if value is not None} if is_new else kept


def duplicate_accounts(org: Org, record: Record) -> list[str]:
    """Return the live accounts of the same name and website, as the org's duplicate rule sees them."""
    name, site = str(record.get("Name", "")).lower(), record.get("Website")
    same = (row for row in org.rows("Account") if row["Id"] != record.get("Id"))
    return [row["Id"] for row in same if row["Name"].lower() == name and row.get("Website") == site][:5]


def _refuse_missing(specs: dict[str, Field], kept: Record, *, is_new: bool) -> None:
    """Raise where a required field is empty."""
    required = [name for name, spec in specs.items() if not spec.nillable and spec.createable and not spec.is_defaulted]
    missing = [name for name in required if (kept.get(name) is None if is_new else name in kept and kept[name] is None)]
    if missing:
        text = f"Required fields are missing: [{', '.join(missing)}]"
        raise RowError("REQUIRED_FIELD_MISSING", text, tuple(missing))


def _coerce(org: Org, spec: Field, value: Any) -> Any:
    """Return one value as Salesforce stores it; blanks at the ends go, an empty text is null."""
    if value is None or value == "":
        return None
    match spec.type:
        case "int" | "currency" | "double":
            return _number(spec, value)
        case "boolean":
            return value if isinstance(value, bool) else str(value).lower() == "true"
        case "reference" | "id":
            return _reference(org, spec, str(value))
        case _:
            return _text(spec, str(value).strip(" "))


def _text(spec: Field, text: str) -> str | None:
    """Return a text that fits its field."""
    if spec.length and len(text) > spec.length:
        label = spec.label or spec.name
        shown = f"{label}: data value too large: {text[:255]} (max length={spec.length})"
        raise RowError("STRING_TOO_LONG", shown, (spec.name,))
    if spec.type == "email" and not _EMAIL.match(text):
        raise RowError("INVALID_EMAIL_ADDRESS", f"{spec.name}: invalid email address: {text}", (spec.name,))
    if spec.is_restricted and text not in spec.picklist:
        shown = f"{spec.name}: bad value for restricted picklist field: {text}"
        raise RowError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", shown, (spec.name,))
    return text or None


def _number(spec: Field, value: Any) -> float | int:
    """Return a number of the field's kind."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        shown = f"{spec.name}: value not of required type: {value}"
        raise RowError("INVALID_TYPE_ON_FIELD_IN_RECORD", shown, (spec.name,)) from None
    if spec.digits and abs(number) >= 10**spec.digits:
        shown = f"{spec.name}: value outside of valid range on numeric field: {value}"
        raise RowError("NUMBER_OUTSIDE_VALID_RANGE", shown, (spec.name,))
    return int(number) if spec.type == "int" else number


def _reference(org: Org, spec: Field, value: str) -> str:
    """Return the 18-character id of a record that exists and is not deleted."""
    try:
        rid = salesforce_id(value)
    except ValueError:
        text = f"{spec.name}: id value of incorrect type: {value}"
        raise RowError("MALFORMED_ID", text, (spec.name,)) from None
    for sobject in spec.reference_to:
        row = org.get(sobject, rid)
        if row is not None and row.get("IsDeleted"):
            raise RowError("ENTITY_IS_DELETED", "entity is deleted", (spec.name,))
        if row is not None:
            return rid
    raise RowError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (spec.name,))
