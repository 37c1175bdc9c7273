"""One read just before the send, where a person may have been faster: keys, people, mapped fields, stages (I9)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from accord.rules.lifecycle import is_forward
from accord.steps.answers import changed, confirmed
from accord.steps.parent import PARENT_OPS, parents_now
from accord.steps.payload import same
from accord.steps.work import BELIEVED
from accord.store import pairs
from accord.store.ledger import UNDO
from accord.store.stages import NOT_FURTHER

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from accord.steps.work import Work
    from accord.store.ledger import Intent
    from accord.store.settling import Settlement

DECIDED_ANEW = {"update", "stage", *PARENT_OPS}
"""Writes that the next plan asks for again where they are right by then."""
READ_FIRST = {"restamp", "update", "attach", "unstage", "stage", *PARENT_OPS}
"""Writes whose record is read once more before them."""
_SOBJECTS = {"account": "Account", "contact": "Contact"}


def recheck(work: Work, intents: Sequence[Intent]) -> tuple[list[Intent], list[Settlement]]:
    """Return the writes that are still right to send, and the settlements of those that are not or no longer needed.

    Creations are not read again: their unique key decides, and the CRM checks it in the same moment. Nor is the stamp
    that follows a creation of these minutes. Stages are: what leads back HubSpot drops or refuses by its own order,
    not by that of the settings (R54).
    """
    verdicts: dict[UUID, Settlement | None] = {intent.id: _unpaired(intent) for intent in _without_pair(work, intents)}
    now = work.now
    to_read = [intent for intent in intents if intent.id not in verdicts and _is_read(intent, now)]
    current = current_values(work, to_read) if to_read else {}
    verdicts |= {intent.id: _verdict(work, intent, current.get(str(intent.target_id))) for intent in to_read}
    send = [intent for intent in intents if verdicts.get(intent.id) is None]
    return send, [settlement for settlement in verdicts.values() if settlement is not None]


def _without_pair(work: Work, intents: Sequence[Intent]) -> list[Intent]:
    """Return the updates of mapped fields whose two records are no pair: the link before them was held, or ended."""
    updates = [intent for intent in intents if intent.op in {"update", *PARENT_OPS} and intent.action != UNDO]
    if not updates:
        return []
    standing = pairs.standing(work.wiring.database, [(str(i.account_id), str(i.company_id)) for i in updates])
    return [intent for intent in updates if (intent.account_id, intent.company_id) not in standing]


def _unpaired(intent: Intent) -> Settlement:
    """Return that fields are not written to records that are no pair."""
    message = f"account {intent.account_id} and company {intent.company_id} are no pair; no field was written"
    return changed(intent, "not_paired", message, is_skip=True)


def current_values(work: Work, intents: Sequence[Intent]) -> dict[str, Mapping[str, Any]]:
    """Return the written fields as the CRM has them now, by record id; deleted records are absent.

    Args:
        work: ready clients.
        intents: of one system and object, each with a target; parents apart from other writes.
    """
    if intents[0].op in PARENT_OPS:
        return parents_now(work, [str(intent.target_id) for intent in intents])
    names = sorted({name for intent in intents for name in intent.fields})
    ids = sorted({str(intent.target_id) for intent in intents})
    if intents[0].system == "hubspot":
        found = work.wiring.hubspot.batch_read("companies", ids, names)
        return {asked: record["properties"] for asked, record in found.items() if record["id"] == asked}
    sobject = _SOBJECTS[intents[0].object]
    rows = work.wiring.salesforce.read(sobject, "Id", ids, ["Id", "IsDeleted", *names])
    return {row["Id"]: row for row in rows if not row.get("IsDeleted")}


def shows(intent: Intent, record: Mapping[str, Any]) -> bool:
    """Return whether a record shows everything that a write wanted."""
    return all(same(record.get(name), value) for name, value in intent.fields.items())


def _is_read(intent: Intent, now: datetime) -> bool:
    """Return whether a write deserves a read before it is sent."""
    if intent.op not in READ_FIRST:
        return False
    follows_creation = intent.op == "restamp" and intent.follows and intent.action.startswith("CREATE")
    is_fresh = intent.planned_at is not None and now - intent.planned_at < BELIEVED
    return not (follows_creation and is_fresh and intent.attempt == 1)


def _verdict(work: Work, intent: Intent, record: Mapping[str, Any] | None) -> Settlement | None:
    """Return why a write is not sent, None when it is."""
    is_skip = intent.op in {"attach", *DECIDED_ANEW} or intent.action == UNDO
    if record is None:
        message = f"{intent.object} {intent.target_id} was deleted or merged meanwhile"
        return changed(intent, "record_deleted", message, is_skip=is_skip)
    if shows(intent, record):
        # Claimed once and not sent: what stands there is somebody's, and no undo takes it away (R104).
        return confirmed(work, intent if intent.attempt > 1 else replace(intent, attempt=0), str(intent.target_id))
    if intent.op == "stage" and intent.action != UNDO:
        return _stage_verdict(work, intent, str(record.get("lifecyclestage") or ""))
    before = intent.before or {}
    moved = sorted(name for name in intent.fields if not same(record.get(name), before.get(name)))
    if not moved:
        return None
    message = f"{', '.join(moved)} of {intent.object} {intent.target_id} was changed after the plan was made"
    return changed(intent, "changed_since_plan", message, is_skip=is_skip)


def _stage_verdict(work: Work, intent: Intent, stage: str) -> Settlement | None:
    """Return why a stage is not sent: the company has moved on since the plan was made, as far or elsewhere (R54).

    The change was acted on all the same: it found a company that is not behind it.
    """
    wanted = str(intent.fields["lifecyclestage"])
    before, after = (np.array([name], dtype=object) for name in (stage, wanted))
    if is_forward(before, after, work.stage_order)[0]:
        return None
    message = f"company {intent.target_id} is at {stage} by now, and {wanted} is not further; left as it is"
    return changed(intent, NOT_FURTHER, message, is_skip=True)
