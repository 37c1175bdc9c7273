"""What all settings have in common: unknown keys refused, nothing changed after loading, one line of meaning each."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Strict(BaseModel):
    """A model that refuses keys it does not know and cannot be changed.

    The docstring of a field is its meaning wherever settings are shown: one line, rules in brackets at its end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True)

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_for_a_word(cls, value: object, info: ValidationInfo) -> object:
        """Refuse true and false where another value is meant: YAML reads on, off, yes and no as flags."""
        field = cls.model_fields[info.field_name or ""]
        if isinstance(value, bool) and field.annotation is not bool:
            choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
            advice = f"write {' or '.join(choices)}" if choices else "put quotes around a word"
            raise ValueError(f"YAML reads this as {str(value).lower()}, as it does on, off, yes and no; {advice}")
        return value


def inner_model(annotation: Any) -> type[Strict] | None:
    """Return the model that a field holds, one or a list of them, None where it holds plain values."""
    candidates = [annotation, *get_args(annotation)]
    return next((one for one in candidates if isinstance(one, type) and issubclass(one, Strict)), None)
