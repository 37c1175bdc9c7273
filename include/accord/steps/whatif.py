"""What other settings would decide on the same staging: no CRM is asked, no plan is stored, no lease is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accord import rules
from accord.model.errors import BadInput, StalePlan
from accord.model.ids import NONE
from accord.model.reasons import plain_reason
from accord.model.scope import Run, Scope
from accord.model.settings_changes import change_words, difference_of
from accord.steps.plan_difference import compare_plans
from accord.steps.policy import policy_of
from accord.store import field_memory, history, runs
from accord.store.snapshot import read_snapshot
from accord.store.standstill import record_names, staged_rules, state_of

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from accord.model.settings import Settings
    from accord.model.snapshot import Plan
    from accord.store.database import Database
    from accord.store.runs import Origin

_RUN = Run("what-if", Scope("changed"), "plan")


@dataclass(frozen=True)
class WhatIf:
    """What would be decided differently.

    Attributes:
        settings: what differs between the two settings, in words.
        notes: what the comparison leaves out or assumes, in words.
        counts: one row per action and reason: `action`, `reason`, `before`, `after`.
        changes: one row per thing decided differently: `system`, `record`, `name`, `what` ("" of the record itself,
            `stage`, or a mapped field), `was`, `would_be`, `why`.
    """

    settings: list[str]
    notes: list[str]
    counts: pd.DataFrame
    changes: pd.DataFrame


def what_if(database: Database, current: Settings, other: Settings, now: datetime) -> WhatIf:
    """Return what the other settings would decide differently from the current ones, both on staging as it stands.

    Args:
        database: the warehouse.
        current: to compare with.
        other: what if these were in force?
        now: the time, UTC.

    Raises:
        BadInput: no run has staged anything yet.
        StalePlan: a run changed staging or memory meanwhile.
    """
    origin = runs.latest_origin(database)
    if origin is None:
        raise BadInput("nothing is staged yet: run `accord plan` once first, then compare settings on what it read")
    before_it, notes = state_of(database), list[str]()
    plans = [
        decide_on_staging(database, _on_what_is_staged(database, settings, notes), origin, now)
        for settings in (current, other)
    ]
    if state_of(database) != before_it:
        raise StalePlan(
            "a run changed what is staged while both settings were decided: compare again when it has ended"
        )
    found = compare_plans(*plans)
    words = change_words(difference_of(current.model_dump(mode="json"), other.model_dump(mode="json")))
    return WhatIf(words, list(dict.fromkeys(notes)), found.counts, _named(database, found.changes))


def decide_on_staging(database: Database, settings: Settings, origin: Origin, now: datetime) -> Plan:
    """Return what the rules decide on staging and memory as they stand; nothing of it is kept."""
    snapshot = read_snapshot(
        database,
        settings,
        org_id=origin.org_id,
        portal_id=origin.portal_id,
        pipeline_user=settings.pipeline_user or origin.user_id,
        run=_RUN,
    )
    policy = policy_of(database, settings, now)
    if not settings.sync_companies:
        return rules.decide(snapshot, policy)
    case = rules.study(snapshot, policy)
    with field_memory.look(database, settings.fields, rules.standing_pairs(case), now) as seen:
        return rules.conclude(case, seen.values())


def _on_what_is_staged(database: Database, settings: Settings, notes: list[str]) -> Settings:
    """Return settings that staging can answer; what it cannot is said in the notes."""
    staged_list = (history.last_recorded(database) or {}).get("inclusion_list")
    wanted = settings.inclusion_list
    if not settings.sync_companies:
        notes.append("company sync is off in one of the two: it decides nothing (R1)")
    if wanted is not None and wanted != staged_list:
        notes.append(
            f"inclusion_list: staging holds {f'the members of {staged_list}' if staged_list else 'no list'}, "
            f"not those of {wanted}: "
            + ("the comparison takes the one for the other" if staged_list else "this difference is left out")
        )
    fields = tuple(staged_rules(database, settings.fields))
    notes += [
        f"fields: staging does not hold {rule.salesforce} with {rule.hubspot} yet, so this mapping is left out; a new "
        "mapping fills in nothing that stands (R68)"
        for rule in settings.fields
        if rule not in fields
    ]
    return settings.model_copy(update={"fields": fields, "inclusion_list": wanted if staged_list else None})


def _named(database: Database, changes: pd.DataFrame) -> pd.DataFrame:
    """Return the changes with ids and names for keys, and the reason in plain words."""
    names = record_names(database)
    ids = names.set_index(["system", "key"])
    own = changes[["system", "key"]].merge(names, on=["system", "key"], how="left", validate="m:1")
    named = changes[["system", "what"]].assign(
        record=own["id"].fillna("not visible to us"), name=own["name"].fillna("")
    )
    other = changes["system"].map({"salesforce": "hubspot", "hubspot": "salesforce"})
    for side, column in (("before", "was"), ("after", "would_be")):
        partner = changes.assign(system=other, key=changes[f"partner_key_{side}"])[["system", "key"]]
        found = partner.merge(ids, left_on=["system", "key"], right_index=True, how="left", validate="m:1")["id"]
        has_partner = changes[f"partner_key_{side}"] != NONE
        said = changes[f"said_{side}"]
        named[column] = said + (" with " + found.fillna("a record we cannot see")).where(has_partner, "")
    named["why"] = [_why(*row) for row in zip(changes["action_after"], changes["reason_after"], strict=True)]
    return named[["system", "record", "name", "what", "was", "would_be", "why"]]


def _why(action: str, reason: str) -> str:
    """Return why it would be so, in plain words."""
    if not action:
        return "nothing is decided about it any more"
    return f"a mapped field, by {reason}" if action == "SET_FIELD" else plain_reason(reason)
