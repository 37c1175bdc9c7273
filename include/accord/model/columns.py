"""Column contracts of the frames that cross a room border: name, dtype, meaning; all columns always exist.

`*_key` columns are int64 surrogate keys (`ids.salesforce_key`, `ids.hubspot_key`, `ids.text_key`), `ids.NONE` (-1)
where the record names nobody. A key that occurs in no record frame is a record we cannot see.
Times are `datetime64[us, UTC]`, NaT where unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model.errors import ContractBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

TIME = "datetime64[us, UTC]"

ACCOUNTS: Mapping[str, str] = {
    "key": "int64",
    "created_at": TIME,
    "modified_at": TIME,
    "modified_by_us": "bool",
    "is_deleted": "bool",
    "master_key": "int64",  # survivor of a merge (R73)
    "is_person": "bool",  # person account (R11)
    "is_imported": "bool",  # in the import interval or list, or an import request is still open (R9, R9b)
    "is_requested": "bool",  # somebody asked for this very account by hand (sync_record)
    "company_key": "int64",  # company named by Accord_Key__c of this portal; NONE otherwise
    "domain_key": "int64",  # host of Website, for look-alike warnings only (R15)
    "name_key": "int64",  # folded name, for look-alike warnings only (R15)
}
"""One row per Salesforce account in staging, deleted ones included; key `key`."""

SALESFORCE_CONTACTS: Mapping[str, str] = {
    "key": "int64",
    "account_key": "int64",  # NONE: a private contact
    "email_key": "int64",  # of the trimmed, lower-cased e-mail (R85)
    "is_deleted": "bool",
}
"""One row per Salesforce contact in staging, deleted ones included; key `key`."""

SALESFORCE_LEADS: Mapping[str, str] = {
    "key": "int64",
    "email_key": "int64",
    "is_deleted": "bool",
    "is_converted": "bool",
    "contact_key": "int64",  # ConvertedContactId (R88)
}
"""One row per Salesforce lead in staging, deleted ones included; key `key`."""

COMPANIES: Mapping[str, str] = {
    "key": "int64",
    "created_at": TIME,  # NaT counts as new (R43)
    "is_archived": "bool",
    "account_key": "int64",  # account named by salesforceaccountid, else by accord_key of this org (R21)
    "is_auto_created": "bool",  # by HubSpot's create-and-associate setting (R31, U13)
    "is_requested": "bool",  # on the manual list (R46)
    "domain_key": "int64",
    "name_key": "int64",
    "stage": "str",  # lifecyclestage, "" where empty
}
"""One row per HubSpot company in staging, archived ones included; key `key`."""

COMPANY_MERGES: Mapping[str, str] = {"company_key": "int64", "merged_key": "int64"}
"""One row per id in a company's hs_merged_object_ids (R77)."""

HUBSPOT_CONTACTS: Mapping[str, str] = {
    "key": "int64",
    "email_key": "int64",
    "contact_key": "int64",  # stored Salesforce contact id
    "lead_key": "int64",  # stored Salesforce lead id
    "is_archived": "bool",
    "is_listed": "bool",  # on the inclusion list
    "stage_before": "str",  # lifecyclestage at the last run, "" where empty or never seen
    "stage": "str",
    "has_baseline": "bool",  # False: its stage is no change: first seen (R60), or it followed a write of ours
}
"""One row per HubSpot contact in staging, archived ones included; key `key`."""

CONTACT_MERGES: Mapping[str, str] = {"contact_key": "int64", "merged_key": "int64"}
"""One row per id in a HubSpot contact's merged ids (R80)."""

ASSOCIATIONS: Mapping[str, str] = {"contact_key": "int64", "company_key": "int64", "is_primary": "bool"}
"""One row per HubSpot contact and company (may repeat per label, R91)."""

PAIRS: Mapping[str, str] = {
    "account_key": "int64",
    "company_key": "int64",
    "is_active": "bool",
    "company_made_at": TIME,  # when Accord made the company for the account; NaT: it was there (R105)
}
"""One row per pair of Accord's own table; inactive ones are remembered as broken (R75, R79)."""

RESOLUTIONS: Mapping[str, str] = {"account_key": "int64", "company_key": "int64", "choice": "str"}
"""One row per answered review: `pair`, `apart` (never this pair) or `create`; a side may be NONE.

A question on a company asked for by hand that is still open (R47) has its reason in the place of an answer.
"""

UNDONE: Mapping[str, str] = {"account_key": "int64", "company_key": "int64"}
"""One row per pair that a revert parted and that nobody answered a review about since (R104)."""

STANDING: Mapping[str, str] = {
    "account_key": "int64",
    "company_key": "int64",
    "origin": "str",  # known (paired before), linked (paired by this plan), moved (its company was merged, R77)
    "is_asked": "bool",  # imported or asked for by hand: fields are carried although nothing changed (R48, R51, R68)
}
"""One row per pair that stands at the end of the plan, sorted by account; without those that a person must settle."""

FIELD_VALUES: Mapping[str, str] = {
    "account_key": "int64",
    "company_key": "int64",
    "name": "str",  # name of the field rule
    "rule": "str",  # prefer_salesforce, always_salesforce, two_way, dont_sync
    "salesforce": "str",  # value now, missing where blank; all four in the form that both sides have in common
    "hubspot": "str",
    "base_salesforce": "str",  # value after the last run, missing where it was blank or the pair is new
    "base_hubspot": "str",
    "salesforce_at": TIME,  # when that side changed
    "hubspot_at": TIME,
    "is_asked": "bool",  # as in STANDING
    "is_formula": "bool",  # Salesforce computes it: alone it is no trigger (R70)
    "repeats_to_hubspot": "int64",  # how often this value was already written over that one (I11)
    "repeats_to_salesforce": "int64",
}
"""One row per mapped field of a standing pair whose values differ from each other or from what they were (R62-R70)."""

DECISIONS: Mapping[str, str] = {
    "system": "str",  # salesforce (key is an account) or hubspot (key is a company)
    "key": "int64",
    "action": "str",  # LINK CREATE_COMPANY CREATE_ACCOUNT UPDATE RELINK SKIP WAIT REVIEW HOLD SET_STAGE
    "reason": "str",
    "rule": "str",  # the deciding rule, such as R14
    "partner_key": "int64",  # the record on the other side, NONE where there is none
    "runner_up_key": "int64",  # strongest other company (R17)
    "taken_by_key": "int64",  # account that already has the company (R16)
    "rival_key": "int64",  # account outside the scope (R19b)
    "waiting_for_key": "int64",  # account that a company waits for (R44)
    "because_key": "int64",  # HubSpot contact whose stage moved (R53)
    "attach_to_key": "int64",  # reserved for the account of attached people; NONE while it is still to be created
    "value": "str",  # the stage of SET_STAGE, else ""
    "evidence": "str",  # id, email or ""
    "shared_people": "int64",
    "shared_primaries": "int64",
    "held_action": "str",  # what a HOLD holds: CREATE_COMPANY or CREATE_ACCOUNT, else ""
    "held_reason": "str",  # the reason it would have had, else ""
    "warnings": "str",  # space-separated, sorted: same_domain_exists was_deleted ...
}
"""One row per decided record, sorted by (system, key, action); SET_STAGE rows come beside a company's own row."""

PEOPLE: Mapping[str, str] = {
    "system": "str",  # the decision's target, as in DECISIONS
    "key": "int64",
    "role": "str",  # evidence, attach (R41), associate (R13b), stage (R52: whose change asks for it)
    "salesforce_contact_key": "int64",
    "hubspot_contact_key": "int64",
    "kind": "str",  # id or email: how the person is paired
    "is_primary": "bool",  # the company is the person's primary one
}
"""One row per person behind a decision, sorted by all columns."""

FIELD_DECISIONS: Mapping[str, str] = {
    "account_key": "int64",
    "company_key": "int64",
    "name": "str",
    "side": "str",  # salesforce or hubspot: which CRM is written
    "value": "str",  # missing clears
    "before": "str",  # what that side has now; missing: blank
    "rule": "str",
    "warnings": "str",  # both_changed, both_changed_at_once
    "held": "str",  # why it is not written after all; "" where it is
}
"""One row per SET_FIELD, sorted by (account_key, company_key, name)."""

STAGES_LEFT: Mapping[str, str] = {
    "company_key": "int64",
    "contact_key": "int64",
    "stage": "str",  # of the contact
    "company_stage": "str",  # "" where empty
}
"""One row per changed person and company where the stage of one of them has no rank (R58), sorted by both keys."""


def empty(contract: Mapping[str, str]) -> pd.DataFrame:
    """Return a frame without rows that has every column of the contract."""
    return pd.DataFrame({name: pd.Series([], dtype=dtype) for name, dtype in contract.items()})


def conform(frame: pd.DataFrame, contract: Mapping[str, str], what: str) -> pd.DataFrame:
    """Return the frame with exactly the contract's columns, in its order and dtypes.

    Raises:
        ContractBroken: a column is missing or its values do not fit; the message names `what` and the column.
    """
    missing = [name for name in contract if name not in frame]
    if missing:
        raise ContractBroken(f"{what}: the columns {', '.join(missing)} are missing")
    try:
        return pd.DataFrame({name: frame[name].astype(dtype) for name, dtype in contract.items()}).reset_index(
            drop=True
        )
    except (TypeError, ValueError, pd.errors.ParserError) as problem:
        raise ContractBroken(f"{what}: {problem}") from problem


def isin_sorted(values: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return for each value whether it occurs in keys, by one sort of keys and a binary search."""
    ordered = np.unique(keys)
    if not len(ordered):
        return np.zeros(len(values), dtype=bool)
    place = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    return np.asarray(ordered[place] == values)
