"""Which side of a mapped field is written with what (R62-R67)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model import columns
from accord.rules.arrays import Bools, at
from accord.rules.records import find_accounts

if TYPE_CHECKING:
    import numpy.typing as npt

    from accord.rules.case import Case

    Values = npt.NDArray[np.object_]


def decide_fields(values: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return one FIELD_DECISIONS row per value to write, for pairs that stand at the end of the plan.

    Pairs in a dispute over their identity are not updated (R23, R78).
    """
    account = find_accounts(case.records.accounts, values["account_key"].to_numpy(dtype=np.int64))
    company = case.records.companies.find(values["company_key"].to_numpy(dtype=np.int64))
    stands = (account >= 0) & (company >= 0) & (at(case.company_of, account, -1) == company)
    values, account, company = values[stands], account[stands], company[stands]
    salesforce, hubspot, base = (_with_none(values[name]) for name in ("salesforce", "hubspot", "base"))
    to_hubspot, to_salesforce, tied = _directions(values, salesforce, hubspot, base)
    written = to_hubspot | to_salesforce
    rows = pd.DataFrame(
        {
            "account_key": case.records.accounts.key[account],
            "company_key": case.records.companies.key[company],
            "name": values["name"].to_numpy(dtype=object),
            "side": np.where(to_hubspot, "hubspot", "salesforce"),
            "value": pd.Series(np.where(to_hubspot, salesforce, hubspot), dtype=object),
            "rule": _rules(values, salesforce, base),
            "warnings": np.where(tied, "both_changed_at_once", ""),
        }
    )[written]
    rows = rows.sort_values(["account_key", "company_key", "name"], kind="stable")
    return columns.conform(rows, columns.FIELD_DECISIONS, "field decisions")


def _directions(values: pd.DataFrame, salesforce: Values, hubspot: Values, base: Values) -> tuple[Bools, Bools, Bools]:
    """Return which values go to HubSpot, which to Salesforce, and where equal times decided (U11).

    * prefer_salesforce: Salesforce while it has a value (R62); its deletion goes over unless HubSpot changed, too
      (R64); where it never had one, HubSpot fills it (R63).
    * always_salesforce: the same, but Salesforce is never written (R65) and its deletion always goes over (R64).
    * two_way: the later change, a deletion being one; equal or unknown times: Salesforce (R66).
    * dont_sync: nothing (R67).
    """
    rule = values["rule"].to_numpy(dtype=object)
    differ = ~_equal(salesforce, hubspot)
    changed_here, changed_there = ~_equal(salesforce, base), ~_equal(hubspot, base)
    has_value, had_value = ~_blank(salesforce), ~_blank(base)
    prefer, always, two_way = (rule == name for name in ("prefer_salesforce", "always_salesforce", "two_way"))
    hubspot_later = (values["hubspot_at"] > values["salesforce_at"]).to_numpy(dtype=bool)
    hubspot_wins = changed_there & (~changed_here | hubspot_later)
    deleted = ~has_value & had_value
    to_hubspot = differ & (
        (prefer & (has_value | (deleted & ~changed_there)))
        | (always & (has_value | deleted))
        | (two_way & ~hubspot_wins)
    )
    to_salesforce = differ & ~to_hubspot & (prefer | two_way)
    same_time = (values["hubspot_at"] == values["salesforce_at"]).to_numpy(dtype=bool)
    return to_hubspot, to_salesforce, differ & two_way & changed_here & changed_there & same_time


def _rules(values: pd.DataFrame, salesforce: Values, base: Values) -> Values:
    """Return the rule that carries each field's decision."""
    rule = values["rule"].to_numpy(dtype=object)
    blank, was_blank = _blank(salesforce), _blank(base)
    prefer = np.where(~blank, "R62", np.where(was_blank, "R63", "R64"))
    always = np.where(blank, "R64", "R65")
    one_way = np.where(rule == "always_salesforce", always, prefer)
    return np.asarray(np.where(rule == "two_way", "R66", one_way), dtype=object)


def _with_none(values: pd.Series) -> Values:
    """Return the values with None for everything blank: missing, not a number, or an empty text."""
    plain: Values = values.to_numpy(dtype=object).copy()
    plain[values.isna().to_numpy(dtype=bool) | (plain == "")] = None
    return plain


def _blank(values: Values) -> Bools:
    """Return which values are blank."""
    return np.asarray(pd.isna(values), dtype=bool)


def _equal(left: Values, right: Values) -> Bools:
    """Return which values agree; two blanks do."""
    return np.asarray(left == right, dtype=bool) | (_blank(left) & _blank(right))
