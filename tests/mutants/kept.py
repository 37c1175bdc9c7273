"""What `make score` found out of each module, kept in var/score until the module changes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mutants.mutator import Mutant

ROOT = Path(__file__).parents[2]
_KEPT = ROOT / "var" / "score"


def keep(module: str, unnoticed: Sequence[Mutant]) -> None:
    """Note that a module is counted, and which of its changes nobody noticed."""
    _KEPT.mkdir(parents=True, exist_ok=True)
    names = [(it.line, it.change) for it in unnoticed]
    _file(module).write_text(json.dumps({"source": _source(module), "unnoticed": names}), encoding="utf-8")


def unnoticed(module: str, mutants: Sequence[Mutant]) -> list[Mutant] | None:
    """Return the changes of a module that nobody noticed, None where it is not counted as it stands."""
    if not _file(module).exists():
        return None
    kept = json.loads(_file(module).read_text(encoding="utf-8"))
    if kept["source"] != _source(module):
        return None
    names = {tuple(name) for name in kept["unnoticed"]}
    return [it for it in mutants if (it.line, it.change) in names]


def _file(module: str) -> Path:
    return _KEPT / f"{module}.json"


def _source(module: str) -> str:
    """Return the hash of a module's text."""
    path = ROOT / "include" / "accord" / "rules" / f"{module.replace('.', '/')}.py"
    return hashlib.sha256(path.read_bytes()).hexdigest()
