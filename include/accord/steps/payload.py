"""What is sent of a record: its values on their way to the other CRM. Pure: values in common form in, a payload out.

A value that does not fit is left out and named (R71), and blanks are not sent when a record is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import TYPE_CHECKING, Any

from accord.steps.fit import Unfit, to_hubspot, to_salesforce

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from accord.model.settings import FieldRule
    from accord.steps.fit import Target

_HOST = re.compile(r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@?#]*@)?(?:www\.)?([^/:?#\s]+)")


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
    rules: Sequence[FieldRule], account: Mapping[str, Any], common: Mapping[str, str | None], target: Target
) -> Values:
    """Return the properties of a company that is made from an account.

    HubSpot wants a name or a domain, so what no rule maps is filled in: `domain` with the host of Website, `name` with
    the account's. Its parent is an association and has a write of its own, by the next run.

    Args:
        rules: the field map.
        account: the account's row in staging.
        common: its mapped values in common form, by rule name; None is blank.
        target: the portal.
    """
    values = Values({})
    for rule in rules:
        if rule.rule != "dont_sync" and rule.kind != "parent":
            _add(values, rule.hubspot, common.get(rule.name), partial(to_hubspot, rule, target=target))
    mapped = {rule.hubspot for rule in rules}
    unmapped = {"name": account.get("name"), "domain": host(account.get("website"))}
    values.fields.update({name: text for name, text in unmapped.items() if text and name not in mapped})
    return values


def account_values(
    rules: Sequence[FieldRule], company: Mapping[str, Any], common: Mapping[str, str | None], target: Target
) -> Values:
    """Return the fields of an account that is made from a company.

    Name falls back to the domain, and to the company's id where it has neither: Salesforce makes no account without
    one, and a record that a rule asks for is not left out for want of a label. Fields that are always Salesforce's
    (R65) stay empty, but for the Name.

    Args:
        rules: the field map.
        company: the company's row in staging.
        common: its mapped values in common form, by rule name; None is blank.
        target: the org.
    """
    values = Values({})
    for rule in rules:
        if rule.rule not in {"dont_sync", "always_salesforce"} or rule.salesforce == "Name":
            text = common.get(rule.name)
            _add(values, rule.salesforce, text, partial(to_salesforce, rule, target=target))
    name = company.get("name") or company.get("domain") or host(company.get("website"))
    name = name or (f"HubSpot company {company['id']}" if company.get("id") else "")
    if name and "Name" not in values.fields and all(left.field != "Name" for left in values.left_out):
        values.fields["Name"] = name
    return values


def changed_values(
    side: str, decided: Sequence[tuple[FieldRule, str | None]], target: Target
) -> tuple[Values, dict[str, str]]:
    """Return what is sent of the decided fields of one record, and the code of each rule that is left out.

    Args:
        side: the CRM that is written.
        decided: a rule and its value in common form; None clears the field.
        target: that CRM.
    """
    values, codes = Values({}), {}
    for rule, text in decided:
        name = rule.hubspot if side == "hubspot" else rule.salesforce
        try:
            values.fields[name] = _changed(side, rule, text, target)
        except Unfit as why:
            values.left_out.append(LeftOut(name, why.code, str(why)))
            codes[rule.name] = why.code
    return values, codes


def _changed(side: str, rule: FieldRule, text: str | None, target: Target) -> str | int | float | bool | None:
    """Return one value as the other side wants it, None where it is to be cleared."""
    if side == "hubspot":
        return to_hubspot(rule, text, target)
    return to_salesforce(rule, text, target, is_new=False)


def host(address: str | None) -> str | None:
    """Return the host of a web address in lower case without `www.`, None where there is none."""
    found = _HOST.match((address or "").strip().lower())
    return found[1] if found and "." in found[1] else None


def as_staged(value: object) -> str | None:
    """Return a value as staging keeps it: text, None for blank."""
    text = "" if value is None else str(value)
    return (text.lower() if isinstance(value, bool) else text) or None


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


def same(one: object, other: object) -> bool:
    """Return whether two forms of a value are one; texts are compared as texts, 1.1 and 1.10 are two of them."""
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().replace("\r\n", "\n") == other.strip().replace("\r\n", "\n")
    return plain(one) == plain(other)


def _add(values: Values, name: str, text: str | None, convert: Callable[[str], Any]) -> None:
    """Add a value under the name it has on the other side, unless it is blank or does not fit."""
    if text is None:
        return
    try:
        values.fields[name] = convert(text)
    except Unfit as why:
        values.left_out.append(LeftOut(name, why.code, str(why)))
