"""The table of the rules on a project of a few lines: what counts as carrying a rule, and as testing it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from traceability import faults
from traceability.rulebook import numbers_in
from traceability.table import Trace

ROOT = Path(__file__).parents[2]
LIST = """
    families:
      Some: {R1: One., R2: Two., R2b: More of two., R3: Three., R4: Four.}
    not_ours: {R4: the vendor's}
    gaps: {R3: half of it}
"""
CODE = '''
    """All of R3."""

    def one() -> None:
        """Carries (R1-R2)."""
        # and R2b
        return None

    class Three:
        def third(self) -> None:
            """Carries R3."""
'''
TESTS = '''
    import pytest

    CASES = {"R1 a case": 1, "another case of R2b": 2}

    @pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
    def test_table(case):
        """About no rule as a whole."""

    @pytest.mark.parametrize("x", [pytest.param(1, id="R2 here")])
    @pytest.mark.parametrize("y", [1, 2])
    def test_product(x, y):
        pass

    @pytest.mark.rule("R3")
    def test_marked():
        """R1: and this."""

    def helper():
        """R4 is named, but this is no test."""
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "docs/rules.yaml": LIST,
        "include/accord/rules/some.py": CODE,
        "tests/test_some.py": TESTS,
        "tests/oracle/readings.yaml": "---\nid: R2, read so\n",
        "tests/worlds/small.yaml": "id: small\nrules: [R1]\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(dedent(text))
    return tmp_path


def test_functions_tests_and_worlds_of_each_rule_are_found(project: Path):
    trace = Trace.of(project)
    assert {number: [it.name for it in found] for number, found in trace.carriers.items()} == {
        "R1": ["one"],
        "R2": ["one"],
        "R2b": ["one"],
        "R3": ["Three.third"],
    }
    assert {number: [it.node.partition("::")[2] for it in found] for number, found in trace.tests.items()} == {
        "R1": ["test_marked", "test_table[R1 a case]"],
        "R2": ["test_product"],
        "R2b": ["test_table[another case of R2b]"],
        "R3": ["test_marked"],
    }
    assert {number: [it.title for it in found] for number, found in trace.worlds.items()} == {
        "R1": ["small"],
        "R2": ["R2, read so"],
    }
    assert trace.faults() == []
    assert "- R3: half of it" in trace.page()


@pytest.mark.parametrize(
    ("file", "gone", "fault"),
    [
        ("tests/test_some.py", '@pytest.mark.rule("R3")', "R3: no test is about it"),
        ("include/accord/rules/some.py", "Carries R3", "R3: no function names it"),
        ("docs/rules.yaml", "R2b: More of two., ", "R2b: named in code, but no rule"),
        ("docs/rules.yaml", "R4: the vendor's", "R4: no function names it"),
    ],
)
def test_what_is_missing_is_a_fault(project: Path, file: str, gone: str, fault: str):
    path = project / file
    path.write_text(path.read_text().replace(gone, ""))
    assert fault in Trace.of(project).faults()


def test_a_range_is_meant_in_code_and_claims_nothing_in_a_test():
    assert numbers_in("R17-R19, R24b", with_ranges=True) == {"R17", "R18", "R19", "R24b"}
    assert numbers_in("R17-R19, R24b", with_ranges=False) == {"R24b"}


def test_every_row_of_the_faults_has_a_test_that_is_there_or_a_reason():
    rows = faults.read_faults(ROOT)
    assert faults.wrong(ROOT, rows) == []
    assert (ROOT / faults.PAGE).read_text(encoding="utf-8") == faults.page(rows)


def test_a_row_that_names_no_test_that_is_there_is_told():
    rows = [faults.Fault("F1", "", ("unit/none.py::test_x",), ""), faults.Fault("F99", "", (), "")]
    told = faults.wrong(ROOT, rows)
    assert "F1: there is no test unit/none.py::test_x" in told
    assert {"F99: is no row", "F99: give tests, or a reason why there are none", "F2: not in docs/faults.yaml"} <= set(
        told
    )
