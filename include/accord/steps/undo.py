"""What undoes a run (R104): read from the ledger and from both CRMs as they are now, newest write first. No write."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from accord.steps.follow import THEN
from accord.steps.payload import as_staged
from accord.steps.undo_links import link_reversals
from accord.steps.undo_made import SYSTEMS, living_of, made_reversals
from accord.steps.undo_values import value_reversals
from accord.store import pairs, reversals
from accord.store.reversals import PutBack, Reversal
from accord.store.settling import about

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from accord.steps.work import Work
    from accord.store.reversals import Written

    Placed = tuple[int, Reversal]
    Pair = tuple[str, str]

_OWN_RECORD = {"update", "restamp", "unstage", "stage"}
"""What need not be put back on a record that is archived anyway."""


class Undo(NamedTuple):
    """What undoes a run, in the order in which it is done, and the mapped fields whose memory changes with it.

    Attributes:
        rows: of the plan.
        fields: what they are put back to.
    """

    rows: list[Reversal]
    fields: list[PutBack]


def undo_of(work: Work) -> Undo:
    """Return what undoes the run that `work.run.scope` names, as the CRMs are at this moment.

    Raises:
        RetryableError: a CRM cannot be read.
    """
    scope, database = work.run.scope, work.wiring.database
    run_id = str(scope.undone_run)
    everything = reversals.written_by(database, run_id)
    merges = [it for it in everything if it.is_own and it.intent.action == "RELINK"]
    open_ones = [it for it in everything if it.intent.state == "sent"]
    written = [it for it in everything if it.intent.action != "RELINK" and it.intent.state != "sent"]
    parting = pairs.made_by(database, run_id)
    links = link_reversals(work, written)
    gone = _in_bin(work, written)
    joined = _rejoined(work, {str(row.target_id) for _, row in gone})
    values = value_reversals(work, written)
    made = made_reversals(work, written, _leaving([*links, *values]), archives=scope.archives)
    going = {(row.system, row.target_id) for _, row in made if not row.reason}
    values = [it for it in values if (it[1].system, it[1].target_id) not in going or it[1].op not in _OWN_RECORD]
    placed = [*links, *values, *made, *gone]
    placed += [(-1, _left(it, "follows_a_merge", "follows a merge in the CRM, which stands")) for it in merges]
    placed += [(-1, _left(it, "unresolved", "was sent, and nobody knows yet what came of it")) for it in open_ones]
    rows = [row for _, row in sorted(placed, key=lambda it: (-it[0], it[1].op, it[1].source_id))]
    return Undo([*_parted(parting), *joined, *rows], _put_back(work, rows))


def _put_back(work: Work, rows: Sequence[Reversal]) -> list[PutBack]:
    """Return the fields of accounts and companies that are put back."""
    rules = work.wiring.settings.fields
    names = {("salesforce", rule.salesforce): rule.name for rule in rules}
    names |= {("hubspot", rule.hubspot): rule.name for rule in rules}
    return [
        PutBack(
            row.system,
            str(row.target_id),
            names.get((row.system, name), ""),
            as_staged(row.before.get(THEN, value)),
            as_staged(row.before.get(name)),
        )
        for row in rows
        if not row.reason and row.op in {"update", "unparent", "parent"}
        for name, value in row.fields.items()
    ]


def _leaving(placed: Sequence[Placed]) -> dict[str, set[str]]:
    """Return the people and companies that leave each record."""
    leaving: dict[str, set[str]] = defaultdict(set)
    for _, row in placed:
        if row.reason:
            continue
        if row.op == "dissociate":
            leaving[row.fields["company"]].add(row.fields["contact"])
        elif row.op == "attach":
            leaving[str(row.before["AccountId"])].add(str(row.target_id))
        elif row.op == "unparent":
            child, parent = str(row.target_id), str(next(iter(row.before.values())))
            leaving[child].add(parent)
            leaving[parent].add(child)
    return leaving


def _parted(parting: Sequence[Pair]) -> list[Reversal]:
    """Return the rows that end the pairs which the run made."""
    return [_pair_row("unpair", account, company) for account, company in parting]


def _rejoined(work: Work, gone: Collection[str]) -> list[Reversal]:
    """Return the rows that make anew the pairs which the run, itself a revert, had parted, where both records live."""
    parted = pairs.parted_by(work.wiring.database, str(work.run.scope.undone_run))
    return [
        _pair_row("pair", account, company, "paired_elsewhere" if is_taken else "")
        for account, company, is_taken in parted
        if not {account, company} & set(gone)
    ]


def _pair_row(op: str, account: str, company: str, reason: str = "") -> Reversal:
    """Return the row of one pair, told of its account."""
    return Reversal(
        system="salesforce",
        object="pair",
        op=op,
        source_id=account,
        target_id=company,
        account_id=account,
        company_id=company,
        about=("salesforce", account),
        reason=reason,
        message=f"account {account} and company {company} stay apart: one of them is another's partner"
        if reason
        else "",
    )


def _in_bin(work: Work, written: Sequence[Written]) -> list[Placed]:
    """Return the records that the run, itself a revert, has archived: no API takes them out of the recycle bin."""
    archived = [(at, it) for at, it in enumerate(written) if it.is_own and it.intent.op == "archive"]
    ids = {system: [str(it.intent.target_id) for _, it in archived if it.intent.system == system] for system in SYSTEMS}
    living = {record_id for system in SYSTEMS for record_id in living_of(work, system, ids[system])}
    text = "is in the recycle bin; restore it there by hand"
    return [(at, _left(it, "in_recycle_bin", text)) for at, it in archived if it.intent.target_id not in living]


def _left(it: Written, reason: str, text: str) -> Reversal:
    """Return the row of a write that cannot be undone."""
    intent = it.intent
    _, record_id = about(intent)
    if intent.object == "contact":
        record_id = str(intent.account_id)
    elif intent.object == "association":
        record_id = str(intent.fields["company"])
    is_about_account = (intent.system == "salesforce") != (intent.op == "create")
    return Reversal(
        system=intent.system,
        object=intent.object,
        op=intent.op,
        source_id=intent.source_id,
        target_id=intent.target_id,
        account_id=intent.account_id,
        company_id=intent.company_id,
        about=("salesforce" if is_about_account else "hubspot", record_id),
        reason=reason,
        message=f"{intent.op} of {intent.object} {intent.target_id or intent.source_id} {text}",
    )
