"""What is wrong with a settings file, in words that say what to write instead."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from accord.model.strict import Strict, inner_model

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails

OTHER_NAMES = {"inclusion_segment": "inclusion_list"}
"""Names under which a setting is known as well."""
_EXPECTED = {
    "model_type": "expected settings below it (name: value)",
    "tuple_type": "expected a list, such as [first, second]",
    "dict_type": "expected a mapping, such as {this: that}",
    "string_type": "expected text",
}


def explain(error: ErrorDetails, root: type[Strict]) -> str:
    """Return one mistake with its place and what to do.

    Args:
        error: as pydantic found it.
        root: the model of the whole file.
    """
    place = error["loc"]
    name = ".".join(map(str, place))
    said = _unknown(place, root) if error["type"] == "extra_forbidden" else _advice(error)
    return f"{name}: {said}" if name else said


def _unknown(place: tuple[int | str, ...], root: type[Strict]) -> str:
    """Return what is said of a key that is no setting, with the one that was probably meant."""
    name, here = str(place[-1]), _model_at(place[:-1], root)
    if name in OTHER_NAMES:
        return f"is another name of {OTHER_NAMES[name]}, which is there as well; keep one of them"
    elsewhere = [f"{section}.{name}" for section, model in _sections(root).items() if name in model.model_fields]
    if len(place) > 1 and name in root.model_fields:
        elsewhere.append(name)
    close = get_close_matches(name, [*here.model_fields, *(OTHER_NAMES if here is root else ())], n=1)
    meant = elsewhere[:1] or close
    hint = f"did you mean {meant[0]}?" if meant else f"there are {', '.join(here.model_fields)}"
    return f"no such setting; {hint}"


def _advice(error: ErrorDetails) -> str:
    """Return what to write instead of an impossible value."""
    kind, value = error["type"], error["input"]
    message = error["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if kind == "missing":
        return "is missing; every mapped field needs it" if error["loc"][0] == "fields" else "is missing"
    if value is None and kind != "missing":
        return "is empty; write a value, or leave the line out for the default"
    if kind == "string_type" and isinstance(value, int | float):
        return f"is read as the number {value}; put quotes around it"
    if kind in _EXPECTED:
        return f"{_EXPECTED[kind]}, found {_named(value)}"
    if kind in {"value_error", "invalid_key"}:
        return message
    return f"{message}, found {_named(value)}"


def _named(value: Any) -> str:
    """Return what was found, short enough for a line."""
    kinds: Mapping[type, str] = {list: "a list", dict: "a mapping"}
    return kinds.get(type(value)) or f"{value!s:.60}"


def _sections(root: type[Strict]) -> dict[str, type[Strict]]:
    """Return the models of the sections of a file, by their names."""
    found = {name: inner_model(field.annotation) for name, field in root.model_fields.items()}
    return {name: model for name, model in found.items() if model is not None}


def _model_at(place: tuple[int | str, ...], root: type[Strict]) -> type[Strict]:
    """Return the model that a place belongs to."""
    model = root
    for part in place:
        if isinstance(part, str) and part in model.model_fields:
            model = inner_model(model.model_fields[part].annotation) or model
    return model
