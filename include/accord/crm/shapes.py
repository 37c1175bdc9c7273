"""Answers read without trust: what does not have the agreed shape is nothing, or an error that says so."""

from __future__ import annotations

import functools
import inspect
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from accord.model.errors import ContractBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

P = ParamSpec("P")
T = TypeVar("T")


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the JSON objects in a list; of anything else none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def mapping(value: Any) -> dict[str, Any]:
    """Return a JSON object; of anything else an empty one."""
    return value if isinstance(value, dict) else {}


@contextmanager
def agreed(what: str) -> Iterator[None]:
    """Turn what reading an answer of another shape ends in into one error.

    Raises:
        ContractBroken: the answer to `what` is not as it was agreed; nothing of it was taken over.
    """
    try:
        yield
    except (AttributeError, LookupError, TypeError, ValueError) as problem:
        raise ContractBroken(
            f"{what}: the answer does not have the agreed shape, so nothing of it was taken over; check that the "
            "address in the connection is the CRM's own, and the API version in the settings"
        ) from problem


def agreed_read(what: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator that reads under `agreed`: a function as a whole, a generator at every step."""

    def decorate(read: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(read)
        def whole(*arguments: P.args, **options: P.kwargs) -> T:
            with agreed(what):
                return read(*arguments, **options)

        @functools.wraps(read)
        def in_steps(*arguments: P.args, **options: P.kwargs) -> Iterator[Any]:
            with agreed(what):
                yield from cast("Iterator[Any]", read(*arguments, **options))

        return cast("Callable[P, T]", in_steps) if inspect.isgeneratorfunction(read) else whole

    return decorate
