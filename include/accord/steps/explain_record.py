"""Everything that Accord knows of one account or company, gathered from memory, staging and the rules. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from accord.model.facts import Story
from accord.steps import facts
from accord.steps.candidates import key_of, with_candidates
from accord.steps.explain_now import now_decided, partner_of
from accord.steps.view import view
from accord.store import explained, known, reviews
from accord.store.names import by_key, names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.facts import Candidate, Decided, Kind, Record, State, System
    from accord.steps.view import View
    from accord.store.database import Database, Row
    from accord.store.names import Names

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
    memory = _remember(database, record)
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
        decisions=tuple(_told(memory, _candidates(database, standing, seen) if is_asked else (), blockers)),
        mentions=tuple(facts.mention(it, memory.names, record.id) for it in memory.mentions),
        reviews=tuple(with_candidates(database, asked, seen)),
        blocking=tuple(it for other in blockers for it in _open_reviews(database, other)),
        requests=tuple(facts.request(it) for it in explained.requests_of(database, record.system, record.id)),
        partner=partner_of(database, seen, record) if is_silent and not memory.pairs else None,
        now=now_decided(database, seen, record) if is_silent else None,
        is_on=is_on,
        has_full_run=known.has_full_run(database),
    )


@dataclass(frozen=True)
class _Memory:
    """Rows of the warehouse about one record, and the names of everybody in them."""

    record: Record
    decisions: list[Row]
    people: list[Row]
    writes: list[Row]
    left_out: list[Row]
    fields: list[Row]
    pairs: list[Row]
    mentions: list[Row]
    names: Names


def _remember(database: Database, record: Record) -> _Memory:
    """Return what memory holds of a record."""
    system, record_id = record.system, record.id
    decisions = explained.decisions(database, system, record_id)
    people = explained.people(database, decisions)
    writes = explained.writes(database, system, record_id)
    pairs = explained.pairs_of(database, system, record_id)
    mentions = explained.mentions(database, record_id)
    ids = [
        *((system, record.kind, record_id),),
        *(it for row in (*decisions, *mentions) for it in facts.ids_of_decision(row)),
        *(it for row in people for it in facts.ids_of_person(row)),
        *(it for row in writes for it in facts.ids_of_write(row)),
        *(it for row in pairs for it in facts.ids_of_pair(row)),
    ]
    return _Memory(
        record=record,
        decisions=decisions,
        people=people,
        writes=writes,
        left_out=explained.left_out(database, [it["id"] for it in writes]),
        fields=explained.field_decisions(database, system, record_id),
        pairs=pairs,
        mentions=mentions,
        names=names(database, ids),
    )


def _told(memory: _Memory, candidates: Sequence[Candidate], blockers: Sequence[Record]) -> list[Decided]:
    """Return the decisions of all runs, newest first, each with its people, writes and values.

    Mapped fields belong to the pair's own decision of the run, or stand alone where it has none.
    """
    people = facts.by(memory.people, "run_id", "system", "key")
    writes = facts.by(memory.writes, "run_id", "action")
    fields = facts.by(memory.fields, "run_id")
    left_out = facts.by(memory.left_out, "intent_id")
    told: list[tuple[Any, Decided]] = []
    is_first = True
    for row in memory.decisions:
        rows = writes.pop((row["run_id"], row["action"]), [])
        is_main = row["action"] not in _BESIDE
        if is_main:
            rows += writes.pop((row["run_id"], "SET_FIELD"), [])
        decided = facts.decided(
            row,
            memory.names,
            people=people.get((row["run_id"], row["system"], row["key"]), []) if is_main else (),
            writes=[facts.write(it, memory.names, left_out.get((it["id"],), [])) for it in rows],
            values=[facts.value(it) for it in fields.pop((row["run_id"],), [])] if is_main else (),
            candidates=candidates if is_main and is_first else (),
            blockers=blockers if is_main and is_first else (),
        )
        is_first = is_first and not is_main
        told.append((row, decided))
    told += _alone(memory, writes, fields, left_out)
    return [decided for _, decided in sorted(told, key=lambda it: itemgetter("started_at")(it[0]), reverse=True)]


def _alone(
    memory: _Memory,
    writes: dict[tuple[Any, ...], list[Any]],
    fields: dict[tuple[Any, ...], list[Any]],
    left_out: dict[tuple[Any, ...], list[Any]],
) -> list[tuple[Any, Decided]]:
    """Return what is left without a decision row: mapped fields of a run, and writes of plans thrown away by now."""
    told = []
    for (run_id,), rows in fields.items():
        sent = [facts.write(it, memory.names) for it in writes.pop((run_id, "SET_FIELD"), [])]
        values = [facts.value(it) for it in rows]
        told.append((rows[0], facts.beside(rows[0], memory.record, "SET_FIELD", sent, values)))
    for (_, action), rows in writes.items():
        sent = [facts.write(it, memory.names, left_out.get((it["id"],), [])) for it in rows]
        what = "SET_FIELD" if action == "SET_FIELD" else "LEDGER"
        told.append((rows[0], facts.beside(rows[0], memory.record, what, sent, ())))
    return told


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
