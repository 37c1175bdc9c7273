"""Gather both CRMs from staging, let the rules decide, store the part of the plan that is in the scope of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from accord import rules
from accord.model.errors import BadInput
from accord.model.field_map import moving
from accord.model.ids import hubspot_key, salesforce_key
from accord.steps import narrow
from accord.steps.ask import approval_body, approval_subject
from accord.steps.field_times import ask_times
from accord.steps.open_run import which_system
from accord.steps.policy import policy_of
from accord.store import field_base, field_memory, history, latest, lease, plan_table, requests, runs, stages
from accord.store.partners import replace_partners
from accord.store.snapshot import read_snapshot

if TYPE_CHECKING:
    from accord.model.scope import Run
    from accord.model.snapshot import Plan, Snapshot
    from accord.rules.case import Case
    from accord.steps.wiring import Wiring


def decide(wiring: Wiring, run: Run) -> dict[str, Any]:
    """Return the digest and counts of the run's plan, and the text of the approval it may need.

    The plan of a run that is decided again replaces the first one. No CRM is written.
    """
    lease.acquire(wiring.database, lease.CRMS, run.run_id)
    field_base.promote(wiring.database)
    if run.mode == "apply":
        stages.promote(wiring.database)
    snapshot = gathered(wiring, run)
    plan = in_scope(_planned(wiring, snapshot, run), snapshot, run)
    if run.scope.kind == "record":
        _refuse_unknown(wiring, snapshot, run)
    if run.scope.kind == "changed":
        runs.add_counts(wiring.database, run.run_id, {"standing": standing_of(plan)})
        plan = narrow.to_news(plan, latest.latest_decisions(wiring.database, run.run_id))
    runs.add_counts(wiring.database, run.run_id, {"by_decision": standing_of(plan, beside=True)})
    digest = plan_table.write_plan(wiring.database, run, plan)
    runs.set_plan(wiring.database, run.run_id, digest)
    requests.keep_open(wiring.database, run)
    return {"digest": digest, "mode": run.mode, **counts_of(plan), **_approval(wiring, run, plan, digest)}


def gathered(wiring: Wiring, run: Run) -> Snapshot:
    """Return what staging shows of both CRMs, as the rules read it."""
    return read_snapshot(
        wiring.database,
        wiring.settings,
        org_id=wiring.org_id,
        portal_id=wiring.portal_id,
        pipeline_user=wiring.settings.pipeline_user or wiring.user_id,
        run=run,
    )


def _planned(wiring: Wiring, snapshot: Snapshot, run: Run) -> Plan:
    """Return the whole plan; what it saw of the mapped fields in scope is kept for the memory (R62-R68)."""
    case = rules.study(snapshot, policy_of(wiring.database, wiring.settings, wiring.clock.now()))
    standing = narrow.standing_in(rules.standing_pairs(case), _scope_of(snapshot, run))
    if moving(wiring.settings.fields, "parent"):
        replace_partners(wiring.database, rules.known_partners(case))
    with field_memory.look(wiring.database, wiring.settings.fields, standing, wiring.clock.now()) as seen:
        ask_times(wiring, seen)
        plan = rules.conclude(case, seen.values())
        seen.keep(run.run_id)
    _remember_stages(wiring, run, snapshot, case)
    return plan


def _remember_stages(wiring: Wiring, run: Run, snapshot: Snapshot, case: Case) -> None:
    """Keep the stages that the plan was made of, and say which changes move nothing for want of a rank (R52, R58, R60).

    A run that only plans leaves every change to one that applies.
    """
    database = wiring.database
    left = rules.stages_left(case)
    if run.scope.kind == "changed":
        runs.add_counts(database, run.run_id, {"stages_left": len(left)})
    if run.mode == "plan":
        return
    contacts = snapshot.hubspot_contacts
    is_news = ~contacts.is_archived & (~contacts.has_baseline | (contacts.stage_before != contacts.stage))
    if case.policy.stage_baseline_exists:
        stages.keep_seen(database, run.run_id, contacts[is_news])
    else:
        switched_on = history.switched_on(database, wiring.settings, wiring.clock.now())
        stages.begin(database, run.run_id, contacts[is_news], switched_on)
    if run.scope.kind == "changed" and len(left):
        stages.note_left(database, run.run_id, left)


def in_scope(plan: Plan, snapshot: Snapshot, run: Run) -> Plan:
    """Return the decisions that this run may act on (`model.scope.Scope`)."""
    scope = _scope_of(snapshot, run)
    return narrow.to_records(plan, *scope) if scope else plan


def _scope_of(snapshot: Snapshot, run: Run) -> tuple[str, np.ndarray] | None:
    """Return the CRM and keys of the records that a run may act on, None where it may act on all."""
    if run.scope.kind == "interval":
        return "salesforce", snapshot.accounts.key[snapshot.accounts.is_imported].to_numpy()
    if run.scope.kind == "record":
        system, record_id = which_system(run.scope.record_id or "")
        return system, np.array([hubspot_key(record_id) if system == "hubspot" else salesforce_key(record_id)])
    return None


def _refuse_unknown(wiring: Wiring, snapshot: Snapshot, run: Run) -> None:
    """Close the request for a record that neither CRM shows us.

    Raises:
        BadInput: names the record.
    """
    system, record_id = which_system(run.scope.record_id or "")
    known = snapshot.companies.key if system == "hubspot" else snapshot.accounts.key
    key = hubspot_key(record_id) if system == "hubspot" else salesforce_key(record_id)
    if not (known == key).any():
        requests.refuse(wiring.database, run.run_id, "no such record")
        what = "company in HubSpot" if system == "hubspot" else "account in Salesforce"
        raise BadInput(f"{record_id}: there is no such {what}, or our login does not see it; nothing was done")


def standing_of(plan: Plan, *, beside: bool = False) -> list[dict[str, Any]]:
    """Return how many records stand at each decision: system, action, reason, rule, records, warned (with a warning).

    Pages show it instead of counting; stages that move beside a decision are left out unless asked for.
    """
    rows = plan.decisions if beside else plan.decisions[plan.decisions.action != "SET_STAGE"]
    grouped = rows.assign(warned=rows.warnings != "").groupby(["system", "action", "reason", "rule"])["warned"]
    counted: list[dict[str, Any]] = (
        grouped.agg(["size", "sum"]).set_axis(["records", "warned"], axis=1).reset_index().to_dict("records")
    )
    return counted


def counts_of(plan: Plan) -> dict[str, int]:
    """Return how many records each action has, lower-cased, and how many creations are held."""
    counts = {str(action).lower(): int(n) for action, n in plan.decisions.action.value_counts().items()}
    return {
        **counts,
        "records": len(plan.decisions),
        "held": counts.get("hold", 0),
        "set_field": int((plan.fields.held == "").sum()),
    }


def _approval(wiring: Wiring, run: Run, plan: Plan, digest: str) -> dict[str, str]:
    """Return the question put to a person where creations are held, else nothing."""
    if not (plan.decisions.action == "HOLD").any():
        return {}
    held = plan_table.held_rows(wiring.database, run.run_id, 20)
    return {"subject": approval_subject(counts_of(plan)), "body": approval_body(counts_of(plan), held, digest)}
