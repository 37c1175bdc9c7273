"""The line that says what a run did."""

from __future__ import annotations

import pytest

from accord.model.scope import Run, Scope
from accord.steps.report import note_of

SYNC, REVERT = Scope("changed"), Scope("revert", undone_run="sync/1")


@pytest.mark.parametrize(
    ("scope", "mode", "counts", "note"),
    [
        (SYNC, "apply", {}, "Nothing to do"),
        (SYNC, "apply", {"created_accounts": 1}, "1 account created"),
        (SYNC, "apply", {"linked": 1, "created_companies": 1200}, "1 paired, 1,200 companies created"),
        (SYNC, "apply", {"attached": 1, "held_writes": 1}, "1 person attached, 1 write held"),
        (SYNC, "plan", {"hold": 2}, "Planned only: 2 held"),
        (REVERT, "plan", {"undone": 3, "left": 1}, "Planned only: 3 writes would be undone, 1 left as it is"),
        (REVERT, "plan", {"undone": 0, "left": 0}, "Planned only: nothing to do"),
        (REVERT, "apply", {"undone": 3, "pairs_parted": 2}, "2 pairs parted"),
    ],
)
def test_a_note_counts_in_words(scope, mode, counts, note):
    assert note_of(Run("r/1", scope, mode), counts) == note
