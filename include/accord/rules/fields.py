"""Which side of a mapped field is written with what (R62-R70)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model import columns
from accord.rules.arrays import NOWHERE, Bools, at, marked, texts
from accord.rules.records import find_accounts

if TYPE_CHECKING:
    from accord.rules.arrays import Ints
    from accord.rules.case import Case

MOST_REPEATS = 2
"""How often one value is written over the same other one: a peer that puts it back a third time keeps it (I11)."""

_RULES = ["R62", "R63", "R64", "R65", "R66"]
_WARNINGS = ["", "both_changed", "both_changed_at_once"]
_HELD = ["", "rewritten_again"]


@dataclass(frozen=True)
class _Field:
    """What is known of each row of FIELD_VALUES; one bool a row.

    Attributes:
        prefer: Salesforce is preferred (R62).
        always: Salesforce always wins (R65).
        two_way: the later change wins (R66); where none of the three is true nothing is synced (R67).
        differ: the two sides do not agree.
        here: Salesforce changed since the last run.
        there: HubSpot changed since the last run.
        has: Salesforce has a value.
        had: Salesforce had a value.
    """

    prefer: Bools
    always: Bools
    two_way: Bools
    differ: Bools
    here: Bools
    there: Bools
    has: Bools
    had: Bools


def decide_fields(values: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return one FIELD_DECISIONS row per value to write, for pairs that stand at the end of the plan.

    Pairs in a dispute over their identity are not updated (R23, R78).
    """
    account = find_accounts(case.records.accounts, values["account_key"].to_numpy(dtype=np.int64))
    company = case.records.companies.find(values["company_key"].to_numpy(dtype=np.int64))
    stands = (company >= 0) & (at(case.company_of, account, NOWHERE) == company)
    if not stands.all():
        values, account, company = values[stands], account[stands], company[stands]
    known = _known(values, account)
    to_hubspot, goes_over = _directions(values, known)
    chosen = _in_order(values, account, np.flatnonzero(goes_over))
    over = to_hubspot[chosen]
    sides, shift = pd.concat([values["salesforce"], values["hubspot"]]).array, np.where(over, 0, len(values))
    rows = {
        "account_key": case.records.accounts.key[account[chosen]],
        "company_key": case.records.companies.key[company[chosen]],
        "name": values["name"].take(chosen).array,
        "side": texts(["salesforce", "hubspot"], over),
        "value": sides.take(chosen + shift),
        "before": sides.take(chosen + len(values) - shift),
        "rule": _rules(known)[chosen],
        "warnings": _warnings(values, known)[chosen],
        "held": _held(values, to_hubspot)[chosen],
    }
    coded = {"rule": _RULES, "warnings": _WARNINGS, "held": _HELD}
    rows |= {name: texts(words, rows[name]) for name, words in coded.items()}
    return pd.DataFrame(rows, columns=list(columns.FIELD_DECISIONS))


def _in_order(values: pd.DataFrame, account: Ints, rows: Ints) -> Ints:
    """Return the rows in order of account and name; an account has one company."""
    code, names = pd.factorize(values["name"], sort=True)
    return rows[np.argsort(account[rows] * max(len(names), 1) + code[rows])]


def _known(values: pd.DataFrame, account: Ints) -> _Field:
    """Return what changed; where fields are asked for and nothing did, both sides count as new (R48, R51, R68).

    A formula changes with the fields it is made of: it counts only where a mapped field of its account changed, too
    (R70).
    """
    salesforce, hubspot, was_salesforce, was_hubspot = (
        values[name] for name in ("salesforce", "hubspot", "base_salesforce", "base_hubspot")
    )
    differ = ~_same(salesforce, hubspot)
    here, there = ~_same(salesforce, was_salesforce), ~_same(hubspot, was_hubspot)
    formula = values["is_formula"].to_numpy(dtype=bool)
    if formula.any():
        here &= marked(account[here & ~formula], int(account.max()) + 1)[account]
    has, had = salesforce.notna().to_numpy(dtype=bool), was_salesforce.notna().to_numpy(dtype=bool)
    afresh = values["is_asked"].to_numpy(dtype=bool) & ~here & ~there
    code, rules = pd.factorize(values["rule"])
    prefer, always, two_way = (
        np.array([rule == name for rule in rules], dtype=bool)[code]
        for name in ("prefer_salesforce", "always_salesforce", "two_way")
    )
    return _Field(
        prefer=prefer,
        always=always,
        two_way=two_way,
        differ=differ,
        here=np.where(afresh, has, here),
        there=np.where(afresh, hubspot.notna().to_numpy(dtype=bool), there),
        has=has,
        had=had & ~afresh,
    )


def _directions(values: pd.DataFrame, known: _Field) -> tuple[Bools, Bools]:
    """Return which values go to HubSpot, and which go to either side.

    * prefer_salesforce: Salesforce while it has a value (R62); its deletion goes over unless HubSpot changed, too
      (R64); where it never had one, HubSpot fills it (R63).
    * always_salesforce: the same, but Salesforce is never written (R65) and its deletion always goes over (R64).
    * two_way: the later change, a deletion being one; equal or unknown times: Salesforce (R66, U11).
    * dont_sync: nothing (R67).

    What nobody changed stays as it is, although it differs (R68).
    """
    open_to = known.differ & (known.here | known.there)
    hubspot_later = (values["hubspot_at"] > values["salesforce_at"]).to_numpy(dtype=bool)
    hubspot_wins = known.there & (~known.here | hubspot_later)
    to_hubspot = open_to & (
        (known.prefer & (known.has | (known.had & ~known.there)))
        | (known.always & (known.has | known.had))
        | (known.two_way & ~hubspot_wins)
    )
    return to_hubspot, to_hubspot | (open_to & (known.prefer | known.two_way))


def _rules(known: _Field) -> Ints:
    """Return the rule that carries each field's decision, as an index into _RULES."""
    code = np.where(known.has, np.where(known.always, 3, 0), np.where(known.had, 2, 1))
    return np.where(known.two_way, 4, code)


def _warnings(values: pd.DataFrame, known: _Field) -> Ints:
    """Return where both sides changed, so that one of the two values is lost but for this plan (I9, U11)."""
    same_time = (values["hubspot_at"] == values["salesforce_at"]).to_numpy(dtype=bool)
    return np.where(known.here & known.there, np.where(known.two_way & same_time, 2, 1), 0)


def _held(values: pd.DataFrame, to_hubspot: Bools) -> Ints:
    """Return which writes a peer has undone so often that they are not sent once more (I11)."""
    repeats = np.where(to_hubspot, values["repeats_to_hubspot"], values["repeats_to_salesforce"])
    return np.asarray(repeats >= MOST_REPEATS, dtype=np.int64)


def _same(left: pd.Series, right: pd.Series) -> Bools:
    """Return which values agree; two blanks do."""
    equal = (left == right).to_numpy(dtype=bool)
    return np.asarray(equal | (left.isna() & right.isna()).to_numpy(dtype=bool), dtype=bool)
