"""YAML as worlds are written: a key once, and a date that is none stays the text it is, for its reader to refuse."""

from __future__ import annotations

from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, but it loses nothing and its errors have a place."""


def read_yaml(text: str) -> Any:
    """Return what a YAML document holds.

    Raises:
        YAMLError: it is none, or a mapping has a key twice, of which one would be lost.
    """
    return yaml.load(text, _Loader)  # noqa: S506 - a safe loader


def _date(loader: _Loader, node: yaml.ScalarNode) -> Any:
    """Return a date or time, or the text where there is no such day."""
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError:
        return node.value


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    """Return a mapping whose keys are all different."""
    loader.flatten_mapping(node)
    found: dict[Any, Any] = {}
    for written, value in node.value:
        key = loader.construct_object(written, deep=True)
        if isinstance(key, list | dict) or key in found:
            problem = f"the key {key!r} {'is no word' if isinstance(key, list | dict) else 'stands there twice'}"
            raise yaml.constructor.ConstructorError(None, None, problem, written.start_mark)
        found[key] = loader.construct_object(value, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
