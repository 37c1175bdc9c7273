"""All worlds of the tests as a single one: one plan tells which tests a mutant has to fear, and they go first."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord import rules
from accord.model.ids import NONE
from accord.model.snapshot import Snapshot
from accord.rules import plan

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from accord.model.policy import Policy
    from accord.model.snapshot import Plan

_APART = 2**36
"""What keeps the keys of two worlds apart; those of one world stay in their order."""
_NO_LIMIT = {"max_creates": 10**9, "max_changed_share": 1.0}


@dataclass
class Batch:
    """What each test runs of the rules, by its number, and the worlds it has decided.

    Attributes:
        runs: names `module.function` that a test gets to.
        decided: the worlds and policies that a test gives to `decide`.
    """

    runs: dict[int, set[str]] = field(default_factory=dict)
    decided: dict[int, list[tuple[Snapshot, Policy]]] = field(default_factory=dict)
    _joined: list[tuple[Snapshot, Policy, pd.Series, Plan]] = field(default_factory=list)

    @contextmanager
    def watching(self, test: int) -> Iterator[None]:
        """Note what a test runs, in threads as well."""
        runs, decided = self.runs.setdefault(test, set()), self.decided.setdefault(test, [])

        def note(frame: FrameType, event: str, _: object) -> None:
            module = frame.f_globals.get("__name__", "")
            if event == "call" and module.startswith("accord.rules."):
                runs.add(f"{module.removeprefix('accord.rules.')}.{frame.f_code.co_qualname.partition('.<')[0]}")
                if frame.f_code is plan.decide.__code__:
                    decided.append((frame.f_locals["snapshot"], frame.f_locals["policy"]))

        threading.setprofile(note)
        sys.setprofile(note)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)

    def join(self) -> None:
        """Make one world of all that were decided under the same policy, limits apart, and decide it."""
        groups: dict[Policy, list[tuple[int, Snapshot]]] = {}
        for test, worlds in self.decided.items():
            for snapshot, policy in worlds:
                groups.setdefault(replace(policy, **_NO_LIMIT), []).append((test, snapshot))
        # Most worlds first: what changes anything is mostly seen in them.
        for policy, members in sorted(groups.items(), key=lambda group: -len(group[1])):
            snapshot, owner = _together(members)
            self._joined.append((snapshot, policy, owner, rules.decide(snapshot, policy)))

    def suspects(self) -> Iterator[list[int]]:
        """Yield, policy by policy, the tests whose worlds are decided otherwise than when they were joined."""
        for snapshot, policy, owner, before in self._joined:
            yield _differing(before, rules.decide(snapshot, policy), owner)


def _together(members: list[tuple[int, Snapshot]]) -> tuple[Snapshot, pd.Series]:
    """Return one snapshot of several, and the test of each key in it."""
    frames: dict[str, pd.DataFrame] = {}
    tests: dict[int, int] = {}
    for it in fields(Snapshot):
        parts = []
        for number, (test, snapshot) in enumerate(members, start=1):
            part = getattr(snapshot, it.name).copy()
            for name in [column for column in part.columns if column == "key" or column.endswith("_key")]:
                key = part[name].to_numpy(dtype=np.int64)
                part[name] = np.where(key == NONE, NONE, key + number * _APART)
            tests.update(dict.fromkeys(part["key"], test) if it.name in {"accounts", "companies"} else {})
            parts.append(part)
        filled = [part for part in parts if len(part)] or parts[:1]
        frames[it.name] = pd.concat(filled, ignore_index=True)
    return Snapshot.of(**frames), pd.Series(tests, dtype="int64")


def _differing(before: Plan, after: Plan, owner: pd.Series) -> list[int]:
    """Return the tests that own a row which only one of two plans has."""
    tests: list[int] = []
    for name, key in (("decisions", "key"), ("people", "key"), ("fields", "account_key")):
        one, other = getattr(before, name), getattr(after, name)
        if not one.equals(other):
            keys = pd.concat([one, other]).drop_duplicates(keep=False)[key]
            tests += [int(test) for test in owner.reindex(keys).dropna().unique()]
    return list(dict.fromkeys(tests))
