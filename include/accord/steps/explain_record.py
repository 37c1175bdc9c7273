"""Everything that Accord knows of one account or company, gathered from memory, staging and the rules. Reads only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.model.facts import Story
from accord.steps import facts
from accord.steps.candidates import key_of, with_candidates
from accord.steps.explain_memory import remember, told
from accord.steps.explain_now import now_decided, partner_of
from accord.steps.view import view
from accord.store import explained, known, reviews
from accord.store.names import by_key, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.facts import Candidate, Kind, Record, State, System
    from accord.steps.view import View
    from accord.store.database import Database, Row

_BESIDE = {"SET_STAGE"}
_ACCOUNT: tuple[System, Kind] = ("salesforce", "account")
_COMPANY: tuple[System, Kind] = ("hubspot", "company")


def record_story(database: Database, record: Record, row: Row | None, state: State, heir: Record | None) -> Story:
    """Return everything that is known of an account or company.

    Args:
        database: the warehouse.
        record: the account or company.
        row: as staging holds it, None where it does not.
        state: whether it lives.
        heir: where a merged one lives on.
    """
    memory = remember(database, record)
    asked = reviews.about(database, record.system, record.id)
    standing = next((it for it in memory.decisions if it["action"] not in _BESIDE), None)
    is_waiting = standing is not None and standing["reason"] == "account_in_review"
    is_asked = standing is not None and standing["action"] == "REVIEW"
    needs_view = standing is None or is_waiting or is_asked or any(it["state"] == "open" for it in asked)
    seen = view(database) if needs_view else None
    blockers = _blockers(database, seen, record) if is_waiting else []
    is_on = known.switch_is_on(database)
    is_silent = standing is None and state == "live" and bool(is_on)
    stored = _stored(database, record, memory.pairs)
    return Story(
        record=record,
        state=state,
        heir=heir,
        created_at=row["created_at"] if row else None,
        names=stored[0],
        named_by=stored[1],
        pairings=tuple(facts.pairing(it, memory.names) for it in memory.pairs),
        decisions=tuple(told(memory, _candidates(database, standing, seen) if is_asked else (), blockers)),
        mentions=tuple(facts.mention(it, memory.names, record.id) for it in memory.mentions),
        reviews=tuple(with_candidates(database, asked, seen)),
        blocking=tuple(it for other in blockers for it in _open_reviews(database, other)),
        requests=tuple(facts.request(it) for it in explained.requests_of(database, record.system, record.id)),
        partner=partner_of(database, seen, record) if is_silent and not memory.pairs else None,
        now=now_decided(database, seen, record) if is_silent else None,
        is_on=is_on,
        has_full_run=known.has_full_run(database),
    )


def _stored(database: Database, record: Record, pairs: Sequence[Row]) -> tuple[tuple[Record, ...], tuple[Record, ...]]:
    """Return whom the record stores as its partner and who stores it, but for the partner that it has."""
    side, (system, kind) = ("company_id", _COMPANY) if record.kind == "account" else ("account_id", _ACCOUNT)
    partners = {it[side] for it in pairs if it["is_active"]}
    found = known.names_and_named_by(database, record.system, record.id)
    named = names(database, [(system, kind, it) for ids in found for it in ids])
    mine, theirs = (
        tuple(it for one in ids if one not in partners and (it := named.get(system, kind, one)) is not None)
        for ids in found
    )
    return mine, theirs


def _candidates(database: Database, standing: Row | None, seen: View | None) -> tuple[Candidate, ...]:
    """Return what a person chooses from, for a decision that is not in the queue because a run only planned it."""
    if standing is None:
        return ()
    blank = dict.fromkeys(("choice", "answered_by", "answered_at", "message"))
    row = {**standing, **blank, "id": 0, "state": "open", "opened_at": standing["started_at"], "candidates": []}
    return with_candidates(database, [row], seen)[0].candidates


def _blockers(database: Database, seen: View | None, record: Record) -> list[Record]:
    """Return the records in review that a waiting one waits for."""
    if seen is None:
        return []
    keys = seen.blockers(record.system, key_of(record.system, record.id))
    found = by_key(database, [(*(_ACCOUNT if system == "salesforce" else _COMPANY), key) for system, key in keys])
    return list(found.values())


def _open_reviews(database: Database, record: Record) -> list[Any]:
    """Return the open questions about a record."""
    rows = [it for it in reviews.about(database, record.system, record.id) if it["state"] == "open"]
    own = [it for it in rows if it["record_id"] == record.id]
    return with_candidates(database, own, None)
