"""Companies and contacts one at a time and by page: list, get, create, update, archive, merge, GDPR delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox import hubspot_answers as answers
from accord.sandbox.portal_checks import Problem, missing
from accord.sandbox.portal_merge import merge as merge_records
from accord.sandbox.wire import Answer, Call, Refused

if TYPE_CHECKING:
    from accord.sandbox.core import Crms
    from accord.sandbox.portal_schema import Kind

_LIST_LIMIT, _HISTORY_LIMIT = 100, 50


def list_page(crms: Crms, call: Call) -> Answer:
    """Answer one page of all records in id order; the cursor stays valid when its record goes."""
    portal, kind = crms.portal, answers.kind_of(call.params["object_type"])
    most = _HISTORY_LIMIT if call.query.get("propertiesWithHistory") else _LIST_LIMIT
    limit, after = answers.number_of(call, "limit", 10, most), call.arg("after")
    if after and not after.isdigit():
        raise answers.refuse(400, f"Unable to read the cursor {after}")
    archived, table = call.arg("archived").lower() == "true", portal.tables[kind]
    ids = table.ids_from(after, limit + 1, archived=archived)
    names = answers.columns(portal, kind, answers.names_of(call, "properties"))
    wanted = answers.names_of(call, "associations")
    source = table.bin if archived else table.live
    rows = [answers.shown(portal, kind, source[it], names, table.archived_at.get(it, "")) for it in ids[:limit]]
    if wanted and not archived:
        rows = [row | answers.inline_associations(portal, kind, row["id"], wanted) for row in rows]
    body = {"results": rows}
    return Answer.json(body | ({"paging": answers.next_page(call, ids[limit])} if len(ids) > limit else {}))


def read_one(crms: Crms, call: Call) -> Answer:
    """Answer one record by id, by a merged-away id, or by a unique property."""
    portal, kind = crms.portal, answers.kind_of(call.params["object_type"])
    archived = call.arg("archived").lower() == "true"
    rid = _found(crms, call, kind, archived=archived)
    table = portal.tables[kind]
    record = (table.bin if archived else table.live)[rid]
    names = answers.columns(portal, kind, answers.names_of(call, "properties"))
    row = answers.shown(portal, kind, record, names, table.archived_at.get(rid, ""))
    return Answer.json(row | answers.inline_associations(portal, kind, rid, answers.names_of(call, "associations")))


def create(crms: Crms, call: Call) -> Answer:
    """Make one record, with the associations the body names."""
    kind, body = answers.kind_of(call.params["object_type"]), answers.body_of(call)
    values = body.get("properties") or {}
    try:
        rid = crms.portal.create(kind, values)
        for link in body.get("associations") or []:
            types = {it.get("associationTypeId") for it in link.get("types", [])}
            pair = (rid, str(link["to"]["id"])) if kind == "contacts" else (str(link["to"]["id"]), rid)
            crms.portal.associate(*pair, primary=bool(types & {1, 2}))
    except Problem as problem:
        raise answers.refused(problem) from None
    return Answer.json(answers.written(crms.portal, kind, rid, list(values)), 201)


def update(crms: Crms, call: Call) -> Answer:
    """Change one record."""
    kind, values = answers.kind_of(call.params["object_type"]), answers.body_of(call).get("properties") or {}
    rid = _found(crms, call, kind)
    try:
        crms.portal.update(kind, rid, values)
    except Problem as problem:
        raise answers.refused(problem) from None
    return Answer.json(answers.written(crms.portal, kind, rid, list(values)))


def archive(crms: Crms, call: Call) -> Answer:
    """Put one record into the bin."""
    kind = answers.kind_of(call.params["object_type"])
    crms.portal.archive(kind, call.params["record_id"])
    return Answer(204)


def merge(crms: Crms, call: Call) -> Answer:
    """Merge two records; the result has a new id."""
    kind, body = answers.kind_of(call.params["object_type"]), answers.body_of(call)
    try:
        rid = merge_records(crms.portal, kind, str(body.get("primaryObjectId")), str(body.get("objectIdToMerge")))
    except Problem as problem:
        raise answers.refused(problem) from None
    return Answer.json(answers.written(crms.portal, kind, rid, ["hs_merged_object_ids"]))


def gdpr_delete(crms: Crms, call: Call) -> Answer:
    """Delete a contact for good."""
    body = answers.body_of(call)
    rid = crms.portal.find("contacts", str(body.get("objectId")), body.get("idProperty") or "")
    try:
        crms.portal.gdpr_delete(rid or str(body.get("objectId")))
    except Problem as problem:
        raise answers.refused(problem) from None
    return Answer(204)


def _found(crms: Crms, call: Call, kind: Kind, *, archived: bool = False) -> str:
    """Return the id of the record a path names.

    Raises:
        Refused: 404, or 400 where `idProperty` names a property that is not unique.
    """
    asked, id_property = call.params["record_id"], call.arg("idProperty")
    if id_property and not crms.portal.is_unique(kind, id_property):
        raise answers.refuse(400, f"Unable to read by non-unique property {id_property}")
    rid = crms.portal.find(kind, asked, id_property, archived=archived)
    if rid is None:
        problem = missing(kind, [asked])
        raise Refused(answers.error(404, "resource not found", "OBJECT_NOT_FOUND", context=problem.context))
    return rid
