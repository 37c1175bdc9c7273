"""The question a person is asked when a cap was tripped, as Markdown. It passes through XCom, so it names ids only."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from accord.model.reasons import plain_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from accord.model.scope import Run

_SHOWN = 20
_MARKDOWN = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]()<>#+-.!|"} | {"\n": " ", "\r": " "})


def approval_subject(counts: Mapping[str, int]) -> str:
    """Return the headline of the question."""
    creations = "1 creation is" if counts["held"] == 1 else f"{counts['held']} creations are"
    return f"{creations} held: the whole plan is larger than the caps allow"


def approval_body(counts: Mapping[str, int], held: Sequence[Mapping[str, object]], digest: str) -> str:
    """Return counts, the first held records and the digest of the plan that an approval is bound to."""
    lines = ["| what | records |", "| --- | --- |"]
    lines += [
        f"| {plain(action)} | {n} |" for action, n in sorted(counts.items()) if n and action not in {"records", "held"}
    ]
    lines += ["", "| would be created | for the record | because |", "| --- | --- | --- |"]
    lines += [
        f"| {plain(r['held_action'])} | {plain(r['record_id'])} | {plain(plain_reason(str(r['reason'])))} |"
        for r in held
    ]
    lines += [
        "",
        f"Approve writes exactly this plan (digest `{digest[:12]}`); reject writes nothing of it.",
        "Raise `caps.max_creates` in config/accord.yaml if such runs are normal.",
    ]
    return "\n".join(lines)


def undo_subject(run: Run, counts: Mapping[str, int]) -> str:
    """Return the headline of the question whether a run shall be undone."""
    return f"Undo {run.scope.undone_run}: {counts['undone']} writes, {counts['left']} things stay as they are"


def undo_body(run: Run, counts: Mapping[str, int], rows: Sequence[Mapping[str, object]], digest: str) -> str:
    """Return what is undone and what is not, the first rows of the latter, and the digest an approval is bound to."""
    undone = Counter(str(row["op"]) for row in rows if not row["reason"])
    left = [row for row in rows if row["reason"]]
    why = Counter(str(row["reason"]) for row in left)
    lines = ["| is undone by | writes |", "| --- | --- |", *(f"| {plain(op)} | {n} |" for op, n in undone.items())]
    lines += ["", "| stays as it is, because | things |", "| --- | --- |"]
    lines += [f"| {plain(plain_reason(reason))} | {n} |" for reason, n in why.items()]
    lines += ["", *(f"- {plain(row['message'])}" for row in left[:_SHOWN])]
    lines += [f"- and {len(left) - _SHOWN} more"] if len(left) > _SHOWN else []
    lines += [
        "",
        f"Approve undoes {plain(run.scope.undone_run)} as shown here (digest `{digest[:12]}`); reject writes nothing.",
    ]
    return "\n".join(lines)


def plain(value: object) -> str:
    """Return text of a CRM so that Markdown shows it as it is, on one line, at most 80 characters."""
    return str(value)[:80].translate(_MARKDOWN)
