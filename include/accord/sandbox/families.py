"""Which HubSpot company is the parent of which: at most one parent a company, shown by `hs_parent_company_id`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.sandbox.portal_checks import Problem
from accord.sandbox.portal_schema import STAMPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accord.sandbox.portal import Portal

SHOWN = "hs_parent_company_id"
"""Property that the portal itself keeps in step; read only through the API."""


def parent_of(portal: Portal, child: str) -> str | None:
    """Return the parent of a company as far as it is live."""
    parent = portal.parents.get(child)
    return parent if parent in portal.tables["companies"].live else None


def children_of(portal: Portal, parent: str) -> list[str]:
    """Return the children of a company, archived ones too, in the order they came."""
    return [child for child, its in portal.parents.items() if its == parent]


def set_parent(portal: Portal, child: str, parent: str) -> None:
    """Make one company the parent of another.

    Raises:
        Problem: one of them is not live, both are one, or the child has a parent and the portal refuses a second.
    """
    here, above = portal.find("companies", child), portal.find("companies", parent)
    if here is None or above is None:
        wrong = child if here is None else parent
        raise Problem(400, "VALIDATION_ERROR", f"{wrong} is not a valid ID", context={"id": [wrong]})
    if here == above:
        text = f"Object {here} cannot be associated to itself"
        raise Problem(400, "VALIDATION_ERROR", text, context={"fromObjectId": [here], "toObjectId": [above]})
    old = parent_of(portal, here)
    if old == above:
        return
    if old is not None and portal.switches.second_parent == "refused":
        text = f"company {here} has reached the limit of 1 association of type 14"
        raise Problem(400, "LIMIT_EXCEEDED", text, context={"fromObjectId": [here], "toObjectId": [above]})
    portal.parents[here] = above
    show_parents(portal, [here], "associate")


def end_parent(portal: Portal, child: str, parent: str) -> None:
    """End the association of a company with its parent; one that is not there is left alone."""
    if child in portal.tables["companies"].live and portal.parents.get(child) == parent:
        del portal.parents[child]
        show_parents(portal, [child], "dissociate")


def inherit(portal: Portal, kept: str, gone: str, rid: str) -> None:
    """Give a merged company the parent and the children of the two it was made of; nobody becomes their own parent."""
    children = [*children_of(portal, kept), *children_of(portal, gone)]
    above = [portal.parents.pop(old, None) for old in (kept, gone)]
    parent = next((it for it in above if it and it not in {kept, gone}), None)
    portal.parents |= {child: rid for child in children if child not in {kept, gone}}
    if parent is not None:
        portal.parents[rid] = parent
    show_parents(portal, [rid, *children], "update")


def show_parents(portal: Portal, children: Iterable[str], op: str) -> None:
    """Let the property of some companies follow their associations."""
    table, stamp = portal.tables["companies"], STAMPS["companies"]
    for child in [it for it in children if it in table.live]:
        before, parent = table.live[child], parent_of(portal, child)
        if before.get(SHOWN) != parent:
            portal.commit(op, "companies", child, {SHOWN: parent})
            if not portal.switches.parent_moves_stamp:
                table.put(child, table.live[child] | {stamp: before[stamp]})
