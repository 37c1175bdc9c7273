"""HubSpot lists: search, lookup, members by time of joining, and changes of lists that are kept by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.lists import RecordList

_MEMBERS, _SEARCH = 250, 500


def search(crms: Crms, call: Call) -> Answer:
    """Answer the lists whose name holds a text."""
    body = answers.body_of(call)
    text, types = str(body.get("query") or "").lower(), body.get("processingTypes") or []
    found = [it for it in crms.portal.lists.by_id.values() if text in it.name.lower()]
    found = [it for it in found if not types or it.processing_type in types]
    start, count = int(body.get("offset") or 0), min(int(body.get("count") or 20), _SEARCH)
    page = found[start : start + count]
    rows = [_shown(crms, it) for it in page]
    end = start + len(page)
    return Answer.json({"offset": end, "hasMore": end < len(found), "lists": rows, "total": len(found)})


def read(crms: Crms, call: Call) -> Answer:
    """Answer one list by id."""
    return Answer.json({"list": _shown(crms, _found(crms, call))})


def read_by_name(crms: Crms, call: Call) -> Answer:
    """Answer one list by its exact name."""
    name, object_type = call.params["name"], call.params["type_id"]
    for it in crms.portal.lists.by_id.values():
        if it.name == name and it.object_type_id == object_type:
            return Answer.json({"list": _shown(crms, it)})
    raise answers.refuse(
        404, f"List does not exist with name {name} and object type {object_type}.", "OBJECT_NOT_FOUND"
    )


def create(crms: Crms, call: Call) -> Answer:
    """Make a list of contacts."""
    body = answers.body_of(call)
    name = str(body.get("name") or "")
    if not name:
        raise answers.refuse(400, "Invalid input JSON: name is required")
    if any(it.name == name for it in crms.portal.lists.by_id.values()):
        raise answers.refuse(400, f"A list with the name {name} already exists.")
    list_id = crms.portal.lists.make(name, processing=str(body.get("processingType") or "MANUAL"))
    return Answer.json({"list": _shown(crms, crms.portal.lists.by_id[list_id])})


def by_join_order(crms: Crms, call: Call) -> Answer:
    """Answer one page of members, the first to join first."""
    rows = _in_order(crms, call, by_time=True)
    start = _after_pair(call.arg("after"))
    return _page(crms, call, [it for it in rows if it >= start] if start else rows, len(rows), by_time=True)


def by_id(crms: Crms, call: Call) -> Answer:
    """Answer one page of members in id order."""
    rows = _in_order(crms, call, by_time=False)
    after = call.arg("after")
    if after and not after.isdigit():
        raise answers.refuse(400, f"Unable to read the cursor {after}")
    return _page(crms, call, [it for it in rows if it[1] >= int(after or 0)], len(rows), by_time=False)


def change(crms: Crms, call: Call) -> Answer:
    """Add and remove members; only lists kept by hand allow it. The misspelt key of the answer is HubSpot's own."""
    it = _found(crms, call)
    if it.processing_type == "DYNAMIC":
        raise answers.refuse(400, f"List {it.list_id} is dynamic; its members cannot be changed.")
    add, remove = _changes(call)
    known = crms.portal.tables["contacts"].live
    lost = [rid for rid in add if rid not in known]
    joined, left = crms.portal.lists.change(it.list_id, [rid for rid in add if rid in known], remove)
    return Answer.json({"recordsIdsAdded": joined, "recordIdsRemoved": left, "recordIdsMissing": lost})


def of_records(crms: Crms, call: Call) -> Answer:
    """Answer the lists some records are on."""
    rows = answers.body_of(call).get("inputs") or []
    if not 0 < len(rows) <= crms.switches.membership_batch_cap:
        raise answers.refuse(400, f"The number of inputs must be between 1 and {crms.switches.membership_batch_cap}")
    results = []
    for row in rows:
        rid = str(row.get("recordId"))
        mine = [(it, it.members[rid]) for it in crms.portal.lists.by_id.values() if rid in it.members]
        lists = [
            {"listId": it.list_id, "listVersion": it.version, "firstAddedTimestamp": at, "lastAddedTimestamp": at}
            for it, at in mine
        ]
        results.append(
            {"recordId": rid, "objectTypeId": row.get("objectTypeId", "0-1"), "recordListMemberships": lists}
        )
    return answers.batch(crms, results, [])


def _changes(call: Call) -> tuple[list[str], list[str]]:
    """Return who joins and who leaves, by the verb at the end of the path."""
    try:
        body = call.json()
    except ValueError:
        raise answers.refuse(400, "Invalid input JSON") from None
    verb = call.path.rstrip("/").rpartition("/")[2]
    if verb == "add-and-remove":
        return [str(it) for it in body.get("recordIdsToAdd", [])], [str(it) for it in body.get("recordIdsToRemove", [])]
    ids = [str(it) for it in body]
    return (ids, []) if verb == "add" else ([], ids)


def _found(crms: Crms, call: Call) -> RecordList:
    """Return the list a path names.

    Raises:
        Refused: 404, there is none.
    """
    it = crms.portal.lists.by_id.get(call.params["list_id"])
    if it is None:
        raise answers.refuse(404, f"List does not exist with ID {call.params['list_id']}.", "OBJECT_NOT_FOUND")
    return it


def _in_order(crms: Crms, call: Call, *, by_time: bool) -> list[tuple[str, int]]:
    """Return the live members of a list as (time of joining, id); the time is empty in id order.

    Remembered until a contact or the list changes: a long list is read page by page.
    """
    it, contacts = _found(crms, call), crms.portal.tables["contacts"]
    key = f"{by_time} {contacts.version}"
    if key not in it.memo:
        live = [(at if by_time else "", int(rid)) for rid, at in it.members.items() if rid in contacts.live]
        it.memo = {key: sorted(live)}
    return it.memo[key]


def _after_pair(text: str) -> tuple[str, int] | None:
    """Return the cursor of the join order."""
    if not text:
        return None
    at, _, rid = text.partition("~")
    if not rid.isdigit():
        raise answers.refuse(400, f"Unable to read the cursor {text}")
    return at, int(rid)


def _page(crms: Crms, call: Call, rows: list[tuple[str, int]], total: int, *, by_time: bool) -> Answer:
    """Return one page of members from those that are left."""
    limit = answers.number_of(call, "limit", 100, _MEMBERS)
    times = crms.portal.lists.by_id[call.params["list_id"]].members
    results = [{"recordId": str(rid), "membershipTimestamp": times[str(rid)]} for _, rid in rows[:limit]]
    body: answers.Json = {"results": results, "total": total}
    if len(rows) > limit:
        at, rid = rows[limit]
        body["paging"] = answers.next_page(call, f"{at}~{rid}" if by_time else str(rid))
    return Answer.json(body)


def _shown(crms: Crms, it: RecordList) -> answers.Json:
    """Return a list as the API shows it."""
    live = crms.portal.tables["contacts"].live
    size = sum(rid in live for rid in it.members)
    return {
        "listId": it.list_id,
        "listVersion": it.version,
        "createdAt": it.created_at,
        "updatedAt": it.updated_at,
        "filtersUpdatedAt": it.created_at,
        "processingStatus": "COMPLETE",
        "createdById": "61526375",
        "updatedById": "61526375",
        "processingType": it.processing_type,
        "objectTypeId": it.object_type_id,
        "name": it.name,
        "size": size,
        "additionalProperties": {"hs_list_size": str(size), "hs_list_reference_count": "0"},
    }
