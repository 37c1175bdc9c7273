"""The parent of a company: an association that is ended and made, and no property (R65).

A company has one parent. Another one is set in two writes, the old association ended before the new one is made: it is
not known whether HubSpot replaces a parent or refuses a second one, and each write has its own before-image so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from accord.model.field_map import PARENT_PROPERTY, moving
from accord.steps.intents import Wish
from accord.steps.payload import LeftOut
from accord.store.ledger import Intent

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from accord.steps.intents import Planner, Row
    from accord.steps.work import Work
    from accord.store.ledger import Op

PARENT_OPS = {"unparent", "parent"}
"""Writes that end and make the association of a company with its parent."""
CHILD_TO_PARENT = 14
"""Association type from a company to its parent."""


def field_wishes(planner: Planner, group: Sequence[Row], loops: Collection[str]) -> list[Wish]:
    """Return the writes to one record: its values together, and its parent apart.

    Args:
        planner: of the run.
        group: SET_FIELD rows of one pair and side.
        loops: companies that would come to stand above themselves.
    """
    values = [row for row in group if row["name"] != PARENT_PROPERTY]
    parents = [row for row in group if row["name"] == PARENT_PROPERTY and moving(planner.rules, "parent")]
    return [
        *([planner.field_wish(values)] if values else []),
        *(wish for row in parents for wish in _parent_wishes(planner, row, loops)),
    ]


def parents_now(work: Work, companies: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Return the parent of each company as its associations say, which the property may not show yet; 1,000 a call."""
    ids = sorted(set(companies))
    parents = {
        child: parent
        for page in work.wiring.hubspot.association_rows("companies", "companies", ids)
        for child, parent, types in page
        if CHILD_TO_PARENT in types
    }
    return {child: {PARENT_PROPERTY: parents.get(child)} for child in ids}


def parent_link(intent: Intent) -> tuple[str, str]:
    """Return the company and the parent that a write ends or makes the association of."""
    parent = intent.fields[PARENT_PROPERTY] or (intent.before or {})[PARENT_PROPERTY]
    return str(intent.target_id), str(parent)


def _parent_wishes(planner: Planner, row: Row, loops: Collection[str]) -> list[Wish]:
    """Return the writes of one row of kind parent, or one that says why it waits.

    Value and before are company ids, None without a parent; the id of an account is one that is not paired.
    """
    child, value, before = row["company_id"], row["value"], row["before"]
    if value is not None and not value.isdigit():
        return [_waits(planner, row, "parent_not_paired", f"parent account {value[:40]} is paired with no company yet")]
    if child in loops:
        text = f"with {value} as its parent, company {child} would stand above itself"
        return [_waits(planner, row, "parent_cycle", text)]
    ended = _intent(planner, row, "unparent", None, before)
    made = _intent(planner, row, "parent", value, None)
    return [Wish(intent) for intent, wanted in ((ended, before), (made, value)) if wanted is not None]


def _waits(planner: Planner, row: Row, code: str, message: str) -> Wish:
    """Return a write that sends nothing and says why."""
    intent = replace(_intent(planner, row, "parent", None, None), fields={}, before=None)
    unfit = {row["name"]: code}
    return Wish(intent, is_done=True, left_out=[LeftOut(PARENT_PROPERTY, code, message)], unfit=unfit)


def _intent(planner: Planner, row: Row, op: Op, value: str | None, before: str | None) -> Intent:
    """Return one write to the child company."""
    child = row["company_id"]
    return Intent(
        plan_hash=planner.plan_hash,
        run_id=planner.run_id,
        system="hubspot",
        object="company",
        op=op,
        source_id=child,
        target_id=child,
        account_id=row["account_id"],
        company_id=child,
        action="SET_FIELD",
        fields={PARENT_PROPERTY: value},
        before={PARENT_PROPERTY: before},
    )
