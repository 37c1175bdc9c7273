"""Whether a world that was run the whole way did what its decisions say, no less and no more."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from accord.sandbox.core import Crms
from accord.sandbox.judge import violations
from accord.sandbox.world import load_world, world_of
from oracle.answers import read_answers
from oracle.applied import applied
from oracle.core import by_target
from oracle.reading import load

if TYPE_CHECKING:
    from accord.sandbox.judge import Violation
    from accord.sandbox.world import LoadedWorld
    from accord.store.database import Database

Row = dict[str, Any]
COMPARED = (
    *("do", "reason", "with", "runner_up", "rival", "waiting_for", "taken_by", "attach", "associate", "because"),
    *("value", "evidence", "warn"),
)
WRITES = ("LINK", "RELINK", "CREATE_COMPANY", "CREATE_ACCOUNT", "SET_STAGE")


def differing(wanted: list[Row], found: list[Row]) -> list[str]:
    """Return one line per record that was decided otherwise than it should have been."""
    left, right = by_target(wanted), by_target(found)
    pairs = [(key, _compared(left.get(key)), _compared(right.get(key))) for key in sorted(left.keys() | right.keys())]
    return [f"{' '.join(key)}: decided {one}, run {other}" for key, one, other in pairs if one != other]


def carried_out(database: Database, loaded: LoadedWorld, decisions: list[Row]) -> list[Row]:
    """Return the decisions without those whose write is held for a person, who must be asked about each of them."""
    left = database.rows(
        "SELECT o.system, o.record_id, o.action, r.id AS review FROM sync.outcomes o LEFT JOIN sync.reviews r"
        " ON r.state = 'open' AND (r.system, r.record_id, r.reason) = (o.system, o.record_id, o.code)"
        " WHERE o.result IN ('held', 'rejected') OR (o.result = 'skipped' AND o.intent_id IS NOT NULL)"
    )
    kinds = {"salesforce": "Account", "hubspot": "companies"}
    stuck = {(loaded.short(kinds[it["system"]], it["record_id"]), it["action"]): it["review"] for it in left}
    held = [row for row in decisions if stuck.keys() & {(row["target"], row["do"]), (row.get("with"), row["do"])}]
    for row in held:
        assert stuck.get((row["target"], row["do"])) or stuck.get((row.get("with"), row["do"])), row
    return [row for row in decisions if row not in held]


def undone(world: Row, decisions: list[Row], state: Row, writes: int) -> list[str]:
    """Return where the state after a run, or the number of its writes, is not what its decisions come to."""
    wanted = _plain_state(load_world(world_of(applied(world, decisions)), Crms()).render())
    found = _plain_state(state)
    lines = [
        f"{part}.{kind}: expected {one}, found {other}"
        for part, kinds in wanted.items()
        for kind, rows in kinds.items()
        for one, other in _unequal(rows, found[part][kind])
    ]
    count = writes_of(world, decisions)
    return lines + ([f"{writes} writes, expected {count}"] if writes != count else [])


def broken_laws(world: Row, loaded: LoadedWorld) -> list[Violation]:
    """Return what the sandbox holds against the run, but for what a person's answer wanted so.

    Who is told that two are one pairs them beside what the native integration stored, which is never overwritten.
    """
    names, chosen = loaded.names, read_answers(load(world)).chosen
    wanted = {names.real("Account", it) for it in chosen} | {names.real("companies", it) for it in chosen.values()}
    return [it for it in violations(loaded.crms) if it.ids[0] not in wanted]


def unpaired(database: Database, loaded: LoadedWorld, decisions: list[Row]) -> list[Row]:
    """Return the pairings that Accord does not remember; an unseen partner of before is not forgotten for one (R4)."""
    known = database.rows("SELECT account_id, company_id FROM sync.pairs WHERE is_active")
    pairs = {(loaded.short("Account", it["account_id"]), loaded.short("companies", it["company_id"])) for it in known}
    accounts, companies = {account for account, _ in pairs}, {company for _, company in pairs}
    made = [row for row in decisions if row["do"] in ("LINK", "RELINK") and (row["target"], row["with"]) not in pairs]
    made += [row for row in decisions if row["do"] == "CREATE_COMPANY" and row["target"] not in accounts]
    made += [row for row in decisions if row["do"] == "CREATE_ACCOUNT" and row["target"] not in companies]
    known_ones = [row for row in decisions if row["do"] == "UPDATE"]
    return made + [row for row in known_ones if row["target"] not in accounts and row["with"] not in companies]


def writes_of(world: Row, decisions: list[Row]) -> int:
    """Return how many records the decisions change: every write that is not needed is one too many."""
    before = load_world(world_of(deepcopy(world)), Crms()).render()
    keys = {row["Id"]: row.get("OriginKey") for row in before["sf"]["accounts"]}
    keys |= {row["id"]: row.get("key") for row in before["hs"]["companies"]}
    count = 0
    for row in decisions:
        count += len(row.get("associate", [])) + len(row.get("attach", [])) if row["do"] in WRITES else 0
        if row["do"].startswith("CREATE_"):
            count += 2
        elif row["do"] in ("LINK", "RELINK"):
            count += (keys[row["target"]] != row["with"]) + (keys[row["with"]] != row["target"])
        count += row["do"] == "SET_STAGE"
    return count


def _compared(row: Row | None) -> Row:
    """Return what is compared of a decision, lists in order."""
    row = row or {}
    return {name: sorted(row[name]) if isinstance(row[name], list) else row[name] for name in COMPARED if row.get(name)}


def _plain_state(state: Row) -> Row:
    """Return a state in which records that were made are named after those they were made for."""
    names = {row["id"]: f"company of {row.get('key')}" for row in state["hs"]["companies"] if "new_" in row["id"]}
    names |= {row["Id"]: f"account of {row.get('OriginKey')}" for row in state["sf"]["accounts"] if "new_" in row["Id"]}
    plain = _renamed(state, names)
    named = {row["id"] for row in plain["hs"]["companies"] if row.get("name") or row.get("domain")}
    for row in plain["sf"]["accounts"]:
        if row["Id"].startswith("account of") and row.get("OriginKey") not in named:
            del row["Name"]
    for row in plain["hs"]["companies"]:
        if row["id"].startswith("company of"):
            row.pop("domain", None)
    return plain


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """Return a value with the new names in the place of the old ones, wherever they stand."""
    if isinstance(value, dict):
        return {key: _renamed(it, names) for key, it in value.items()}
    if isinstance(value, list):
        return [_renamed(it, names) for it in value]
    return names.get(value, value) if isinstance(value, str) else value


def _unequal(wanted: list[Any], found: list[Any]) -> list[tuple[Any, Any]]:
    """Return the rows that only one of two lists has, next to each other where they are about one record."""
    missing, more = [it for it in wanted if it not in found], [it for it in found if it not in wanted]
    return [(one, None) for one in missing] + [(None, other) for other in more]
