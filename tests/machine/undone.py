"""What reverts must not do, and what they must have done, read from the sandbox's journal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from accord.sandbox.journal import Entry
    from accord.store.database import Database
    from machine.stage import Stage

_VALUES = {"Name", "Phone", "name", "phone"}
_KEYS = {"Accord_Key__c", "accord_key"}
_REMOVED = {"archive", "delete"}


@dataclass
class Reverts:
    """The runs of an example by the part of the journal that each wrote.

    Attributes:
        parts: (run id, first entry, entry after the last), in the order in which the runs ended.
        undone: run id of a revert -> run id that it undoes.
        archives: reverts that were asked to archive what the undone run made.
    """

    stage: Stage
    parts: list[tuple[str, int, int]] = field(default_factory=list)
    undone: dict[str, str] = field(default_factory=dict)
    archives: set[str] = field(default_factory=set)

    @property
    def entries(self) -> Sequence[Entry]:
        return self.stage.sandbox.journal.entries

    @property
    def database(self) -> Database:
        return self.stage.database

    def owner(self, at: int) -> str:
        """Return the run that wrote an entry; a run within another one owns what it wrote."""
        within = [(first, run_id) for run_id, first, end in self.parts if first <= at < end]
        return max(within)[1] if within else ""

    def ended(self, run_id: str, first: int) -> list[str]:
        """Take note of a run that ended or died; return the laws it broke, one a line."""
        end = len(self.entries)
        self.parts.append((run_id, first, end))
        if run_id not in self.undone:
            return list(self._done_again(run_id, first, end))
        ours = self._written_by_ledger(run_id)
        late = any(fault.do == "late_commit" and fault.played for fault in self.stage.crms.faults.armed)
        broken = list(self._archived_though_touched(run_id, first, end))
        return broken if late else broken + list(self._overwritten(ours, first, end))

    def _written_by_ledger(self, run_id: str) -> set[tuple[str, str]]:
        """Return (record id, field) of what a revert itself planned to write: it also ends what others left open."""
        rows = self.database.rows("SELECT target_id, fields FROM sync.intents WHERE run_id = %s", [run_id])
        return {(row["target_id"], name) for row in rows for name in row["fields"]}

    def _overwritten(self, ours: set[tuple[str, str]], first: int, end: int) -> Iterator[str]:
        """I4, I9: what a person wrote last, and no run ever did, is not put back."""
        for at in range(first, end):
            entry = self.entries[at]
            if entry.caller != "pipeline":
                continue
            for name in entry.after.keys() & _VALUES:
                if (entry.id, name) not in ours:
                    continue
                wrote = [it for it in self.entries[:at] if it.id == entry.id and name in it.after]
                machine = {str(it.after[name] or "") for it in wrote if it.caller == "pipeline"}
                if machine and wrote[-1].caller == "person" and str(wrote[-1].after[name] or "") not in machine:
                    yield f"{entry.id} {name}: a revert overwrote {wrote[-1].after[name]!r} of a person"

    def _archived_though_touched(self, run_id: str, first: int, end: int) -> Iterator[str]:
        """I4, I8: what goes to a recycle bin was made by a run, was asked for, and shows nothing of a person."""
        for at in range(first, end):
            entry = self.entries[at]
            if entry.caller != "pipeline" or entry.op not in _REMOVED or entry.object == "Contact":
                continue
            history = [it for it in self.entries[:at] if it.id == entry.id]
            if run_id not in self.archives or not history or (history[0].caller, history[0].op) != (
                "pipeline", "create",
            ):  # fmt: skip
                yield f"{entry.id} was archived, which nobody asked for"
            for name in sorted({name for it in history for name in it.after} & _VALUES):
                wrote = [it for it in history if name in it.after]
                machine = {str(it.after[name] or "") for it in wrote if it.caller == "pipeline"} or {""}
                if wrote[-1].caller == "person" and str(wrote[-1].after[name] or "") not in machine:
                    yield f"{entry.id} was archived although a person wrote {name}"

    def _done_again(self, run_id: str, first: int, end: int) -> Iterator[str]:
        """R104, ADR 17: what was undone rests; a sync writes it again only where a person changed one of the pair."""
        for at in range(first, end):
            entry = self.entries[at]
            if entry.caller != "pipeline" or self.owner(at) != run_id:
                continue
            for name, value in entry.after.items():
                back = self._put_back(entry.id, name, at)
                if back is None or str(self.entries[back].before.get(name) or "") != str(value or "") or not value:
                    continue
                pair = self._pair_of(run_id, entry.id)
                if name in _KEYS and not self._parted(self.owner(back), pair):
                    continue
                if pair and pair == self._pair_of(self.owner(back), entry.id) and not self._asked(pair, name, back, at):
                    yield f"{entry.id} {name}: {run_id} wrote {value!r} again, which {self.owner(back)} had undone"

    def _put_back(self, record_id: str, name: str, before: int) -> int | None:
        """Return the entry with which a revert wrote a field last, if nobody has written it since."""
        for at in range(before - 1, -1, -1):
            if self.entries[at].id == record_id and name in self.entries[at].after:
                return at if self.owner(at) in self.undone and self.entries[at].caller == "pipeline" else None
        return None

    def _pair_of(self, run_id: str, record_id: str) -> tuple[str, str] | None:
        rows = self.database.rows(
            "SELECT account_id, company_id FROM sync.intents WHERE run_id = %s AND target_id = %s", [run_id, record_id]
        )
        return (rows[0]["account_id"], rows[0]["company_id"]) if rows else None

    def _parted(self, revert: str, pair: tuple[str, str] | None) -> bool:
        """Return whether a revert ended a pair; the key of one that stands is part of it, and always comes back."""
        ended = self.database.rows(
            "SELECT account_id, company_id FROM sync.reversals WHERE run_id = %s AND op = 'unpair' AND reason = ''",
            [revert],
        )
        return pair in {(row["account_id"], row["company_id"]) for row in ended}

    def _asked(self, pair: tuple[str, str], name: str, since: int, until: int) -> bool:
        """Return whether people did something after an undo that may bring back what it undid."""
        if self._is_undone(since):
            return True
        people = [it for it in self.entries[since + 1 : until] if it.caller == "person"]
        if any(it.op in {"merge", *_REMOVED} for it in people):
            return True
        return name not in _KEYS and any(it.id in pair for it in people)

    def _is_undone(self, at: int) -> bool:
        """Return whether the run that wrote an entry was to be undone, which may have ended before its first write.

        The pair stands again from then on, and the next sync brings it in accord.
        """
        return any(self.undone.get(run_id) == self.owner(at) and first > at for run_id, first, _ in self.parts)

    def rests(self, ids: Sequence[str], names: Sequence[str]) -> bool:
        """Return whether the last who wrote a field, on either side of a pair, was a revert."""
        for at in range(len(self.entries) - 1, -1, -1):
            entry = self.entries[at]
            if entry.id in ids and (name := next(iter(entry.after.keys() & set(names)), "")):
                by_revert = self.owner(at) in self.undone or self._planned_last(entry.id, name) in self.undone
                return entry.caller == "pipeline" and by_revert
        return False

    def _planned_last(self, record_id: str, name: str) -> str:
        """Return the run that planned the last write of a field; where that died, another one brought it about."""
        rows = self.database.rows(
            "SELECT run_id FROM sync.intents WHERE target_id = %s AND fields ? %s AND state = 'confirmed'"
            " ORDER BY done_at DESC, seq DESC LIMIT 1",
            [record_id, name],
        )
        return rows[0]["run_id"] if rows else ""

    def swings(self) -> Iterator[str]:
        """I11: without a person's doing nothing that was written is taken back, but by a revert."""
        written: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for at, entry in enumerate(self.entries):
            if entry.caller == "person":
                written.clear()
                continue
            if entry.caller != "pipeline":
                continue
            for name, value in entry.after.items():
                values = written[entry.id, name]
                if self.owner(at) in self.undone:
                    is_free = name in _KEYS or self._is_undone(at)
                    values[:] = [] if is_free else [entry.before.get(name), value]
                    continue
                if value in values[:-1]:
                    yield f"{entry.id} {name} swings: {[*values, value]}"
                values.append(value)
