"""What Salesforce says in its error bodies, in the shape of `Said`."""

from __future__ import annotations

import re
from typing import Any

import orjson

from accord.crm.answers import Said
from accord.crm.shapes import mapping, objects

_COLUMN = re.compile(r"No such column '([^']+)'")
_BULK_COLUMN = re.compile(r"Field name not found : (\S+)")
_RECORD_ID = re.compile(r"\b([A-Za-z0-9]{18}|[A-Za-z0-9]{15})\b")
_BULK_ERROR = re.compile(r"([A-Z][A-Z_]+):(.*?)(?::([\w, ]*?) ?--)?\Z", re.DOTALL)


def call_said(status: int, body: Any) -> Said:
    """Return what the body of a refused call says.

    Args:
        status: HTTP status.
        body: JSON, parsed or not (a list, or an object from the OAuth endpoint), or something else.
    """
    body = _parsed(body)
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return Said(status)
    code = str(first.get("errorCode") or first.get("error") or "")
    message = str(first.get("message") or first.get("error_description") or "")
    return Said(status, code, message, names=_names(first.get("fields"), message), candidates=_blocking(code, message))


def row_said(errors: Any) -> Said:
    """Return what the `errors` of one row of a collection answer say; the first error speaks for the row."""
    first = next(iter(objects(errors)), {})
    code, message = str(first.get("statusCode") or ""), str(first.get("message") or "")
    candidates = _duplicates(first.get("duplicateResult")) or _blocking(code, message)
    return Said(0, code, message, names=_names(first.get("fields"), message), candidates=candidates)


def bulk_said(text: str) -> Said:
    """Return what `sf__Error` of a bulk row says (`CODE:message:FIELD --`), or `errorMessage` of a failed job."""
    found = _BULK_ERROR.match(text)
    if not found:
        column = _BULK_COLUMN.search(text)
        code = "INVALID_FIELD" if column else text.partition(":")[0].strip()
        return Said(0, code, text, names=(column[1],) if column else ())
    code, message = found[1], found[2].strip()
    names = tuple(name.strip() for name in (found[3] or "").split(",") if name.strip())
    return Said(0, code, message, names=names, candidates=_blocking(code, message))


def _parsed(body: Any) -> Any:
    """Return the JSON in text or bytes; None where there is none, the body itself where it is parsed already."""
    if not isinstance(body, str | bytes):
        return body
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def _names(fields: Any, message: str) -> tuple[str, ...]:
    """Return the fields an error is about."""
    if isinstance(fields, list) and fields:
        return tuple(str(name) for name in fields)
    column = _COLUMN.search(message) or _BULK_COLUMN.search(message)
    return (column[1],) if column else ()


def _blocking(code: str, message: str) -> tuple[str, ...]:
    """Return the id in "duplicate value found: X duplicates value on record with id: 001…"."""
    if code != "DUPLICATE_VALUE" or "id:" not in message:
        return ()
    return tuple(_RECORD_ID.findall(message.rpartition("id:")[2]))


def _duplicates(result: Any) -> tuple[str, ...]:
    """Return the ids of the look-alikes that a duplicate rule found, in the order given, each once."""
    matches = objects(mapping(result).get("matchResults"))
    records = [mapping(found.get("record")) for match in matches for found in objects(match.get("matchRecords"))]
    return tuple(dict.fromkeys(str(record["Id"]) for record in records if record.get("Id")))
