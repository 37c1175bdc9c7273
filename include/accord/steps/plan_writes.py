"""The plan enters the ledger, in one transaction: intents with before-images, and what is held before any call."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from accord.model import killpoints
from accord.model.errors import ShortRead
from accord.model.field_map import moving
from accord.steps.fit import Target
from accord.steps.follow import follow_ups, pair_of
from accord.steps.intents import Planner, Wish
from accord.steps.made import both_sides
from accord.steps.parent import field_wishes
from accord.steps.work import rest
from accord.store import field_memory, ledger, owners, pairs, reviews, runs, settling
from accord.store.plan_rows import decisions_to_write, fields_to_write, key_holders, parent_loops
from accord.store.settling import Settlement, Trouble
from accord.store.sources import COMPANY_KEY

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import psycopg

    from accord.steps.work import Work
    from accord.store.database import Row
    from accord.store.ledger import Intent, Op, System

    Slot = tuple[System, Op, str]


def plan_writes(work: Work, digest: str) -> Counter[str]:
    """Return how many writes were planned, and how many skipped, held or left resting, by word.

    Each is planned with the values before it, which an undo needs (R104).

    Writes of older plans that were never sent are given up: what still stands is in this plan. What follows a write
    that was done stays. A plan that has entered the ledger since the run was opened, and was approved no
    further since, is not planned a second time.

    Args:
        work: the right to write.
        digest: of the plan, checked by the caller.
    """
    counts: Counter[str] = Counter()
    plan_hash = f"{digest}@{work.run.run_id}"
    mark = f"{plan_hash} {runs.approver(work.wiring.database, work.run.run_id) or ''}"
    if runs.is_entered(work.wiring.database, work.run.run_id, mark, plan_hash):
        return counts
    with work.wiring.database.transaction() as connection:
        connection.execute("SET LOCAL synchronous_commit = on")
        counts["superseded"] = ledger.supersede_older(connection, plan_hash)
        counts["pairs_ended"] = pairs.end_deleted(connection, work.run.run_id)
        counts["pairs_adopted"] = pairs.adopt_known(connection, work.run.run_id)
        counts["reviews_opened"] = reviews.of_plan(connection, work.run.run_id)
        org_id, portal_id = work.wiring.org_id, work.wiring.portal_id
        rules = work.wiring.settings.fields
        users = owners.users_of_owners(connection)
        for rows in decisions_to_write(connection, work.run.run_id, org_id, portal_id, rules):
            counts += _plan_chunk(connection, work, _planner(work, plan_hash, users), rows)
        loops = parent_loops(connection, work.run.run_id) if moving(rules, "parent") else set()
        for groups in fields_to_write(connection, work.run.run_id):
            counts += _plan_fields(connection, work, _planner(work, plan_hash, users), groups, loops)
        counts["woken"] = ledger.wake_rejected(connection, work.now)
        runs.set_entered(connection, work.run.run_id, mark, counts, work.found_key_fields)
    killpoints.passing("K1")
    return counts


def _planner(work: Work, plan_hash: str, users: dict[str, str]) -> Planner:
    """Return the planner of this run; asked for only where something is to be written, because it asks both CRMs.

    Raises:
        ShortRead: a company property that the run's own reading of HubSpot had is not in its answer any more. To go
            on would leave its values, or the keys, out of all that is written.
    """
    allowed = work.allowed
    needed = {COMPANY_KEY, *(rule.hubspot for rule in work.wiring.settings.fields)}
    if gone := sorted(needed - allowed.company_properties.keys()):
        raise ShortRead(
            f"HubSpot does not show company properties it showed when this run read: {', '.join(gone)}; nothing of "
            "the plan was written. If they were deleted, make them again or take them out of the field map"
        )
    return Planner(
        org_id=work.wiring.org_id,
        portal_id=work.wiring.portal_id,
        rules=work.wiring.settings.fields,
        allowed=allowed,
        target=Target(allowed.account_fields, allowed.company_properties, users),
        run_id=work.run.run_id,
        plan_hash=plan_hash,
        lifts_tombstones=work.run.scope.kind != "changed",
    )


def _plan_chunk(connection: psycopg.Connection[Row], work: Work, planner: Planner, rows: Sequence[Row]) -> Counter[str]:
    """Enter a chunk of decisions; those whose records were paired meanwhile are left out."""
    holders = key_holders(connection, [key for row in rows if (key := planner.wanted_key(row))])
    company_of, account_of = pairs.partners(
        connection,
        [row["account_id"] for row in rows if row["account_id"]],
        [row["company_id"] for row in rows if row["company_id"]],
    )
    open_rows = [row for row in rows if not _is_paired(row, company_of, account_of)]
    wishes = [planner.wish({**row, "holder": holders.get(planner.wanted_key(row) or "")}) for row in open_rows]
    made = [both_sides(wish, planner.rules) for wish in wishes if wish.intent.op == "create"]
    field_memory.remember_creations(connection, work.run.run_id, made, planner.rules)
    return Counter(paired_already=len(rows) - len(open_rows)) + _enter(connection, work, wishes)


def _plan_fields(
    connection: psycopg.Connection[Row],
    work: Work,
    planner: Planner,
    groups: Sequence[Sequence[Row]],
    loops: Collection[str],
) -> Counter[str]:
    """Enter the fields of pairs, and note which of them do not fit (R71).

    A record of which nothing fits has no write, only an outcome that says so; where that was said before, nothing.
    """
    wishes = [wish for group in groups for wish in field_wishes(planner, group, loops)]
    unfit = [
        (str(wish.intent.account_id), str(wish.intent.company_id), name, code)
        for wish in wishes
        for name, code in wish.unfit.items()
    ]
    field_memory.leave_out(connection, work.run.run_id, unfit)
    rows = {wish.intent.id: _left_out(wish, work) for wish in wishes if wish.is_done}
    said = settling.said_before(connection, [row for of_wish in rows.values() for row in of_wish])
    return _enter(connection, work, [wish for wish in wishes if not wish.is_done or wish.intent.id not in said])


def _is_paired(row: Row, company_of: dict[str, str], account_of: dict[str, str]) -> bool:
    """Return whether an earlier try of this plan, or a later plan, has settled what this decision is about."""
    if row["action"] == "SET_STAGE":
        return False
    if row["action"] == "RELINK":
        return bool(company_of.get(row["account_id"]) == row["company_id"])
    return row["account_id"] in company_of or row["company_id"] in account_of


def _enter(connection: psycopg.Connection[Row], work: Work, wishes: Sequence[Wish]) -> Counter[str]:
    """Write wishes into the ledger, and settle at once those that need no call; return how many of each kind."""
    last = _last_refusals(connection, wishes)
    sorted_out = [(wish, _verdict(wish, last.get(_slot(wish.intent)), work)) for wish in wishes]
    skipped = [(wish.intent, wish.skip) for wish, verdict in sorted_out if verdict == "skipped"]
    settling.skipped(connection, skipped, work.run.run_id, work.now)
    entered = [_aged(wish, last.get(_slot(wish.intent))) for wish, verdict in sorted_out if verdict in _ENTERED]
    ledger.plan(connection, (wish.intent for wish in entered), work.now)
    settling.left_out(connection, [row for wish in entered for row in _left_out(wish, work)])
    settled = [settlement for wish in entered if (settlement := _settled(work, wish)) is not None]
    settling.conclude(connection, settled, work.run.run_id, work.now)
    return Counter(verdict for _, verdict in sorted_out)


_ENTERED = {"planned", "done", "held", "rejected"}


def _last_refusals(connection: psycopg.Connection[Row], wishes: Sequence[Wish]) -> dict[Slot, Row]:
    """Return what was last refused of the same writes, where nothing came after."""
    sources: dict[tuple[System, Op], list[str]] = defaultdict(list)
    for wish in wishes:
        sources[wish.intent.system, wish.intent.op].append(wish.intent.source_id)
    return {
        (system, op, source_id): row
        for (system, op), source_ids in sources.items()
        for source_id, row in ledger.resting(connection, system, op, source_ids).items()
    }


def _verdict(wish: Wish, last: Row | None, work: Work) -> str:
    """Return what becomes of a wish: planned, done, held, rejected, skipped, or resting (refused not long ago)."""
    if wish.skip:
        return "skipped"
    wanted = wish.hold or ("required_missing" if wish.reject else "")
    if wanted:
        word = "held" if wish.hold else "rejected"
        return f"{word}_still" if last is not None and last["error_code"] == wanted else word
    if wish.is_done:
        return "done"
    is_resting = last is not None and last["next_try_at"] is not None and last["next_try_at"] > work.now
    is_open = last is not None and last["error_code"] in _MADE_ALREADY
    if (is_open or (is_resting and _same(wish, last))) and work.run.scope.kind != "record":
        return "resting"
    return "planned"


_MADE_ALREADY = {"several_twins"}
"""Why a creation is held that was made, and is not made again unless somebody asks for it by hand."""


def _same(wish: Wish, last: Row | None) -> bool:
    """Return whether the refused write had these very values."""
    return last is not None and bool(last["fields"] == wish.intent.fields)


def _aged(wish: Wish, last: Row | None) -> Wish:
    """Return the wish with the attempts that the same values have behind them."""
    if last is None or not _same(wish, last):
        return wish
    return replace(wish, intent=replace(wish.intent, attempt=last["attempt"]))


def _settled(work: Work, wish: Wish) -> Settlement | None:
    """Return the settlement of a wish that needs no call, None for one that does."""
    intent = wish.intent
    if wish.hold:
        why = Trouble(wish.hold, _HOLD[wish.hold], "duplicates")
        return Settlement(intent=intent, state="held", result="held", trouble=why)
    if wish.reject:
        why = Trouble("required_missing", wish.reject, "property values")
        again = rest(work.now, intent.attempt + 1)
        return Settlement(intent=intent, state="rejected", result="rejected", trouble=why, next_try_at=again)
    if wish.is_done:
        target = str(intent.target_id)
        return Settlement(
            intent=intent,
            state="confirmed",
            result="linked",
            target_id=target,
            pair=pair_of(intent, target),
            follow=follow_ups(work, intent, target),
        )
    return None


def _left_out(wish: Wish, work: Work) -> list[dict[str, Any]]:
    """Return the outcome rows of the values that do not fit (R71)."""
    system, record_id = settling.about(wish.intent)
    return [
        {
            "run_id": work.run.run_id,
            "intent_id": wish.intent.id,
            "account": wish.intent.account_id,
            "company": wish.intent.company_id,
            "system": system,
            "record_id": record_id,
            "action": wish.intent.action,
            "field": left.field,
            "code": left.code,
            "message": left.message,
        }
        for left in wish.left_out
    ]


def _slot(intent: Intent) -> Slot:
    """Return what only one open write may be about."""
    return intent.system, intent.op, intent.source_id


_HOLD = {
    "foreign_key": "a key that is not ours stands in our key field; clear it if this pair is right",
    "key_of_another_record": "our key field names another record; clear it if this pair is right",
    "key_on_another_record": "another record already carries this key; clear it there, or pair the two by hand",
    "key_on_deleted_record": "a deleted record carries this key; restore it, or sync this record by hand",
}
