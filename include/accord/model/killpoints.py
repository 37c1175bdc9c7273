"""Named places where the process can be made to die as `kill -9` does; off unless `ACCORD_KILL=POINT:N` asks for one.

A crash between two lines is what the write protocol is about, so tests must be able to choose the two lines.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import Literal

KillPoint = Literal["K1", "K2", "K3", "K4", "K5", "K6", "K7", "K8", "K9", "K10", "K11", "K12"]

MEANING: dict[KillPoint, str] = {
    "K1": "after the plan is committed",
    "K2": "before a claim is committed",
    "K3": "after a claim, before the call",
    "K4": "in the middle of sending a request body",
    "K5": "after the request, before its answer",
    "K6": "after the answer, before it is settled",
    "K7": "inside the settling transaction",
    "K8": "after settling, before the task succeeds",
    "K9": "while recovery sends again",
    "K10": "after pages are staged, before that is committed or noted",
    "K11": "after the rows are committed, before anything else of the extract",
    "K12": "between two writes of a revert",
}

_passed: Counter[str] = Counter()


def passing(point: KillPoint) -> None:
    """Die here, without cleaning up, if this passing of this point was asked for."""
    wanted = os.environ.get("ACCORD_KILL")
    if not wanted:
        return
    _passed[point] += 1
    if wanted == f"{point}:{_passed[point]}":
        os._exit(137)
