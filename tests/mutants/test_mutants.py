"""The planted bugs and the mutator themselves: nothing in their lists is stale, and a bug in each kind of file is caught."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from mutants.__main__ import code
from mutants.mutator import mutants_of
from mutants.planted import ROOT, copy_project, judge, planted, read_bugs
from mutants.score import all_mutants, equivalents
from traceability.table import Trace

BUGS = read_bugs()


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: f"{bug.rule} in {Path(bug.file).stem}")
def test_every_bug_can_be_planted_and_is_code(bug):
    changed = planted(bug)
    ast.parse(changed)
    assert ast.dump(ast.parse((ROOT / bug.file).read_text())) != ast.dump(ast.parse(changed))


def test_the_page_tells_of_every_bug():
    text = (ROOT / "docs" / "mutants.md").read_text()
    assert [bug.harm for bug in BUGS if f"| {code(bug.before)} | {code(bug.after)} | {bug.harm} |" not in text] == []
    assert "**nobody**" not in text


@pytest.mark.parametrize("rule", ["R17", "R39", "R82"])
def test_a_planted_bug_is_caught_by_a_test_of_its_rule(tmp_path, rule):
    copy_project(tmp_path)
    bug = next(bug for bug in BUGS if bug.rule == rule)
    verdict = judge(bug, tmp_path, Trace.of(ROOT))
    assert verdict.is_own
    assert (tmp_path / bug.file).read_text() == (ROOT / bug.file).read_text()


def test_no_equivalent_change_is_stale():
    names = Counter(mutant.name for mutant in all_mutants())
    assert [name for name in equivalents() if name not in names] == []


def test_a_module_is_changed_in_one_place_at_a_time(tmp_path):
    path = tmp_path / "small.py"
    path.write_text(
        '"""Words."""\n\nONE = 1\n\n\ndef f(a: int = 0) -> bool:\n    """Words."""\n    return a < ONE and not a\n'
    )
    assert [mutant.change for mutant in mutants_of(path, "small")] == [
        "1 -> 2",
        "0 -> 1",
        "a < ONE and (not a) -> a < ONE or not a",
        "a < ONE and (not a) -> a < ONE",
        "a < ONE and (not a) -> not a",
        "a < ONE -> a <= ONE",
        "a < ONE -> a >= ONE",
        "not a -> a",
    ]
