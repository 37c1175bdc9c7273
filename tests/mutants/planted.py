"""Bugs that are planted one at a time in a copy of the project, and the test of the broken rule that notices."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from traceability.table import Trace

ROOT = Path(__file__).parents[2]
QUICK = ("tests/unit/rules", "tests/oracle", "tests/worlds/test_worlds_own.py")
"""Where a bug is looked for that the tests of its rule miss."""
_COPIED = ("include", "tests", "dags", "config", "pyproject.toml")
_PASSED, _FAILED = 0, 1


class Stale(Exception):
    """A bug cannot be planted: the code it breaks reads otherwise by now."""


@dataclass(frozen=True)
class Bug:
    """One entry of planted.yaml: `before` occurs once in the file and becomes `after`."""

    rule: str
    file: str
    before: str
    after: str
    harm: str


@dataclass(frozen=True)
class Verdict:
    """Which test failed because of a bug, "" where none did; `is_own`: one of those that are about the rule."""

    test: str
    is_own: bool


def read_bugs() -> list[Bug]:
    """Return the bugs in the order of the file."""
    raw = yaml.safe_load((ROOT / "tests" / "mutants" / "planted.yaml").read_text(encoding="utf-8"))
    return [Bug(it["rule"], f"include/accord/{it['file']}", it["from"], it["to"], it["harm"]) for it in raw]


def planted(bug: Bug, root: Path = ROOT) -> str:
    """Return the text of a bug's file with the bug in it.

    Raises:
        Stale: what it replaces does not occur exactly once.
    """
    source = (root / bug.file).read_text(encoding="utf-8")
    if source.count(bug.before) != 1:
        raise Stale(f"{bug.rule}: {bug.file} holds {source.count(bug.before)} times: {bug.before}")
    return source.replace(bug.before, bug.after)


def copy_project(to: Path) -> None:
    """Copy what the tests need; bugs are never planted in the working tree."""
    for name in _COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, to / name)


def judge(bug: Bug, copy: Path, trace: Trace) -> Verdict:
    """Return which test notices a bug in a copy of the project, which is as before afterwards.

    Raises:
        Stale: it cannot be planted.
        RuntimeError: the tests could not be run at all.
    """
    path = copy / bug.file
    good = path.read_text(encoding="utf-8")
    path.write_text(planted(bug, copy), encoding="utf-8")
    try:
        own = first_failure(copy, own_tests(bug.rule, trace))
        return Verdict(own, True) if own else Verdict(first_failure(copy, QUICK), False)
    finally:
        path.write_text(good, encoding="utf-8")


def own_tests(rule: str, trace: Trace) -> list[str]:
    """Return the tests about a rule, quick ones first."""
    nodes = [case.node for case in trace.tests.get(rule, ())] + [world.node for world in trace.worlds.get(rule, ())]
    return sorted(dict.fromkeys(nodes), key=_slowness)


def _slowness(node: str) -> tuple[int, bool]:
    """Return a sort key: tables of the rules, worlds, random worlds, then whatever needs a database."""
    rooms = ("tests/unit", "tests/worlds", "tests/oracle/test_readings", "tests/oracle")
    return next((n for n, room in enumerate(rooms) if node.startswith(room)), len(rooms)), "whole_way" in node


def first_failure(project: Path, nodes: Sequence[str]) -> str:
    """Return the first test that fails, "" if all pass.

    Raises:
        RuntimeError: pytest could not run them.
    """
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider", *nodes],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(project / "include"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"^(?:FAILED|ERROR) (tests/\S+?::.+?)(?: - .*)?$", done.stdout, re.MULTILINE)
    if done.returncode == _FAILED and found:
        return found[1]
    if done.returncode != _PASSED:
        raise RuntimeError(f"pytest ended with {done.returncode}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return ""
