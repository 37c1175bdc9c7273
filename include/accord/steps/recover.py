"""What was sent and never settled: found by key, never guessed (the recovery half of the write protocol).

A create is looked for by its unique key with a read that is consistent, not with a search; where one call lists the
whole portal, in that list. Not there: a lone new twin without a key is ours, and gets its key back; several are a
person's business; none, and the same upsert goes again, which the unique key turns into an update should the first one
land after all.

What another run sent, or this one a while ago, is not sent again blindly: by now people may have made by hand what was
missing, or put back what they did not want, and the settings may be others. A create of this run is planned again, and
sent if a plan of now still asks for it (`outdated`). A value that somebody changed after it was sent had arrived. The
rest is given up: what still stands is in the next plan. Keys and people are sent again, as no plan asks for them twice.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from accord.crm.answers import Answer, RowAnswer
from accord.model import killpoints
from accord.steps.answers import changed, confirmed, held, unsent
from accord.steps.follow import restamp
from accord.steps.recheck import DECIDED_ANEW, current_values, shows
from accord.steps.send import HUBSPOT_ROWS, SALESFORCE_ROWS, send_batch
from accord.steps.since_sent import changed_since_sent
from accord.steps.twins import by_key, listed, twins_of
from accord.steps.work import RETRIES_IN_RUN, begin
from accord.store import ledger
from accord.store.ledger import UNDO
from accord.store.settling import Settlement, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.model.scope import Run
    from accord.steps.send import Unknown
    from accord.steps.twins import Found
    from accord.steps.wiring import Wiring
    from accord.steps.work import Work
    from accord.store.ledger import Intent

ROUNDS = 3
"""Times that one run looks for a write and sends it again; then it stays `sent` for the next run."""
_PAUSE_SECONDS = 2.0

_log = logging.getLogger(__name__)


def recover(wiring: Wiring, run: Run) -> dict[str, int]:
    """Return how many open writes of earlier runs were settled, and how many nobody knows the end of yet.

    Raises:
        LeaseHeld: another run is at work.
        RetryableError: a CRM cannot be read; the writes stay `sent`.
    """
    if run.mode != "apply":
        return {}
    return recover_open(begin(wiring, run))


def recover_open(work: Work) -> dict[str, int]:
    """Return the counts of `recover` under a lease that is held already."""
    unsettled = ledger.reclaim(work.wiring.database, work.epoch, work.now)
    if not unsettled:
        return {}
    _log.warning("%d writes were sent by an earlier try and never settled; looking for them by key", len(unsettled))
    left = resolve(work, [(intent, None) for intent in unsettled])
    return {"recovered": len(unsettled) - left, "unresolved": left}


def resolve(work: Work, unknown: Sequence[Unknown]) -> int:
    """Return how many of the writes nobody knows the end of even now; the others are settled (R98)."""
    for attempt in range(1, ROUNDS + 1):
        taken = [(intent, said) for intent, said in unknown if said is not None and said.answer is Answer.EXISTS]
        _settle_taken(work, taken)
        ambiguous = [intent for intent, said in unknown if said is None or said.answer is not Answer.EXISTS]
        unknown = [left for batch in _batches(ambiguous) for left in _look_and_resend(work, batch)]
        if not unknown:
            return 0
        if attempt < ROUNDS:
            work.wiring.clock.sleep(_PAUSE_SECONDS * 2.0 ** (attempt - 1))
    _log.warning("%d writes stay unresolved; the next run looks for them again", len(unknown))
    return len(unknown)


def _look_and_resend(work: Work, intents: Sequence[Intent]) -> list[Unknown]:
    """Settle the creates of a batch that are found, and send the rest once more; return what is unknown even so."""
    found = _looked_for(work, intents)
    settle(work.wiring.database, found, work.run.run_id, work.now)
    known = {settlement.intent.id for settlement in found}
    again = [intent.id for intent in intents if intent.id not in known]
    if not again:
        return []
    killpoints.passing("K9")
    claimed = ledger.reclaim(work.wiring.database, work.epoch, work.now, again, is_resend=True)
    return send_batch(work, claimed) if claimed else []


def _looked_for(work: Work, intents: Sequence[Intent]) -> list[Settlement]:
    """Return the settlements of the writes that are not to be sent again at once."""
    if intents[0].op == "create":
        return _creates(work, intents)
    if intents[0].op in DECIDED_ANEW:
        return _values_of_old(work, [intent for intent in intents if intent.action != UNDO and _is_old(work, intent)])
    return []


def _is_old(work: Work, intent: Intent) -> bool:
    """Return whether another run sent a write, or this one so long ago that people may have acted on it."""
    is_others = intent.run_id != work.run.run_id
    return is_others or (intent.sent_at is not None and work.has_waited(intent.sent_at))


def _creates(work: Work, intents: Sequence[Intent]) -> list[Settlement]:
    """Return the settlements of the creates that are found, and of those that are too old to be sent again blindly."""
    shown = listed(work, intents[0].system)
    there = by_key(work, intents[0].system, [str(intent.key) for intent in intents], shown)
    missing = [intent for intent in intents if str(intent.key) not in there]
    twins = twins_of(work, missing, shown)
    nowhere = [intent for intent in missing if not twins[intent.id] and _is_old(work, intent)]
    return [
        *(_found(work, intent, there[str(intent.key)]) for intent in intents if str(intent.key) in there),
        *(_twin(work, intent, twins[intent.id]) for intent in missing if twins[intent.id]),
        *(_not_made(work, intent) for intent in nowhere),
    ]


def _not_made(work: Work, intent: Intent) -> Settlement:
    """Return the settlement of an old create that did not happen: planned again by this run, given up by any other."""
    if intent.run_id == work.run.run_id:
        return Settlement(intent=intent, state="planned", result="retry")
    return _given_up(intent, f"the {intent.object} was not made")


def _values_of_old(work: Work, intents: Sequence[Intent]) -> list[Settlement]:
    """Return the settlements of old writes: done where the record shows it or was changed since, else given up.

    Those of this run that did not arrive are sent again, after one more look (`recheck`).
    """
    if not intents:
        return []
    current = current_values(work, intents)
    shown = {it.id for it in intents if shows(it, current.get(str(it.target_id), {}))}
    arrived = shown | changed_since_sent(work, [it for it in intents if it.id not in shown])
    return [
        confirmed(work, it, str(it.target_id)) if it.id in arrived else _given_up(it, "the record does not show it")
        for it in intents
        if it.id in arrived or it.run_id != work.run.run_id
    ]


def _given_up(intent: Intent, what: str) -> Settlement:
    """Return that a write did not happen, and that the next plan decides whether it should."""
    message = f"the answer was lost and {what}; the next plan asks again where it is still right"
    return changed(intent, "not_applied", message, is_skip=True)


def _found(work: Work, intent: Intent, found: Found) -> Settlement:
    """Return the settlement of a create whose key is on a record.

    What differs from what was sent is a later change by somebody, and stays: the record was made with all its values
    or not at all. A record that is older than the create, or took in others, is not one that an undo may archive.
    """
    is_new = found.is_made_by(intent)
    if not found.is_deleted:
        return confirmed(work, intent, found.record_id, is_new=is_new)
    said = RowAnswer(
        str(intent.key),
        Answer.EXISTS,
        code="key_on_deleted_record",
        message=f"{intent.object} {found.record_id} carries the key and was deleted; it is not made anew",
        candidates=(found.record_id,),
    )
    return replace(held(work, intent, said), target_id=found.record_id if is_new else None)


def _twin(work: Work, intent: Intent, twins: Sequence[str]) -> Settlement:
    """Return the settlement of a create whose key is nowhere, but which has look-alikes made since it was sent.

    A lone one may also be a person's own, so no undo archives it.
    """
    if len(twins) == 1:
        done = confirmed(work, intent, twins[0], is_new=False)
        return replace(done, follow=(*done.follow, restamp(intent, twins[0])))
    said = RowAnswer(
        str(intent.key),
        Answer.EXISTS,
        code="several_twins",
        message=f"made once, its key was cleared, and {len(twins)} records look like it; set the key on the right one, "
        "or sync this record by hand to have another one made",
        candidates=tuple(twins),
    )
    return held(work, intent, said)


def _settle_taken(work: Work, taken: Sequence[tuple[Intent, RowAnswer]]) -> None:
    """Settle the writes whose key value the CRM says is taken: ours after all, or another record's."""
    settlements = []
    for batch in _batches([intent for intent, _ in taken]):
        holders = by_key(work, batch[0].system, [str(intent.key) for intent in batch])
        said = {intent.id: row for intent, row in taken}
        settlements += [_taken(work, intent, said[intent.id], holders.get(str(intent.key))) for intent in batch]
    settle(work.wiring.database, settlements, work.run.run_id, work.now)


def _taken(work: Work, intent: Intent, said: RowAnswer, holder: Found | None) -> Settlement:
    """Return the settlement of one write whose key value is taken."""
    if holder is None:
        return unsent(work, intent, said) if intent.attempt < RETRIES_IN_RUN else held(work, intent, said)
    is_ours = not holder.is_deleted and (intent.op == "create" or holder.record_id == intent.target_id)
    if is_ours:
        return confirmed(work, intent, holder.record_id, is_new=False)
    return held(work, intent, replace(said, candidates=(holder.record_id,)))


def _batches(intents: Sequence[Intent]) -> Iterator[list[Intent]]:
    """Yield the intents by system and op, as many as one call takes."""
    groups: dict[tuple[str, str], list[Intent]] = defaultdict(list)
    for intent in intents:
        groups[intent.system, intent.op].append(intent)
    for (system, _), group in groups.items():
        size = HUBSPOT_ROWS if system == "hubspot" else SALESFORCE_ROWS
        yield from (group[start : start + size] for start in range(0, len(group), size))
