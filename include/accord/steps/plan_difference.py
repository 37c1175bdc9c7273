"""What two plans over the same records decide differently. Pure: plans in, frames out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from accord.model.ids import NONE

if TYPE_CHECKING:
    from accord.model.snapshot import Plan

_WHAT = ["system", "key", "what"]
_SAYS = ["said", "partner_key", "moved"]


@dataclass(frozen=True)
class PlanDifference:
    """Two plans side by side.

    Attributes:
        counts: one row per action and reason of either plan: `action`, `reason`, `before`, `after`.
        changes: one row per thing that is decided differently: `system`, `key`, `what` (`` of the record itself,
            `stage`, or a mapped field), and of each side `said`, `reason` and `partner_key`, ending `_before` and
            `_after`; "" and NONE where a side says nothing of it.
    """

    counts: pd.DataFrame
    changes: pd.DataFrame


def compare_plans(before: Plan, after: Plan) -> PlanDifference:
    """Return what the second plan decides differently from the first: records, stages, fields, and who is moved."""
    sides = _things(before), _things(after)
    merged = sides[0].merge(sides[1], on=_WHAT, how="outer", suffixes=("_before", "_after"), validate="1:1")
    for side in ("before", "after"):
        for name, blank in (("said", ""), ("action", ""), ("reason", ""), ("partner_key", NONE), ("moved", 0)):
            merged[f"{name}_{side}"] = merged[f"{name}_{side}"].fillna(blank)
    is_other = pd.Series(False, index=merged.index)
    for name in _SAYS:
        is_other |= merged[f"{name}_before"] != merged[f"{name}_after"]
    order = ["action_before", "reason_before", "action_after", "reason_after", "said_before", "said_after", *_WHAT]
    changes = (
        merged[is_other]
        .sort_values(order, kind="stable")
        .astype({"partner_key_before": "int64", "partner_key_after": "int64"})
    )
    return PlanDifference(_counts(*sides), changes.reset_index(drop=True))


def _counts(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return how many records each action and reason has in either plan."""
    by = ["action", "reason"]
    counted = [side.groupby(by).size().rename(name) for side, name in ((before, "before"), (after, "after"))]
    return pd.concat(counted, axis=1).fillna(0).astype("int64").sort_index().reset_index(names=by)


def _things(plan: Plan) -> pd.DataFrame:
    """Return one row per thing that a plan decides, with all it says of it in one text."""
    return pd.concat([_records(plan), _fields(plan.fields)], ignore_index=True)


def _records(plan: Plan) -> pd.DataFrame:
    """Return the decided records, and beside them the stages that move."""
    rows = plan.decisions.merge(_moved(plan.people), on=["system", "key"], how="left", validate="m:1")
    is_stage = rows["action"] == "SET_STAGE"
    held = (" (" + rows["held_action"] + " " + rows["held_reason"] + ")").where(rows["held_action"] != "", "")
    said = rows["action"] + " " + rows["reason"] + held + rows["moves"].fillna("")
    return pd.DataFrame(
        {
            "system": rows["system"],
            "key": rows["key"],
            "what": pd.Series("", index=rows.index, dtype="str").mask(is_stage, "stage"),
            "action": rows["action"],
            "reason": rows["reason"],
            "said": said.mask(is_stage, "SET_STAGE " + rows["value"]),
            "partner_key": rows["partner_key"],
            # A company has its people in its own row, whether a stage moves beside it or not.
            "moved": rows["moved"].fillna(0).astype("int64").mask(is_stage, 0),
        }
    )


def _moved(people: pd.DataFrame) -> pd.DataFrame:
    """Return per decision how many people it attaches and associates, and a number that differs where they do."""
    moved = people[people["role"].isin(["attach", "associate"])]
    mark = moved["salesforce_contact_key"].where(moved["role"] == "attach", -moved["hubspot_contact_key"])
    by = moved.assign(mark=mark).groupby(["system", "key", "role"])["mark"].agg(["size", "sum"]).reset_index()
    by["moves"] = ", " + by["role"] + " " + by["size"].astype("str")
    return by.groupby(["system", "key"]).agg(moves=("moves", "sum"), moved=("sum", "sum")).reset_index()


def _fields(fields: pd.DataFrame) -> pd.DataFrame:
    """Return the mapped fields that are written, each a thing of its account."""
    value = fields["value"].astype("object").where(fields["value"].notna(), "(cleared)").astype("str")
    written = "SET_FIELD in " + fields["side"] + ": " + value
    return pd.DataFrame(
        {
            "system": pd.Series("salesforce", index=fields.index, dtype="str"),
            "key": fields["account_key"],
            "what": fields["name"],
            "action": pd.Series("SET_FIELD", index=fields.index, dtype="str"),
            "reason": fields["rule"],
            "said": written.where(fields["held"] == "", "SET_FIELD held: " + fields["held"]),
            "partner_key": fields["company_key"],
            "moved": pd.Series(0, index=fields.index, dtype="int64"),
        }
    )
