"""Whether one value fits the field it goes to, and in which form it is sent (R69, R71). Pure.

Values come in common form (`store.common_form`); nothing is cut, rounded or guessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord.crm.hubspot import PropertyInfo
    from accord.crm.salesforce import FieldInfo
    from accord.model.settings import FieldRule

_HUBSPOT_TEXT_LENGTH = 65_536


class Unfit(Exception):
    """A value does not fit the field it should go to.

    Args:
        code: short name of what is wrong.
        message: which value, and why it does not fit.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Target:
    """What is known of the fields of the CRM that is written.

    Attributes:
        account_fields: Salesforce fields by API name, as our user may use them.
        company_properties: HubSpot properties by internal name.
        users: Salesforce user of each HubSpot owner, where exactly one has the owner's e-mail (R69).
    """

    account_fields: Mapping[str, FieldInfo]
    company_properties: Mapping[str, PropertyInfo]
    users: Mapping[str, str] = field(default_factory=dict)


def to_hubspot(rule: FieldRule, text: str | None, target: Target) -> str | None:
    """Return a value as HubSpot wants it, None to clear it.

    Raises:
        Unfit: it does not fit the property.
    """
    found = target.company_properties.get(rule.hubspot)
    if found is None or found.read_only:
        raise Unfit("not_writable", f"company property {rule.hubspot} is missing or read only")
    if text is None:
        return None
    _CHECK[rule.kind](text)
    if rule.kind == "owner" and not text.isdigit():
        raise Unfit("owner_not_matched", f"Salesforce user {text[:40]} is no HubSpot owner by e-mail (R69)")
    if found.options and found.type == "enumeration" and rule.kind != "owner":
        _require_options(text, found.options, rule.hubspot)
    if len(text) > _HUBSPOT_TEXT_LENGTH:
        raise Unfit("too_long", f"{len(text)} characters, {rule.hubspot} holds {_HUBSPOT_TEXT_LENGTH}")
    return text


def to_salesforce(
    rule: FieldRule, text: str | None, target: Target, *, is_new: bool = True
) -> str | int | float | bool | None:
    """Return a value as Salesforce wants it in JSON, None to clear it.

    Args:
        rule: of the mapped field.
        text: in common form.
        target: the org.
        is_new: whether a record is made or changed.

    Raises:
        Unfit: it does not fit the field.
    """
    found = target.account_fields.get(rule.salesforce)
    if found is None or not (found.createable if is_new else found.updateable):
        raise Unfit("not_writable", f"Account.{rule.salesforce} is missing or may not be written by our user")
    if text is None:
        if not found.nillable:
            raise Unfit("required", f"Account.{rule.salesforce} cannot be empty")
        return None
    _CHECK[rule.kind](text)
    if rule.kind == "owner":
        return _user(text, target)
    if rule.kind == "number":
        return _json_number(text, rule.salesforce)
    if rule.kind == "boolean":
        return text == "true"
    back = {theirs: ours for ours, theirs in rule.values.items()}
    parts = text.split(";") if rule.kind == "picklist" else [text]
    value = ";".join(back.get(part, part) for part in parts)
    if found.picklist and found.type in {"picklist", "multipicklist"}:
        _require_options(value, found.picklist, rule.salesforce)
    if found.length and len(value) > found.length:
        raise Unfit("too_long", f"{len(value)} characters, Account.{rule.salesforce} holds {found.length}")
    return value


def _user(owner: str, target: Target) -> str:
    """Return the Salesforce user that a HubSpot owner is (R69)."""
    if owner not in target.users:
        raise Unfit("owner_not_matched", f"HubSpot owner {owner[:40]} is no Salesforce user by e-mail (R69)")
    return target.users[owner]


def _json_number(text: str, name: str) -> int | float:
    """Return a number that JSON carries without changing it."""
    exact = Decimal(text)
    if exact == exact.to_integral_value() and abs(exact) < 10**15:
        return int(exact)
    if Decimal(repr(float(exact))) != exact:
        raise Unfit("not_exact", f"{text[:40]} has more digits than Account.{name} can be sent")
    return float(exact)


def _check_text(_: str) -> None:
    """Accept any text."""


def _check_number(text: str) -> None:
    """Refuse what is no number."""
    try:
        is_number = Decimal(text).is_finite()
    except InvalidOperation:
        is_number = False
    if not is_number:
        raise Unfit("not_a_number", f"{text[:40]!r} is not a number")


def _check_boolean(text: str) -> None:
    """Refuse what is neither true nor false."""
    if text not in {"true", "false"}:
        raise Unfit("not_a_boolean", f"{text[:40]!r} is neither true nor false")


def _check_date(text: str) -> None:
    """Refuse what is no calendar day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        raise Unfit("not_a_date", f"{text[:40]!r} is not a date") from None


def _check_datetime(text: str) -> None:
    """Refuse what is no moment."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise Unfit("not_a_time", f"{text[:40]!r} is not a time") from None


def _require_options(value: str, options: Sequence[str], name: str) -> None:
    """Refuse a value that the other side's list does not have."""
    unknown = [part for part in value.split(";") if part not in options]
    if unknown:
        raise Unfit(
            "invalid_option",
            f"{unknown[0][:40]!r} is no value of {name}; it has {', '.join(options[:20])}. Map it under fields: values",
        )


_CHECK: Mapping[str, Callable[[str], None]] = {
    "text": _check_text,
    "number": _check_number,
    "boolean": _check_boolean,
    "date": _check_date,
    "datetime": _check_datetime,
    "picklist": _check_text,
    "owner": _check_text,
    "parent": _check_text,
}
