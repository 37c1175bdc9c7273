"""Whose key stands in a key field: ours, nobody's, a dead record's of ours, or a stranger's (F7b). Pure."""

from __future__ import annotations

from dataclasses import dataclass

from accord.model.ids import parse_account_origin_key, parse_company_origin_key


@dataclass(frozen=True)
class Stamp:
    """A key field before we write it.

    Attributes:
        value: what stands in it, "" where nothing does.
        is_dead: it names a record that was deleted, archived or merged away.
    """

    value: str
    is_dead: bool


def why_not_company(stamp: Stamp, wanted: str, org_id: str, *, is_relink: bool) -> str:
    """Return why a company's key may not become `wanted`, "" when it may."""
    named = parse_company_origin_key(stamp.value)
    return _why_not(stamp, wanted, is_ours=named is not None and named.origin == org_id[:15], is_relink=is_relink)


def why_not_account(stamp: Stamp, wanted: str, portal_id: str, *, is_relink: bool) -> str:
    """Return why an account's key may not become `wanted`, "" when it may."""
    named = parse_account_origin_key(stamp.value)
    return _why_not(stamp, wanted, is_ours=named is not None and named.origin == str(portal_id), is_relink=is_relink)


def _why_not(stamp: Stamp, wanted: str, *, is_ours: bool, is_relink: bool) -> str:
    """Return the reason to hold the write; a key of ours gives way only after a merge or when its record is dead."""
    if stamp.value in {"", wanted}:
        return ""
    if not is_ours:
        return "foreign_key"
    return "" if is_relink or stamp.is_dead else "key_of_another_record"
