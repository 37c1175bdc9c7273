"""Values on their way to the other CRM. Pure: texts from staging in, what is sent out.

A value that does not fit is left out and named (R71); nothing is cut, rounded or guessed, and blanks are not sent when
a record is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from accord.store.sources import field_column

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord.crm.hubspot import PropertyInfo
    from accord.crm.salesforce import FieldInfo
    from accord.model.settings import FieldRule

_HUBSPOT_TEXT_LENGTH = 65_536
_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@?#]*@)?(?:www\.)?([^/:?#\s]+)")


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
class LeftOut:
    """One value that is not sent: the field it was for, and why."""

    field: str
    code: str
    message: str


@dataclass(frozen=True)
class Values:
    """What is sent of a record, and what is left out of it."""

    fields: dict[str, Any]
    left_out: list[LeftOut] = field(default_factory=list)


def company_values(
    rules: Sequence[FieldRule], account: Mapping[str, Any], properties: Mapping[str, PropertyInfo]
) -> Values:
    """Return the properties of a company that is made from an account.

    `domain` is the host of Website unless a rule maps it (HubSpot wants a name or a domain).

    Args:
        rules: the field map.
        account: the account's row in staging.
        properties: of the portal.
    """
    values = _mapped(
        [(rule, rule.salesforce, rule.hubspot) for rule in rules if rule.rule != "dont_sync"],
        account,
        lambda rule, text: to_hubspot(rule, text, properties.get(rule.hubspot)),
    )
    domain = host(account.get("website"))
    if domain and all(rule.hubspot != "domain" for rule in rules):
        values.fields["domain"] = domain
    return values


def account_values(rules: Sequence[FieldRule], company: Mapping[str, Any], fields: Mapping[str, FieldInfo]) -> Values:
    """Return the fields of an account that is made from a company.

    Name falls back to the domain, and to the company's id where it has neither: Salesforce makes no account without
    one, and a record that a rule asks for is not left out for want of a label. Fields that are always Salesforce's
    (R65) stay empty, but for the Name.

    Args:
        rules: the field map.
        company: the company's row in staging.
        fields: of Account, as our user may use them.
    """
    from_hubspot = [
        (rule, rule.hubspot, rule.salesforce)
        for rule in rules
        if rule.rule not in {"dont_sync", "always_salesforce"} or rule.salesforce == "Name"
    ]
    values = _mapped(from_hubspot, company, lambda rule, text: to_salesforce(rule, text, fields.get(rule.salesforce)))
    name = company.get("name") or company.get("domain") or host(company.get("website"))
    name = name or (f"HubSpot company {company['id']}" if company.get("id") else "")
    if name and "Name" not in values.fields and all(left.field != "Name" for left in values.left_out):
        values.fields["Name"] = name
    return values


def to_hubspot(rule: FieldRule, text: str, found: PropertyInfo | None) -> str:
    """Return a Salesforce value as HubSpot wants it.

    Raises:
        Unfit: it does not fit the property.
    """
    if found is None or found.read_only:
        raise Unfit("not_writable", f"company property {rule.hubspot} is missing or read only")
    value = _CONVERT[rule.kind](rule.values, text)
    if found.options and found.type == "enumeration":
        _require_options(value, found.options, rule.hubspot)
    if len(value) > _HUBSPOT_TEXT_LENGTH:
        raise Unfit("too_long", f"{len(value)} characters, {rule.hubspot} holds {_HUBSPOT_TEXT_LENGTH}")
    return value


def to_salesforce(
    rule: FieldRule, text: str, found: FieldInfo | None, *, is_new: bool = True
) -> str | int | float | bool:
    """Return a HubSpot value as Salesforce wants it in JSON.

    Args:
        rule: of the mapped field.
        text: HubSpot's text.
        found: the field, None where it does not exist for us.
        is_new: whether a record is made or changed.

    Raises:
        Unfit: it does not fit the field.
    """
    if found is None or not (found.createable if is_new else found.updateable):
        raise Unfit("not_writable", f"Account.{rule.salesforce} is missing or may not be written by our user")
    back = {theirs: ours for ours, theirs in rule.values.items()}
    value = _CONVERT[rule.kind](back, text)
    if rule.kind == "number":
        return _json_number(value, rule.salesforce)
    if rule.kind == "boolean":
        return value == "true"
    if found.picklist and found.type in {"picklist", "multipicklist"}:
        _require_options(value, found.picklist, rule.salesforce)
    if found.length and len(value) > found.length:
        raise Unfit("too_long", f"{len(value)} characters, Account.{rule.salesforce} holds {found.length}")
    return value


def host(address: str | None) -> str | None:
    """Return the host of a web address in lower case without `www.`, None where there is none."""
    found = _HOST.match((address or "").strip().lower())
    return found[1] if found and "." in found[1] else None


def plain(value: object) -> str:
    """Return a value as text to compare it with another form of itself: 250, "250" and 250.0 are one."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text.replace("\r\n", "\n")
    # Leading zeros and plus signs are text: 01234 is no number anybody counts with.
    is_number = number.is_finite() and re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text)
    return format(number.normalize(), "f") if is_number else text


def _mapped(
    rules: Sequence[tuple[FieldRule, str, str]], record: Mapping[str, Any], convert: Callable[[FieldRule, str], Any]
) -> Values:
    """Return the values of a record under the names they have on the other side, blanks left away."""
    values = Values({})
    for rule, ours, theirs in rules:
        text = record.get(field_column(ours))
        if text is None or text == "":
            continue
        try:
            values.fields[theirs] = convert(rule, text)
        except Unfit as why:
            values.left_out.append(LeftOut(theirs, why.code, str(why)))
    return values


def _number(_: Mapping[str, str], text: str) -> str:
    """Return the text of a number as it is, once it is sure to be one."""
    try:
        is_number = Decimal(text.strip()).is_finite()
    except InvalidOperation:
        is_number = False
    if not is_number:
        raise Unfit("not_a_number", f"{text[:40]!r} is not a number")
    return text.strip()


def _json_number(text: str, name: str) -> int | float:
    """Return a number that JSON carries without changing it."""
    exact = Decimal(text)
    if exact == exact.to_integral_value() and abs(exact) < 10**15:
        return int(exact)
    if Decimal(repr(float(exact))) != exact:
        raise Unfit("not_exact", f"{text[:40]} has more digits than Account.{name} can be sent")
    return float(exact)


def _boolean(_: Mapping[str, str], text: str) -> str:
    """Return true or false."""
    value = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}.get(
        text.lower()
    )
    if value is None:
        raise Unfit("not_a_boolean", f"{text[:40]!r} is neither true nor false")
    return value


def _date(_: Mapping[str, str], text: str) -> str:
    """Return a calendar date, never shifted by a zone (a HubSpot date is midnight UTC)."""
    try:
        if re.fullmatch(r"-?\d{9,15}", text):
            return datetime.fromtimestamp(int(text) / 1000, UTC).date().isoformat()
        return date.fromisoformat(text[:10]).isoformat()
    except (ValueError, OverflowError, OSError):
        raise Unfit("not_a_date", f"{text[:40]!r} is not a date") from None


def _datetime(_: Mapping[str, str], text: str) -> str:
    """Return a moment in UTC with milliseconds, as both CRMs read it."""
    try:
        if re.fullmatch(r"-?\d{9,15}", text):
            moment = datetime.fromtimestamp(int(text) / 1000, UTC)
        else:
            moment = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        raise Unfit("not_a_time", f"{text[:40]!r} is not a time") from None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _options(values: Mapping[str, str], text: str) -> str:
    """Return picklist values under the other side's names; several are separated by semicolons on both sides."""
    return ";".join(values.get(part, part) for part in text.split(";"))


def _text(values: Mapping[str, str], text: str) -> str:
    """Return the text."""
    return values.get(text, text)


def _owner(_: Mapping[str, str], text: str) -> str:
    """Refuse: an owner is written only on an exact match of users, which making a record does not look for (R69)."""
    raise Unfit("owner_not_matched", f"owner {text[:40]} is not carried over when a record is made (R69)")


def _require_options(value: str, options: Sequence[str], name: str) -> None:
    """Refuse a value that the other side's list does not have."""
    unknown = [part for part in value.split(";") if part not in options]
    if unknown:
        raise Unfit(
            "invalid_option",
            f"{unknown[0][:40]!r} is no value of {name}; it has {', '.join(options[:20])}. Map it under fields: values",
        )


_CONVERT: Mapping[str, Callable[[Mapping[str, str], str], str]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "picklist": _options,
    "owner": _owner,
}
