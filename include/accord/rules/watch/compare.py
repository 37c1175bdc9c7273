"""What the native integration paired and made, compared with what the rules say of the same people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord.rules.arrays import Ints, at, marked
from accord.rules.watch.doubts import contested, mistakes
from accord.rules.watch.found import findings_frame, told_of
from accord.rules.watch.orphans import orphans
from accord.rules.watch.twins import twins
from accord.rules.watch.view import View, look

if TYPE_CHECKING:
    import pandas as pd

    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot


@dataclass(frozen=True)
class Watched:
    """What a comparison came to.

    Attributes:
        findings: FINDINGS.
        pairs: live companies that store the id of a live account; the sum of the four below.
        agree: of them, those that the rules would pair likewise.
        doubted: those that a finding is about.
        unproved: those for and against which no people speak.
        left_alone: those of person accounts (R11).
        would_pair: accounts without company to which the rules would give a company that is nobody's yet.
    """

    findings: pd.DataFrame
    pairs: int
    agree: int
    doubted: int
    unproved: int
    left_alone: int
    would_pair: int


def compare(snapshot: Snapshot, native: pd.DataFrame, policy: Policy) -> Watched:
    """Return every finding on both CRMs as they are; the same whatever the order of the rows (R27).

    The rules are asked as if nobody were paired yet and every account took part. Nothing that is given is modified.

    Args:
        snapshot: both CRMs and Accord's memory.
        native: NATIVE, what the native integration says.
        policy: how many people a match needs, and what to do with ties.
    """
    view = look(snapshot, native, policy)
    doubles = twins(view)
    rivals = contested(view, doubles)
    parts = [*doubles, *orphans(view), *rivals, *mistakes(view, rivals)]
    pairs, chosen = view.pairs, view.case.company_of
    left_alone = pairs.is_person
    agree = ~left_alone & (chosen[pairs.account] == pairs.company)
    about = told_of(parts, len(view.stores))[pairs.company]
    doubted = ~left_alone & ~agree & about
    return Watched(
        findings=findings_frame(view, parts),
        pairs=len(pairs.company),
        agree=int(agree.sum()),
        doubted=int(doubted.sum()),
        unproved=int((~left_alone & ~agree & ~about).sum()),
        left_alone=int(left_alone.sum()),
        would_pair=_would_pair(view, chosen),
    )


def _would_pair(view: View, chosen: Ints) -> int:
    """Return how many pairs the rules would add to those there are."""
    has_company = marked(view.standing[0], len(chosen))
    return int((~has_company & ~at(view.is_taken, chosen, True)).sum())
