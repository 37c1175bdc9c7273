"""The plan: one decision for every record in scope, the people behind it, the fields to write."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from accord.model import columns
from accord.model.snapshot import Plan
from accord.rules.account_decisions import decide_accounts
from accord.rules.beside import beside
from accord.rules.case import study
from accord.rules.company_decisions import decide_companies
from accord.rules.decision_rows import decision_rows
from accord.rules.fields import decide_fields
from accord.rules.lifecycle import stage_moves
from accord.rules.limits import hold_creations, tripped_limit
from accord.rules.people_rows import attachments, decision_people
from accord.rules.remarks import remark

if TYPE_CHECKING:
    import pandas as pd

    from accord.model.policy import Policy
    from accord.model.snapshot import Snapshot
    from accord.rules.case import Case
    from accord.rules.sheet import Sheet


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

    def sheets() -> tuple[Sheet, Sheet]:
        """Return what is decided about accounts, then about companies."""
        accounts = decide_accounts(case)
        return accounts, decide_companies(case, accounts)

    # The fields are the longest part where many differ, and nothing but the limits waits for them.
    with ThreadPoolExecutor(1) as pool:
        fields = pool.submit(decide_fields, field_values, case)
        (accounts, companies), moves = beside(sheets, lambda: stage_moves(case))
        attached = attachments(case, companies)

        def rows() -> pd.DataFrame:
            """Return the decisions, remarks included."""
            remark(case, accounts, companies, attached)
            return decision_rows(case.records, accounts, companies, moves)

        people, decisions = beside(lambda: decision_people(case, accounts, companies, moves, attached), rows)
    limit = tripped_limit(case, accounts, companies, moves, fields.result())
    return Plan(hold_creations(decisions, limit) if limit else decisions, people, fields.result())
