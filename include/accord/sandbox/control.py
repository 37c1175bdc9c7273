"""`/_sandbox/`: look at both CRMs, move the clock, throw switches, arm faults, act as a person. No CRM has this."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from accord.sandbox.edits import EditError, edit
from accord.sandbox.judge import summary
from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from accord.sandbox.core import Crms


def answer(crms: Crms, call: Call) -> Answer:
    """Answer one call to the control; 404 names the paths there are, 400 says what is wrong."""
    handler = _HANDLERS.get((call.method, call.path.rstrip("/")))
    if handler is None:
        known = ", ".join(sorted(f"{method} {path}" for method, path in _HANDLERS))
        return Answer.json({"error": f"nothing answers {call.method} {call.path} here; there are {known}"}, 404)
    try:
        with crms.lock:
            return Answer.json(handler(crms, call))
    except (EditError, ValueError, TypeError) as problem:
        return Answer.json({"error": str(problem)}, 400)


def full_state(crms: Crms) -> dict[str, Any]:
    """Return every record of both CRMs with its real id."""
    portal = crms.portal
    return {
        "salesforce": {name: list(table.values()) for name, table in crms.org.tables.items()},
        "hubspot": {
            **{
                kind: [
                    *({**record, "archived": False} for record in table.live.values()),
                    *({**record, "archived": True} for record in table.bin.values()),
                ]
                for kind, table in portal.tables.items()
            },
            "associations": [
                [contact, company, primary]
                for contact, companies in portal.links.companies.items()
                for company, primary in companies.items()
            ],
            "lists": {it.name: it.members for it in portal.lists.by_id.values()},
        },
    }


def _state(crms: Crms, call: Call) -> dict[str, Any]:
    """Return counts, or everything with `?full=1`."""
    return full_state(crms) if call.arg("full") in {"1", "true"} else summary(crms)


def _journal(crms: Crms, call: Call) -> list[dict[str, Any]]:
    """Return the mutations after `?since=`, of one caller with `?caller=`."""
    entries = crms.journal.since(int(call.arg("since", "0")))
    caller = call.arg("caller")
    return [entry.as_json() for entry in entries if caller in {"", entry.caller}]


def _calls(crms: Crms, _: Call) -> dict[str, Any]:
    """Return how often each path was called, and the sums a CRM."""
    rows: list[dict[str, Any]] = [
        {"crm": crm, "method": method, "path": path, "calls": n} for (crm, method, path), n in crms.calls.items()
    ]
    totals = {crm: sum(row["calls"] for row in rows if row["crm"] == crm) for crm in ("salesforce", "hubspot")}
    return {"total": totals, "by_path": sorted(rows, key=lambda row: (row["crm"], row["path"], row["method"]))}


def _forget_calls(crms: Crms, _: Call) -> dict[str, Any]:
    """Count calls from zero."""
    crms.calls.clear()
    return {}


def _clock(crms: Crms, _: Call) -> dict[str, Any]:
    """Return the time and whether it stands still."""
    return {"now": crms.clock.now().isoformat(), "frozen": crms.clock.is_frozen}


def _move_clock(crms: Crms, call: Call) -> dict[str, Any]:
    """Do `advance` (seconds), `freeze` (true or a time) or `release`."""
    wish = call.json()
    for name in wish:
        if name not in {"advance", "freeze", "release"}:
            raise ValueError(f"clock: no such key {name}; allowed are advance, freeze, release")
    if moment := wish.get("freeze"):
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else None
        crms.clock.freeze(at.replace(tzinfo=at.tzinfo or UTC) if at else None)
    if wish.get("release"):
        crms.clock.release()
    crms.clock.advance(float(wish.get("advance", 0)))
    return _clock(crms, call)


def _switches(crms: Crms, _: Call) -> dict[str, Any]:
    """Return every switch."""
    return crms.switches.model_dump()


def _throw(crms: Crms, call: Call) -> dict[str, Any]:
    """Set some switches."""
    crms.switches.patch(call.json())
    return crms.switches.model_dump()


def _arm(crms: Crms, call: Call) -> dict[str, Any]:
    """Arm faults: one, or a list of them."""
    wish = call.json()
    crms.faults.arm(wish if isinstance(wish, list) else [wish])
    return {"armed": len(crms.faults.armed)}


def _faults(crms: Crms, _: Call) -> list[dict[str, Any]]:
    """Return the armed faults with how often each was met and played."""
    names = ("do", "crm", "method", "path", "nth", "times", "seen", "played")
    return [{name: getattr(fault, name) for name in names} for fault in crms.faults.armed]


def _disarm(crms: Crms, _: Call) -> dict[str, Any]:
    """Disarm all faults."""
    crms.faults.clear()
    return {}


def _edit(crms: Crms, call: Call) -> dict[str, Any] | list[dict[str, Any]]:
    """Act as a person: one edit, or a list of them in order."""
    wish = call.json()
    return [edit(crms, it) for it in wish] if isinstance(wish, list) else edit(crms, wish)


def _health(crms: Crms, _: Call) -> dict[str, Any]:
    """Return that the sandbox is up."""
    return {"status": "ok", "now": crms.clock.now().isoformat()}


_HANDLERS: dict[tuple[str, str], Callable[[Crms, Call], Any]] = {
    ("GET", "/_sandbox/health"): _health,
    ("GET", "/_sandbox/state"): _state,
    ("GET", "/_sandbox/journal"): _journal,
    ("GET", "/_sandbox/calls"): _calls,
    ("DELETE", "/_sandbox/calls"): _forget_calls,
    ("GET", "/_sandbox/clock"): _clock,
    ("POST", "/_sandbox/clock"): _move_clock,
    ("GET", "/_sandbox/switches"): _switches,
    ("PATCH", "/_sandbox/switches"): _throw,
    ("GET", "/_sandbox/faults"): _faults,
    ("POST", "/_sandbox/faults"): _arm,
    ("DELETE", "/_sandbox/faults"): _disarm,
    ("POST", "/_sandbox/edit"): _edit,
}
