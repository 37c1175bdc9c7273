"""What differs between two versions of the settings, as data and in words. Plain values as JSON holds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.settings import Settings
from accord.model.settings_table import list_field_keys, list_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Difference = dict[str, list[Any]]


def difference_of(before: Mapping[str, Any], after: Mapping[str, Any], under: str = "") -> Difference:
    """Return the values that differ by their dotted names, as [before, after]; lists are compared as a whole."""
    changed: Difference = {}
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if isinstance(new, dict) and isinstance(old, dict | None):
            changed |= difference_of(old or {}, new, f"{under}{name}.")
        elif old != new or name not in before:
            changed[f"{under}{name}"] = [old, new]
    return changed


def change_words(difference: Mapping[str, Sequence[Any]]) -> list[str]:
    """Return a line for each setting that changed; of the field map one for each mapping."""
    defaults = {setting.name: setting.default for setting in list_settings(Settings())}
    lines: list[str] = []
    for name, (old, new) in difference.items():
        if name == "fields":
            lines += _field_map(old or [], new or [])
        # Only a setting that was not there yet lacks a value where the default is one.
        elif old is None and defaults.get(name) is not None:
            lines.append(f"{name}: {say(new)} (a new setting)")
        elif name not in defaults:
            lines.append(f"{name}: no longer a setting, it was {say(old)}")
        else:
            lines.append(f"{name}: {say(old)} -> {say(new)}")
    return lines


def say(value: Any) -> str:
    """Return a value as a person would write it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(say, value)) or "an empty list"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {say(its)}" for key, its in value.items()) or "nothing"
    return "none" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def say_mapping(rule: Mapping[str, Any]) -> str:
    """Return one mapping on a line: both names, then what is not the default."""
    more = [say(rule.get(key)) for key in ("rule", "kind") if rule.get(key) not in {None, "text"}]
    values = [f"values {say(rule['values'])}"] if rule.get("values") else []
    return f"{rule['salesforce']} with {rule['hubspot']} ({', '.join([*more, *values])})"


def _field_map(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what changed in the field map, mapping by mapping; an account field is known by its name."""
    before, after = ({rule["salesforce"].lower(): rule for rule in rules} for rules in (old, new))
    yield from (f"fields: {say_mapping(rule)} added" for name, rule in after.items() if name not in before)
    yield from (f"fields: {say_mapping(rule)} removed" for name, rule in before.items() if name not in after)
    kept = [name for name in after if name in before]
    for name in kept:
        yield from _mapping(before[name], after[name])
    if before == after and list(before) != list(after):
        yield "fields: the same mappings in another order"


def _mapping(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield what changed in one mapping; of its values each that changed."""
    label = f"fields: {new['salesforce']} with {new['hubspot']}"
    keys = [key.name.partition(".")[2] for key in list_field_keys()]
    for key in (key for key in keys if old.get(key) != new.get(key)):
        if key != "values":
            yield f"{label}: {key} {say(old.get(key))} -> {say(new.get(key))}"
            continue
        was, now = old.get(key) or {}, new.get(key) or {}
        for value in dict.fromkeys([*was, *now]):
            if was.get(value) != now.get(value):
                yield f"{label}: value {value} {say(was.get(value))} -> {say(now.get(value))}"
