"""The plan: one decision for every record in scope, the people behind it, the fields to write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from accord.model import columns
from accord.model.ids import NONE
from accord.model.snapshot import Plan
from accord.rules import verdicts as v
from accord.rules.account_decisions import decide_accounts
from accord.rules.arrays import Ints, at, filled, texts
from accord.rules.case import study
from accord.rules.company_decisions import decide_companies
from accord.rules.fields import decide_fields
from accord.rules.lifecycle import stage_moves
from accord.rules.limits import tripped_limit
from accord.rules.people_rows import attachments, decision_people
from accord.rules.remarks import remark
from accord.rules.sheet import EVIDENCE, Sheet

if TYPE_CHECKING:
    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot
    from accord.rules.case import Case
    from accord.rules.lifecycle import StageMoves
    from accord.rules.records import Records


def decide(snapshot: Snapshot, policy: Policy) -> Plan:
    """Return what is to be done with both CRMs as they are; the same whatever the order of the rows (R27).

    Nothing is decided while the switch is off (R1). The snapshot is not modified.
    """
    if not policy.sync_companies:
        return Plan(*(columns.empty(c) for c in (columns.DECISIONS, columns.PEOPLE, columns.FIELD_DECISIONS)))
    return conclude(study(snapshot, policy), snapshot.field_values)


def conclude(case: Case, field_values: pd.DataFrame) -> Plan:
    """Return the plan that a case comes to, with the mapped fields of its standing pairs.

    Args:
        case: what the records come to.
        field_values: FIELD_VALUES of the pairs that `standing_pairs` names; rows of other pairs are ignored.
    """
    accounts = decide_accounts(case)
    companies = decide_companies(case, accounts)
    moves = stage_moves(case)
    fields = decide_fields(field_values, case)
    remark(case, accounts, companies, attachments(case, companies))
    limit = tripped_limit(case, accounts, companies, moves, fields)
    people = decision_people(case, accounts, companies, moves)
    return Plan(_decisions(case, accounts, companies, moves, limit), people, fields)


def _decisions(case: Case, accounts: Sheet, companies: Sheet, moves: StageMoves, limit: str) -> pd.DataFrame:
    """Return the DECISIONS frame: companies with their stages, then accounts."""
    records = case.records
    parts = [_rows(records, "hubspot", companies, limit)]
    if len(moves.company):
        rows = pd.concat([*parts, _stage_rows(records, moves)], ignore_index=True)
        moved, action = v.SET_STAGE.action, rows["action"]
        rank = (action > moved).to_numpy(dtype=np.int64) * 2 + (action == moved).to_numpy(dtype=np.int64)
        parts = [rows.take(np.lexsort((rank, rows["key"])))]
    parts.append(_rows(records, "salesforce", accounts, limit))
    return pd.concat(parts, ignore_index=True)


def _rows(records: Records, system: str, sheet: Sheet, limit: str) -> pd.DataFrame:
    """Return the decided records of one CRM in order of their keys; a tripped limit holds the creations (R96)."""
    place = np.flatnonzero(sheet.code >= 0)
    code = sheet.code[place]
    held = [bool(limit) and verdict.action in v.CREATIONS for verdict in sheet.verdicts]
    said = list(zip(sheet.verdicts, held, strict=True))
    keys, partner_keys = records.companies.key, records.accounts.key
    if system == "salesforce":
        keys, partner_keys = partner_keys, keys
    rows = {
        "system": texts([system], np.zeros(len(place), dtype=np.int64)),
        "key": keys[place],
        "action": texts(["HOLD" if hold else verdict.action for verdict, hold in said], code),
        "reason": texts([v.CAP_REASON if hold else verdict.reason for verdict, hold in said], code),
        "rule": texts([limit if hold else verdict.rule for verdict, hold in said], code),
        "partner_key": _named(sheet, "partner_key", place, partner_keys),
        "runner_up_key": _named(sheet, "runner_up_key", place, records.companies.key),
        "taken_by_key": _named(sheet, "taken_by_key", place, records.accounts.key),
        "rival_key": _named(sheet, "rival_key", place, records.accounts.key),
        "waiting_for_key": _named(sheet, "waiting_for_key", place, records.accounts.key),
        "because_key": filled(len(place), NONE),
        "attach_to_key": filled(len(place), NONE),
        "value": texts([""], np.zeros(len(place), dtype=np.int64)),
        "evidence": texts(EVIDENCE, sheet.evidence[place]),
        "shared_people": sheet.people[place],
        "shared_primaries": sheet.primaries[place],
        "held_action": texts([verdict.action if hold else "" for verdict, hold in said], code),
        "held_reason": texts([verdict.reason if hold else "" for verdict, hold in said], code),
        "warnings": _warnings(sheet, place),
    }
    return pd.DataFrame(rows, columns=list(columns.DECISIONS))


def _stage_rows(records: Records, moves: StageMoves) -> pd.DataFrame:
    """Return one SET_STAGE row for each company that moves, naming the person whose change asks for it (R52, R53)."""
    size = len(moves.company)
    rows: dict[str, object] = {name: filled(size, NONE) for name in columns.DECISIONS if name.endswith("_key")}
    rows |= {
        name: pd.array([""], dtype="str").take(filled(size, 0))
        for name, kind in columns.DECISIONS.items()
        if kind == "str"
    }
    said = {"system": "hubspot", "action": v.SET_STAGE.action, "reason": v.SET_STAGE.reason, "rule": v.SET_STAGE.rule}
    rows |= {name: texts([text], filled(size, 0)) for name, text in said.items()}
    rows |= {
        "key": records.companies.key[moves.company],
        "because_key": records.persons.key[moves.person],
        "value": pd.array(records.persons.stage[moves.person], dtype="str"),
        "shared_people": filled(size, 0),
        "shared_primaries": filled(size, 0),
    }
    return pd.DataFrame(rows, columns=list(columns.DECISIONS))


def _named(sheet: Sheet, column: str, place: Ints, keys: Ints) -> Ints:
    """Return the keys of the records that the decisions name in a column, NONE where they name none."""
    if column not in sheet.named:
        return filled(len(place), NONE)
    return at(keys, sheet.named[column][place], NONE)


def _warnings(sheet: Sheet, place: Ints) -> pd.api.extensions.ExtensionArray:
    """Return the warnings of each decision, sorted and space-separated."""
    names = sorted(name for name, mask in sheet.warnings.items() if mask.any())
    bits = np.zeros(len(place), dtype=np.int64)
    for bit, name in enumerate(names):
        bits |= sheet.warnings[name][place].astype(np.int64) << bit
    combinations = [
        " ".join(name for bit, name in enumerate(names) if combination >> bit & 1)
        for combination in range(1 << len(names))
    ]
    return texts(combinations, bits)
