"""The question a person is asked when a cap was tripped, as Markdown. It passes through XCom, so it names ids only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.model.reasons import plain_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MARKDOWN = str.maketrans({c: f"\\{c}" for c in r"\`*_{}[]()<>#+-.!|"} | {"\n": " ", "\r": " "})


def approval_subject(counts: Mapping[str, int]) -> str:
    """Return the headline of the question."""
    return f"{counts['held']} creations are held: the whole plan is larger than the caps allow"


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


def plain(value: object) -> str:
    """Return text of a CRM so that Markdown shows it as it is, on one line, at most 80 characters."""
    return str(value)[:80].translate(_MARKDOWN)
