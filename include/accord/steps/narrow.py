"""The part of a plan that one run keeps: what is in its scope, and of that what is new or to be written.

Pure: frames in, frames out. The rules always see everything, so a smaller scope never decides differently (R19b); it
only does less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.model.columns import isin_sorted
from accord.model.snapshot import Plan

if TYPE_CHECKING:
    import pandas as pd

WRITES = ("LINK", "CREATE_COMPANY", "CREATE_ACCOUNT", "RELINK", "SET_STAGE", "HOLD")
"""Actions that change a CRM or Accord's own pairs, or would once a person approves."""

SAYS = ["action", "reason", "rule", "partner_key", "evidence", "held_action", "value", "warnings"]
"""What makes a decision another one than the last time."""


def to_records(plan: Plan, system: str, keys: np.ndarray) -> Plan:
    """Return the decisions about these records and the pairs they take part in."""
    own = plan.decisions.system.eq(system).to_numpy() & isin_sorted(plan.decisions.key.to_numpy(), keys)
    other = plan.decisions.system.ne(system).to_numpy() & isin_sorted(plan.decisions.partner_key.to_numpy(), keys)
    side = "account_key" if system == "salesforce" else "company_key"
    return _keep(plan, own | other, isin_sorted(plan.fields[side].to_numpy(), keys))


def standing_in(standing: pd.DataFrame, scope: tuple[str, np.ndarray] | None) -> pd.DataFrame:
    """Return the standing pairs that a run may act on; all of them without a scope."""
    if scope is None:
        return standing
    system, keys = scope
    column = "account_key" if system == "salesforce" else "company_key"
    return standing[isin_sorted(standing[column].to_numpy(), keys)].reset_index(drop=True)


def to_news(plan: Plan, latest: pd.DataFrame) -> Plan:
    """Return the decisions that write, and those that differ from the latest one stored for their record.

    Args:
        plan: the whole plan.
        latest: one row per record with its last stored decision: system, key and SAYS.
    """
    known = latest[["system", "key", *SAYS]].drop_duplicates(["system", "key"])
    merged = plan.decisions.merge(known, on=["system", "key"], how="left", suffixes=("", "_was"), validate="m:1")
    same = np.ones(len(merged), dtype=bool)
    for column in SAYS:
        same &= (merged[column] == merged[f"{column}_was"]).to_numpy(dtype=bool, na_value=False)
    return _keep(plan, plan.decisions.action.isin(WRITES).to_numpy() | ~same, np.ones(len(plan.fields), dtype=bool))


def _keep(plan: Plan, decisions: np.ndarray, fields: np.ndarray) -> Plan:
    """Return the plan with the chosen decisions, the people behind them, and the chosen field rows."""
    kept = plan.decisions[decisions].reset_index(drop=True)
    behind = plan.people[["system", "key"]].merge(
        kept[["system", "key"]].drop_duplicates(), on=["system", "key"], how="left", indicator=True, validate="m:1"
    )
    people = plan.people[(behind["_merge"] == "both").to_numpy()].reset_index(drop=True)
    return Plan(decisions=kept, people=people, fields=plan.fields[fields].reset_index(drop=True))
