"""Which functions and classes of Accord carry which rule: those whose docstring, comment or text names it."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from traceability.rulebook import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOMS = ("model", "rules", "crm", "store", "steps", "orchestration", "cli")
"""Where Accord lives; the simulated CRMs, worlds, demo and bench carry no rule."""

Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True, order=True)
class Carrier:
    """A function or class that names a rule; `file` is relative to the project."""

    module: str
    name: str
    file: str
    is_function: bool


def find_carriers(root: Path) -> dict[str, list[Carrier]]:
    """Return the carriers of each rule, sorted. What a module says as a whole counts for none of its functions."""
    found: dict[str, set[Carrier]] = defaultdict(set)
    for room in ROOMS:
        for path in sorted((root / "include" / "accord" / room).rglob("*.py")):
            if "migrations" not in path.parts:
                for number, (name, is_function) in _named_in(path.read_text(encoding="utf-8")):
                    module = ".".join(path.relative_to(root / "include" / "accord").with_suffix("").parts)
                    found[number].add(Carrier(module, name, str(path.relative_to(root)), is_function))
    return {number: sorted(carriers) for number, carriers in found.items()}


def _named_in(source: str) -> Iterator[tuple[str, tuple[str, bool]]]:
    """Yield each rule with the innermost function or class around the line that names it, and which of the two it is."""
    lines = source.splitlines()
    naming = [n for n, line in enumerate(lines, start=1) if numbers_in(line, with_ranges=True)]
    if not naming:
        return
    definitions = list(_definitions(ast.parse(source)))
    for n in naming:
        around = [(name, is_function) for name, is_function, first, last in definitions if first <= n <= last]
        if around:
            yield from ((number, around[-1]) for number in numbers_in(lines[n - 1], with_ranges=True))


def _definitions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, bool, int, int]]:
    """Yield name, whether it is a function, first and last line of every class and function, outer ones first."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            is_function = isinstance(node, ast.FunctionDef)
            yield prefix + node.name, is_function, node.lineno, node.end_lineno or node.lineno
            yield from _definitions(node, f"{prefix}{node.name}.")
        else:
            yield from _definitions(node, prefix)
