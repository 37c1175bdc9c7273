"""Whether a value was written after we sent ours: what a lost answer hides, the history of the field tells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from accord.steps.field_times import tracked_changes
from accord.steps.twins import moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from accord.steps.work import Work
    from accord.store.ledger import Intent

_NEVER = datetime.min.replace(tzinfo=UTC)


def changed_since_sent(work: Work, intents: Sequence[Intent]) -> set[UUID]:
    """Return the updates of one CRM each of whose fields was changed after the update was sent, as far as it tells.

    The change is ours, or of somebody who came after us; either way what stands is the later word. Salesforce tells of
    the fields whose history the org tracks. A record that was not changed since is not there.
    """
    sent = [intent for intent in intents if intent.op == "update" and intent.sent_at is not None]
    if not sent:
        return set()
    latest: dict[tuple[str, str], datetime] = {}
    for record_id, name, at in _changes(work, sent):
        latest[record_id, name] = max(moment(at), latest.get((record_id, name), _NEVER))
    return {
        it.id
        for it in sent
        if it.sent_at and all(latest.get((str(it.target_id), name), _NEVER) >= it.sent_at for name in it.fields)
    }


def _changes(work: Work, intents: Sequence[Intent]) -> Iterable[tuple[str, str, str]]:
    """Yield (record id, field, ISO time) of changes of the written fields; the latest is among them."""
    ids = sorted({str(intent.target_id) for intent in intents})
    names = sorted({name for intent in intents for name in intent.fields})
    if intents[0].system == "hubspot":
        return work.wiring.hubspot.changed_at("companies", ids, names)
    return tracked_changes(work.wiring, ids, names)
