"""The values a run wrote, on their way back: mapped fields, keys, the account of a contact, stages, parents (R104).

Of all writes of a run to one field only the first value before and the last one after count. What the record shows now
decides: the value before, nothing to do; the value that the run, or a run that undid it, wrote last, it is put back;
anything else is a change by somebody, and stays.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from accord.model.field_map import PARENT_PROPERTY
from accord.steps.follow import THEN
from accord.steps.payload import plain, same
from accord.steps.recheck import current_values
from accord.steps.undo_made import survivors_of
from accord.store.ledger import UNDO, Intent
from accord.store.reversals import Reversal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from accord.steps.work import Work
    from accord.store.ledger import Op, System
    from accord.store.reversals import Written

    Placed = tuple[int, Reversal]

_KINDS = {name: name for name in ("update", "restamp", "attach", "stage", "parent")}
_KINDS |= {"unstage": "stage", "unparent": "parent"}
_IN_TWO_STEPS: dict[str, tuple[Op, Op]] = {"stage": ("unstage", "stage"), "parent": ("unparent", "parent")}
"""What is emptied before it gets an earlier value: HubSpot moves a stage forward only, and a company has one parent."""
_NUMBERS = {"int", "double", "currency", "percent", "long"}


@dataclass
class Net:
    """What a run did to the fields of one record in all.

    Attributes:
        kind: update, restamp, attach, stage or parent.
        last: its last write there.
        place: of that write among all writes.
        before: each field before the first write to it.
        ours: each field as the run's family wrote it last.
    """

    kind: str
    last: Intent
    place: int
    before: dict[str, Any] = field(default_factory=dict)
    ours: dict[str, Any] = field(default_factory=dict)


def value_reversals(work: Work, written: Sequence[Written]) -> list[Placed]:
    """Return what puts the values back, and what stays, each with the place of the write it undoes.

    Args:
        work: ready clients.
        written: by the run and its family, in order.
    """
    groups: dict[tuple[System, str, str], list[Net]] = defaultdict(list)
    for net in _as_merged(work, nets(written)):
        groups[net.last.system, net.last.object, net.kind].append(net)
    return [
        placed
        for group in groups.values()
        for live in [_live(work, group)]
        for net in group
        for placed in _undone(work, net, live.get(str(net.last.target_id)))
    ]


def nets(written: Sequence[Written]) -> list[Net]:
    """Return what a run did to each record, in the order of its first write there."""
    found: dict[tuple[System, str, str, str], Net] = {}
    for place, (intent, _, is_own) in enumerate(written):
        kind = _KINDS.get(intent.op)
        # A confirmed write without an attempt was none: the record showed it already.
        if kind is None or not intent.attempt:
            continue
        key = (intent.system, intent.object, kind, str(intent.target_id))
        if is_own:
            net = found.setdefault(key, Net(kind, intent, place))
            net.last, net.place = intent, place
            for name in intent.fields:
                net.before.setdefault(name, (intent.before or {}).get(name))
        if key in found:
            found[key].ours |= {name: intent.fields[name] for name in intent.fields if name in found[key].before}
    return list(found.values())


def _as_merged(work: Work, found: Sequence[Net]) -> Sequence[Net]:
    """Return the same with the survivors of parents that were merged since, as HubSpot shows them now."""
    parents = [net for net in found if net.kind == "parent"]
    ids = sorted({str(one) for net in parents for values in (net.before, net.ours) for one in values.values() if one})
    if ids:
        survivors = survivors_of(work, "hubspot", ids)
        for net in parents:
            for values in (net.before, net.ours):
                values.update({name: survivors.get(str(one), one) for name, one in values.items()})
    return found


def _live(work: Work, group: Sequence[Net]) -> dict[str, Mapping[str, Any]]:
    """Return the fields of a group of records, all of one kind, as the CRM shows them now."""
    drafts = [
        Intent(
            system=net.last.system,
            object=net.last.object,
            op="parent" if net.kind == "parent" else "update",
            source_id=net.last.source_id,
            target_id=net.last.target_id,
            plan_hash="",
            run_id="",
            action=UNDO,
            fields={name: None for name in net.before if not _unwritable(work, net, name)},
        )
        for net in group
    ]
    return current_values(work, drafts) if any(draft.fields for draft in drafts) else {}


def _undone(work: Work, net: Net, record: Mapping[str, Any] | None) -> Iterator[Placed]:
    """Yield the write that puts the fields of one record back, and what of it stays."""
    back: dict[str, Any] = {}
    for name, before in net.before.items():
        reason = _reason(work, net, name, record)
        if reason:
            yield net.place, _reversal(net, "update", {name: before}, (record or {}), reason)
        elif record is not None and not same(record.get(name), before):
            back[name] = _typed(work, net, name, before)
    if not back or record is None:
        return
    if net.kind in _IN_TWO_STEPS:
        yield net.place, _in_two_steps(net, *next(iter(back.items())), record)
    else:
        yield net.place, _reversal(net, net.kind, back, record)


def _reason(work: Work, net: Net, name: str, record: Mapping[str, Any] | None) -> str:
    """Return why a field stays as it is, "" where it is put back or is as it was."""
    if same(net.before[name], net.ours[name]):
        # A first try of this undo, or another one, has put it back: what stands otherwise now is somebody's.
        # A stage or a parent that is empty may be half way back.
        now = net.before[name] if record is None else record.get(name)
        is_half_way = net.kind in _IN_TWO_STEPS and not now
        return "" if is_half_way or same(now, net.before[name]) else "changed_since"
    if _unwritable(work, net, name):
        return "not_writable"
    if record is None:
        return "record_deleted"
    if same(record.get(name), net.before[name]):
        return ""
    return "" if same(record.get(name), net.ours[name]) else "changed_since"


def _in_two_steps(net: Net, name: str, before: Any, record: Mapping[str, Any]) -> Reversal:
    """Return the write that empties a stage or a parent and says what follows, or the only one that is needed."""
    empty, fill = _IN_TWO_STEPS[net.kind]
    if not plain(record.get(name)):
        return _reversal(net, fill, {name: before}, record)
    reversal = _reversal(net, empty, {name: None}, record)
    if plain(before):
        reversal.before[THEN] = before
    return reversal


def _reversal(net: Net, op: str, fields: dict[str, Any], record: Mapping[str, Any], reason: str = "") -> Reversal:
    """Return one row of the plan."""
    last, names = net.last, ", ".join(sorted(fields))
    is_account = last.system == "salesforce"
    owner = last.target_id if last.object != "contact" else last.account_id
    return Reversal(
        system=last.system,
        object=last.object,
        op=op,
        source_id=last.source_id,
        target_id=last.target_id,
        account_id=last.account_id,
        company_id=last.company_id,
        about=("salesforce" if is_account else "hubspot", str(owner)),
        fields=fields,
        before={name: record.get(name) for name in fields},
        reason=reason,
        message=f"{names} of {last.object} {last.target_id} {_LEFT[reason]}" if reason else "",
    )


_LEFT = {
    "not_writable": "may not be written by our login",
    "record_deleted": "stays: the record was deleted or merged since",
    "changed_since": "was changed since and stays as it is now",
}


def _unwritable(work: Work, net: Net, name: str) -> bool:
    """Return whether our logins may not write a field (any more)."""
    if net.last.object == "contact" or name == PARENT_PROPERTY:
        return False
    if net.last.system == "salesforce":
        field_info = work.allowed.account_fields.get(name)
        return field_info is None or not field_info.updateable
    found = work.allowed.company_properties.get(name)
    return found is None or found.read_only


def _typed(work: Work, net: Net, name: str, before: Any) -> Any:
    """Return a value before as its CRM wants it: staging keeps texts, and Salesforce wants numbers and booleans."""
    if before is None or before == "":
        return None
    if net.last.system == "hubspot" or net.last.object == "contact" or not isinstance(before, str):
        return before
    kind = work.allowed.account_fields[name].type
    if kind == "boolean":
        return before.strip().lower() in {"true", "1"}
    if kind in _NUMBERS:
        number = Decimal(before)
        return int(number) if number == number.to_integral_value() else float(number)
    return before
