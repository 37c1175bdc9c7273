"""Record ids of both CRMs, their int8 keys, and the two origin keys Accord writes.

CRM text becomes part of a URL or a query only after `salesforce_id` or `hubspot_id` accepted it: simple-salesforce
joins ids into URLs, so an id that is an absolute URL would send the session to a stranger.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

NONE = -1
"""The key of a record that is not named at all (a contact without account, a company without stored id)."""

_SALESFORCE_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?\Z")
_HUBSPOT_ID = re.compile(r"[0-9]{1,18}\Z")
_COMPANY_KEY = re.compile(r"sf-([A-Za-z0-9]{15})-([A-Za-z0-9]{18})\Z")
_ACCOUNT_KEY = re.compile(r"hs-([0-9]{1,18})-([0-9]{1,18})\Z")
_SUFFIX_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


class OriginKey(NamedTuple):
    """What an origin key says: the org or portal it was written for, and the record on the other side."""

    origin: str
    record_id: str


def salesforce_id(text: str) -> str:
    """Return the 18-character form of a Salesforce id (R22).

    Raises:
        ValueError: the text is neither 15 nor 18 characters of the id alphabet, or its suffix does not fit.
    """
    if not _SALESFORCE_ID.match(text):
        raise ValueError(f"{text[:40]!r} is not a Salesforce id: expected 15 or 18 letters and digits")
    full = text[:15] + _suffix(text[:15])
    # A wrong case in the first 15 characters is another record; the suffix is what tells.
    if len(text) == 18 and text.upper() != full.upper():
        raise ValueError(f"{text!r} is not a Salesforce id: its last three characters do not fit the first fifteen")
    return full


def hubspot_id(text: str | int) -> str:
    """Return a HubSpot object id as digits.

    Raises:
        ValueError: the text is not 1 to 18 digits.
    """
    digits = str(text)
    if not _HUBSPOT_ID.match(digits):
        raise ValueError(f"{digits[:40]!r} is not a HubSpot id: expected digits only")
    return digits


def salesforce_key(record_id: str) -> int:
    """Return the int8 key of a Salesforce id: 63 bits of the MD5 of its first 15 characters (ADR 0002).

    Postgres computes the same value in the generated `key` columns of staging.
    """
    digest = hashlib.md5(record_id[:15].encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") & 0x7FFF_FFFF_FFFF_FFFF


def hubspot_key(record_id: str | int) -> int:
    """Return the int8 key of a HubSpot id, which is the id itself."""
    return int(record_id)


def text_key(text: str) -> int:
    """Return the int8 key of a normalised text (an e-mail, a host): 63 bits of its MD5, as in staging (R85)."""
    digest = hashlib.md5(text.encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:8], "big") & 0x7FFF_FFFF_FFFF_FFFF


def company_origin_key(org_id: str, account_id: str) -> str:
    """Return the value of the HubSpot company property `accord_key` for a company that stands for this account."""
    return f"sf-{org_id[:15]}-{salesforce_id(account_id)}"


def account_origin_key(portal_id: str | int, company_id: str | int) -> str:
    """Return the value of `Account.Accord_Key__c` for an account that stands for this company."""
    return f"hs-{hubspot_id(portal_id)}-{hubspot_id(company_id)}"


def parse_company_origin_key(value: str) -> OriginKey | None:
    """Return the org (15 characters) and account id in a company's `accord_key`, or None for any other text."""
    found = _COMPANY_KEY.match(value)
    return OriginKey(found[1], found[2]) if found else None


def parse_account_origin_key(value: str) -> OriginKey | None:
    """Return the portal and company id in an account's `Accord_Key__c`, or None for any other text."""
    found = _ACCOUNT_KEY.match(value)
    return OriginKey(found[1], found[2]) if found else None


def _suffix(first15: str) -> str:
    """Return the three check characters: per block of five, a bit for each upper-case letter."""
    blocks = (first15[0:5], first15[5:10], first15[10:15])
    return "".join(_SUFFIX_ALPHABET[sum(c.isupper() << i for i, c in enumerate(block))] for block in blocks)
