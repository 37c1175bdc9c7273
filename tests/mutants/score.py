"""`make score`: how many small changes of the rules the tests of the rules notice; 95 % or more, or it fails.

The tests are collected once. Each mutant lives in a forked child whose functions get the changed code, runs the tests
until one fails, and dies; nothing is written to the working tree. What a module came to is kept in var/score until the
module changes, so a count that was broken off goes on where it was; `--again` counts all of them anew, `--retry` tries only
those that went unnoticed, with more tests. The page is written when every module is counted.
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
from itertools import accumulate, chain
from pathlib import Path
from random import Random
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import yaml
from _pytest.runner import runtestprotocol

from mutants import kept
from mutants.batch import Batch
from mutants.mutator import Mutant, mutants_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence

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
_SUSPECTS = 40
"""How many tests are asked first because one plan of all worlds says that they will notice."""
_PATIENCE = 4.0
"""Seconds of tests, as long as they take when they are watched, that a change gets which alters no plan of any world: the
best, the quickest and the module's own. What they do not notice counts as unnoticed until `--retry` gives it more."""
_SECONDS = 30
"""What a mutant gets beside that, of the processor, at most; one that has not come to an end by then never will, and that is
noticed."""
_LONG_PATIENCE = 15.0
"""The same for `--retry`: several times as many tests."""


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
        elif not name.startswith("__") and isinstance(new, int | str | tuple | list | np.generic) and new != old:
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
        patience: seconds of tests for a change that alters no plan, see _PATIENCE.
        batch: what each test runs, and all its worlds as one.
        killers: per module, how often each test noticed something: the best go first.
        survivors: mutants that no test noticed.
        seconds: how long each test takes.
        left: how many of each module are still to be tried.
        is_sound: the tests pass without any change.
        is_sample: what is tried is a draw, so it tells nothing of any one module.
    """

    mutants: list[Mutant]
    jobs: int
    patience: float = _PATIENCE
    batch: Batch = field(default_factory=Batch)
    killers: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    survivors: list[Mutant] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    is_sound: bool = True
    is_sample: bool = False

    def __post_init__(self) -> None:
        self.left.update(it.file for it in self.mutants)

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
            self._keep(mutant.file)
            if done % 50 == 0:
                _tell(f"{done}/{len(self.mutants)}, {len(self.survivors)} unnoticed")

    def _note(self, mutant: Mutant, answer: bytes, status: int) -> None:
        """Keep which test noticed a mutant, or that none did; one that kills its process or hangs is noticed."""
        if answer:
            self.killers[mutant.file][int.from_bytes(answer, "big")] += 1
        elif status == 0:
            self.survivors.append(mutant)
            _tell(f"UNNOTICED {mutant.file}.py:{mutant.number} in {mutant.function}: {mutant.change}")

    def _keep(self, module: str) -> None:
        """Keep what a module came to when its last mutant was tried."""
        self.left[module] -= 1
        if not self.left[module] and not self.is_sample:
            kept.keep(module, [it for it in self.survivors if it.file == module])

    def _start(self, items: Sequence[pytest.Item], mutant: Mutant) -> tuple[int, int]:
        """Return the process in which a mutant is tried, and where it writes the number of the test that failed."""
        read, write = os.pipe()
        process = os.fork()
        if process:
            os.close(write)
            return process, read
        # Its own time, not the clock's: on a busy machine a slow change is no change that was noticed.
        signal.setitimer(signal.ITIMER_PROF, _SECONDS + 2 * self.patience)
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
            began = time.process_time()
            with self.batch.watching(number):
                passed = _passes(item)
            self.seconds.append(time.process_time() - began)
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
        tried: dict[int, bool] = {}
        for number in chain(self._suspects(items, mutant), self._concerned(items, mutant)):
            if number not in tried and not tried.setdefault(number, _passes(items[number])):
                return number
        return None

    def _suspects(self, items: Sequence[pytest.Item], mutant: Mutant) -> Iterator[int]:
        """Yield tests whose world is decided otherwise; a plan that cannot be decided at all ends them."""
        groups = self.batch.suspects()
        while True:
            try:
                found = next(groups, None)
            except Exception:
                return
            if found is None:
                return
            yield from self._mixed(found, items, mutant)[:_SUSPECTS]

    def _concerned(self, items: Sequence[pytest.Item], mutant: Mutant) -> Iterator[int]:
        """Yield the tests that get to the changed function: the best and quickest, then the module's own.

        Both get the whole patience: a module's own tests are often slow, and what they do not see a quick one may.
        """
        place, numbers = f"{mutant.file}.{mutant.function}", range(len(self.seconds))
        there = [number for number in numbers if not mutant.function or place in self.batch.runs[number]]
        there = self._mixed(there, items, mutant)
        own = f"test_rules_{mutant.file.partition('.')[0]}"
        for group in (there, [number for number in there if own in items[number].nodeid]):
            for number, total in zip(group, accumulate(self.seconds[number] for number in group), strict=True):
                if total < self.patience:
                    yield number

    def _mixed(self, numbers: Sequence[int], items: Sequence[pytest.Item], mutant: Mutant) -> list[int]:
        """Return tests with the best first, then each file in its turn: those of one file look at the same things.

        Files take turns by the time they have had, so that a file of long tests does not keep quick ones waiting.
        """
        best, of_file = self.killers[mutant.file], defaultdict[str, float](float)
        ranked = []
        for number in sorted(numbers, key=lambda number: self.seconds[number]):
            file = items[number].nodeid.partition("::")[0]
            of_file[file] += self.seconds[number]
            ranked.append((-best[number], of_file[file], number))
        return [number for *_, number in sorted(ranked)]


def _passes(item: pytest.Item) -> bool:
    """Return whether a test passes."""
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=None))


def page(by_module: dict[str, list[Mutant]], left: dict[str, list[Mutant]], skipped: int) -> str:
    """Return the text of docs/mutation.md."""
    counts = {name: (len(them), len(left[name])) for name, them in by_module.items()}
    counts["**all**"] = sum(total for total, _ in counts.values()), sum(alive for _, alive in counts.values())
    rows = [
        f"| {name} | {total} | {total - alive} | {_share(total, alive)} |" for name, (total, alive) in counts.items()
    ]
    lines = [
        f"- `{it.file}.py` in `{it.function or 'the module'}`: `{it.change}`" for them in left.values() for it in them
    ]
    return _PAGE.format(rows="\n".join(rows), skipped=skipped, left="\n".join(lines) or "None.")


def main(arguments: list[str]) -> int:
    """Return 0 where the tests notice enough."""
    parser = argparse.ArgumentParser()
    parser.add_argument("modules", nargs="*")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, help="try only so many, drawn from all modules: minutes, not hours")
    parser.add_argument("--seed", type=int, default=1, help="of the draw")
    parser.add_argument("--again", action="store_true", help="count what is counted already")
    parser.add_argument("--retry", action="store_true", help="try what went unnoticed again, with more tests")
    asked = parser.parse_args(arguments)
    skipped = equivalents()
    by_module = _by_module(asked.modules, skipped)
    if asked.sample:
        everything = [it for them in by_module.values() for it in them]
        return _estimate(Random(asked.seed).sample(everything, min(asked.sample, len(everything))), asked.jobs)
    known = {} if asked.again else {name: kept.unnoticed(name, them) for name, them in by_module.items()}
    if asked.retry:
        wanted = {name: them for name in by_module if (them := by_module[name] if known[name] is None else known[name])}
    else:
        wanted = {name: them for name, them in by_module.items() if known.get(name) is None}
    if wanted:
        patience = _LONG_PATIENCE if asked.retry else _PATIENCE
        score = Score([it for them in wanted.values() for it in them], asked.jobs, patience)
        pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *TESTS], plugins=[score])
        if not score.is_sound:
            _tell("a test fails without any change: mend that first")
            return 1
    counted = {name: kept.unnoticed(name, them) for name, them in by_module.items()}
    if missing := [name for name, alive in counted.items() if alive is None]:
        _tell(f"not counted: {', '.join(missing)}")
        return 1
    left = {name: them or [] for name, them in counted.items()}
    total, alive = sum(map(len, by_module.values())), sum(map(len, left.values()))
    _tell(f"{total - alive} of {total} noticed, {_share(total, alive)}, {len(skipped)} change nothing")
    if not asked.modules:
        PAGE.write_text(page(by_module, left, len(skipped)), encoding="utf-8")
    return int(total - alive < WANTED * total)


def _estimate(drawn: list[Mutant], jobs: int) -> int:
    """Return 0 where the tests notice enough of some mutants; nothing is kept."""
    score = Score(drawn, jobs, is_sample=True)
    pytest.main(["-q", "--no-header", "-p", "no:cacheprovider", *TESTS], plugins=[score])
    if not score.is_sound or any(score.left.values()):
        _tell("not counted: a test fails without any change, or the run was broken off")
        return 1
    _tell(
        f"{len(drawn) - len(score.survivors)} of {len(drawn)} drawn ones noticed, {_share(len(drawn), len(score.survivors))}"
    )
    return int(len(drawn) - len(score.survivors) < WANTED * len(drawn))


def _by_module(modules: Sequence[str], skipped: Container[tuple[str, str, str]]) -> dict[str, list[Mutant]]:
    """Return the mutants that count, by their module."""
    found: dict[str, list[Mutant]] = {}
    for mutant in all_mutants(modules):
        if mutant.name not in skipped:
            found.setdefault(mutant.file, []).append(mutant)
    return found


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
