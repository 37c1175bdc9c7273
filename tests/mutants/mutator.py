"""Every small change of a module of the rules: one operator, constant, condition or statement at a time."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_COMBINED: dict[type[ast.operator], type[ast.operator]] = {
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
}
_PAIRS = {"zeros": "ones", "min": "max", "minimum": "maximum", "any": "all"}
_OTHER_NAME = _PAIRS | {other: name for name, other in _PAIRS.items()}
_NO_VALUE = re.compile(r"^__all__|TypeVar")
"""Assignments that name things for readers and type checkers."""
_NOT_RULES = {"dtype", "kind", "columns", "minlength"}
"""Keywords that say how a column is stored, not what is decided."""


@dataclass(frozen=True)
class Mutant:
    """One changed module.

    Attributes:
        file: the module.
        function: what is changed, "" for a constant.
        number: of the changed line.
        line: its text without blanks.
        change: what stands there instead of what.
        build: makes the changed module.
    """

    file: str
    function: str
    number: int
    line: str
    change: str
    build: Callable[[], ast.Module]

    @property
    def name(self) -> tuple[str, str, str]:
        """What it is known by in equivalent.yaml; a line may move."""
        return self.file, self.line, self.change


def mutants_of(path: Path, file: str) -> Iterator[Mutant]:
    """Yield the mutants of a module, from top to bottom."""
    source = path.read_text(encoding="utf-8")
    tree, lines = ast.parse(source), source.splitlines()
    _drop_words(tree)
    for function, holder, name, index in _places(tree):
        node = _get(holder, name, index)
        for instead in _instead(node):
            change = f"{_text(node)} -> {_text(instead) or 'nothing'}"
            build = partial(_changed, tree, [(holder, name, index, instead)])
            yield Mutant(file, function, node.lineno, lines[node.lineno - 1].strip(), change, build)
    for function, holder, index in _neighbours(tree):
        first, second = holder.body[index], holder.body[index + 1]
        change = f"{_text(first)} -> after {_text(second)}"
        build = partial(_changed, tree, [(holder, "body", index, second), (holder, "body", index + 1, first)])
        yield Mutant(file, function, first.lineno, lines[first.lineno - 1].strip(), change, build)


def _changed(tree: ast.Module, changes: Sequence[tuple[ast.AST, str, int | None, ast.AST]]) -> ast.Module:
    """Return a copy of a module with other nodes in some places."""
    before = [(holder, name, index, _get(holder, name, index)) for holder, name, index, _ in changes]
    for change in changes:
        _set(*change)
    changed = ast.fix_missing_locations(copy.deepcopy(tree))
    for change in before:
        _set(*change)
    return changed


def _neighbours(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef, int]]:
    """Yield a function and the place in it where two decisions stand one after the other: their order is a rule (R30)."""
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            body = function.body
            for index in range(len(body) - 1):
                if all(isinstance(it, ast.Expr) and isinstance(it.value, ast.Call) for it in body[index : index + 2]):
                    yield function.name, function, index


def _drop_words(tree: ast.Module) -> None:
    """Empty the docstrings, which decide nothing."""
    for node in ast.walk(tree):
        for statement in getattr(node, "body", []) if not isinstance(node, ast.Lambda | ast.IfExp) else []:
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                statement.value.value = ""


def _places(tree: ast.Module) -> Iterator[tuple[str, ast.AST, str, int | None]]:
    """Yield where a node of a function or of a constant hangs: the function, its parent, the field and the index."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            yield from _below(statement, statement.name)
        elif isinstance(statement, ast.ClassDef):
            methods = [it for it in statement.body if isinstance(it, ast.FunctionDef)]
            for method in methods:
                yield from _below(method, f"{statement.name}.{method.name}")
        elif isinstance(statement, ast.Assign) and not _NO_VALUE.search(ast.unparse(statement)):
            yield from _below(statement, "")


def _below(node: ast.AST, function: str) -> Iterator[tuple[str, ast.AST, str, int | None]]:
    """Yield the places below a node; types, decorators and how columns are stored are no behaviour."""
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "targets", "ctx", "op", "ops"}:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.AST) and not (isinstance(child, ast.keyword) and child.arg in _NOT_RULES):
                if hasattr(child, "lineno") and not _is_bound(node, child):
                    yield function, node, name, index
                yield from _below(child, function)


def _is_bound(node: ast.AST, child: ast.AST) -> bool:
    """Return whether a number is the bound of a comparison, which is moved by changing the comparison itself."""
    return isinstance(node, ast.Compare) and isinstance(child, ast.Constant) and child in node.comparators


def _instead(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in place of a node."""
    match node:
        case ast.Constant():
            yield from _other_constant(node.value)
        case ast.If() | ast.IfExp():
            yield from _other_test(node)
        case ast.Attribute() if node.attr in _OTHER_NAME:
            yield ast.Attribute(node.value, _OTHER_NAME[node.attr], node.ctx)
        case ast.Call():
            yield from _other_call(node)
        case ast.Expr(value=ast.Call()) | ast.Assign(targets=[ast.Subscript()]):
            yield ast.Pass()
        case _:
            yield from _other_operator(node)


def _other_operator(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the same operands under another operator, or one of them alone."""
    match node:
        case ast.Compare(ops=[op]):
            for other in _COMPARED.get(type(op), ()):
                yield ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
            yield from node.values
        case ast.BinOp() if type(node.op) in _COMBINED:
            yield ast.BinOp(node.left, _COMBINED[type(node.op)](), node.right)
            if isinstance(node.op, ast.BitAnd | ast.BitOr):
                yield from (node.left, node.right)
        case ast.AugAssign() if type(node.op) in _COMBINED:
            yield ast.AugAssign(node.target, _COMBINED[type(node.op)](), node.value)
            yield ast.Pass()
        case ast.UnaryOp(op=ast.Invert() | ast.Not() | ast.USub()):
            yield node.operand


def _other_constant(value: object) -> Iterator[ast.AST]:
    """Yield other values of a constant."""
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
    elif isinstance(value, str) and value:
        yield ast.Constant(f"{value}X")


def _other_test(node: ast.If | ast.IfExp) -> Iterator[ast.AST]:
    """Yield the same with a condition that is always met, and one that never is."""
    for answer in (True, False):
        other = copy.copy(node)
        other.test = ast.Constant(answer)
        yield other


def _other_call(node: ast.Call) -> Iterator[ast.AST]:
    """Yield a decision that forgets what it names, and a choice that chooses the other."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if name in {"decide", "warn"}:
        for index in range(len(node.keywords)):
            yield ast.Call(node.func, node.args, [it for n, it in enumerate(node.keywords) if n != index])
    if name == "where" and len(node.args) == 3:
        yield ast.Call(node.func, [node.args[0], node.args[2], node.args[1]], node.keywords)


def _text(node: ast.AST) -> str:
    """Return the first line of a node's code, "" for one that does nothing."""
    return "" if isinstance(node, ast.Pass) else ast.unparse(node).partition("\n")[0]


def _get(holder: ast.AST, name: str, index: int | None) -> ast.AST:
    """Return the node at a place."""
    value = getattr(holder, name)
    return value if index is None else value[index]


def _set(holder: ast.AST, name: str, index: int | None, node: ast.AST) -> None:
    """Put a node in a place."""
    if index is None:
        setattr(holder, name, node)
    else:
        getattr(holder, name)[index] = node
