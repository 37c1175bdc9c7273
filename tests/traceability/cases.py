"""Which tests are about which rule: by the id of a case, the docstring of a test, or its mark `rule`."""

from __future__ import annotations

import ast
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from traceability.rulebook import numbers_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

READINGS = "tests/oracle/readings.yaml"
_READINGS_TEST = "tests/oracle/test_readings.py::test_rules_are_read_as_they_are_meant"
_WORLDS_TEST = "tests/worlds/test_worlds_own.py::test_world_is_decided_as_it_expects"


@dataclass(frozen=True, order=True)
class Case:
    """A test function, or one case of it, that names a rule; `case` is "" for the whole function."""

    file: str
    function: str
    case: str = ""

    @property
    def node(self) -> str:
        """Return what pytest calls it."""
        return f"{self.file}::{self.function}" + (f"[{self.case}]" if self.case else "")


@dataclass(frozen=True, order=True)
class World:
    """A world that names a rule, and the test that decides it."""

    file: str
    title: str
    node: str


def find_tests(root: Path) -> dict[str, list[Case]]:
    """Return the tests of each rule, sorted."""
    found: dict[str, set[Case]] = defaultdict(set)
    for path in sorted((root / "tests").rglob("test_*.py")):
        source = path.read_text(encoding="utf-8")
        if numbers_in(source, with_ranges=False):
            file = str(path.relative_to(root))
            for function, case, text in _tests_in(ast.parse(source)):
                for number in numbers_in(text, with_ranges=False):
                    found[number].add(Case(file, function, case))
    return {number: sorted(cases) for number, cases in found.items()}


def find_worlds(root: Path) -> dict[str, list[World]]:
    """Return the worlds of each rule, sorted: our own files, and the readings."""
    found: dict[str, set[World]] = defaultdict(set)
    for path in sorted((root / "tests" / "worlds").glob("*.yaml")):
        for number in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            found[number].add(World(str(path.relative_to(root)), path.stem, f"{_WORLDS_TEST}[{path.stem}]"))
    for line in (root / READINGS).read_text(encoding="utf-8").splitlines():
        if line.startswith("id: "):
            for number in numbers_in(line, with_ranges=False):
                found[number].add(World(READINGS, line[4:], f"{_READINGS_TEST}[{line[4:]}-core]"))
    return {number: sorted(worlds) for number, worlds in found.items()}


def _tests_in(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    """Yield (test function, case, text that may name rules)."""
    tables = {
        target.id: [key.value for key in node.value.keys if isinstance(key, ast.Constant)]
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node.name, "", ast.get_docstring(node) or ""
            cases = [case for mark in node.decorator_list for case in _ids(mark, tables)]
            is_one_table = sum(_is_mark(mark, "parametrize") for mark in node.decorator_list) == 1
            yield from ((node.name, case if is_one_table else "", case) for case in cases)
            for mark in node.decorator_list:
                if _is_mark(mark, "rule"):
                    yield node.name, "", " ".join(_texts(mark))


def _ids(mark: ast.expr, tables: dict[str, list[str]]) -> Iterator[str]:
    """Yield the ids that a parametrize mark gives its cases, as far as they are written down."""
    if not _is_mark(mark, "parametrize"):
        return
    for node in ast.walk(mark):
        if isinstance(node, ast.keyword) and node.arg == "id":
            yield from _texts(node.value)
        elif isinstance(node, ast.keyword) and node.arg == "ids":
            named = [tables[it.id] for it in ast.walk(node.value) if isinstance(it, ast.Name) and it.id in tables]
            yield from (named[0] if named else _texts(node.value))


def _is_mark(node: ast.expr, name: str) -> bool:
    """Return whether a decorator is this mark of pytest."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name


def _texts(node: ast.AST) -> list[str]:
    """Return the texts in an expression."""
    return [it.value for it in ast.walk(node) if isinstance(it, ast.Constant) and isinstance(it.value, str)]
