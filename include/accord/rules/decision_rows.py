"""The DECISIONS frame: what the sheets say, record by record, with the keys of everything that a decision names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from accord.model import columns
from accord.model.ids import NONE
from accord.rules import verdicts as v
from accord.rules.arrays import Ints, at, filled, texts
from accord.rules.sheet import EVIDENCE, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.rules.lifecycle import StageMoves
    from accord.rules.records import Records


class _Said(NamedTuple):
    """A column of text: the words that occur, and the one of each row by its number."""

    words: Sequence[str]
    code: Ints


@dataclass(frozen=True)
class _Rows:
    """Some rows of DECISIONS, sorted by key: its columns of numbers and its columns of text."""

    numbers: Mapping[str, Ints]
    said: Mapping[str, _Said]

    @property
    def key(self) -> Ints:
        """The decided records."""
        return self.numbers["key"]


def decision_rows(records: Records, accounts: Sheet, companies: Sheet, moves: StageMoves) -> pd.DataFrame:
    """Return one row for each decided record: companies with their stages, then accounts, both in order of keys."""
    decided, moved = _rows(records, "hubspot", companies), _stage_rows(records, moves)
    others = _rows(records, "salesforce", accounts)
    order = _with_stages(decided, moved)
    return _frame([decided, moved, others], np.concatenate([order, len(order) + np.arange(len(others.key))]))


def _frame(parts: Sequence[_Rows], order: Ints) -> pd.DataFrame:
    """Return the rows of all parts in an order; texts are made once, from the numbers of their words."""
    frame: dict[str, object] = {}
    for name, kind in columns.DECISIONS.items():
        if kind == "str":
            said = [part.said[name] for part in parts]
            words = [word for column in said for word in column.words]
            begin = np.cumsum([0, *(len(column.words) for column in said)])
            codes = np.concatenate([column.code + first for column, first in zip(said, begin, strict=False)])
            frame[name] = texts(words, codes[order])
        else:
            frame[name] = np.concatenate([part.numbers[name] for part in parts])[order]
    return pd.DataFrame(frame)


def _with_stages(decided: _Rows, moved: _Rows) -> Ints:
    """Return the order in which the stages stand beside the rows of their companies: by key, then by action."""
    place = np.searchsorted(decided.key, moved.key)
    beside = np.append(decided.key, NONE)[place] == moved.key
    action = decided.said["action"]
    comes_first = np.array([*(word < v.SET_STAGE.action for word in action.words), False], dtype=bool)
    after = beside & comes_first[np.append(action.code, -1)[place]]
    return np.insert(np.arange(len(decided.key)), place + after, len(decided.key) + np.arange(len(moved.key)))


def _rows(records: Records, system: str, sheet: Sheet) -> _Rows:
    """Return the decided records of one CRM in order of their keys."""
    place = np.flatnonzero(sheet.code >= 0)
    code = sheet.code[place]
    keys, partner_keys = records.companies.key, records.accounts.key
    if system == "salesforce":
        keys, partner_keys = partner_keys, keys
    numbers = {
        "key": keys[place],
        "partner_key": _named(sheet, "partner_key", place, partner_keys),
        "runner_up_key": _named(sheet, "runner_up_key", place, records.companies.key),
        "taken_by_key": _named(sheet, "taken_by_key", place, records.accounts.key),
        "rival_key": _named(sheet, "rival_key", place, records.accounts.key),
        "waiting_for_key": _named(sheet, "waiting_for_key", place, records.accounts.key),
        "because_key": filled(len(place), NONE),
        "attach_to_key": filled(len(place), NONE),
        "shared_people": sheet.people[place],
        "shared_primaries": sheet.primaries[place],
    }
    words = {
        "system": _always(system, len(place)),
        "action": _Said([verdict.action for verdict in sheet.verdicts], code),
        "reason": _Said([verdict.reason for verdict in sheet.verdicts], code),
        "rule": _Said([verdict.rule for verdict in sheet.verdicts], code),
        "value": _always("", len(place)),
        "evidence": _Said(EVIDENCE, sheet.evidence[place]),
        "held_action": _always("", len(place)),
        "held_reason": _always("", len(place)),
        "warnings": _warnings(sheet, place),
    }
    return _Rows(numbers, words)


def _stage_rows(records: Records, moves: StageMoves) -> _Rows:
    """Return one SET_STAGE row for each company that moves, naming the person whose change asks for it (R52, R53)."""
    size = len(moves.company)
    numbers = {name: filled(size, NONE) for name in columns.DECISIONS if name.endswith("_key")} | {
        "key": records.companies.key[moves.company],
        "because_key": records.persons.key[moves.person],
        "shared_people": filled(size, 0),
        "shared_primaries": filled(size, 0),
    }
    stage, stages = pd.factorize(records.persons.stage[moves.person])
    words = {name: _always("", size) for name, kind in columns.DECISIONS.items() if kind == "str"} | {
        "system": _always("hubspot", size),
        "action": _always(v.SET_STAGE.action, size),
        "reason": _always(v.SET_STAGE.reason, size),
        "rule": _always(v.SET_STAGE.rule, size),
        "value": _Said(list(stages), np.asarray(stage, dtype=np.int64)),
    }
    return _Rows(numbers, words)


def _always(word: str, size: int) -> _Said:
    """Return the same word in every row."""
    return _Said([word], filled(size, 0))


def _named(sheet: Sheet, column: str, place: Ints, keys: Ints) -> Ints:
    """Return the keys of the records that the decisions name in a column, NONE where they name none."""
    if column not in sheet.named:
        return filled(len(place), NONE)
    return at(keys, sheet.named[column][place], NONE)


def _warnings(sheet: Sheet, place: Ints) -> _Said:
    """Return the warnings of each decision, sorted and space-separated."""
    names = sorted(name for name, mask in sheet.warnings.items() if mask.any())
    bits = np.zeros(len(place), dtype=np.int64)
    for bit, name in enumerate(names):
        bits |= sheet.warnings[name][place].astype(np.int64) << bit
    combinations = [
        " ".join(name for bit, name in enumerate(names) if combination >> bit & 1)
        for combination in range(1 << len(names))
    ]
    return _Said(combinations, bits)
