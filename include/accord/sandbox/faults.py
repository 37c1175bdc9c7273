"""What goes wrong on the wire, by plan: which call, which time, in what way."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

import orjson

from accord.sandbox.wire import Answer, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

Verb = Literal[
    "drop_before", "drop_after_commit", "late_commit", "hold", "status", "status_after_commit", "rewrite_status",
    "truncate", "html", "reset", "blackhole", "drip", "empty_page", "half_page", "redirect",
    "dup_request",
]  # fmt: skip
VERBS: tuple[str, ...] = get_args(Verb)


class FaultError(ValueError):
    """A fault cannot be understood; the message names its number, its key and what is allowed."""


@dataclass(slots=True)
class Fault:
    """One entry of a fault file.

    Attributes:
        do: what happens; `dup_request`: the call is done twice, as a gateway that tries again does it.
        crm, method, path, body_contains: what a call must be to match; empty: anything. `path` is a part of the path.
        nth: the match at which it first plays.
        times: how often it plays; 0: always.
        seconds: of `hold` and `late_commit`.
        status: of the `status` verbs.
        bytes: after which `truncate` cuts.
        patience: on a standing clock, how long a client waits before it gives up.
    """

    do: Verb
    crm: str = ""
    method: str = ""
    path: str = ""
    body_contains: str = ""
    nth: int = 1
    times: int = 1
    seconds: float = 30.0
    status: int = 503
    patience: float = 60.0
    bytes: int = 20
    seen: int = field(default=0, init=False)
    played: int = field(default=0, init=False)

    def fits(self, crm: str, call: Call, needle: str) -> bool:
        """Return whether a call is one this fault counts."""
        return (
            self.crm in {"", crm}
            and self.method in {"", call.method}
            and self.path in call.path
            and (not needle or needle.encode() in call.body)
        )

    def is_due(self) -> bool:
        """Return whether the match just counted is one to play at."""
        return self.seen >= self.nth and (self.times == 0 or self.played < self.times)


class Faults:
    """The armed faults."""

    def __init__(self) -> None:
        self.armed: list[Fault] = []
        self._names: dict[str, str] = {}
        self._lock = threading.Lock()

    def arm(self, entries: list[Mapping[str, Any]], names: Mapping[str, str] | None = None) -> None:
        """Add faults.

        Args:
            entries: as in a fault file.
            names: short keys of a world -> real ids, so that `body_contains: "K1"` finds the record.

        Raises:
            FaultError: an entry cannot be understood; none is armed then.
        """
        parsed = [_parsed(number, entry) for number, entry in enumerate(entries, start=1)]
        with self._lock:
            self._names |= names or {}
            self.armed += parsed

    def clear(self) -> None:
        """Disarm all."""
        with self._lock:
            self.armed.clear()

    def due(self, crm: str, call: Call) -> Fault | None:
        """Return the fault that plays at this call; every fault that fits counts it."""
        with self._lock:
            found = None
            for fault in self.armed:
                needle = self._names.get(fault.body_contains, fault.body_contains)
                if not fault.fits(crm, call, needle):
                    continue
                fault.seen += 1
                if found is None and fault.is_due():
                    fault.played += 1
                    found = fault
            return found


def _parsed(number: int, entry: Mapping[str, Any]) -> Fault:
    """Return one entry of a fault file."""
    known = [it.name for it in fields(Fault) if it.init]
    if not isinstance(entry, dict) or "do" not in entry:
        raise FaultError(f"fault {number}: expected a mapping with the key do: one of {', '.join(VERBS)}")
    if unknown := sorted(entry.keys() - set(known)):
        raise FaultError(f"fault {number}: no such key {', '.join(unknown)}; allowed are {', '.join(known)}")
    if entry["do"] not in VERBS:
        raise FaultError(f"fault {number}: do: {entry['do']} is no verb; allowed are {', '.join(VERBS)}")
    if entry.get("crm", "") not in {"", "hubspot", "salesforce"}:
        raise FaultError(f"fault {number}: crm: {entry['crm']}; allowed are hubspot, salesforce")
    _check_values(number, entry)
    return Fault(**{**entry, "method": entry.get("method", "").upper()})


def _check_values(number: int, entry: Mapping[str, Any]) -> None:
    """Refuse a value that is no number, no text, or no status where it must be one.

    Raises:
        FaultError: names the fault and the key.
    """
    for name in ("nth", "times", "status", "bytes", "seconds", "patience"):
        value = entry.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < (name == "nth"):
            raise FaultError(f"fault {number}: {name}: {value}; expected a number, not negative")
        if name not in {"seconds", "patience"} and not isinstance(value, int):
            raise FaultError(f"fault {number}: {name}: {value}; expected a whole number")
    for name in ("crm", "method", "path", "body_contains"):
        if not isinstance(entry.get(name, ""), str):
            raise FaultError(
                f"fault {number}: {name}: {entry[name]}; expected text, in quotes where it looks otherwise"
            )
    if not 100 <= entry.get("status", 503) <= 599:
        raise FaultError(f"fault {number}: status: {entry['status']}; expected a status of HTTP, 100 to 599")


def error_answer(crm: str, call: Call, status: int) -> Answer:
    """Return an error of a CRM's own shape. It shows the caller's key, as careless gateways do: a trap for logs."""
    if crm == "hubspot":
        policy = {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"} if status == 429 else {}
        text = f"The request failed; authorization was {call.headers.get('authorization', '')}"
        return Answer.json({"status": "error", "message": text, "correlationId": call.request_id} | policy, status)
    codes = {401: "INVALID_SESSION_ID", 403: "REQUEST_LIMIT_EXCEEDED", 404: "NOT_FOUND", 503: "SERVER_UNAVAILABLE"}
    text = f"The request failed; authorization was {call.headers.get('authorization', '')}"
    return Answer.json([{"message": text, "errorCode": codes.get(status, "UNKNOWN_EXCEPTION")}], status)


def redirect_answer(call: Call) -> Answer:
    """Return a redirect to a stranger that carries the caller's key."""
    target = f"https://elsewhere.example{call.path}?authorization={call.headers.get('authorization', '')[-12:]}"
    return Answer(302, b"", {"location": target})


def html_answer() -> Answer:
    """Return a page of a proxy or a sign-in screen where JSON was expected."""
    return Answer(200, b"<!DOCTYPE html><html><body>Please sign in</body></html>", {"content-type": "text/html"})


def thinned(answer: Answer, *, keep_every: int) -> Answer:
    """Return a read without its rows (0) or with every second one (2); the service's own counts stay as they are."""
    if answer.headers.get("content-type", "").startswith("text/csv"):
        return _thinned_csv(answer, keep_every)
    try:
        body = orjson.loads(answer.body)
    except ValueError:
        return answer
    for name in ("results", "records"):
        if isinstance(body, dict) and isinstance(body.get(name), list):
            body[name] = body[name][::keep_every] if keep_every else []
            if not keep_every:
                body.pop("paging", None)
    return Answer(answer.status, orjson.dumps(body), answer.headers)


def _thinned_csv(answer: Answer, keep_every: int) -> Answer:
    """Return a CSV with fewer rows; quoted line ends are no row ends."""
    rows: list[bytes] = []
    for line in answer.body.splitlines(keepends=True):
        if rows and rows[-1].count(b'"') % 2:
            rows[-1] += line
        else:
            rows.append(line)
    kept = rows[1::keep_every] if keep_every else []
    return Answer(answer.status, b"".join([*rows[:1], *kept]), answer.headers)
