"""What HubSpot says in its error bodies and in the errors of a 207, in the shape of `Said`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson

from accord.crm.answers import Said
from accord.crm.limits import seconds_of
from accord.crm.shapes import mapping, objects

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXISTING = re.compile(r"Existing ID: (\d+)")
_NOT_UNIQUE = re.compile(r"by non-unique \S+ property (\S+)")
_VALUE_CODE = re.compile(r'"error":"([A-Z_]+)"')
NO_ASSOCIATIONS = "crm.associations.NO_ASSOCIATIONS_FOUND"


def call_said(status: int, headers: Mapping[str, str], body: bytes) -> Said:
    """Return what the headers and body of a refused call say."""
    retry_after = seconds_of(headers.get("Retry-After"))
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        parsed = None
    if not isinstance(parsed, dict):
        return Said(status, retry_after=retry_after)
    said = error_said(parsed)
    return Said(
        status,
        str(parsed.get("policyName") or said.code),
        said.message,
        names=said.names,
        candidates=said.candidates,
        retry_after=retry_after,
        reference=str(parsed.get("correlationId") or ""),
    )


def error_said(error: dict[str, Any]) -> Said:
    """Return what one error says: the body of a refused call, or one of the `errors` of a 207."""
    inner = objects(error.get("errors"))
    message = str(error.get("message") or "")
    # The errors of a 207 carry the code of a bad value within their message only.
    codes = [str(detail["code"]) for detail in inner if detail.get("code")] or _VALUE_CODE.findall(message)
    not_unique = _NOT_UNIQUE.search(message)
    code = "PROPERTY_DOESNT_EXIST" if not_unique else next(iter(codes), str(error.get("category") or ""))
    names = [name for detail in (*inner, error) for name in context(detail, "propertyName", "requiredGranularScopes")]
    if not_unique:
        names = [f"{not_unique[1]} with unique values"]
    existing = context(error, "existingId") or tuple(_EXISTING.findall(message))
    return Said(0, code, message, names=tuple(dict.fromkeys(names)), candidates=existing)


def context(error: dict[str, Any], *keys: str) -> tuple[str, ...]:
    """Return the values an error gives under any of these keys of its context."""
    held = mapping(error.get("context"))
    return tuple(str(value) for key in keys for value in _listed(held.get(key)))


def _listed(value: Any) -> list[Any]:
    """Return the values of a context, which stand in a list; a lone text is one value."""
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []
