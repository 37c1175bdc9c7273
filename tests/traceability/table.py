"""docs/rules.md: a row per rule with its functions, its tests and its worlds, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from traceability.cases import Case, World, find_tests, find_worlds
from traceability.code import Carrier, find_carriers
from traceability.rulebook import Rule, read_rulebook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PAGE = "docs/rules.md"
_HEAD = """# Rules

Made by `make rules` from [rules.yaml](rules.yaml), the docstrings of the code, the tests and the worlds; `make check` fails
when a rule has no function or no test, when a number is used that no rule has, or when this page is older than they are.
A number in brackets counts cases. `pytest -k R47` runs the tests of a rule; what a test must do to stand here is in
[testing.md](testing.md), and that they do it is shown in [mutants.md](mutants.md).
"""


@dataclass(frozen=True)
class Trace:
    """Every rule and everything that names it."""

    rules: Mapping[str, Rule]
    carriers: Mapping[str, Sequence[Carrier]]
    tests: Mapping[str, Sequence[Case]]
    worlds: Mapping[str, Sequence[World]]

    @classmethod
    def of(cls, root: Path) -> Trace:
        """Return what the files of a project say."""
        return cls(read_rulebook(root), find_carriers(root), find_tests(root), find_worlds(root))

    def faults(self) -> list[str]:
        """Return one line for every rule without function or test, and for every number that is no rule."""
        lines = []
        for number, rule in self.rules.items():
            if not rule.not_ours:
                carried = any(carrier.is_function for carrier in self.carriers.get(number, ()))
                lines += [f"{number}: no function names it"] * (not carried)
                lines += [f"{number}: no test is about it"] * (number not in self.tests)
        for what, named in (("code", self.carriers), ("tests", self.tests), ("worlds", self.worlds)):
            lines += [f"{number}: named in {what}, but no rule" for number in sorted(named.keys() - self.rules.keys())]
        return lines

    def page(self) -> str:
        """Return the text of docs/rules.md."""
        return "\n".join([_HEAD, *self._tables(), *self._notes()]) + "\n"

    def _tables(self) -> Iterator[str]:
        """Yield the lines of a table per family."""
        family = ""
        for rule in self.rules.values():
            if rule.family != family:
                family = rule.family
                yield f"\n## {family}\n\n| rule | meaning | carried by | tests | worlds |\n| --- | --- | --- | --- | --- |"
            cells = (self._carriers(rule), self._tests(rule), self._worlds(rule))
            yield f"| {rule.number} | {rule.meaning} | {' | '.join(cells)} |"

    def _carriers(self, rule: Rule) -> str:
        """Return the links to the functions of a rule."""
        links = [f"[{it.module}:{it.name}](../{it.file})" for it in self.carriers.get(rule.number, ())]
        return "<br>".join(links) or f"_{rule.not_ours}_"

    def _tests(self, rule: Rule) -> str:
        """Return the links to the test functions of a rule, each with how many of its cases are about it."""
        return _counted((it.function, it.file) for it in self.tests.get(rule.number, ()))

    def _worlds(self, rule: Rule) -> str:
        """Return the links to the worlds of a rule; the readings are many to a file."""
        named = ((it.file.rpartition("/")[2].removesuffix(".yaml"), it.file) for it in self.worlds.get(rule.number, ()))
        return _counted(named)

    def _notes(self) -> Iterator[str]:
        """Yield what is not there yet."""
        gaps = [rule for rule in self.rules.values() if rule.gap]
        if gaps:
            yield "\n## Not there yet\n"
            yield from (f"- {rule.number}: {rule.gap}" for rule in gaps)


def _counted(named: Iterator[tuple[str, str]]) -> str:
    """Return one link for each (name, file), with how often it occurs."""
    counts = Counter(named)
    return "<br>".join(
        f"[{name}](../{file})" + (f" ({count})" if count > 1 else "") for (name, file), count in counts.items()
    )
