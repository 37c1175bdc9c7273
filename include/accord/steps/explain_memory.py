"""What memory holds of one account or company, run by run: each decision with its people, writes and values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from accord.steps import facts
from accord.store import explained
from accord.store.names import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accord.model.facts import Candidate, Decided, LeftOut, Record, Value, Write
    from accord.store.database import Database, Row
    from accord.store.names import Names

    Groups = dict[tuple[Any, ...], list[Any]]

_BESIDE = {"SET_STAGE"}
"""Decisions that come beside a record's own."""


@dataclass(frozen=True)
class Memory:
    """Rows of the warehouse about one record, and the names of everybody in them."""

    record: Record
    decisions: list[Row]
    people: list[Row]
    writes: list[Row]
    left_out: list[Row]
    fields: list[Row]
    notes: list[Row]
    pairs: list[Row]
    mentions: list[Row]
    names: Names


def remember(database: Database, record: Record) -> Memory:
    """Return what memory holds of a record."""
    system, record_id = record.system, record.id
    decisions = explained.decisions(database, system, record_id)
    people = explained.people(database, decisions)
    writes = explained.writes(database, system, record_id)
    pairs = explained.pairs_of(database, system, record_id)
    mentions = explained.mentions(database, record_id)
    both_sides = {record_id, *(row[side] for row in pairs for side in ("account_id", "company_id"))}
    ids = [
        *((system, record.kind, record_id),),
        *(it for row in (*decisions, *mentions) for it in facts.ids_of_decision(row)),
        *(it for row in people for it in facts.ids_of_person(row)),
        *(it for row in writes for it in facts.ids_of_write(row)),
        *(it for row in pairs for it in facts.ids_of_pair(row)),
    ]
    return Memory(
        record=record,
        decisions=decisions,
        people=people,
        writes=writes,
        left_out=explained.left_out(database, [it["id"] for it in writes]),
        fields=explained.field_decisions(database, system, record_id),
        notes=explained.notes(database, sorted(both_sides)),
        pairs=pairs,
        mentions=mentions,
        names=names(database, ids),
    )


def told(memory: Memory, candidates: Sequence[Candidate], blockers: Sequence[Record]) -> list[Decided]:
    """Return the decisions of all runs, newest first, each with its people, writes and values.

    Mapped fields belong to the pair's own decision of the run, or stand alone where it has none.
    """
    rest = _Rest.of(memory)
    found: list[tuple[Row, Decided]] = []
    for row in memory.decisions:
        run_id, is_main = row["run_id"], row["action"] not in _BESIDE
        is_standing = is_main and all(it["action"] in _BESIDE for it, _ in found)
        actions = (row["action"], "SET_FIELD") if is_main else (row["action"],)
        decided = facts.decided(
            row,
            memory.names,
            people=[
                it
                for it in rest.people.get((run_id, row["system"], row["key"]), [])
                if (it["role"] == "stage") != is_main
            ],
            writes=[it for action in actions for it in rest.take_writes(run_id, action)],
            values=rest.take_values(run_id) if is_main else (),
            left=[it for action in actions for it in rest.take_left(run_id, action)],
            candidates=candidates if is_standing else (),
            blockers=blockers if is_standing else (),
        )
        found.append((row, decided))
    found += rest.alone(memory.record)
    return [decided for _, decided in sorted(found, key=lambda it: it[0]["started_at"], reverse=True)]


@dataclass(frozen=True)
class _Rest:
    """What no entry has taken yet: rows by run, and by action where they belong to one."""

    names: Names
    people: Groups
    writes: Groups
    values: Groups
    left: Groups
    left_out: Groups

    @classmethod
    def of(cls, memory: Memory) -> _Rest:
        """Return all of it."""
        return cls(
            names=memory.names,
            people=facts.by(memory.people, "run_id", "system", "key"),
            writes=facts.by(memory.writes, "run_id", "action"),
            values=facts.by(memory.fields, "run_id"),
            left=facts.by(memory.notes, "run_id", "action"),
            left_out=facts.by(memory.left_out, "intent_id"),
        )

    def take_writes(self, run_id: str, action: str) -> list[Write]:
        """Return the writes of a run that carry out an action, once."""
        rows = self.writes.pop((run_id, action), [])
        return [facts.write(it, self.names, self.left_out.get((it["id"],), [])) for it in rows]

    def take_values(self, run_id: str) -> list[Value]:
        """Return the mapped fields that a run decided, once."""
        return [facts.value(it) for it in self.values.pop((run_id,), [])]

    def take_left(self, run_id: str, action: str) -> list[LeftOut]:
        """Return what a run left as it is, once."""
        return [facts.left_as_it_is(it) for it in self.left.pop((run_id, action), [])]

    def alone(self, record: Record) -> list[tuple[Row, Decided]]:
        """Return what is left without a decision row: mapped fields, notes, and writes of plans thrown away by now."""
        found: list[tuple[Row, Decided]] = []
        for (run_id,), rows in list(self.values.items()):
            values, writes = self.take_values(run_id), self.take_writes(run_id, "SET_FIELD")
            left = self.take_left(run_id, "SET_FIELD")
            found.append((rows[0], facts.beside(rows[0], record, "SET_FIELD", values=values, writes=writes, left=left)))
        for (run_id, action), rows in list(self.writes.items()):
            writes = self.take_writes(run_id, action)
            what = action if action == "SET_FIELD" else "LEDGER"
            found.append((rows[0], facts.beside(rows[0], record, what, writes=writes)))
        for (run_id, action), rows in list(self.left.items()):
            found.append((rows[0], facts.beside(rows[0], record, "LEFT", left=self.take_left(run_id, action))))
        return found
