"""The decisions on all records of one CRM, kept as columns by position: a record can have one and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from accord.rules.arrays import Bools, Ints, filled

if TYPE_CHECKING:
    from accord.rules.verdicts import Verdict

NO_EVIDENCE, BY_ID, BY_EMAIL = 0, 1, 2
EVIDENCE = ("", "id", "email")

_UNDECIDED, _SILENT = -1, -2


class Sheet:
    """What is decided on each record; the first decision that fits a record stays.

    Attributes:
        code: index into `verdicts` by position, negative where the record has no row.
        verdicts: every verdict that was asked for, in order.
        named: positions that a key column of DECISIONS names, by column and position.
        people: people in common with the partner, by position.
        primaries: those for whom the company is the primary one, by position.
        evidence: NO_EVIDENCE, BY_ID or BY_EMAIL by position (R24).
        warnings: what is remarkable about a decision, by warning.
    """

    def __init__(self, size: int) -> None:
        self.code: Ints = filled(size, _UNDECIDED)
        self.verdicts: list[Verdict] = []
        self.named: dict[str, Ints] = {}
        self.people: Ints = filled(size, 0)
        self.primaries: Ints = filled(size, 0)
        self.evidence: Ints = filled(size, NO_EVIDENCE)
        self.warnings: dict[str, Bools] = {}

    def decide(self, mask: Bools, verdict: Verdict, **named: Ints) -> None:
        """Decide the records of the mask that are undecided; `named` says which records a decision names."""
        fresh = np.flatnonzero(mask & (self.code == _UNDECIDED))
        self.code[fresh] = len(self.verdicts)
        self.verdicts.append(verdict)
        for column, places in named.items():
            self._column(column)[fresh] = places[fresh]

    def pass_over(self, mask: Bools) -> None:
        """Leave the undecided records of the mask without a row: nothing changed, or another row speaks for them."""
        self.code[mask & (self.code == _UNDECIDED)] = _SILENT

    def has(self, *actions: str) -> Bools:
        """Return the records decided with one of these actions."""
        wanted = np.array([verdict.action in actions for verdict in self.verdicts], dtype=bool)
        return self._lookup(wanted)

    def said(self, *verdicts: Verdict) -> Bools:
        """Return the records decided with one of these verdicts."""
        return self._lookup(np.array([verdict in verdicts for verdict in self.verdicts], dtype=bool))

    def warn(self, warning: str, mask: Bools) -> None:
        """Remark something about the decided records of the mask."""
        self.warnings[warning] = mask & (self.code >= 0)

    def _column(self, column: str) -> Ints:
        """Return the named records of a column, NOWHERE where a decision names none."""
        return self.named.setdefault(column, filled(len(self.code)))

    def _lookup(self, wanted: Bools) -> Bools:
        """Return the records whose verdict is wanted."""
        return np.asarray(np.append(wanted, [False, False])[self.code], dtype=bool)
