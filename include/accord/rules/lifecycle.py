"""Lifecycle stages that move from people to their primary company (R52-R61)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model import columns
from accord.rules.arrays import Bools, Ints, filled, strongest

if TYPE_CHECKING:
    import numpy.typing as npt

    from accord.rules.case import Case

    Stages = npt.NDArray[np.object_]

OTHER = "other"
"""HubSpot's stage for what is none of the others: it has no rank, wherever the portal lists it (R58)."""
_UNRANKED = -1


@dataclass(frozen=True)
class StageMoves:
    """One row per company that gets a stage, and the person whose change asks for it; positions.

    Attributes:
        company: the company.
        person: the person who is furthest (R53).
        asking_company: one row per person who asks that company for a stage, the furthest and all others.
        asking_person: that person.
    """

    company: Ints
    person: Ints
    asking_company: Ints
    asking_person: Ints


def stage_moves(case: Case) -> StageMoves:
    """Return the companies whose people moved further than they are, furthest person first, then smallest key (R53).

    Only changes count (R55), only of people whose primary company it is (R57), only to a ranked stage (R58), only
    forward (R54); a company without stage takes any (R59), one with an unranked stage keeps it. The first run only
    records (R60). Companies in a dispute over their identity are left alone (R23, R78); others flow in any state.
    """
    persons, companies, order = case.records.persons, case.records.companies, case.policy.stage_order
    company, person = _changes(case)
    rank = _ranks(persons.stage[person], order)
    ranked = rank != _UNRANKED
    company, person, rank = company[ranked], person[ranked], rank[ranked]
    furthest = strongest(company, rank, person, len(companies.key))
    target = np.flatnonzero(furthest >= 0)
    target = target[is_forward(companies.stage[target], persons.stage[furthest[target]], order)]
    moves = np.isin(company, target)
    return StageMoves(target, furthest[target], company[moves], person[moves])


def stages_left(case: Case) -> pd.DataFrame:
    """Return STAGES_LEFT: the changes that move no company because a stage has no rank, theirs or its own (R58).

    A cleared stage is none of them: it asks for nothing (R56).
    """
    records, order = case.records, case.policy.stage_order
    company, person = _changes(case)
    here, there = records.companies.stage[company], records.persons.stage[person]
    left = (there != "") & ((_ranks(there, order) == _UNRANKED) | ((here != "") & (_ranks(here, order) == _UNRANKED)))
    rows = pd.DataFrame(
        {
            "company_key": records.companies.key[company[left]],
            "contact_key": records.persons.key[person[left]],
            "stage": there[left],
            "company_stage": here[left],
        }
    ).sort_values(["company_key", "contact_key"], kind="stable")
    return columns.conform(rows, columns.STAGES_LEFT, "stages left")


def is_forward(before: Stages, after: Stages, order: tuple[str, ...]) -> Bools:
    """Return which moves of a company lead further; from a stage without rank, or to one, none does (R54, R58, R59)."""
    before_rank, after_rank = _ranks(before, order), _ranks(after, order)
    ahead = (before == "") | ((before_rank != _UNRANKED) & (after_rank > before_rank))
    return np.asarray((after_rank != _UNRANKED) & ahead, dtype=bool)


def _changes(case: Case) -> tuple[Ints, Ints]:
    """Return company and person of every change that counts, whatever stage it leads to."""
    seats, persons = case.records.seats, case.records.persons
    if not case.policy.stage_baseline_exists:
        return filled(0), filled(0)
    moving = seats.is_primary & persons.has_moved[seats.person]
    moving &= ~(case.identity.disputed | case.identity.twin)[seats.company]
    rows = np.flatnonzero(moving)
    return seats.company[rows], seats.person[rows]


def _ranks(stages: Stages, order: tuple[str, ...]) -> Ints:
    """Return the place of each stage in the configured order, _UNRANKED for `other` and unknown ones (R58, R61)."""
    ranked = [stage for stage in order if stage != OTHER]
    return np.asarray(pd.Index(ranked, dtype=object).get_indexer(pd.Index(stages, dtype=object)), dtype=np.int64)
