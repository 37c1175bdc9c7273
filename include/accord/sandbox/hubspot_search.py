"""HubSpot search: filters, one sort, offset paging up to 10,000, over an index that lags behind the records."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.clock import hubspot_time
from accord.sandbox.portal_checks import moment_of
from accord.sandbox.portal_schema import STAMPS
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accord.sandbox.core import Crms
    from accord.sandbox.portal_schema import Kind, Property
    from accord.sandbox.portal_table import Record, Table

_WALL, _MOST, _BODY = 10_000, 200, 3_000
_FILTERS, _ALL_FILTERS = 6, 18
_FIRST, _LAST = "0000", "9999"
_TESTS: dict[str, Callable[[Any, list[Any]], bool]] = {
    "EQ": lambda it, to: it is not None and it == to[0],
    "NEQ": lambda it, to: it is not None and it != to[0],
    "LT": lambda it, to: it is not None and it < to[0],
    "LTE": lambda it, to: it is not None and it <= to[0],
    "GT": lambda it, to: it is not None and it > to[0],
    "GTE": lambda it, to: it is not None and it >= to[0],
    "BETWEEN": lambda it, to: it is not None and to[0] <= it <= to[1],
    "IN": lambda it, to: it is not None and it in to,
    "NOT_IN": lambda it, to: it is not None and it not in to,
    "HAS_PROPERTY": lambda it, _: it is not None,
    "NOT_HAS_PROPERTY": lambda it, _: it is None,
    "CONTAINS_TOKEN": lambda it, to: it is not None and _has_token(str(it), str(to[0])),
    "NOT_CONTAINS_TOKEN": lambda it, to: it is None or not _has_token(str(it), str(to[0])),
}


def search(crms: Crms, call: Call) -> Answer:
    """Answer one page of the records whose indexed version fits."""
    portal, kind = crms.portal, answers.kind_of(call.params["object_type"])
    if len(call.body) > _BODY:
        raise answers.refuse(400, f"The request body is longer than {_BODY} characters")
    body = answers.body_of(call)
    limit, start = _paging(body)
    groups = _groups(body, crms.switches.filter_groups, portal.properties[kind])
    table, now = portal.tables[kind], crms.clock.now().timestamp()
    table.catch_up(now)
    found: Iterable[int] = _all_matches(table, kind, portal.properties[kind], groups, now)
    if text := str(body.get("query") or "").lower():
        found = [it for it in found if _mentions(table.searchable(str(it), now), text)]
    ordered = _sorted(list(found), body, table, portal.properties[kind], now)
    names = answers.columns(portal, kind, body.get("properties") or [])
    page = [table.searchable(str(it), now) for it in ordered[start : start + limit]]
    results = [answers.shown(portal, kind, record, names) for record in page if record is not None]
    answer: answers.Json = {"total": len(ordered), "results": results}
    if start + limit < len(ordered):
        answer["paging"] = {"next": {"after": str(start + limit)}}
    return Answer.json(answer)


def _paging(body: answers.Json) -> tuple[int, int]:
    """Return limit and offset of a search.

    Raises:
        Refused: 400, they are no numbers, too big, or beyond the 10,000th result.
    """
    limit, after = str(body.get("limit") or 10), str(body.get("after") or 0)
    if not limit.isdigit() or not after.isdigit() or int(limit) > _MOST:
        raise answers.refuse(400, f"limit must be between 1 and {_MOST}, was {limit}; after was {after}")
    if int(limit) + int(after) > _WALL:
        text = f"The paging offset and limit together may not exceed {_WALL}; was {int(limit) + int(after)}"
        raise answers.refuse(400, text)
    return int(limit), int(after)


def _groups(body: answers.Json, most: int, properties: dict[str, Property]) -> list[list[answers.Json]]:
    """Return the filters of each group; one group without filters where there are none.

    Raises:
        Refused: 400, there are too many, or one is unknown.
    """
    groups = [list(group.get("filters") or []) for group in body.get("filterGroups") or []]
    if len(groups) > most or any(len(it) > _FILTERS for it in groups) or sum(map(len, groups)) > _ALL_FILTERS:
        text = f"A search has at most {most} filterGroups of {_FILTERS} filters, {_ALL_FILTERS} in all"
        raise answers.refuse(400, text)
    for it in (it for group in groups for it in group):
        if it.get("operator") not in _TESTS or it.get("propertyName") not in properties:
            text = f"There was a problem with the request: filter on {it.get('propertyName')} {it.get('operator')}"
            raise answers.refuse(400, text)
    return groups or [[]]


def _all_matches(
    table: Table, kind: Kind, properties: dict[str, Property], groups: list[list[answers.Json]], now: float
) -> list[int]:
    """Return the ids that fit any group, in order."""
    found = [_matches(table, kind, properties, group, now) for group in groups]
    return found[0] if len(found) == 1 else sorted(set().union(*found))


def _matches(
    table: Table, kind: Kind, properties: dict[str, Property], group: list[answers.Json], now: float
) -> list[int]:
    """Return the ids that fit all filters of a group, in order.

    Paging by `hs_object_id` asks the same of the rest again and again: that part is remembered until a record changes.
    """
    on_id = [
        it for it in group if it["propertyName"] == "hs_object_id" and it["operator"] in {"GT", "GTE", "LT", "LTE"}
    ]
    rest = [it for it in group if it not in on_id]
    key = answers.raw(rest)
    ids = table.memo.get(key)
    if ids is None:
        tests = [_test(properties[it["propertyName"]], it) for it in rest]
        candidates = _candidates(table, kind, rest)
        versions = ((rid, table.searchable(rid, now)) for rid in candidates)
        fit = (rid for rid, it in versions if it is not None and all(test(it) for test in tests))
        ids = sorted(map(int, fit))
        if not table.lagging:
            table.memo[key] = ids
    return _within(ids, on_id)


def _within(ids: list[int], filters: list[answers.Json]) -> list[int]:
    """Return the part of ordered ids that the filters on the id leave."""
    low, high = 0, len(ids)
    for it in filters:
        number = int(str(it.get("value")))
        match it["operator"]:
            case "GT":
                low = max(low, bisect_right(ids, number))
            case "GTE":
                low = max(low, bisect_left(ids, number))
            case "LT":
                high = min(high, bisect_left(ids, number))
            case "LTE":
                high = min(high, bisect_right(ids, number))
    return ids if (low, high) == (0, len(ids)) else ids[low:high]


def _candidates(table: Table, kind: Kind, filters: list[answers.Json]) -> Iterable[str]:
    """Return ids that may fit, fewer than all where a filter is on the modification time."""
    for it in filters:
        if it["propertyName"] == STAMPS[kind] and it["operator"] in {"GT", "GTE", "LT", "LTE", "BETWEEN"}:
            value = hubspot_time(moment_of(str(it.get("value"))))
            match it["operator"]:
                case "BETWEEN":
                    return table.changed_between(value, hubspot_time(moment_of(str(it.get("highValue")))))
                case "GT" | "GTE":
                    return table.changed_between(value, _LAST)
                case _:
                    return table.changed_between(_FIRST, value)
    return table.searchable_ids()


def _test(spec: Property, it: answers.Json) -> Callable[[Record], bool]:
    """Return one filter as a function of a record."""
    name, test = spec.name, _TESTS[it["operator"]]
    given = it.get("values") if it["operator"] in {"IN", "NOT_IN"} else [it.get("value"), it.get("highValue")]
    try:
        to = [_comparable(spec, str(value)) for value in given or [] if value is not None]
    except ValueError:
        raise answers.refuse(400, f"Invalid value for {name}: {given}") from None
    if not to and "HAS_PROPERTY" not in it["operator"]:
        raise answers.refuse(400, f"operator {it['operator']} on {name} needs a value")

    def fits(record: Record) -> bool:
        value = record.get(name)
        return test(None if value is None else _comparable(spec, value), to)

    return fits


def _comparable(spec: Property, text: str) -> Any:
    """Return a value in a form that orders as its type does; texts compare without case."""
    match spec.type:
        case "number":
            return float(text) if "." in text else int(text)
        case "datetime" | "date":
            return text if text.endswith("Z") and len(text) == 24 else hubspot_time(moment_of(text))
        case _:
            return text.lower()


def _sorted(ids: list[int], body: answers.Json, table: Table, properties: dict[str, Property], now: float) -> list[int]:
    """Return ids in the order the search asks for; by id where it asks for none."""
    sorts = body.get("sorts") or []
    if len(sorts) > 1:
        raise answers.refuse(400, "A search has at most one sort")
    if not sorts:
        return ids
    wish = {"propertyName": sorts[0], "direction": "ASCENDING"} if isinstance(sorts[0], str) else sorts[0]
    spec = properties.get(wish.get("propertyName", ""))
    if spec is None:
        raise answers.refuse(400, f"There was a problem with the request: sort on {wish.get('propertyName')}")
    is_down = wish.get("direction") == "DESCENDING"
    if spec.name == "hs_object_id":
        return ids[::-1] if is_down else ids

    def key(number: int) -> tuple[bool, Any]:
        value = (table.searchable(str(number), now) or {}).get(spec.name)
        return value is not None, 0 if value is None else _comparable(spec, value)

    return sorted(ids, key=key, reverse=is_down)


def _mentions(record: Record | None, text: str) -> bool:
    """Return whether the default search properties hold a text."""
    names = ("name", "domain", "website", "phone", "firstname", "lastname", "email")
    return record is not None and any(text in record.get(name, "").lower() for name in names)


def _has_token(text: str, wanted: str) -> bool:
    """Return whether a word of a text fits a word with `*` wildcards."""
    words = [text, *re.split(r"[^\w]+", text)]
    return any(fnmatchcase(word, wanted) for word in words)
