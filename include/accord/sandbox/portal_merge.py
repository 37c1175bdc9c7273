"""What HubSpot does when a person merges two records: a new id, to which both old ones lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox.families import inherit
from accord.sandbox.portal_checks import missing

if TYPE_CHECKING:
    from accord.sandbox.portal import Portal
    from accord.sandbox.portal_schema import Kind
    from accord.sandbox.portal_table import Record


def merge(portal: Portal, kind: Kind, primary: str, other: str) -> str:
    """Return the new id of two records merged into one.

    The primary's values win, the other's "primary" labels are dropped, both old ids lead to the new one.

    Raises:
        Problem: one of them is not live, or both are the same record.
    """
    kept, gone = portal.find(kind, primary), portal.find(kind, other)
    if kept is None or gone is None or kept == gone:
        raise missing(kind, [it for it, found in ((primary, kept), (other, gone)) if found is None] or [primary])
    rid = portal.next_id(kind)
    ends = [portal.links.of(kind, it) for it in (kept, gone)]
    old = [_vanish(portal, kind, it, into=rid) for it in (kept, gone)]
    merged = [*(it for record in old for it in record.get("hs_merged_object_ids", "").split(";") if it), kept, gone]
    birth = {"createdate": min(record["createdate"] for record in old), "hs_object_id": rid}
    values = old[1] | old[0] | birth | {"hs_merged_object_ids": ";".join(merged)}
    values.pop("associatedcompanyid", None)
    portal.commit("merge", kind, rid, dict(values))
    for (mate, was_primary), is_kept in [(it, n == 0) for n in (1, 0) for it in ends[n]]:
        pair = (rid, mate) if kind == "contacts" else (mate, rid)
        portal.links.add(*pair, primary=was_primary and is_kept)
    portal.follow_primary([rid] if kind == "contacts" else [mate for end in ends for mate, _ in end])
    inherit(portal, kept, gone, rid)
    return rid


def _vanish(portal: Portal, kind: Kind, rid: str, *, into: str) -> Record:
    """Take a record that is being merged away out of every place, and return it."""
    table = portal.tables[kind]
    portal.remember(table, rid)
    record = table.take(rid)
    portal.uniques.move(kind, rid, record, {})
    portal.links.forget(kind, rid)
    table.merged_into[rid] = into
    if kind == "contacts":
        portal.lists.forget(rid, successor=into)
    if into not in portal.truth and rid in portal.truth:
        portal.truth[into] = portal.truth[rid]
    return record
