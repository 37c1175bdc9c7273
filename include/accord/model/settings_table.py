"""All settings as rows, and as the commented file that a team keeps: `config/accord.yaml` is made here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from accord.model.field_map import OFFERED_FIELDS, FieldRule
from accord.model.settings import Settings
from accord.model.strict import Strict, inner_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

_RULES = re.compile(r" \(((?:[RUI]\d+[a-z]?(?:-|, )?)+)\)$")
_WIDTH = 120
_COMMENT_AT = 35
_HEAD = """\
# The settings of Accord. A team changes them in a pull request; every change in force is recorded with who and when.
# Unknown keys are refused; what is left out has its default. `accord settings` shows what is in force.
# Secrets are no settings: they live in Airflow connections. R-, U- and I-numbers name the rules.
"""
_TITLES = {
    "sync_companies": "Switch",
    "default_object": "What takes part",
    "min_shared_contacts": "Matching",
    "attach_private_contacts": "People and stages",
}


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: with the section it stands in, such as caps.max_creates.
        value: in force; a list of plain mappings for `fields`.
        default: the same for a new installation.
        meaning: one line, with the unit where it has one.
        rules: what it drives, such as R96; empty where no rule asks for it.
    """

    name: str
    value: Any
    default: Any
    meaning: str
    rules: str

    @property
    def is_changed(self) -> bool:
        """Return whether the value is another one than the default."""
        return bool(self.value != self.default)


def list_settings(settings: Settings) -> list[Setting]:
    """Return every setting in the order of the file, nested ones under their dotted names."""
    return list(_rows(Settings, settings.model_dump(mode="json"), Settings().model_dump(mode="json"), ""))


def list_field_keys() -> list[Setting]:
    """Return the keys that an entry of the field map has; a key without a default has to be there."""
    keys = FieldRule.model_fields.items()
    return [_row(f"fields.{name}", field, None, _default(field)) for name, field in keys]


def settings_yaml(settings: Settings) -> str:
    """Return the settings as a commented YAML file that holds every setting."""
    parts, dumped = [_HEAD], settings.model_dump(mode="json")
    for name, field in Settings.model_fields.items():
        inner = inner_model(field.annotation)
        if name in _TITLES:
            parts.append(_title(_TITLES[name]))
        if name == "fields":
            parts += [_title(_meaning(field)), *_field_map(dumped[name])]
        elif inner is None:
            parts.append(_line("", name, dumped[name], field))
        else:
            parts += [_title((inner.__doc__ or "").rstrip(".")), f"{name}:\n"]
            parts += [_line("  ", key, dumped[name][key], its) for key, its in inner.model_fields.items()]
    return "".join(parts)


def _rows(model: type[Strict], values: dict[str, Any], defaults: dict[str, Any], under: str) -> Iterator[Setting]:
    """Yield the settings of a model."""
    for name, field in model.model_fields.items():
        inner = inner_model(field.annotation)
        if inner is None or isinstance(values[name], list):
            yield _row(f"{under}{name}", field, values[name], defaults[name])
        else:
            yield from _rows(inner, values[name], defaults[name], f"{under}{name}.")


def _row(name: str, field: FieldInfo, value: Any, default: Any) -> Setting:
    """Return one setting, the rules at the end of its meaning apart."""
    meaning = _meaning(field)
    rules = _RULES.search(meaning)
    return Setting(name, value, default, _RULES.sub("", meaning), rules[1] if rules else "")


def _default(field: FieldInfo) -> Any:
    """Return the default of a key, None where it has none."""
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _field_map(mapped: list[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the field map: what its keys mean, one line a field, and those that a team may add."""
    keys = list_field_keys()
    for key in keys:
        default = f"; default {key.default}" if isinstance(key.default, str) else ""
        driven = f" ({key.rules})" if key.rules else ""
        yield f"# {key.name.partition('.')[2] + ':':<12}{key.meaning}{default}{driven}\n"
    yield "fields:\n" if mapped else "fields: []\n"
    defaults = {key.name.partition(".")[2]: key.default for key in keys}
    for rule in mapped:
        yield f"  - {_entry(rule, defaults)}\n"
    taken = {rule[side].lower() for rule in mapped for side in ("salesforce", "hubspot")}
    offered = [it for it in OFFERED_FIELDS if not {it.salesforce.lower(), it.hubspot} & taken]
    if mapped and offered:
        yield "  # These refer to other records; take the # away to keep them in step, too (R65, R69):\n"
        yield from (f"  # - {_entry(it.model_dump(mode='json'), defaults)}\n" for it in offered)


def _entry(rule: dict[str, Any], defaults: dict[str, Any]) -> str:
    """Return an entry of the field map on one line, without what is as it would be anyway."""
    return _plain({name: value for name, value in rule.items() if name == "rule" or value != defaults[name]})


def _line(indent: str, name: str, value: Any, field: FieldInfo) -> str:
    """Return a setting with its meaning beside it, or above it where the line would be too long."""
    said = f"{indent}{name}: {_plain(value)}"
    line = f"{said:<{_COMMENT_AT}} # {_meaning(field)}"
    return f"{line}\n" if len(line) <= _WIDTH else f"{indent}# {_meaning(field)}\n{said}\n"


def _meaning(field: FieldInfo) -> str:
    """Return the docstring of a field on one line, its rules with it."""
    return " ".join((field.description or "").split()).rstrip(".")


def _title(text: str) -> str:
    """Return a line that begins a section."""
    return f"\n# --- {text} ".ljust(_WIDTH, "-") + "\n"


def _plain(value: Any) -> str:
    """Return a value as YAML on one line."""
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, width=10_000, allow_unicode=True)
    return text.removesuffix("...\n").strip()
