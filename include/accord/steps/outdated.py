"""Creations that waited: given up where the records of now do not ask for them any more (R12, R73, R75, R96).

A plan waits for an approval, or its run dies. Meanwhile people delete and merge records, and make by hand what they
miss; a creation that was right then is a duplicate now. The CRM's unique key cannot tell: it knows our records only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from accord import rules
from accord.model.columns import FIELD_VALUES, empty
from accord.model.ids import hubspot_key, salesforce_key
from accord.steps.answers import changed
from accord.steps.decide import gathered, in_scope
from accord.steps.extract import extract_all
from accord.steps.policy import policy_of
from accord.store import lease, ledger
from accord.store.settling import settle

if TYPE_CHECKING:
    from accord.steps.work import Work
    from accord.store.ledger import Intent, System
    from accord.store.settling import Settlement

_ASKS_FOR: dict[str, System] = {"CREATE_COMPANY": "hubspot", "CREATE_ACCOUNT": "salesforce"}
"""In which CRM a decision creates a record."""


def give_up_outdated(work: Work) -> int:
    """Return how many planned creations were given up; none where the run read both CRMs a few minutes ago.

    Else what changed since is read, and a creation stays that a plan of now has as well. The next run decides about the
    others.

    Raises:
        LeaseHeld: another run took over meanwhile.
    """
    origin = work.wiring.origin
    if origin is None or not work.has_waited(origin.salesforce_at):
        return 0
    database = work.wiring.database
    planned = ledger.planned_creates(database, work.run.run_id)
    if not planned:
        return 0
    extract_all(replace(work.wiring, origin=work.wiring.ask_origin()), work.run)
    asked_for = _asked_for(work)
    lease.renew(database, lease.CRMS, work.run.run_id)
    outdated = [row["id"] for row in planned if (row["system"], _key(row["system"], row["source_id"])) not in asked_for]
    given_up = [_given_up(intent) for intent in ledger.intents_named(database, outdated)]
    return settle(database, given_up, work.run.run_id, work.now)


def _asked_for(work: Work) -> set[tuple[System, int]]:
    """Return the CRM and source of every creation in a plan of what staging shows now, held ones too."""
    wiring = work.wiring
    snapshot = gathered(wiring, work.run)
    case = rules.study(snapshot, policy_of(wiring.database, wiring.settings, work.now))
    decisions = in_scope(rules.conclude(case, empty(FIELD_VALUES)), snapshot, work.run).decisions
    actions = decisions.held_action.where(decisions.action == "HOLD", decisions.action)
    return {(system, int(key)) for action, system in _ASKS_FOR.items() for key in decisions.key[actions == action]}


def _key(system: System, source_id: str) -> int:
    """Return the key of the record that a creation in one CRM is made from, which is of the other."""
    return salesforce_key(source_id) if system == "hubspot" else hubspot_key(source_id)


def _given_up(intent: Intent) -> Settlement:
    """Return the settlement of a creation that is not asked for any more."""
    message = f"{intent.source_id} is gone, or has a counterpart, since the plan was made; no {intent.object} was made"
    return changed(intent, "changed_since_plan", message, is_skip=True)
