"""A YAML file as one mapping, with the line of every key; what YAML would pass over in silence is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from accord.model.errors import BadSettings

if TYPE_CHECKING:
    from pathlib import Path

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Mapping:
    """The content of a file.

    Attributes:
        values: keys and values; empty for an empty file.
        lines: line of each key and list entry, by the names that lead to it.
    """

    values: dict[str, Any]
    lines: dict[Place, int] = field(default_factory=dict)

    def line(self, place: Place) -> int | None:
        """Return the line of a place, or of the nearest thing around it; None where the file says nothing of it."""
        return next((self.lines[place[:n]] for n in range(len(place), 0, -1) if place[:n] in self.lines), None)


def read_mapping(path: Path) -> Mapping:
    """Return the mapping in a file.

    Raises:
        BadSettings: the file is missing, is no YAML, holds something else than one mapping, or a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
        root, values = yaml.compose(text, Loader=yaml.SafeLoader), yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, ValueError, RecursionError) as problem:
        raise BadSettings(f"{path}: cannot be read as YAML: {' '.join(str(problem).split())}") from problem
    if root is None or values is None:
        return Mapping({})
    if not isinstance(values, dict):
        raise BadSettings(f"{path}: expected a mapping of settings (name: value), found a {type(values).__name__}")
    lines, twice = _lines(root)
    if twice:
        raise BadSettings(f"{path}: {'; '.join(twice)}; YAML would take the last one in silence, keep one")
    return Mapping(values, lines)


def _lines(root: yaml.Node) -> tuple[dict[Place, int], list[str]]:
    """Return the line of every key and entry, and what is said of keys that stand there twice."""
    lines: dict[Place, int] = {}
    twice: list[str] = []
    waiting: list[tuple[Place, yaml.Node]] = [((), root)]
    seen: set[int] = set()
    while waiting:
        place, node = waiting.pop()
        # An anchor may be used within itself; each node is looked at once.
        if id(node) in seen:
            continue
        seen.add(id(node))
        for name, key, value in _children(node):
            own, line = (*place, name), key.start_mark.line + 1
            if own in lines and isinstance(node, yaml.MappingNode):
                twice.append(f"{'.'.join(map(str, own))} stands there twice (lines {lines[own]} and {line})")
            lines[own] = line
            waiting.append((own, value))
    return lines, twice


def _children(node: yaml.Node) -> list[tuple[str | int, yaml.Node, yaml.Node]]:
    """Return name, node that says where it stands, and value of everything directly in a node."""
    if isinstance(node, yaml.MappingNode):
        return [(str(key.value), key, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(number, value, value) for number, value in enumerate(node.value)]
    return []
