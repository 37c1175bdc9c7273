"""Lifecycle stages that move from people to their primary company (R52-R61)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.rules.arrays import Ints, filled, strongest

if TYPE_CHECKING:
    import numpy.typing as npt

    from accord.rules.case import Case

_UNRANKED = -1


@dataclass(frozen=True)
class StageMoves:
    """One row per company that gets a stage, and the person whose change asks for it; positions."""

    company: Ints
    person: Ints


def stage_moves(case: Case) -> StageMoves:
    """Return the companies whose people moved further than they are, furthest person first, then smallest key (R53).

    Only changes count (R55), only of people whose primary company it is (R57), only to a ranked stage (R58), only
    forward (R54); a company without stage takes any (R59), one with an unranked stage keeps it. The first run only
    records (R60). Companies in a dispute over their identity are left alone (R23, R78); others flow in any state.
    """
    seats, persons, companies = case.records.seats, case.records.persons, case.records.companies
    if not case.policy.stage_baseline_exists:
        return StageMoves(filled(0), filled(0))
    moving = seats.is_primary & persons.has_moved[seats.person]
    moving &= ~(case.identity.disputed | case.identity.twin)[seats.company]
    company, person = seats.company[moving], seats.person[moving]
    rank = _ranks(persons.stage[person], case.policy.stage_order)
    ranked = rank != _UNRANKED
    company, person, rank = company[ranked], person[ranked], rank[ranked]
    furthest = strongest(company, rank, person, len(companies.key))
    target = np.flatnonzero(furthest >= 0)
    before = companies.stage[target]
    before_rank = _ranks(before, case.policy.stage_order)
    after_rank = _ranks(persons.stage[furthest[target]], case.policy.stage_order)
    forward = np.where(before == "", True, (before_rank != _UNRANKED) & (after_rank > before_rank))
    return StageMoves(target[forward], furthest[target[forward]])


def _ranks(stages: npt.NDArray[np.object_], order: tuple[str, ...]) -> Ints:
    """Return the place of each stage in the configured order, _UNRANKED for `other` and unknown ones (R58, R61)."""
    return np.asarray(pd.Index(list(order), dtype=object).get_indexer(pd.Index(stages, dtype=object)), dtype=np.int64)
