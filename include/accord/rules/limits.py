"""Blast radius: when all creations of a plan are held until a person approves (R96, R97)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import counted, marked
from accord.rules.verdicts import CAP_REASON, CREATIONS

if TYPE_CHECKING:
    import pandas as pd

    from accord.rules.arrays import Ints
    from accord.rules.case import Case
    from accord.rules.lifecycle import StageMoves
    from accord.rules.sheet import Sheet


def tripped_limit(case: Case, accounts: Sheet, companies: Sheet, moves: StageMoves, fields: pd.DataFrame) -> str:
    """Return the rule of the limit that holds all creations, "" if none does; manual creations count as well."""
    creations = int(accounts.has(*CREATIONS).sum() + companies.has(*CREATIONS).sum())
    if creations > case.policy.max_creates:
        return "R96"
    if creations and case.policy.max_changed_share < 1 and _changes_too_much(case, accounts, companies, moves, fields):
        return "R97"
    return ""


def hold_creations(decisions: pd.DataFrame, limit: str) -> pd.DataFrame:
    """Return the decisions with all creations held by the rule of a limit; what they were stays on record (R96)."""
    created = decisions["action"].isin(CREATIONS)
    return decisions.assign(
        action=decisions["action"].mask(created, "HOLD"),
        reason=decisions["reason"].mask(created, CAP_REASON),
        rule=decisions["rule"].mask(created, limit),
        held_action=decisions["action"].where(created, ""),
        held_reason=decisions["reason"].where(created, ""),
    )


def _changes_too_much(case: Case, accounts: Sheet, companies: Sheet, moves: StageMoves, fields: pd.DataFrame) -> bool:
    """Return whether the plan writes more than the allowed share of the live records of a CRM (R97).

    A pairing writes its key on both sides; a creation writes a record on the other side.
    """
    records = case.records
    paired = accounts.has("LINK", "RELINK")
    partner = accounts.named["partner_key"][paired]
    in_salesforce = paired | _written(fields, "salesforce", "account_key", records.accounts.key)
    in_hubspot = marked(np.concatenate([partner, moves.company]), len(records.companies.key))
    in_hubspot |= _written(fields, "hubspot", "company_key", records.companies.key)
    # The partner of a created record gets the new record's key, so it is written, too.
    salesforce = int((in_salesforce | accounts.has(*CREATIONS)).sum() + companies.has(*CREATIONS).sum())
    hubspot = int((in_hubspot | companies.has(*CREATIONS)).sum() + accounts.has(*CREATIONS).sum())
    share = case.policy.max_changed_share
    return bool(
        salesforce > share * records.accounts.is_live.sum() or hubspot > share * records.companies.is_live.sum()
    )


def _written(fields: pd.DataFrame, side: str, column: str, keys: Ints) -> np.ndarray:
    """Return the records of a side that a field decision writes."""
    written = fields.loc[(fields["side"] == side) & (fields["held"] == ""), column].to_numpy(dtype=np.int64)
    return counted(np.searchsorted(keys, written), len(keys)) > 0
