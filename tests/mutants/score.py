"""`make score`: how many small changes of the rules the tests of the rules notice; 95 % or more, or it fails.

The tests are collected once. Each mutant lives in a forked child whose functions get the changed code, runs the tests
until one fails, and dies; nothing is written to the working tree. With module names as arguments only those are changed,
and the page is left alone.
"""

from __future__ import annotations

import argparse
import importlib
import os
import re
import signal
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from _pytest.runner import runtestprotocol

from mutants.batch import Batch
from mutants.mutator import Mutant, mutants_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[2]
RULES = ROOT / "include" / "accord" / "rules"
EQUIVALENT = ROOT / "tests" / "mutants" / "equivalent.yaml"
PAGE = ROOT / "docs" / "mutation.md"
WANTED = 0.95
TESTS = (
    "tests/unit/rules",
    "tests/worlds/test_worlds_own.py::test_world_is_decided_as_it_expects",
    "tests/oracle/test_readings.py",
    "tests/oracle/test_oracle_agrees.py::test_core_and_oracle_agree_on_seeded_worlds",
    "tests/oracle/test_rule_laws.py::test_row_order_changes_nothing",
)
LEFT_OUT = re.compile(r"test_rules_laws|-oracle\]$|row_order_changes_nothing\[\d\d\]$")
"""Slow or asked twice: random worlds that shrink, readings by the oracle, most orders of rows."""
_SUSPECTS = 10
"""How many tests are asked first because one plan of all worlds says that they will notice."""
_SECONDS = 240
"""A mutant that has not come to an end by then never will, and that is noticed."""


def all_mutants(modules: Sequence[str] = ()) -> list[Mutant]:
    """Return the mutants of the rules, or of some of their modules."""
    paths = [path for path in sorted(RULES.rglob("*.py")) if not modules or _module(path) in modules]
    return [mutant for path in paths for mutant in mutants_of(path, _module(path))]


def _module(path: Path) -> str:
    """Return the name of a module below `accord.rules`."""
    return ".".join(path.relative_to(RULES).with_suffix("").parts)


def equivalents() -> dict[tuple[str, str, str], str]:
    """Return the changes that change nothing, each with the reason."""
    entries = yaml.safe_load(EQUIVALENT.read_text(encoding="utf-8")) or []
    return {(it["file"], it["line"], change): it["why"] for it in entries for change in it["changes"]}


def install(mutant: Mutant) -> None:
    """Put a mutant in the place of its module: whoever imported a function of it runs the changed code."""
    module = importlib.import_module(f"accord.rules.{mutant.file}")
    fresh = ModuleType(module.__name__)
    exec(compile(mutant.build(), f"{mutant.file}.py (changed)", "exec"), fresh.__dict__)
    for name, new in vars(fresh).items():
        old = module.__dict__.get(name)
        if getattr(new, "__module__", "") == module.__name__ and isinstance(new, FunctionType | type):
            _replace_code(old, new)
        elif not name.startswith("__") and isinstance(new, int | str | tuple) and new != old:
            _replace_constant(name, old, new)


def _replace_code(old: Any, new: Any) -> None:
    """Give a function, or every method of a class, the code of another one."""
    if isinstance(new, FunctionType):
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
        return
    for name, method in vars(new).items():
        if isinstance(method, FunctionType) and method.__code__.co_filename.endswith("(changed)"):
            _replace_code(getattr(old, name), method)
        elif isinstance(method, property) and method.fget is not None:
            _replace_code(vars(old)[name].fget, method.fget)
        elif isinstance(method, classmethod):
            _replace_code(vars(old)[name].__func__, method.__func__)


def _replace_constant(name: str, old: Any, new: Any) -> None:
    """Give a constant another value wherever it was imported."""
    for module in [it for known, it in sys.modules.items() if known.startswith("accord.rules")]:
        if module.__dict__.get(name) is old:
            setattr(module, name, new)


@dataclass
class Score:
    """A pytest plugin that runs the collected tests once for every mutant, instead of once.

    Attributes:
        mutants: what is tried.
        jobs: how many at a time.
        batch: what each test runs, and all its worlds as one.
        killers: per module, how often each test noticed something: the best go first.
        survivors: mutants that no test noticed.
    """

    mutants: list[Mutant]
    jobs: int
    batch: Batch = field(default_factory=Batch)
    killers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    survivors: list[Mutant] = field(default_factory=list)
    is_sound: bool = True

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what would cost more than it notices."""
        items[:] = [item for item in items if not LEFT_OUT.search(item.nodeid)]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant; True tells pytest that the tests were run."""
        self.is_sound = self._look_at(session.items)
        running: dict[int, tuple[Mutant, int]] = {}
        queue = iter(self.mutants if self.is_sound else ())
        done = 0
        while True:
            while len(running) < self.jobs and (mutant := next(queue, None)):
                process, answer = self._start(session.items, mutant)
                running[process] = mutant, answer
            if not running:
                return True
            process, status = os.wait()
            mutant, answer = running.pop(process)
            done += 1
            self._note(mutant, os.read(answer, 8), status)
            os.close(answer)
            if done % 50 == 0:
                _tell(f"{done}/{len(self.mutants)}, {len(self.survivors)} unnoticed")

    def _note(self, mutant: Mutant, answer: bytes, status: int) -> None:
        """Keep which test noticed a mutant, or that none did; one that kills its process or hangs is noticed."""
        if answer:
            self.killers[mutant.file][int.from_bytes(answer, "big")] += 1
        elif status == 0:
            self.survivors.append(mutant)
            _tell(f"UNNOTICED {mutant.file}.py:{mutant.number} in {mutant.function}: {mutant.change}")

    def _start(self, items: Sequence[pytest.Item], mutant: Mutant) -> tuple[int, int]:
        """Return the process in which a mutant is tried, and where it writes the number of the test that failed."""
        read, write = os.pipe()
        process = os.fork()
        if process:
            os.close(write)
            return process, read
        signal.alarm(_SECONDS)
        try:
            found = self._noticed_by(items, mutant)
        except BaseException as problem:
            _tell(f"{mutant.file}.py:{mutant.number} cannot be tried: {problem!r}")
            os._exit(1)
        if found is not None:
            os.write(write, found.to_bytes(8, "big"))
        os._exit(0)

    def _look_at(self, items: Sequence[pytest.Item]) -> bool:
        """Return whether all tests pass; notes what they run and join their worlds on the way."""
        for number, item in enumerate(items):
            with self.batch.watching(number):
                passed = _passes(item)
            if not passed:
                _tell(f"{item.nodeid} fails")
                return False
        self.batch.join()
        return True

    def _noticed_by(self, items: Sequence[pytest.Item], mutant: Mutant) -> int | None:
        """Return the number of the first test that fails, None if all pass that get to the changed function.

        Tests whose world is decided otherwise go first, then those that noticed most in this module.
        """
        install(mutant)
        try:
            first = self.batch.suspects()[:_SUSPECTS]
        except Exception:
            first = []
        best, place = self.killers[mutant.file], f"{mutant.file}.{mutant.function}"
        concerned = [n for n in range(len(items)) if place in self.batch.runs[n]] or list(range(len(items)))
        rest = sorted(set(concerned) - set(first), key=lambda number: (-best[number], number))
        return next((number for number in [*first, *rest] if not _passes(items[number])), None)


def _passes(item: pytest.Item) -> bool:
    """Return whether a test passes."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def page(score: Score, skipped: dict[tuple[str, str, str], str]) -> str:
    """Return the text of docs/mutation.md."""
    total, alive = Counter(it.file for it in score.mutants), Counter(it.file for it in score.survivors)
    rows = [
        f"| {file} | {total[file]} | {total[file] - alive[file]} | {_share(total[file], alive[file])} |"
        for file in total
    ]
    rows.append(
        f"| **all** | {total.total()} | {total.total() - alive.total()} | {_share(total.total(), alive.total())} |"
    )
    left = [f"- `{it.file}.py` in `{it.function or 'the module'}`: `{it.change}`" for it in score.survivors]
    return _PAGE.format(rows="\n".join(rows), skipped=len(skipped), left="\n".join(left) or "None.")


def main(arguments: list[str]) -> int:
    """Return 0 where the tests notice enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args(arguments)
    skipped = equivalents()
    score = Score([it for it in all_mutants(asked.modules) if it.name not in skipped], asked.jobs)
    began = time.monotonic()
    pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *TESTS], plugins=[score])
    if not score.is_sound:
        _tell("a test fails without any change: mend that first")
        return 1
    noticed = len(score.mutants) - len(score.survivors)
    _tell(
        f"{noticed} of {len(score.mutants)} noticed, {_share(len(score.mutants), len(score.survivors))},"
        f" {len(skipped)} change nothing, {time.monotonic() - began:.0f} s"
    )
    if not asked.modules:
        PAGE.write_text(page(score, skipped), encoding="utf-8")
    return int(noticed < WANTED * len(score.mutants))


def _share(total: int, alive: int) -> str:
    """Return the share that was noticed."""
    return f"{100 * (total - alive) / max(total, 1):.1f} %"


def _tell(line: str) -> None:
    """Show progress, past pytest's capturing."""
    os.write(2, f"{line}\n".encode())


_PAGE = """# How many changes the tests notice

`make score` changes the rules in one small place at a time - an operator, a constant, a condition, a decision left out or
put in another order - and runs the tests of the rules until one fails. Less than 95 % is an error. What changes nothing that
anybody could see is listed with the reason in [equivalent.yaml](../tests/mutants/equivalent.yaml) ({skipped} changes) and
not counted.

| module of `rules/` | changes | noticed | share |
| --- | --- | --- | --- |
{rows}

## Unnoticed

{left}
"""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
