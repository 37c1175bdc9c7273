"""docs/faults.md: what can go wrong, row by row, with the tests that show what then happens."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "docs/faults.md"
ROWS = sorted([*(f"F{number}" for number in range(1, 71)), "F7b"], key=lambda it: (int(re.sub(r"\D", "", it)), it))
_HEAD = """# Faults

Made by `make rules` from [faults.yaml](faults.yaml); `make check` fails when a row is missing, or names a test that is not
there. Every test of a row also asks what holds for all of them: nothing twice, nothing lost, and a further run writes
nothing. {tested} of {rows} rows are tested, the others say why not.

| row | what goes wrong | shown by |
| --- | --- | --- |
"""


@dataclass(frozen=True)
class Fault:
    """One row: its tests as `file::function` below tests/, or why there are none."""

    row: str
    fault: str
    tests: tuple[str, ...]
    out: str


def read_faults(root: Path) -> list[Fault]:
    """Return the rows in their order."""
    raw = yaml.safe_load((root / "docs" / "faults.yaml").read_text(encoding="utf-8"))
    return [Fault(row, it["fault"], tuple(it.get("tests", ())), it.get("out", "")) for row, it in raw.items()]


def wrong(root: Path, faults: list[Fault]) -> list[str]:
    """Return one line for every row that is missing, proves nothing, or names a test that is not there."""
    lines = [f"{row}: not in docs/faults.yaml" for row in sorted(set(ROWS) - {it.row for it in faults})]
    lines += [f"{it.row}: is no row" for it in faults if it.row not in ROWS]
    lines += [
        f"{it.row}: give tests, or a reason why there are none" for it in faults if bool(it.tests) == bool(it.out)
    ]
    known: dict[str, set[str]] = {}
    for it in faults:
        for test in it.tests:
            file, _, name = test.partition("::")
            if file not in known:
                known[file] = _functions(root / "tests" / file)
            lines += [f"{it.row}: there is no test {test}"] * (name not in known[file])
    return lines


def page(faults: list[Fault]) -> str:
    """Return the text of docs/faults.md."""
    head = _HEAD.format(tested=sum(bool(it.tests) for it in faults), rows=len(faults))
    return head + "".join(f"| {it.row} | {it.fault} | {_shown(it)} |\n" for it in faults)


def _shown(fault: Fault) -> str:
    """Return the links to the tests of a row, or its reason."""
    parts = (test.partition("::") for test in fault.tests)
    return "<br>".join(f"[{name}](../tests/{file})" for file, _, name in parts) or f"_{fault.out}_"


def _functions(file: Path) -> set[str]:
    """Return the names of the functions in a file; none where it is not there."""
    if not file.exists():
        return set()
    return {
        node.name for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)
    }
